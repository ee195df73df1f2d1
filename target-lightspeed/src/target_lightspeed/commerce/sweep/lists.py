"""Which lists of the shop a sweep reads, and what each of them shows of what we wrote.

Products and variants have lists of their own, and what is not in them is gone. What hangs below a product, and texts in
further languages, stand in the catalogue: a call for 250 products, with everything in it. Whether that shows hidden
products is unknown (reference §14.16), so nothing is concluded from what it leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue import memory
from target_lightspeed.commerce.catalogue.ownership import Rules
from target_lightspeed.commerce.prices.hiding import HIDDEN, hidden_for_price
from target_lightspeed.commerce.sweep import compare
from target_lightspeed.resources.catalogue import PRODUCTS, VARIANTS
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from target_lightspeed.commerce.sweep.compare import Drift
    from target_lightspeed.resource import Resource
    from target_lightspeed.session import Session
    from upsert.store import StoredRow

PRICES = "commerce.prices"

CATALOG = "catalog"


@dataclass(frozen=True, slots=True)
class Part:
    """One list.

    Attributes:
        path: Of the list.
        purpose: Of the rows that have its ids.
        by_id: Id -> what we know that we wrote of it.
        fields: Fields that must be shown.
        look: Compares one row with what is shown.
        language: Instead of the default.
        tells_gone: Whether what isn't in it is gone.
    """

    path: str
    purpose: str
    by_id: Mapping[int, list[StoredRow]]
    fields: list[str]
    look: Callable[[StoredRow, Mapping[str, Any]], list[Drift]]
    language: str = ""
    tells_gone: bool = False


class Lists:
    """The lists of one flow's sweep, in an order that only grows at its end.

    Args:
        session: Settings and store of the run.
        flow: ``products`` or ``prices``.
    """

    def __init__(self, session: Session, flow: str) -> None:
        self.session, self.store, self.scope = session, session.store, session.scope
        self.hasher = session.store.hasher
        catalogue = session.settings.catalogue
        self.rules = Rules(catalogue.preset, catalogue.fields) if flow == "products" else None
        languages = list(memory.Memory(session).ids(memory.FLOW, "languages"))
        self.kinds: list[Callable[[], Part]] = [self._prices]
        if flow == "products":
            further = [lambda code=code: self._further(code) for code in languages]
            self.kinds = [self._products, self._variants, self._content, *further]

    def __len__(self) -> int:
        return len(self.kinds)

    def __getitem__(self, number: int) -> Part:
        return self.kinds[number]()

    # -- lists of their own -------------------------------------------------------------------------------------------

    def _prices(self) -> Part:
        return self._own(VARIANTS, self._standing(PRICES), PRICES)

    def _products(self) -> Part:
        by_id = self._standing(memory.PRODUCTS, memory.VISIBILITY)
        part = self._own(PRODUCTS, by_id, memory.PRODUCTS)
        for_price = hidden_for_price(self.store, self.scope)

        def look(row: StoredRow, shown: Mapping[str, Any]) -> list[Drift]:
            if row.purpose == memory.VISIBILITY and shown.get("visibility") == HIDDEN and shown["id"] in for_price:
                return []  # the flow of the prices hid it, and shows it again
            return part.look(row, shown)

        return Part(part.path, part.purpose, by_id, part.fields, look, tells_gone=True)

    def _variants(self) -> Part:
        return self._own(VARIANTS, self._standing(memory.VARIANTS, memory.SHARED), memory.VARIANTS)

    def _own(self, resource: Resource, by_id: Mapping[int, list[StoredRow]], purpose: str) -> Part:
        owned = compare.always(resource, self.rules)

        def look(row: StoredRow, shown: Mapping[str, Any]) -> list[Drift]:
            return compare.drifted(row, shown, resource, self.hasher, owned)

        return Part(resource.path, purpose, by_id, _fields(resource, by_id), look, tells_gone=purpose != PRICES)

    def _standing(self, first: str, *others: str) -> dict[int, list[StoredRow]]:
        """What is known of one list, by the shop's id; the rows of the first purpose have it."""
        ids: dict[str, int] = {}
        by_id: dict[int, list[StoredRow]] = {}
        for row in self._known(first):
            if row.ids.get("id", "").isdigit() and not row.ids.get("deleted"):
                ids[row.key] = int(row.ids["id"])
                by_id.setdefault(ids[row.key], []).append(row)
        for purpose in others:
            for row in self.store.known(self.scope, purpose):
                if row.key in ids:
                    by_id[ids[row.key]].append(row)
        return by_id

    def _known(self, purpose: str) -> Iterator[StoredRow]:
        return (row for row in self.store.known(self.scope, purpose) if row.state is State.DONE)

    # -- the catalogue ------------------------------------------------------------------------------------------------

    def _content(self) -> Part:
        """Images, specifications and categories."""
        looks = {
            memory.IMAGES: ("images", compare.image),
            memory.SPECIFICATIONS: ("specifications", compare.specification),
            memory.PLACEMENTS: ("categories", compare.placement),
        }
        owned = {purpose for purpose, (rule, _) in looks.items() if self._owns(rule)}
        if not self.session.settings.catalogue.categories:
            owned.discard(memory.PLACEMENTS)

        def look(row: StoredRow, shown: Mapping[str, Any]) -> list[Drift]:
            return looks[row.purpose][1](row, shown, self.hasher)

        by_id = self._below(owned)
        return Part(CATALOG, memory.PRODUCTS, by_id, ["id", *sorted(looks[one][0] for one in owned)], look)

    def _further(self, code: str) -> Part:
        """What is written in one further language."""
        products, variants, specifications = (
            f"{purpose}.{code}" for purpose in (memory.PRODUCTS, memory.VARIANTS, memory.SPECIFICATIONS)
        )
        of_product = compare.always(PRODUCTS, self.rules)
        of_variant = compare.always(VARIANTS, self.rules)
        by_id = self._below({products, variants, *({specifications} if self._owns("specifications") else ())})

        def look(row: StoredRow, shown: Mapping[str, Any]) -> list[Drift]:
            if row.purpose == specifications:
                return compare.specification(row, shown, self.hasher)
            if row.purpose == products:
                return compare.drifted(row, shown, PRODUCTS, self.hasher, of_product)
            for one in compare.parts(shown, "variants") or ():
                if str(one.get("id")) == row.ids.get("id"):
                    return compare.drifted(row, one, VARIANTS, self.hasher, of_variant)
            return []

        texts = [one.name for one in PRODUCTS.fields if one.local]
        return Part(CATALOG, products, by_id, ["id", "specifications", "variants", *texts], look, code)

    def _owns(self, rule: str) -> bool:
        return self.rules is not None and self.rules.of(rule, creating=False) == "always"

    def _below(self, purposes: Iterable[str]) -> dict[int, list[StoredRow]]:
        """What we wrote below products, by the product's id."""
        ids = {row.key: row.ids.get("id", "") for row in self._known(memory.PRODUCTS)}
        ids = {row.key: row.ids.get("product", "") for row in self._known(memory.VARIANTS)} | ids
        by_id: dict[int, list[StoredRow]] = {}
        for purpose in sorted(purposes):
            for row in self._known(purpose):
                identity = ids.get(row.key) or ids.get(row.key.rpartition("#")[0], "")
                if identity.isdigit():
                    by_id.setdefault(int(identity), []).append(row)
        return by_id


def _fields(resource: Resource, by_id: Mapping[int, list[StoredRow]]) -> list[str]:
    names = {name for rows in by_id.values() for row in rows for name in row.hashes}
    return sorted({"id", *(resource.named[name].read for name in names if name in resource.named)})
