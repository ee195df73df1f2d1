"""Why a record is held, in one plain sentence each.

The code stands in the STATE and in the store; the sentence is what a person reads. Neither holds personal data: the
``subject`` beside a code is an item code, a field, a mapping key, a debtor number, an amount or empty.
"""

from __future__ import annotations


class CannotLoad(Exception):  # noqa: N818  (it is a verdict on one record, not a malfunction)
    """Raised by the pure decisions: this record can't be loaded as things stand; the others can."""

    def __init__(self, reason: str, subject: str = "") -> None:
        super().__init__(reason, subject)
        self.reason = reason
        self.subject = subject


REASONS: dict[str, str] = {
    # the record itself
    "bad_record": "The order could not be made from the record.",
    "kind_not_supported": "Documents of this kind are not loaded by this stream; change the mapping or the filter.",
    "no_lines": "The document has no lines, so there is nothing to order; add a line in the shop.",
    "bad_quantity": "A line has a quantity that AFAS can't hold (zero with an amount, or over 5 decimals).",
    "amount_too_large": "An amount or price has more digits than AFAS can hold; correct it in the shop.",
    "no_line_total": "A line states no total in the document's price basis, so its price can't be exact.",
    "no_total": "The document states no total including VAT, so it can't be proven to the cent.",
    "text_too_long": "A text is longer than AFAS allows, and the settings refuse to cut it.",
    # customers
    "no_email": "There is no e-mail address to find the customer by; fill it in the shop or set a default debtor.",
    "bad_email": "The e-mail address is longer than AFAS can hold.",
    "no_name": "The customer has no last name or company name; fill it in the shop.",
    "ambiguous_customer": "Several debtors carry this e-mail address: merge them or change an address in AFAS.",
    "blocked_customer": "The debtor is blocked in AFAS; unblock it or cancel the order.",
    "price_basis_mismatch": "The debtor's prices include VAT and the order's do not, or the reverse: correct the "
    "debtor, release the order, or set `orders.basis_mismatch` to send.",
    "relation_not_found": "The relation was made, but the look-up does not show it yet; the next run looks again.",
    # addresses
    "address_incomplete": "The address lacks the named part; complete it in the shop.",
    "address_not_found": "The delivery address can't be read back yet; the next run looks again.",
    "unknown_country": "AFAS has no code for this country; correct the address in the shop.",
    # items and mappings
    "unknown_item": "AFAS has no item with this code, or it is blocked; create or unblock it, or map the code (the log "
    "names the nearest one).",
    "ambiguous_item": "The SKU fits two variants of items with dimensions in AFAS: rename one of their codes, or take "
    "a separator that no code holds (`orders.sku_separator`, and `sku_separator` of the catalogue's mapper).",
    "no_dimension": "The item has dimensions in AFAS and the SKU names none of its variants: correct the SKU in the "
    "shop.",
    "no_item_code": "A line has no SKU, so no AFAS item can be named; give the product a SKU.",
    "no_cost_item": "No AFAS item is set for this kind of line: set its code under `orders.items`.",
    "unmapped_vat": "`orders.vat` has no row for this country, rate, customer kind and treatment: add one, or correct "
    "the order.",
    "mixed_vat_duty": "The lines of one document lead to different VAT duties; correct `orders.vat`.",
    "unmapped_payment_condition": "The payment method is not in `orders.payment_conditions`: add it.",
    "unmapped_payment_method": "The payment method is not in `orders.payment_methods`: add it.",
    "unmapped_shipping_method": "The shipping method is not in `orders.shipping_methods`: add it.",
    "unmapped_warehouse": "The location is not in `orders.warehouses`: add it.",
    "unmapped_setting": "No rule of the named setting fits this document: add a rule or a default.",
    # amounts
    "totals_differ": "The lines do not add up to the document's total, by more than the rounding cap.",
    "total_differs_in_afas": "AFAS's total differs from the shop's by more than the rounding cap; compare the lines.",
    "total_not_found": "The order was written, but its total can't be read back yet; the next run looks again.",
    # changes
    "order_exists": "The order exists in AFAS already and differs; the settings say to hold it (`on_existing`).",
    "order_delivered": "Changed in the shop, but delivered or invoiced in AFAS: change it there by hand.",
    "cancelled_after_delivery": "Cancelled in the shop after delivery in AFAS: make a credit order or return.",
    "order_cancelled": "The order was cancelled in the shop and still stands in AFAS: block or delete it there.",
    "direct_invoice_changed": "Changed in the shop, but booked as a direct invoice, which is final: make a credit "
    "invoice and a new one in AFAS, then skip it.",
    "direct_invoice_cancelled": "Cancelled in the shop, but booked as a direct invoice, which is final: make a credit "
    "invoice in AFAS, then skip it.",
    "other_document_type": "AFAS has this reference on a document of another type than the one that was to be written: "
    "remove the wrong one there, or skip the record.",
    "cannot_change_field": "AFAS does not allow this field to be changed on an existing order: change it by hand.",
    "changed_on_both_sides": "The named field was changed both in the shop and in AFAS: decide which one holds.",
    "differs_from_afas": "The order stands in AFAS with other contents, and it is not known what was written before.",
    # AFAS
    "refused_by_afas": "AFAS refused the record; its words stand in the log, the field it named is the subject.",
    "no_relation": "The order waits for its customer, which could not be found or created.",
    # raw streams
    "bad_fields": "The named fields do not fit the UpdateConnector: correct them in the source or in a stream map.",
    "not_in_afas": "There is no such record in AFAS to update; create it, or set the mode upsert.",
    "already_in_afas": "AFAS has a record with this number already; correct the number, or set a look-up.",
    "rows_without_action": "Nested rows don't say what to do with them: give each `_action`, or set `rows_on_update`.",
    "deleted_in_source": "The source deleted it, and AFAS still has it: delete it there, or set `on_marked`.",
    # the kernel's own reasons stand in singer-upsert; these say what they mean with AFAS
    "in_doubt": "AFAS did not answer a write: it is looked for again, and repeated only when 930 s have passed.",
    "new_store": "The store is new beside an old bookmark: inserts wait 930 s for what an earlier run may have sent.",
    "unknown_stream": "The stream is neither orders, customers nor an UpdateConnector.",
}
"""Reason code -> sentence. The table in ``docs/target-afas.md`` is checked against this."""

SKIPS: dict[str, str] = {
    "unchanged": "Nothing changed since it was written.",
    "order_exists": "The order exists in AFAS and the settings say to leave it (`on_existing: skip`).",
    "cancelled_before_booking": "Cancelled in the shop before it was booked: nothing to do.",
    "already_cancelled": "Cancelled in the shop, and already blocked, deleted or settled in AFAS.",
    "booked_by_earlier_coupling": "An order with a reference of the earlier coupling exists.",
    "same_in_afas": "AFAS already holds the same.",
    "kept": "Changed in AFAS only: the change stays.",
    "customer_inactive": "The customer is inactive or deleted in the shop; AFAS keeps it.",
    "exists_in_afas": "AFAS has it already, and the stream only inserts.",
    "already_gone": "Deleted in the source, and not (any more) in AFAS.",
    "not_marked": "Not marked as deleted: a stream with mode delete leaves it.",
    "not_created": "The customer is not known in AFAS, and the settings say not to create it.",
}
"""Reason code of a record that needs no write -> sentence."""


def sentence(reason: str) -> str:
    """The plain sentence of a reason code; the code itself when it is not ours."""
    return REASONS.get(reason) or SKIPS.get(reason) or reason
