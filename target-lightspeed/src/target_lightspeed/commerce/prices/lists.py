"""What is known of the price lists. It is kept in the store: a run of prices need not come with its lists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from commerce.goods import PriceList
    from upsert.model import SourceKey
    from upsert.store import Store

PURPOSE = "commerce.price_lists"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A price list.

    Attributes:
        active: Whether it holds at all.
        first: First day; None for always.
        last: Last day; None for ever.
    """

    active: bool = True
    first: dt.date | None = None
    last: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the list is valid on a day; both ends count."""
        return self.active and (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def known_lists(store: Store, scope: str) -> dict[str, ListFacts]:
    """All lists that ever came, by code."""
    return {row.key: _facts(row.ids) for row in store.known(scope, PURPOSE)}


def remember_lists(
    store: Store, scope: str, lists: Iterable[tuple[SourceKey, PriceList]], now: dt.datetime, run_id: str
) -> dict[str, bool]:
    """Keep what lists say.

    Args:
        store: The store.
        scope: The shop.
        lists: As they came, with their records; of several with one code the last counts.
        now: The shop's time.
        run_id: Of this run.

    Returns:
        Code -> whether it says something else than before.
    """
    newest = {one.code: (source, one) for source, one in lists}
    rows = store.rows(scope, PURPOSE, list(newest))
    changed: dict[str, bool] = {}
    changes: list[tuple[StoredRow | None, StoredRow]] = []
    for code, (source, one) in newest.items():
        ids, before = _ids(one), rows.get(code)
        changed[code] = before is None or before.ids != ids
        if changed[code]:
            row = StoredRow(scope, PURPOSE, code, State.DONE, now, "", {}, ids, 0, run_id, source=source)
            changes.append((before, row))
    store.change_all(changes)
    return changed


def _ids(one: PriceList) -> dict[str, str]:
    return {
        "active": "1" if one.active else "0",
        "first": one.valid_from.isoformat() if one.valid_from else "",
        "last": one.valid_until.isoformat() if one.valid_until else "",
    }


def _facts(ids: Mapping[str, str]) -> ListFacts:
    return ListFacts(ids.get("active") != "0", _day(ids.get("first")), _day(ids.get("last")))


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
