"""Which of all the rows of an item count today. Pure.

Every run sees all rows, also those of next month: a row comes into force, and goes out of it, by the day alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from target_lightspeed.commerce.prices.amounts import ZERO, absurd, per_piece
from target_lightspeed.commerce.prices.settings import IGNORE
from upsert.model import Hold, SourceKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.commerce.prices.lists import ListFacts
    from target_lightspeed.commerce.prices.rows import PriceRow
    from target_lightspeed.commerce.prices.settings import PriceSettings

_ONE = Decimal(1)
_MOST_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class BasePrice:
    """The price of an item for everybody.

    Attributes:
        sku: The item.
        source: Its record.
        value: On the shop's basis.
        old: The price from which it came down, 0 for none; None: leave the shop's.
        row: Key of the row that counts.
    """

    sku: str
    source: SourceKey
    value: Decimal
    old: Decimal | None = None
    row: str = ""


@dataclass(frozen=True, slots=True)
class Discount:
    """A price for a group, or from a quantity on.

    Attributes:
        sku: The item.
        source: Its record.
        group: Title of the shop's customer group; "" for everybody.
        quantity: From how many pieces on.
        value: A price on the shop's basis, or a percentage off.
        percent: Whether it is a percentage.
        first: First day; None for always.
        last: Last day; None for ever.
    """

    sku: str
    source: SourceKey
    group: str
    quantity: Decimal
    value: Decimal
    percent: bool = False
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(slots=True)
class Choice:
    """What a run's rows come to.

    Attributes:
        bases: Prices for everybody.
        discounts: Prices for groups and quantities.
        bare: SKU -> one of its records: no row of the list is valid.
        skipped: Records that write nothing, and why.
        held: Records that can't be written, with their SKU, and why.
        ended: (SKU, group, quantity) of prices that stand in the source and aren't valid today.
        rounded: SKUs whose price lost digits.
        unmapped: Codes of lists and groups that the settings don't name.
        bases_of: Basis -> SKU: of rows that aren't on the shop's basis while nothing may be converted.
        currencies: Currency -> SKU, of all rows that count.
    """

    bases: list[BasePrice] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    bare: dict[str, SourceKey] = field(default_factory=dict)
    skipped: list[tuple[SourceKey, str]] = field(default_factory=list)
    held: list[tuple[SourceKey, str, Hold]] = field(default_factory=list)
    ended: set[tuple[str, str, Decimal]] = field(default_factory=set)
    rounded: list[str] = field(default_factory=list)
    unmapped: set[str] = field(default_factory=set)
    bases_of: dict[str, str] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)


def choose(rows: Sequence[PriceRow], settings: PriceSettings, lists: Mapping[str, ListFacts], today: dt.date) -> Choice:
    """Decide about all rows of a run.

    Args:
        rows: In the order of the source; of several with one key the last counts.
        settings: Of the flow.
        lists: What is known of the price lists, by code.
        today: The day where the merchant is.
    """
    return _Chooser(settings, lists, today).choose(rows)


class _Chooser:
    def __init__(self, settings: PriceSettings, lists: Mapping[str, ListFacts], today: dt.date) -> None:
        self.settings, self.lists, self.today = settings, lists, today
        self.main = settings.list or ""
        self.second = (settings.fallback_list or "") if settings.fallback == "base" else None
        self.basis = settings.basis or ""
        self.discount_basis = settings.discount_basis or self.basis
        self.choice = Choice()

    def choose(self, rows: Sequence[PriceRow]) -> Choice:
        newest = {row.key: row for row in rows}
        items: dict[str, list[PriceRow]] = {}
        for row in rows:
            if newest[row.key] is not row:
                self._skip(row, "superseded")
            elif row.refusal:
                self._skip(row, row.refusal)
            elif self._counts(row):
                items.setdefault(row.sku, []).append(row)
        for sku, found in items.items():
            self._item(sku, found)
        return self.choice

    def _skip(self, row: PriceRow, reason: str) -> None:
        self.choice.skipped.append((row.source, reason))

    def _counts(self, row: PriceRow) -> bool:
        """Whether its list is one that the settings use."""
        if row.code in (self.main, self.second):
            return True
        title = self.settings.groups.get(row.code)
        if title is None and row.code:
            self.choice.unmapped.add(row.code)
        elif title not in (None, IGNORE):
            return True
        self._skip(row, "ignored_list")
        return False

    def _holds(self, row: PriceRow) -> bool:
        """Whether row and list are valid today."""
        facts = self.lists.get(row.code)
        return row.holds_on(self.today) and (facts is None or facts.holds_on(self.today))

    def _item(self, sku: str, rows: Sequence[PriceRow]) -> None:
        valid: dict[tuple[str, Decimal], list[PriceRow]] = {}
        units: dict[str, set[str]] = {}
        for row in rows:
            if self._holds(row):
                units.setdefault(row.code, set()).add(row.unit)
        unclear = {code for code, found in units.items() if len(found) > 1}
        for row in rows:
            if row.code in unclear:
                # Which of them the shop sells by nobody says: a box must not go for the price of a piece.
                self.choice.held.append((row.source, sku, Hold("two_units", sku)))
            elif self._holds(row):
                valid.setdefault((row.code, _steps(row)), []).append(row)
            else:
                late = row.first is not None and row.first > self.today
                self._skip(row, "not_valid_yet" if late and row.active else "no_longer_valid")
                self.choice.ended.add((sku, self.settings.groups.get(row.code, ""), _steps(row)))
        best = {place: self._best(found) for place, found in valid.items()}
        codes = [code for code in (self.main, self.second) if code is not None and (code, _ONE) in best]
        if self.main in unclear:
            codes = []
        base = next((best[code, _ONE] for code in codes if not best[code, _ONE].percent), None)
        if base is not None:
            self._base(base)
        elif self.main not in unclear:
            self.choice.bare[sku] = rows[0].source
        self._discounts(sku, base.code if base else self.main, best, base)

    def _best(self, rows: Sequence[PriceRow]) -> PriceRow:
        """Of several valid rows the variant's own, of these the highest tier, and of these the one that began last."""
        best = max(rows, key=lambda row: (not row.whole, max(row.quantity, _ONE), row.first or dt.date.min, row.key))
        for row in rows:
            if row is not best:
                self._skip(row, "another_row_counts")
        return best

    def _base(self, row: PriceRow) -> None:
        if (value := self._money(row, row.amount, self.basis)) is None:
            return
        old = None
        if row.says_old and self.settings.compare_at == "write":
            came_from = self._money(row, row.old, self.basis, old=True) if row.old is not None else ZERO
            if came_from is None:
                return
            old = came_from if came_from > value else ZERO
        self.choice.bases.append(BasePrice(row.sku, row.source, value, old, row.key))

    def _discounts(
        self,
        sku: str,
        code: str,
        best: Mapping[tuple[str, Decimal], PriceRow],
        base: PriceRow | None,
    ) -> None:
        wanted: dict[tuple[str, Decimal], list[PriceRow]] = {}
        for (of, quantity), row in best.items():
            if row is base:
                continue
            group = self.settings.groups.get(of, "")
            if not group and of != code:
                self._skip(row, "another_row_counts")
            elif self.settings.tiers == "ignore" and quantity > _ONE:
                self._skip(row, "ignored_tier")
            else:
                wanted.setdefault((group, quantity), []).append(row)
        for (group, quantity), found in wanted.items():
            if len({row.code for row in found}) > 1:
                self.choice.held += [(row.source, sku, Hold("two_prices_for_group", sku)) for row in found]
                continue
            self._discount(found[0], group, quantity)

    def _discount(self, row: PriceRow, group: str, quantity: Decimal) -> None:
        if row.percent:
            if not ZERO < row.amount <= _MOST_PERCENT:
                self.choice.held.append((row.source, row.sku, Hold("absurd_price", row.sku)))
                return
            value: Decimal | None = row.amount
        else:
            value = self._money(row, row.amount, self.discount_basis)
        if value is not None:
            made = Discount(row.sku, row.source, group, quantity, value, row.percent)
            if self.settings.discount_dates == "write":
                made = replace(made, first=row.first, last=row.last)
            self.choice.discounts.append(made)

    def _money(self, row: PriceRow, amount: Decimal, basis: str, *, old: bool = False) -> Decimal | None:
        """The amount as the shop takes it; None when that is noted elsewhere."""
        if row.basis != basis and not self.settings.convert:
            self.choice.bases_of.setdefault(row.basis, row.sku)
            return None
        self.choice.currencies.setdefault(row.currency, row.sku)
        money = per_piece(amount, row, basis, self.settings)
        if not isinstance(money, Hold) and not old and absurd(money.value, self.settings):
            money = Hold("absurd_price", row.sku)
        if isinstance(money, Hold):
            self.choice.held.append((row.source, row.sku, money))
            return None
        if money.rounded:
            self.choice.rounded.append(row.sku)
        return money.value


def _steps(row: PriceRow) -> Decimal:
    """From how many pieces on; 0 and 1 are the same, and the shop sells whole pieces: from 2.5 on is from 3 on."""
    return max(row.quantity, _ONE).to_integral_value(ROUND_CEILING)


def skus(choice: Choice) -> set[str]:
    """All items that a choice is about."""
    held = {sku for _, sku, _ in choice.held}
    return {*(one.sku for one in choice.bases), *(one.sku for one in choice.discounts), *choice.bare, *held}
