"""What the codes in ``_error`` mean and what to do: one plain sentence each, for whoever lists held records."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "amounts_do_not_add_up": "No reading of the prices explains the order's total, or two do: set `line_price` of the "
    "mapper, or correct the order.",
    "duplicate_line": "Two lines of the order carry the same id; look at the order in the shop.",
    "invalid_record": "The record is not what the tap describes; update tap and mapper together.",
    "invalid_value": "The named field holds a value that does not fit; correct it in the source.",
    "lines_missing": "The order came without lines; it is read again in the next run.",
    "mapping_failed": "A mistake of the mapper; report it with the key of the record.",
    "missing_value": "The named field is empty and must not be; fill it in the source.",
    "override_failed": "An expression in the mapper's `overrides` failed on this record; correct it.",
    "override_invalid": "An expression in the mapper's `overrides` gave a value that the field can't hold; correct it.",
    "unmapped_value": "The named field holds a value that the mapper's `axes` or `attributes` do not map; add it to "
    "their `values`, or set `unmapped`.",
}
"""Code -> sentence; the README's table holds the same codes."""
