"""Which variant of the shop has which SKU: remembered in the store, learnt from as few calls as possible.

Every flow that writes to variants needs it, and it costs a listing of the whole shop to make, so it is kept. It can be
rebuilt at any time: an empty store costs one listing. A SKU that the shop doesn't have is remembered as well, so that
it is asked for now and then and not in every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from target_lightspeed.failures import reading
from target_lightspeed.lookups import shown
from target_lightspeed.resources.catalogue import VARIANTS
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from target_lightspeed.lookups import Key
    from target_lightspeed.session import Session

PURPOSE = "commerce.skus"
"""Its rows in the store: the SKU is the key, the ids are the shop's."""

ASK_AGAIN = timedelta(hours=6)
"""After this time a SKU that the shop didn't have is looked for again; a flow that makes it tells by `learn`."""

SkuField = Literal["sku", "articleCode", "ean"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a SKU stands.

    Attributes:
        id: The variant's id.
        product: Its product's id; 0 when unknown.
    """

    id: int
    product: int = 0


class KeyMap:
    """SKU -> variant, for one shop.

    Args:
        session: Client, look-ups and store of the run.
        by: Field of the variant that holds the SKU; None: as the catalogue's settings say.
        ask_again: See `ASK_AGAIN`.
    """

    def __init__(self, session: Session, by: SkuField | None = None, ask_again: timedelta = ASK_AGAIN) -> None:
        in_article_code = session.settings.catalogue.sku_field == "articleCode"
        self._session, self._ask_again = session, ask_again
        self.by: SkuField = by or ("articleCode" if in_article_code else "sku")
        self._known: dict[str, tuple[Place, ...]] = {}
        self._rows: dict[str, StoredRow] = {}
        self.read: dict[int, Mapping[str, Any]] = {}
        """What the shop showed of variants that were asked for in this run, by id."""

    def find(self, skus: Collection[str], need: Iterable[str] = ()) -> dict[str, tuple[Place, ...]]:
        """The variants with each of some SKUs.

        Args:
            skus: What is asked.
            need: Fields of the variant that are read too where the shop must be asked; see `read`.

        Returns:
            SKU -> its variants: none when the shop doesn't have it, several when it has it more than once.

        Raises:
            Outage: The shop must be asked and doesn't answer.
        """
        new = [sku for sku in dict.fromkeys(skus) if sku not in self._known]
        if new:
            stored = self._session.store.rows(self._session.scope, PURPOSE, new)
            self._rows |= stored
            now = self._now() if any("id" not in row.ids for row in stored.values()) else None
            fresh = {sku for sku, row in stored.items() if now is None or self._counts(row, now)}
            self._known |= {sku: _places(stored[sku].ids) for sku in fresh}
            if unknown := [sku for sku in new if sku not in fresh]:
                self._ask(unknown, need)
        return {sku: self._known[sku] for sku in skus}

    def learn(self, places: Mapping[str, Place | None]) -> None:
        """Remember what a write, or a look at the shop, has shown; None: the shop doesn't have it (any more)."""
        self._keep({sku: (place,) if place else () for sku, place in places.items()}, self._now())

    def doubt(self, sku: str) -> None:
        """What is known turned out wrong: the next run asks the shop."""
        self._keep({sku: ()}, self._now() - 2 * self._ask_again)

    def _counts(self, row: StoredRow, now: datetime) -> bool:
        """Whether what the store knows need not be asked again: always where it is one variant."""
        return "id" in row.ids or now - row.at < self._ask_again

    def _now(self) -> datetime:
        with reading():
            return self._session.client.server_now()

    def _ask(self, skus: Collection[str], need: Iterable[str]) -> None:
        keys: dict[str, Key] = {sku: ((self.by, sku),) for sku in skus}
        wanted = {self.by, "product", *need}
        with reading():
            found = self._session.lookups.find(VARIANTS, set(keys.values()), wanted)
        places: dict[str, tuple[Place, ...]] = {}
        for sku, key in keys.items():
            rows = found[key]
            places[sku] = tuple(Place(row["id"], int(shown(VARIANTS, "product", row) or 0)) for row in rows)
            self.read |= {row["id"]: row for row in rows}
        self._keep(places, self._now())

    def _keep(self, places: Mapping[str, tuple[Place, ...]], now: datetime) -> None:
        self._known |= places
        unread = [sku for sku in places if sku not in self._rows]
        self._rows |= self._session.store.rows(self._session.scope, PURPOSE, unread)
        changes = [(self._rows.get(sku), self._row(sku, found, now)) for sku, found in places.items()]
        self._session.store.change_all(changes)
        for sku in places:
            self._rows.pop(sku, None)

    def _row(self, sku: str, places: tuple[Place, ...], now: datetime) -> StoredRow:
        return StoredRow(self._session.scope, PURPOSE, sku, State.DONE, now, "", {}, _ids(places), 0, "")


def _ids(places: tuple[Place, ...]) -> dict[str, str]:
    if len(places) == 1:
        return {"id": str(places[0].id), "product": str(places[0].product)}
    return {"several": " ".join(str(place.id) for place in places)} if places else {}


def _places(ids: Mapping[str, str]) -> tuple[Place, ...]:
    if "id" in ids:
        return (Place(int(ids["id"]), int(ids.get("product") or 0)),)
    return tuple(Place(int(one)) for one in ids.get("several", "").split())
