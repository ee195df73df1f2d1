"""One plain sentence per reason code: what it means for the merchant, and what to do.

A target adds its own through the entry point group ``upsert.reasons`` (a mapping of code to sentence). A sentence that
is a `Waiting` makes its code a *waiting* one: nothing is wrong with the record, something that it needs is on its way.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "upsert.reasons"

KERNEL: Mapping[str, str] = {
    "ambiguous": "More than one document in the target system carries this key; remove the wrong one there.",
    "busy": "The target system was busy with this document (a lock); it is tried again in the next run.",
    "changed_blind": "It changed in the source, and the target can't be asked; change it there by hand, then skip.",
    "defect": "A mistake of the plugin: planning this record failed. Report it with the name given.",
    "exists_unseen": "The target system refuses a double, but its look-up doesn't show the first; check its filters.",
    "gone": "The source has it no more.",
    "in_doubt": "A write had no answer and may still be completed; it is looked up again before anything is repeated.",
    "invalid": "The record doesn't have the agreed form; the field is named.",
    "mapping": "The mapper could not make the record; the field is named.",
    "new_store": "The store is new beside an older state; new documents wait until no earlier write can still arrive.",
    "skipped_by_hand": "A person decided to skip it.",
    "taken": "Another run was writing the same document at that moment; it is tried again in the next run.",
    "unconfirmed": "It was written but could not be read back as expected; look at it in the target system.",
    "vanished": "We wrote it, but the target system doesn't show it any more; it is not made again unless released.",
}
UNKNOWN = "See the documentation of the target for this reason."


class Waiting(str):
    """The sentence of a reason that only waits.

    Such a record is kept and read again like any held one, but counts neither for ``hold_limit`` nor as something that
    went wrong (`held check`).
    """

    __slots__ = ()


@cache
def waiting() -> frozenset[str]:
    """Codes of the reasons that only wait, of all targets in this environment."""
    declared = (point.load() for point in entry_points(group=GROUP))
    return frozenset(code for known in declared for code, text in known.items() if isinstance(text, Waiting))


def sentences(file: str | None = None) -> dict[str, str]:
    """All known reason codes with their sentences.

    Args:
        file: A JSON file with more of them (code to sentence); these go first.

    Raises:
        ConfigurationError: The file can't be read.
    """
    known = dict(KERNEL)
    for point in entry_points(group=GROUP):
        known.update(point.load())
    if file:
        try:
            more = json.loads(Path(file).read_text(encoding="utf-8"))
            known.update({str(code): str(text) for code, text in more.items()})
        except (OSError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{file} is not a JSON object of reason codes and sentences") from error
    return known
