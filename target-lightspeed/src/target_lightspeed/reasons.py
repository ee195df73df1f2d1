"""Why a record is held, in one plain sentence each. Codes and subjects hold no personal data."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "no_key": "The record has neither an id nor all fields of a natural key: send them, or set `key` for the stream.",
    "no_owner": "The record doesn't say which record it belongs to; the named field is missing.",
    "unknown_id": "The shop has no record with this id: it was deleted there, or the id is of another shop.",
    "not_found": "The shop doesn't have this record (any more).",
    "missing_field": "The shop needs the named field to make a new record.",
    "unknown_field": "The resource doesn't take the named field, and `unknown_fields` says to hold.",
    "cannot_change": "The shop takes the named field only when the record is made: delete the record and make it anew.",
    "wrong_type": "The value of the named field is of another type than the shop takes.",
    "unknown_reference": "The record that the named field refers to is not in the shop.",
    "ambiguous_reference": "More than one record of the shop fits the named reference: refer to it by id.",
    "not_creatable": "The API has no way to make this kind of record; it can only be changed.",
    "not_changeable": "The API has no way to change this kind of record; it can only be made or deleted.",
    "not_deletable": "The API has no way to delete this kind of record.",
    "changed_on_both_sides": "The named field was changed in the source and in the shop: decide which one holds.",
    "refused_by_shop": "The shop refused the record; its words stand in the log.",
    # the kernel's own reasons stand in singer-upsert; these say what they mean with Lightspeed
    "in_doubt": "The shop did not answer a write: it is looked for again, and repeated only when it can't arrive late.",
}
"""Reason code -> sentence."""

SKIPS: dict[str, str] = {
    "unchanged": "The shop already holds the same.",
    "kept": "Changed in the shop only: the change stays.",
    "exists": "It exists, and the stream only makes what is missing.",
    "missing": "It doesn't exist, and the stream only changes what exists.",
    "already_gone": "To be deleted, and not in the shop.",
    "delete_skipped": "Deleted in the source; the settings say to leave it in the shop.",
    "no_texts": "Nothing in it is language-dependent.",
    "unknown_stream": "The stream is no writable resource.",
}
"""Reason code of a record that needs no write -> sentence."""
