"""Which SKU a reference of a commerce record means: one rule for all flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commerce.models import Ref


def sku_of(ref: Ref) -> str | None:
    """The SKU that a variant of the shop has for this item; None when the reference doesn't say.

    The mapper sends it ready-made: for an item with dimensions it has put them behind the item code. A source that has
    no SKUs is known by its item code.
    """
    return (ref.sku or ref.code or "").strip() or None
