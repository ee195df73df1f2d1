"""Which product of the shop a reference of a relation means, without a call for one that isn't there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.commerce.keymap import KeyMap
from target_lightspeed.commerce.sku import sku_of
from target_lightspeed.finding import DELETED
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commerce.models import Ref
    from target_lightspeed.session import Session

PRODUCTS = "commerce.products"
"""Rows of the flow of products: our key -> id."""


class Places:
    """Products by our key (as the flow of products remembers them) or by SKU.

    Args:
        session: Client, look-ups and store of the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        sku = session.settings.catalogue.sku_field
        self._keys = KeyMap(session, "articleCode" if sku == "articleCode" else "sku")
        self._known: dict[str, int] = {}

    def find(self, refs: Iterable[Ref]) -> dict[str, int]:
        """The shop's product ids.

        Args:
            refs: References by key, or by SKU or code.

        Returns:
            Name of the reference (see `name_of`) -> id of the product; 0 when the shop doesn't have it, or has
            it more than once.

        Raises:
            Outage: The shop must be asked and doesn't answer.
        """
        asked = {name_of(ref): ref for ref in refs}
        new = {name: ref for name, ref in asked.items() if name not in self._known}
        keys = [ref.key for ref in new.values() if ref.key]
        rows = self._session.store.rows(self._session.scope, PRODUCTS, keys)
        skus: dict[str, str] = {}
        for name, ref in new.items():
            row = rows.get(ref.key or "")
            if row is not None and row.state is not State.INTENT and not row.ids.get(DELETED):
                self._known[name] = int(row.ids.get("product") or row.ids.get("id") or 0)
            if not self._known.get(name):
                skus[name] = sku_of(ref) or (ref.key or "").rpartition(":")[2]
        if skus:
            found = self._keys.find(set(skus.values()))
            for name, sku in skus.items():
                products = {place.product for place in found[sku]}
                self._known[name] = products.pop() if len(products) == 1 else 0
        return {name: self._known[name] for name in asked}


def name_of(ref: Ref) -> str:
    """What a reference is called in messages and maps: its SKU, else its key."""
    return sku_of(ref) or ref.key or ""
