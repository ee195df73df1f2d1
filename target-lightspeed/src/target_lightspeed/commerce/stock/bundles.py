"""What is in a bundle: learnt from `product_relations` of type `bundle_part`, and kept in the store.

Relations come when they change, stock comes every time: so what is known stays in the store, and a run of stock alone
knows the bundles too.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from target_lightspeed.commerce.sku import sku_of
from upsert.errors import Outage
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from commerce.goods import ProductRelation
    from upsert.store import Store

PURPOSE = "commerce.bundles"
KEY = "parts"
STOCKED = "stock_tracked"
"""Extra of a relation: false for a part whose stock nobody keeps (a service, a text), so that it limits nothing."""

_ENDLESS, _OPTIONAL = "endless", "optional"

Parts = dict[str, dict[str, Decimal]]
"""SKU of a bundle -> SKU of a part -> how many of it are in one bundle."""


class Bundles:
    """The bundles of one shop.

    Args:
        store: The store.
        scope: The shop.
    """

    def __init__(self, store: Store, scope: str) -> None:
        self._store, self._scope = store, scope
        self._row: StoredRow | None = None
        self._lines: dict[str, str] | None = None
        self._changed = False

    def take(self, relation: ProductRelation) -> None:
        """Learn from a relation; those of other types say nothing."""
        if relation.type != "bundle_part":
            return
        lines = self._read()
        bundle, part = sku_of(relation.item), sku_of(relation.related)
        gone = not relation.active or relation.deleted_at is not None or bundle is None or part is None
        number = Decimal(1) if relation.quantity is None else relation.quantity
        stocked = relation.extra.get(STOCKED)
        marks = [_ENDLESS] if stocked is not None and stocked.value is False else []
        if "required" in relation.model_fields_set and not relation.required:
            marks.append(_OPTIONAL)
        line = "" if gone or number <= 0 else json.dumps([bundle, part, format(number, "f"), *marks])
        if lines.get(relation.key, "") == line:
            return
        self._changed = True
        if line:
            lines[relation.key] = line
        else:
            lines.pop(relation.key, None)

    def save(self, now: datetime, run_id: str) -> None:
        """Keep what was learnt.

        Raises:
            Outage: Another run has done so meanwhile.
        """
        if not self._changed:
            return
        row = StoredRow(self._scope, PURPOSE, KEY, State.DONE, now, "", {}, dict(self._read()), 0, run_id)
        self._row = self._store.change(self._row, row)
        if self._row is None:
            raise Outage("another run writes the bundles of this shop; run again when it has ended")
        self._changed = False

    def parts(self, *, optional: bool = True) -> Parts:
        """All bundles, with the parts of limited number that they name themselves; a part may be a bundle.

        Args:
            optional: Also with the parts that may be left out.
        """
        found: Parts = {}
        for line in self._read().values():
            try:
                bundle, part, number, *marks = json.loads(line)
                quantity = Decimal(number)
            except (ValueError, InvalidOperation):
                continue
            inside = found.setdefault(bundle, {})
            if _ENDLESS not in marks and (optional or _OPTIONAL not in marks):
                inside[part] = inside.get(part, Decimal(0)) + quantity
        return found

    def _read(self) -> dict[str, str]:
        if self._lines is None:
            self._row = self._store.row(self._scope, PURPOSE, KEY)
            self._lines = dict(self._row.ids) if self._row else {}
        return self._lines


def leaves(parts: Mapping[str, Mapping[str, Decimal]], bundle: str) -> dict[str, Decimal] | None:
    """What a bundle is made of in the end; None when it contains itself. Pure.

    Args:
        parts: All bundles.
        bundle: SKU of a bundle.
    """
    found: dict[str, Decimal] = {}

    def open_up(sku: str, number: Decimal, above: frozenset[str]) -> bool:
        if sku in above:
            return False
        if sku not in parts:
            found[sku] = found.get(sku, Decimal(0)) + number
            return True
        return all(open_up(part, number * count, above | {sku}) for part, count in parts[sku].items())

    return found if open_up(bundle, Decimal(1), frozenset()) else None
