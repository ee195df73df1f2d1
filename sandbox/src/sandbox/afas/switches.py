"""The switches of the AFAS side: what no public source settles, and settings of the environment."""

from __future__ import annotations

from sandbox.switches import Switch

SWITCHES: tuple[Switch, ...] = (
    # money
    Switch(
        "vat_rounding", "rate", "per line, per VAT rate or per document: not documented", ("line", "rate", "document")
    ),
    Switch("too_many_decimals", "round", "a number with more decimals than its field", ("round", "error")),
    # numbering and keys
    Switch("order_numbering", "auto", "manual numbering makes OrNu mandatory", ("auto", "manual")),
    Switch("debtor_numbering", "auto", "manual numbering makes DbId mandatory", ("auto", "manual")),
    Switch(
        "duplicate_key", "primary_key", "text for a number that is taken (both kinds seen)", ("primary_key", "exists")
    ),
    Switch(
        "missing_record", "not_found", "text for a change of a record that is not there", ("not_found", "not_exist")
    ),
    Switch("multi_element_transaction", True, "several root elements: one transaction, or each its own"),
    # orders
    Switch("refused_on_update_header", ["DbId", "Re", "War"], "refused by older SOAP services, newer ones unknown"),
    Switch("refused_on_update_line", ["VaAD", "MaAD"], "as above, on lines"),
    Switch("processed_statuses", ["D", "I", "S"], "order statuses in which changes are refused (P: partly delivered)"),
    Switch("unmatched_line", "insert", "PUT with a line that matches none, without action", ("insert", "error")),
    Switch("ambiguous_line", "first", "PUT by item code when two lines have that item", ("first", "error")),
    Switch("delivery_address_of_debtor", True, "DlAd must be an address of the debtor, or any address will do"),
    Switch("order_needs_debtor", True, "an order for a sales relation that is no debtor is refused"),
    Switch("blocked_debtor", "refuse", "an order for a relation blocked for delivery", ("refuse", "allow")),
    Switch("blocked_item", "refuse", "an order line with a blocked item", ("refuse", "allow")),
    Switch(
        "line_without_dimension", "refuse", "a line of an item with dimensions that names none", ("refuse", "allow")
    ),
    # relations
    Switch(
        "person_contact",
        "per_and_prs",
        "a contact person has a private contact row (PER) beside the one at the organisation (PRS), or not",
        ("per_and_prs", "prs_only"),
    ),
    Switch("address_required", ["Ad", "ZpCd", "Rs"], "fields without which an address is incomplete"),
    Switch("address_dedupe", True, "the same address is one record"),
    Switch("zip_format", "nl", "Dutch postcodes are stored as 1234 AB, or as sent", ("nl", "as_sent")),
    Switch(
        "address_mandatory", True, "a new customer without an address is refused (seen in practice, not documented)"
    ),
    Switch("one_contact_per_call", True, "more than one KnContact below an organisation or person is refused"),
    Switch("vat_number_check", False, "mod 11 check of Dutch VAT numbers (recorded; official examples would fail it)"),
    Switch("put_relation_needs_object", True, "PUT of a sales relation must name its organisation or person"),
    # writing in general
    Switch("unknown_field", "error", "a field code that the connector does not have", ("error", "ignore")),
    Switch("over_length", "error", "a text longer than its field", ("error", "truncate")),
    Switch("put_answer", "results", "PUT answers the keys or nothing (both seen)", ("results", "empty")),
    Switch("address_answer", "empty", "KnAddress answers its id or nothing", ("empty", "id")),
    Switch("answer_bcid", True, "a new sales relation's answer has BcId (recorded) or not (documented)"),
    Switch("lenient_references", False, "unknown references are made on the spot (for playing recorded examples)"),
    # reading
    Switch("shuffle", True, "rows come in another order at each call without orderbyfieldids"),
    Switch("mixed_filter", "groups", "f1,f2;f3: (f1 and f2) or f3, or f1 and (f2 or f3)", ("groups", "and_of_ors")),
    Switch("like_wildcards", "honour", "% in text operators: pattern, or stripped at the ends", ("honour", "strip")),
    Switch("like_underscore", False, "_ in a pattern with % stands for any one character"),
    Switch("not_equal_matches_empty", False, "operator 7 keeps rows whose field is empty"),
    Switch("filter_field_case", "any", "field ids in filters and sorts: any case or exact", ("any", "exact")),
    Switch("sort_error", "field", "text for an unknown sort field (both seen)", ("field", "index")),
    Switch("zulu_in_filter", "refuse", "a date-time filter value with Z", ("refuse", "accept")),
    Switch("take_zero", 1, "rows that take=0 answers (1 was measured in 2017)"),
    Switch("cell_limit", 0, "columns times rows above which a call runs out of memory; 0: none"),
    Switch(
        "replaced_image",
        "same_id",
        "whether an image that is replaced keeps its id (not documented)",
        ("same_id", "new_id"),
    ),
    # access
    Switch("denied_connector", 500, "status for a connector outside the app connector (both documented)", (500, 401)),
    Switch("refusal_body", "empty", "body of 401 and 403: documented empty, a test double has JSON", ("empty", "json")),
    Switch("ip_refused", False, "the caller's address is not on the allow-list: 403"),
    Switch("oauth_lifetime", 3600, "seconds that a bearer token lives"),
    Switch("oauth_basic", False, "the token endpoint takes Basic (always so from Profit 9)"),
    # environment
    Switch("profit_version", 8, "6: '.5' and line breaks; 8: OAuth texts; 9: OAuth numbers, Basic", (6, 7, 8, 9)),
    Switch("profit_error_header", True, "X-PROFIT-ERROR; announced for removal"),
    Switch("envid", "T12345AA", "the environment's id in metainfo"),
    Switch("token_expiry", "0", "metainfo.info.tokenExpiry"),
    Switch("base_language", "nl", "language without Accept-Language", ("nl", "en")),
    Switch("messages", {}, "other texts, by the names in messages.py"),
)
"""Every switch with its default and the reason why there is a choice."""
