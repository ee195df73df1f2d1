"""Is what a plan announced what the run then did? Compares the lines of a plan file with what changed in the shop.

The shop is looked at from outside: every record before and after, and the calls that wrote. Only the ids under which
the target keeps its documents are taken from its store.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from upsert.store import Store

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping

    from sandbox.lightspeed.shop import Shop

Json = dict[str, Any]
Books = dict[str, dict[int, Json]]
Place = tuple[str, int, str]
"""Path, id and field."""

SCOPE = "shop1"
REFUSED_CALLS = 1 + 2 * 8
"""Most calls that one refused write may cost beside those of the plan: the shop refuses a bulk of up to 250 variants as
a whole, so that it is halved until the refused one is alone."""
PATHS = {
    "attributes": "attributes",
    "brands": "brands",
    "categories": "categories",
    "delivery_dates": "products",
    "delivery_texts": "deliverydates",
    "groups": "groups",
    "images": "products/{}/images",
    "members": "groups/customers",
    "placements": "categories/products",
    "prices": "variants",
    "prices.discounts": "quantity_discounts",
    "products": "products",
    "relations": "products/{}/relations",
    "shared": "variants",
    "specifications": "products/{}/attributes",
    "stock": "variants",
    "type_attributes": "types/attributes",
    "types": "types",
    "variants": "variants",
    "visibility": "products",
}
"""Purpose of a document (without `commerce.` and language) -> path of the record that it changes."""
_FOLLOWS: Mapping[str, set[str]] = {
    "*": {"createdAt", "updatedAt", "url", "fulltitle"},
    "products": {"image", "isVisible"},
    "variants": {"priceExcl", "isDefault", "image", "oldPriceExcl", "oldPriceIncl", "articleCode"},
    "categories": {"depth", "path", "image"},
    "orders/{}/products": {"variant"},
    "products/{}/images": {"title", "src", "thumb", "size", "extension", "_hash"},
}
"""Fields that the shop changes by itself when others change."""
_UNSEEN = {"variants/movements", "metafields", "orders", "orders/events"}
_TITLES: Mapping[str, tuple[str, str]] = {
    "attribute": ("attributes", "title"),
    "brand": ("brands", "title"),
    "deliverydate": ("deliverydates", "name"),
    "parent": ("categories", "title"),
    "product": ("products", "data01"),
    "tax": ("taxes", "title"),
    "type": ("types", "title"),
}
"""References that a plan shows by the title of what they lead to."""
_LANGUAGE = re.compile(r"\.([a-z]{2})$")


def books(shop: Shop) -> Books:
    """Every record of the shop."""
    return {path: {row["id"]: copy.deepcopy(row) for row in shop.all(path)} for path in shop.ids if path not in _UNSEEN}


@dataclass
class Verdict:
    """What doesn't agree, one line each."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Note a difference."""
        self.lines.append(text)


def compare(plan: list[Json], before: Books, after: Books, calls: Counter[str], stores: tuple[str, str]) -> list[str]:
    """Compare a plan with what the same run did.

    Args:
        plan: Lines of the plan file, the last one with the totals.
        before: The shop before the run.
        after: The shop after it.
        calls: Writes that it made, by endpoint.
        stores: URLs of the target's store before and after the run.

    Returns:
        What differs; empty when they are equal.
    """
    *lines, last = plan
    verdict, totals = Verdict(), last["totals"]
    most = totals["calls"] + totals["refused"] * REFUSED_CALLS
    if not totals["calls"] <= calls.total() <= most:
        verdict.say(f"{totals['calls']} to {most} calls announced, {calls.total()} made: {dict(calls)}")
    with Store.open(stores[0]) as first, Store.open(stores[1]) as then:
        told = [_Told(line, (then, first), before, after) for line in lines if "field" in line]
        # What is changed and then deleted in one run is deleted.
        deleted = {(one["purpose"], one["key"]) for one in lines if one.get("field") == "delete"}
        for one in told:
            if one.name == "*" or (one.line["purpose"], one.line["key"]) not in deleted:
                verdict.lines += one.differs()
        places = {place for one in told for place in one.places()}
    for path, identity, name, old, new in changes(before, after):
        if (path, identity, name) not in places and (path, identity, "*") not in places:
            verdict.say(f"{path} {identity}: {name} became {new!r} (was {old!r}), which no line announced")
    return verdict.lines


def changes(before: Books, after: Books) -> Iterator[tuple[str, int, str, Any, Any]]:
    """What differs between two states of a shop: path, id, field ("*": the whole record), old, new."""
    for path in after:
        follows = _FOLLOWS["*"] | _FOLLOWS.get(path, set())
        first, then = before[path], after[path]
        for identity in first.keys() | then.keys():
            if path == "products/{}/attributes" and identity not in first:
                # The shop makes them when a product gets its type; only a value is a change.
                if (then[identity].get("value") or {}).get("nl"):
                    yield path, identity, "value.nl", None, then[identity]["value"]["nl"]
                continue
            if identity not in first or identity not in then:
                yield path, identity, "*", first.get(identity), then.get(identity)
                continue
            old, new = _flat(first[identity]), _flat(then[identity])
            for name in old.keys() | new.keys():
                if name.partition(".")[0] not in follows and (old.get(name) or None) != (new.get(name) or None):
                    yield path, identity, name, old.get(name), new.get(name)


def _flat(row: Json) -> Json:
    """Fields of a record; texts by language as `title.nl`."""
    found: Json = {}
    for name, value in row.items():
        if isinstance(value, dict) and all(isinstance(one, str) and len(one) == 2 for one in value):
            found |= {f"{name}.{language}": text for language, text in value.items()}
        else:
            found[name] = value
    return found


class _Told:
    """One line of a plan, and where in the shop it belongs."""

    def __init__(self, line: Json, stores: tuple[Store, Store], before: Books, after: Books) -> None:
        self.line, self.before, self.after = line, before, after
        purpose = line["purpose"].removeprefix("commerce.")
        language = _LANGUAGE.search(purpose)
        self.language = language.group(1) if language else "nl"
        self.purpose = purpose.removesuffix(f".{self.language}") if language else purpose
        self.path = PATHS[self.purpose]
        rows = [store.row(SCOPE, line["purpose"], line["key"]) for store in stores]
        known = [row.ids["id"] for row in rows if row is not None and row.ids.get("id", "").isdigit()]
        self.known = [int(one) for one in known if int(one) in {**before[self.path], **after[self.path]}]
        self.id = self._identity()

    def _identity(self) -> int:
        """The record's id, after the store or the words of the key."""
        if self.purpose in {"specifications", "placements"}:
            return self._below()
        if self.known:
            return next((one for one in self.known if one in self.after[self.path]), self.known[0])
        wanted = dict(part.split("=", 1) for part in self.line["key"].split(", ") if "=" in part)
        if "id" in wanted:
            return int(wanted["id"])
        for rows in (self.after[self.path], self.before[self.path]):
            for identity, row in rows.items():
                if wanted and all(_fits(value, row.get(name)) for name, value in wanted.items()):
                    return identity
        return 0

    def _below(self) -> int:
        """A record that hangs between a product and another one."""
        key = self.line["key"].partition("#")[0]
        product = next((row["id"] for row in self.after["products"].values() if row.get("data01") == key), 0)
        for rows in (self.after[self.path], self.before[self.path]):
            for identity, row in rows.items():
                if self.purpose == "placements":
                    if row["product"] == product and self.line["field"].endswith(f"({row['category']})"):
                        return identity
                elif row["_parent"] == product and self._attribute(row) == self.line["field"]:
                    return identity
        return 0

    def _attribute(self, row: Json) -> str:
        found = self.after["attributes"].get(row["attribute"], {}).get("title", {})
        return str(found.get("nl", ""))

    @property
    def name(self) -> str:
        """The field, as the shop's records have it."""
        name: str = self.line.get("field") or "*"
        name = name.removesuffix(f" ({self.language})")
        if self.purpose == "specifications":
            return f"value.{self.language}"
        if name.startswith("price from"):
            return "price" if self.line.get("new") is not None else "*"
        if name in {"image", "delete", "whole record"} or name.startswith("category "):
            return "*"
        return {"image.sortOrder": "sortOrder"}.get(name, name)

    def places(self) -> Iterator[Place]:
        """Where it says that something changes."""
        for name in (self.name, f"{self.name}.{self.language}"):
            yield self.path, self.id, name
        if self.purpose == "relations" and self.line.get("old"):
            # The shop can't turn a relation to another product: the old one goes.
            yield from ((self.path, one, "*") for one in self.known if one not in self.after[self.path])
        if self.id not in self.before[self.path]:
            yield self.path, self.id, "*"

    def differs(self) -> Iterator[str]:
        """What it says and what isn't so."""
        about = f"{self.line['purpose']} {self.line['key']} {self.line.get('field')}"
        row, was = self.after[self.path].get(self.id), self.before[self.path].get(self.id)
        new, old = self.line.get("new"), self.line.get("old")
        if self.name == "*":
            if new is None or self.line.get("field") == "delete":
                if row is not None or was is None:
                    yield f"{about}: it is announced to go, and {'stands' if row else 'never stood'} there"
            elif row is None or was is not None:
                yield f"{about}: {new} is announced to come, and {'did not come' if row is None else 'was there'}"
            return
        if row is None and new is not None:
            yield f"{about}: {new} is announced for a record {self.id} that isn't there"
            return
        if new is not None and not self._same(new, self._shown(row or {}, exact=True)):
            yield f"{about}: {new} is announced, and it is {self._shown(row or {})}"
        if row is None:
            return
        if was is not None and not self._same(old or "", self._shown(was)):
            yield f"{about}: it is said to be {old} now, and it was {self._shown(was)}"

    def _shown(self, row: Json, *, exact: bool = False) -> str:
        """The field's value, as the shop's people see it: where there is no translation, the shop's own language."""
        value = row.get(self.name)
        if isinstance(value, dict):
            value = value.get(self.language) or (None if exact else value.get("nl"))
        if self.name.startswith("value."):
            value = (row.get("value") or {}).get(self.language)
        if self.name in _TITLES and isinstance(value, int) and value:
            path, title = _TITLES[self.name]
            # What it led to before may get another title in the same run.
            books = (self.before, self.after) if exact else (self.after, self.before)
            value = {**books[0][path], **books[1][path]}[value][title]
            value = value["nl"] if isinstance(value, dict) else value
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else " ".join(str(value).split())

    def _same(self, told: str, shown: str) -> bool:
        told = " ".join(told.split())
        if told == shown:
            return True
        if not told or not shown:
            return (told or _DEFAULTS.get(self.name, "")) == (shown or _DEFAULTS.get(self.name, ""))
        try:
            return Decimal(told) == Decimal(shown)
        except ArithmeticError:
            return False


def _fits(told: str, value: Any) -> bool:
    """Whether a value may be the one of a key; a number below zero stands for something that the run makes."""
    if isinstance(value, dict):
        value = value.get("nl")
    return (told.startswith("-") and bool(value)) or str(value or 0) == told


_DEFAULTS = {
    "stockLevel": "0",
    "stockTracking": "disabled",
    "visibility": "visible",
    "priceIncl": "0",
    "stockBuyMinimum": "1",
    "isVisible": "yes",
    "sortOrder": "1",
    "weight": "0",
    "sizeX": "0",
    "sizeY": "0",
    "sizeZ": "0",
}
"""What the shop takes where a record doesn't say."""
