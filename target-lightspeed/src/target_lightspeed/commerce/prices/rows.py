"""A price as it comes, cut down to what decides. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from commerce.goods import ItemPrice, PriceScope
from upsert.model import SourceKey

if TYPE_CHECKING:
    import datetime as dt

_ONE = Decimal(1)
_NOWHERE = SourceKey("", "")

Refusal = Literal[
    "",
    "customer_price",
    "price_of_item_group",
    "price_of_location",
    "amount_off",
    "slab_tiers",
    "other_unit",
    "unpublished",
]


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price.

    Attributes:
        source: Its record; set when the records are gathered.
        key: Its key in the contract.
        item: Key of the item in the contract, or "".
        sku: Of the item.
        code: Of its price list or customer group; "" for a price that is in none.
        amount: As stated, for `per` pieces; or a percentage.
        percent: Whether it is a percentage off.
        basis: ``incl`` or ``excl``.
        currency: ISO 4217.
        per: Pieces that the amount is for.
        unit: What a piece is; "" when nobody says.
        quantity: From how many pieces on.
        first: First day; None for always.
        last: Last day; None for ever.
        old: The price from which it came down; None for none.
        says_old: Whether it has a word on that.
        rate: VAT percentage.
        active: Whether it holds at all.
        whole: Whether it is of the item as a whole, and stands here for one of its variants.
        refusal: Why the shop can't hold a price of this kind, or isn't to have it, or "".
    """

    key: str
    sku: str
    code: str
    amount: Decimal
    percent: bool
    basis: str
    currency: str
    per: Decimal | None
    quantity: Decimal
    first: dt.date | None
    last: dt.date | None
    old: Decimal | None
    says_old: bool
    rate: Decimal | None
    active: bool
    item: str = ""
    whole: bool = False
    unit: str = ""
    refusal: Refusal = ""
    published: bool = True
    source: SourceKey = _NOWHERE

    def holds_on(self, day: dt.date) -> bool:
        """Whether it is valid on a day; both ends count."""
        return self.active and (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def read_price(record: dict[str, Any]) -> PriceRow:
    """Read a record of the stream `prices`.

    Raises:
        ValueError: It isn't one.
    """
    price = ItemPrice.model_validate(record)
    code = ""
    if price.scope_ref is not None:
        code = price.scope_ref.code or price.scope_ref.name or price.scope_ref.key or ""
    if price.item is not None and not price.item.sku and not price.item.code:
        raise ValueError("item.sku")
    wanted = price.extra.get("web_enabled")
    return PriceRow(
        key=price.key,
        item=(price.item.key or "") if price.item else "",
        sku=(price.item.sku or price.item.code or "") if price.item else "",
        code=code,
        amount=price.amount,
        percent=price.kind == "percent_off",
        basis=price.basis.value,
        currency=price.currency,
        per=price.per_quantity,
        quantity=price.min_quantity or _ONE,
        first=price.valid_from,
        last=price.valid_until,
        old=price.compare_at,
        says_old="compare_at" in price.model_fields_set,
        rate=price.vat.rate if price.vat else None,
        active=price.active,
        unit=price.unit.code if price.unit else "",
        refusal=_refusal(price),
        published=wanted is None or wanted.value is not False,
    )


def _refusal(price: ItemPrice) -> Refusal:
    """What the shop has no place for (reference §15.3), or is not to have."""
    if price.scope is PriceScope.CUSTOMER:
        return "customer_price"
    if price.scope in {PriceScope.LOCATION, PriceScope.CHANNEL}:
        return "price_of_location"
    if price.item is None:
        return "price_of_item_group"
    if price.kind == "amount_off":
        return "amount_off"
    own = price.extra.get("base_unit")
    if own is not None and price.unit is not None and price.unit.code != own.value:
        return "other_unit"
    if price.tiers == "slab" and (price.min_quantity or _ONE) > _ONE:
        return "slab_tiers"
    return ""
