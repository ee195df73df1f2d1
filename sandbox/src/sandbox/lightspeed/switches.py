"""What nobody could prove about this API from public evidence, and settings of a shop. Numbers: api reference §20."""

from __future__ import annotations

from sandbox.switches import Switch

SWITCHES = (
    Switch("rate_limits", "300/3000/12000", "calls per 5 minutes, hour and day and key; small numbers for tests"),
    Switch(
        "retry_after",
        "none",
        "a 429 never recorded with Retry-After (api reference §20.8)",
        ("none", "seconds", "http_date", "iso"),
    ),
    Switch("day_zone", "shop", "which midnight closes the daily window (api reference §20.15)", ("shop", "utc")),
    Switch(
        "offset", "shop", "instants in the cluster's offset: +01:00/+02:00 in the EU, +00:00 in the US", ("shop", "utc")
    ),
    Switch("filter_zone", "utc", "zone of a date filter without offset (api reference §20.5)", ("utc", "shop")),
    Switch(
        "filter_bounds",
        "inclusive",
        "whether _min and _max include their own instant (api reference §20.5)",
        ("inclusive", "exclusive"),
    ),
    Switch(
        "bad_filter", "ignored", "a date filter that can't be read: unfiltered answer or a 400", ("ignored", "refused")
    ),
    Switch(
        "list_order",
        "newest_first",
        "order of every list but orders, which is proven newest first (api reference §20.3)",
        ("newest_first", "oldest_first"),
    ),
    Switch("limit_above_250", "clamped", "limit=500 (api reference §20.4)", ("clamped", "refused")),
    Switch("embedded_limit", 50, "entries after which an embedded list is cut off, 0 = never (api reference §20.18)"),
    Switch(
        "line_price",
        "unit",
        "priceExcl/priceIncl of an order line: per unit or of the whole line (api reference §20.2)",
        ("unit", "total"),
    ),
    Switch(
        "discount_basis",
        "shop",
        "price of a quantity discount: as the shop's own setting says, or always one of them (api reference §20.9)",
        ("shop", "excl", "incl"),
    ),
    Switch(
        "guest_customer",
        "record",
        "whether a guest order refers to a customer record or says false",
        ("record", "false"),
    ),
    Switch("ship_completes", True, "PUT shipments status=shipped also moves the order (api reference §20.7)"),
    Switch("variant_touches_product", False, "a variant change touches product.updatedAt (api reference §20.6)"),
    Switch("stock_touches_variant", True, "a sale touches variant.updatedAt (api reference §20.6)"),
    Switch(
        "stock_writes_logged",
        "none",
        "levels that the API sets are in the log of stock movements: none, those that change it, or every one",
        ("none", "changes", "all"),
    ),
    Switch(
        "untranslated",
        "default",
        "what a language shows before it is written (api reference §20.14)",
        ("default", "empty"),
    ),
    Switch("create_variant_status", 201, "POST variants was seen with 201 and with 200", (201, 200)),
    Switch("delete_status", 204, "DELETE was seen with 204 and with 200", (204, 200)),
    Switch("unique_email", True, "a second customer with the same e-mail is refused with 400 (inferred)"),
    Switch("bulk_max", 250, "items in one PUT variants/bulk or POST categories/products/bulk (api reference §20.1)"),
    Switch(
        "bulk_bad_item",
        "all_or_nothing",
        "one bad item in a bulk: everything refused, or only it (api reference §20.1)",
        ("all_or_nothing", "skip"),
    ),
    Switch(
        "catalog_hidden",
        "included",
        "hidden products in the catalogue (api reference §20.16)",
        ("included", "left_out"),
    ),
    Switch(
        "catalog_lists",
        "array",
        "variants and categories of a catalogue product: a list, or an object by id (api reference §20.16)",
        ("array", "object"),
    ),
    Switch("image_touches_product", False, "a product image touches product.updatedAt (api reference §20.6)"),
    Switch("image_check", True, "an upload that is no gif, jpeg, png or webp is refused (which ones are is unknown)"),
    Switch(
        "filename_brackets",
        "refused",
        "brackets in the name of an upload (stripped by a coupling, so probably refused)",
        ("refused", "accepted"),
    ),
    Switch("upload_max_bytes", 20_000_000, "bytes of one upload (unknown)"),
    Switch(
        "download_hosts",
        "localhost,127.0.0.1,example.com,*.example.com",
        "hosts from which an upload by address is taken, comma-separated, * for any text",
    ),
    Switch("denied_groups", "", "permission groups the keys lack, comma-separated: `orders` or `orders:write`; 403"),
)
