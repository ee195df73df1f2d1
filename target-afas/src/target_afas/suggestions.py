"""What an unknown item code may have meant: said in the log, never used (P8)."""

from __future__ import annotations

import difflib
import logging
import re
from itertools import islice
from typing import TYPE_CHECKING

from afas_profit import Condition, Op, any_of
from target_afas.diff import item_type
from target_afas.failures import reading
from target_afas.variants import heads_of
from upsert.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_afas.lines import Item
    from target_afas.lookups import Lookups

logger = logging.getLogger(__name__)

MOST_CODES = 10
"""Unknown codes of a batch for which AFAS is asked: they must fit into one question."""
MOST_ROWS = 500
LIKE = 0.8
"""How alike two codes must be (0 to 1) to be named together."""


def plain_code(code: str) -> str:
    """A code without what is typed differently: case, blanks and punctuation, leading zeros of its numbers."""
    return re.sub(r"[\W_]", "", re.sub(r"(?<!\d)0+(?=\d)", "", code.casefold()))


def nearest(code: str, known: Iterable[str]) -> str | None:
    """The known code that is most like an unknown one, or none that is like enough."""
    choices = sorted(set(known))
    wanted = plain_code(code)
    for one in choices:
        if wanted and plain_code(one) == wanted:
            return one
    folded = code.casefold()
    ranked = [(*_alike(folded, one.casefold()), one) for one in choices]
    best = max(ranked, key=lambda found: found[:2], default=None)
    return best[2] if best is not None and best[0] >= LIKE else None


def _alike(one: str, other: str) -> tuple[float, int]:
    """How alike two texts are, and in how many places they are the same."""
    places = sum(mine == theirs for mine, theirs in zip(one, other, strict=False))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio(), places


def conditions(codes: Sequence[str], field: str) -> list[Condition]:
    """What to ask for: codes that begin alike, or hold the same number."""
    found = []
    for code in codes:
        if len(code) >= 5:
            found.append(Condition(field, Op.STARTS_WITH, code[:-2].rstrip()))
        core = code.lstrip("0 ").rstrip()
        if len(core) >= 3 and core != code:
            found.append(Condition(field, Op.CONTAINS, core))
    return found


class Suggestions:
    """Names unknown item codes in the log, once a run, each with the nearest code that AFAS has.

    Args:
        lookups: Questions to AFAS.
    """

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self._told: set[str] = set()
        self._hinted = False

    def tell(self, unknown: Iterable[str], items: Mapping[str, Item]) -> None:
        """Log the codes that stop an order; one more question to AFAS, and none when there are none.

        Args:
            unknown: Codes that AFAS does not have, or has blocked.
            items: What the look-up of the batch found.
        """
        new = sorted(set(unknown) - self._told)
        self._told.update(new)
        absent = [code for code in new if code.upper() not in items]
        known = self._known(absent[:MOST_CODES])
        for code in new:
            if code.upper() in items:
                logger.warning("item %s is blocked in AFAS; its orders wait", code)
            elif (like := nearest(code, known)) is not None:
                logger.warning("item %s is not in AFAS, its orders wait; nearest there: %s", code, like)
            else:
                logger.warning("item %s is not in AFAS; its orders wait", code)
        self._hint(absent)

    def _hint(self, absent: Iterable[str]) -> None:
        """Say once what is missing, if a code may be a variant's and variants can't be looked for."""
        if self._hinted or not any(heads_of(code, self.lookups.separator) for code in absent):
            return
        self._hinted = True
        if missing := self.lookups.no_variants():
            logger.warning(
                "orders of variants of items with dimensions can't be booked without %s: add it (see "
                "docs/afas-connectors.md)",
                missing,
            )

    def _known(self, codes: Sequence[str]) -> list[str]:
        """Codes of items that are not blocked and something like these."""
        reader = self.lookups.readers["items"]
        asked = conditions(codes, reader.id_of("Item"))
        if not asked:
            return []
        try:
            with reading():
                rows = self.lookups.client.rows(
                    reader.name, any_of(*asked), order_by=reader.order_by, page_size=MOST_ROWS
                )
                found = [reader.read(row) for row in islice(rows, MOST_ROWS)]
        except (Failure, ValueError):  # too long for a URL, or AFAS is busy: then without a suggestion
            return []
        return [
            str(row["Item"])
            for row in found
            if not row.get("Blocked") and item_type(row.get("ItemType")) in self.lookups.item_types
        ]
