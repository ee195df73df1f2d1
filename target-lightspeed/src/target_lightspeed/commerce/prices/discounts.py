"""Quantity discounts: prices from a quantity on, and prices of customer groups. Those that we made, and no others."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from target_lightspeed.failures import reading
from target_lightspeed.finding import DELETED
from target_lightspeed.item import Item
from target_lightspeed.port import ResourcePort
from target_lightspeed.settings import StreamSettings
from upsert.model import Change, Create, Hold, SourceKey, Update
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from target_lightspeed.commerce.keymap import Place
    from target_lightspeed.commerce.prices.choice import Discount
    from target_lightspeed.finding import Found
    from target_lightspeed.lookups import Key
    from target_lightspeed.session import Session
    from upsert.model import Document, Plan

PURPOSE = "commerce.prices.discounts"
"""Rows in the store: one per discount that we made; the key names product, variant, group and quantity by id."""

WRITTEN = frozenset({"price", "percentage", "isPercentage", "startDate", "endDate"})
_KEY = ("product", "variant", "customerGroup", "quantity")
_LAST_SECOND = dt.time(23, 59, 59)


class DiscountPort(ResourcePort):
    """Quantity discounts by what they are for; one that somebody made by hand for just that is taken over.

    Args:
        session: Of the run.
    """

    def __init__(self, session: Session) -> None:
        resource = session.resource("quantity_discounts")
        super().__init__(resource, session, StreamSettings(), "quantity_discounts", fields=WRITTEN | set(_KEY))
        self.purpose = self.finder.purpose = PURPOSE

    def wanted(self, discount: Discount, place: Place, group: int, zone: ZoneInfo) -> Document[Item]:
        """The document of a discount.

        Args:
            discount: What is wanted.
            place: Product and variant that it is for.
            group: The shop's id of the customer group; 0 for everybody.
            zone: Where days begin.
        """
        quantity = format(discount.quantity.normalize(), "f")
        key = {"product": place.product, "variant": place.id, "customerGroup": group, "quantity": quantity}
        values = {
            **key,
            "quantity": discount.quantity,
            "price": 0 if discount.percent else discount.value,
            "percentage": discount.value if discount.percent else 0,
            "isPercentage": discount.percent,
            "startDate": _instant(discount.first, dt.time(), zone),
            "endDate": _instant(discount.last, _LAST_SECOND, zone),
        }
        return self.document(discount.source, Item(key=key, values=values))

    def unwanted(self, rows: Iterable[StoredRow], stream: str) -> list[Document[Item]]:
        """Documents that take away what we made.

        Args:
            rows: Of the store.
            stream: Source stream, for the log.
        """
        return [
            self.document(row.source or SourceKey(stream, row.key), Item(key=_ids(row.key), delete=True))
            for row in rows
        ]

    def ours(self) -> dict[str, StoredRow]:
        """Every discount that we made and that was not taken away, by document key."""
        rows = self.session.store.known(self.session.scope, PURPOSE)
        return {row.key: row for row in rows if not row.ids.get(DELETED) and row.state is not State.INTENT}

    def forget(self, keys: Collection[str]) -> None:
        """These were taken away by somebody else."""
        rows = self.session.store.rows(self.session.scope, PURPOSE, list(keys))
        self.session.store.change_all((row, _gone(row)) for row in rows.values())

    def describe(self, document: Document[Item], existing: Found | None, plan: Create | Update) -> list[Change]:
        """Price or percentage before and after."""
        name = "percentage" if document.content.values.get("isPercentage") else "price"
        before = self.resource.named[name].of(existing.row) if existing is not None else None
        label = f"{name} {_for(document.content.key)}"
        gone = document.unwanted
        del plan
        return [Change(label, before or None, None if gone else document.content.values.get(name))]

    def refuses(self, document: Document[Item], existing: Found | None, plan: Create | Update) -> Hold | None:
        """A variant that the shop's people have deleted gets no discount."""
        del plan
        if not self.session.explains or document.unwanted or (existing is not None and not existing.gone):
            return None
        place: Key = (("id", str(document.content.key["variant"])),)
        with reading():
            found = self.lookups.find(self.session.resource("variants"), [place], ())[place]
        return None if found else Hold("refused_by_shop")

    def _plan_new(self, document: Document[Item], values: Mapping[str, Any]) -> Plan:
        plan = super()._plan_new(document, values)
        if isinstance(plan, Create):
            return Create({name: value for name, value in plan.payload.items() if value is not None})
        return plan


def _instant(day: dt.date | None, time: dt.time, zone: ZoneInfo) -> str | None:
    """A moment of a day in UTC, as the shop takes it."""
    if day is None:
        return None
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC).isoformat(timespec="seconds")


def _ids(key: str) -> dict[str, Any]:
    """The parts of a document key."""
    parts = dict(part.split("=", 1) for part in key.split(", "))
    return {name: parts[name] if name == "quantity" else int(parts[name]) for name in _KEY}


def _for(key: Mapping[str, Any]) -> str:
    group = f" for group {key['customerGroup']}" if key.get("customerGroup") else ""
    return f"from {key.get('quantity')}{group}"


def _gone(row: StoredRow) -> StoredRow:
    return replace(row, state=State.DONE, content_hash="", hashes={}, pending={}, ids={**row.ids, DELETED: "1"})
