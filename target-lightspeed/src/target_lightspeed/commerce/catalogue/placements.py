"""Which categories a product stands in. Only links that we made are taken away; those made by hand stay.

The document is a product. What is missing comes in one call, what must go costs one call each; when some of that had no
answer, the shop's list shows how far it came.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lightspeed_ecom
from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.below import BelowProducts
from target_lightspeed.failures import reading, writing
from upsert.errors import InDoubt, Outage, Rejected
from upsert.model import Change, Cost, Create, Document, Hold, Plan, Skip, Update

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upsert.model import Applied, Outcome, SourceKey

CATEGORIES = "commerce.categories"
"""Purpose of the categories flow: the record's key -> ids."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a product wants.

    Attributes:
        product: Our key of the product.
        categories: Ids of the categories that the shop has.
        lacking: Keys of those that it doesn't have: blocked, not made yet, or not made at all.
    """

    product: str
    categories: tuple[int, ...]
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """Where it stands: id of a category -> id of the link."""

    id: int
    links: Mapping[int, int]


class PlacementStep(BelowProducts[Placed, Links]):
    """Puts products into categories."""

    purpose = rows.PLACEMENTS
    lookup = "by_key"
    lookup_name = "the list categories/products"

    def document(self, source: SourceKey, product: str, keys: Sequence[str]) -> Document[Placed]:
        """The document of a product.

        Args:
            source: The record.
            product: Our key.
            keys: Of the categories that it wants; what the shop doesn't have (yet) keeps it from none of the others.
        """
        self.memory.load(CATEGORIES, keys)
        ids = {key: self.memory.ids(CATEGORIES, key) for key in keys}
        standing = {key: int(one["id"]) for key, one in ids.items() if one.get("id") and not one.get("deleted")}
        placed = Placed(product, tuple(standing.values()), tuple(key for key in ids if key not in standing))
        return Document(product, source, placed, {"categories": self.hasher(" ".join(sorted(standing)))})

    def look_up(self, documents: Sequence[Document[Placed]]) -> Mapping[str, Sequence[Links]]:
        """The links of each product: one list each, none for a new one."""
        known = self.session.store.rows(self.session.scope, self.purpose, [one.key for one in documents])
        found: dict[str, Sequence[Links]] = {}
        for one in documents:
            product = self.memory.product(one.key)
            if product is None:
                continue
            links: dict[int, int] = {}
            if product > 0 and not (one.key in self.memory.made_now and one.key not in known):
                with reading():
                    pages = self.client.list("categories/products", product=product)
                    shown = [row for page in pages for row in page if _of(row, "product") == product]
                links = {_of(row, "category"): int(row["id"]) for row in shown}
            found[one.key] = [Links(product, links)]
        return found

    def ids(self, existing: Links) -> Mapping[str, str]:
        """The product's id."""
        return {"id": str(existing.id)}

    def plan(self, document: Document[Placed], existing: Links | None, applied: Applied | None) -> Plan:
        """Add what is missing, take away what we added and isn't wanted any more."""
        if existing is None:
            return Hold("not_found")
        wanted = document.content.categories
        ours = {int(name[1:]) for name, mark in (applied.ids if applied else {}).items() if name[:1] == "c" and mark}
        add = [one for one in wanted if one not in existing.links]
        remove = [one for one in existing.links if one in ours and one not in wanted]
        if not add and not remove:
            return Skip("unchanged", same=True)
        return Update(str(existing.id), {"add": add, "remove": remove})

    def describe(self, document: Document[Placed], existing: Links | None, plan: Create | Update) -> Sequence[Change]:
        """Categories that come and go."""
        del document, existing
        if isinstance(plan, Create):
            return ()
        names = self._names([*plan.diff["add"], *plan.diff["remove"]])
        return [
            *(Change(f"category {names[one]}", None, "in it") for one in plan.diff["add"]),
            *(Change(f"category {names[one]}", "in it", None) for one in plan.diff["remove"]),
        ]

    def _names(self, categories: Sequence[int]) -> dict[int, str]:
        """What a person knows categories by; only a plan asks the shop for their titles."""
        if not self.context.explains:
            return {one: str(one) for one in categories}
        return {one: f"{self.session.titles.of('categories', one)} ({one})" for one in categories}

    def refuses(self, document: Document[Placed], existing: Links | None, plan: Create | Update) -> Hold | None:
        """A product that the shop's people have deleted stands nowhere."""
        del existing, plan
        return None if self.context.stands(document.key) else Hold("refused_by_shop")

    def cost(self, planned: Sequence[Outcome]) -> Cost:
        """One call for all that come, one for each that goes."""
        diffs = [one.plan.diff for one in planned if isinstance(one.plan, Update)]
        return Cost(sum(bool(diff["add"]) + len(diff["remove"]) for diff in diffs))

    def create(self, document: Document[Placed], plan: Create) -> Mapping[str, str]:
        """Never called: `plan` makes nothing."""
        raise Rejected("not_creatable", document.key, f"{plan} can't be made here")

    def update(self, document: Document[Placed], existing: Links, plan: Update) -> Mapping[str, str]:
        """One call for all that come, one for each that goes."""
        del document
        done = False
        try:
            with writing(), self.session.slots:
                if plan.diff["add"]:
                    body = {"product": existing.id, "categories": plan.diff["add"]}
                    self.client.create("categories/products/bulk", "categoriesProduct", body)
                    done = True
                for one in plan.diff["remove"]:
                    with contextlib.suppress(lightspeed_ecom.NotFound):
                        self.client.delete(f"categories/products/{existing.links[one]}")
                    done = True
        except (Outage, Rejected) as error:
            if done:
                raise InDoubt(f"some of it is done: {error.text}") from error
            raise
        return {**{f"c{one}": "1" for one in plan.diff["add"]}, **{f"c{one}": "" for one in plan.diff["remove"]}}


def _of(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    identity = value.get("id") if isinstance(value, dict) else value
    return int(identity) if isinstance(identity, int | str) and str(identity).isdigit() else 0
