"""Products that are hidden while they have no valid price, and shown again as they were when they have one.

What the catalogue flow, or a person through it, decides about a product meanwhile goes before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.failures import reading
from target_lightspeed.item import Item
from target_lightspeed.port import ResourcePort
from target_lightspeed.resources.catalogue import PRODUCTS
from target_lightspeed.settings import StreamSettings
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from target_lightspeed.lookups import Key
    from target_lightspeed.session import Session
    from upsert.model import Document, SourceKey
    from upsert.store import Store

PURPOSE = "commerce.prices.visibility"
BEFORE = "commerce.prices.hidden"
"""Rows in the store: id of a product that is hidden for want of a price -> ``before``: its visibility until then."""

CATALOGUE = "commerce.visibility"
"""Rows of the catalogue flow: what it last decided about a product's visibility."""

HIDDEN = "hidden"


def hidden_for_price(store: Store, scope: str) -> dict[int, str]:
    """Products that are hidden for want of a price -> their visibility until then.

    Those for which the catalogue flow decided something since don't count.
    """
    decided: dict[str, datetime] = {}
    for row in store.known(scope, CATALOGUE):
        identity = row.ids.get("id", "")
        decided[identity] = max(row.at, decided.get(identity, row.at))
    return {
        int(row.key): row.ids["before"]
        for row in store.known(scope, BEFORE)
        if row.ids.get("before") and (row.key not in decided or decided[row.key] <= row.at)
    }


class Hiding:
    """Hides and shows products of one run.

    Args:
        session: Of the run.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._store, self._scope = session, session.store, session.scope
        self.port = VisibilityPort(session)
        self._rows: Mapping[str, StoredRow] = {row.key: row for row in self._store.known(self._scope, BEFORE)}
        self._valid = hidden_for_price(self._store, self._scope)

    def to_hide(self, products: Mapping[int, SourceKey]) -> list[Document[Item]]:
        """Documents of those products that are shown now.

        Args:
            products: Id of a product without a price -> one of its records.
        """
        unknown = {one for one in products if one not in self._valid}
        shown = self._visibility(unknown)
        new = {one: text for one, text in shown.items() if text != HIDDEN}
        # Kept before it is done: without it nobody would ever show the product again.
        self._remember({one: new.get(one, HIDDEN) for one in shown})
        waiting = [one for one in products if self._valid.get(one, HIDDEN) != HIDDEN or one in new]
        return [self.port.wanted(products[one], one, HIDDEN) for one in sorted(waiting)]

    def to_show(self, products: Mapping[int, SourceKey]) -> list[Document[Item]]:
        """Documents of those that we hid and that have a price now.

        Args:
            products: Id of a product with a price -> one of its records.
        """
        back = {one: self._valid[one] for one in products if self._valid.get(one, HIDDEN) != HIDDEN}
        return [self.port.wanted(products[one], one, text) for one, text in sorted(back.items())]

    def shown(self, products: Iterable[int]) -> None:
        """They are as they were before."""
        self._remember(dict.fromkeys(products, ""))

    @property
    def known(self) -> Collection[int]:
        """Products that are hidden for want of a price, or were hidden already."""
        return self._valid.keys()

    def _visibility(self, products: Collection[int]) -> dict[int, str]:
        keys: dict[int, Key] = {one: (("id", str(one)),) for one in products}
        with reading():
            found = self._session.lookups.find(PRODUCTS, set(keys.values()), {"visibility"}) if keys else {}
        return {one: str(found[key][0].get("visibility") or "") for one, key in keys.items() if found[key]}

    def _remember(self, before: Mapping[int, str]) -> None:
        if not before:
            return
        now = self.port.now()
        self._store.change_all(
            (
                self._rows.get(str(one)),
                StoredRow(self._scope, BEFORE, str(one), State.DONE, now, "", {}, {"before": text}, 0, ""),
            )
            for one, text in before.items()
        )


class VisibilityPort(ResourcePort):
    """Visibility of products by id.

    Args:
        session: Of the run.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(PRODUCTS, session, StreamSettings(), "products", fields=frozenset({"id", "visibility"}))
        self.purpose = self.finder.purpose = PURPOSE

    def wanted(self, source: SourceKey, product: int, visibility: str) -> Document[Item]:
        """The document of a product."""
        return self.document(source, Item(key={"id": product}, values={"visibility": visibility}))
