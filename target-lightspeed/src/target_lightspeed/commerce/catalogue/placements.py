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

    from commerce.goods import Placement
    from upsert.model import Applied, Outcome, SourceKey

CATEGORIES = "commerce.categories"
"""Purpose of the categories flow: the record's key -> ids."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a product wants: keys of categories, in order."""

    product: str
    categories: tuple[str, ...]


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

    def document(self, source: SourceKey, product: str, wanted: Sequence[Placement]) -> Document[Placed]:
        """The document of a product."""
        keys = tuple(dict.fromkeys(key for one in wanted if (key := one.category.key or one.category.code or "")))
        self.memory.load(CATEGORIES, keys)
        return Document(product, source, Placed(product, keys), {"categories": self.hasher(" ".join(sorted(keys)))})

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
        wanted: list[int] = []
        for key in document.content.categories:
            ids = self.memory.ids(CATEGORIES, key)
            if not ids.get("id") or ids.get("deleted"):
                return Hold("waits_for_category", key)
            wanted.append(int(ids["id"]))
        ours = {int(name[1:]) for name, mark in (applied.ids if applied else {}).items() if name[:1] == "c" and mark}
        add = [one for one in wanted if one not in existing.links]
        remove = [one for one in existing.links if one in ours and one not in wanted]
        if not add and not remove:
            return Skip("unchanged", same=True)
        return Update(str(existing.id), {"add": add, "remove": remove})

    def describe(self, document: Document[Placed], existing: Links | None, plan: Create | Update) -> Sequence[Change]:
        """Categories that come and go, by id."""
        del document, existing
        if isinstance(plan, Create):
            return ()
        return [
            *(Change(f"category {one}", None, "in it") for one in plan.diff["add"]),
            *(Change(f"category {one}", "in it", None) for one in plan.diff["remove"]),
        ]

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
