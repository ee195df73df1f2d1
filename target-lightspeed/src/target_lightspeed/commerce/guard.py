"""Limits on what one run may do: looked at before the first write, all at once. Pure.

A wrong price list, an empty export or a lost filter looks like many ordinary changes. A sink gathers what its run would
change (``kernel.preview`` says it without writing), and asks::

    changes = Changes("prices", known=len(variants_in_the_shop))
    for outcome in kernel.preview(port, documents):
        for change in outcome.changes:
            changes.price(sku, change.old, change.new)
    self.target.within(Approvals.of(self.target.session).check, settings.limits, changes)

`approval.Approvals.check` raises `upsert.errors.Beyond` (exit code 2) when that is too much. Nothing may be written
before. It names a token; with ``approve`` set to it, exactly these changes pass, once. ``target.within`` calls the
check, and in plan mode only tells what it says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from upsert.errors import Beyond

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from target_lightspeed.commerce.guard_settings import Limits
    from upsert.model import Outcome

EXAMPLES = 5
"""Items named in a message."""


@dataclass
class Changes:
    """What one run of a flow would change. Items go by a name that a person knows: the SKU, never a personal one.

    Attributes:
        flow: Stream of the flow, for messages and in the token.
        known: Items of this kind in the shop; what the percentages are of.
        first: Whether this is the first load of the flow: nothing was written by it before.
        values: Item -> what it becomes, one text for each value; makes the token.
        made: The same of what is new: it does no harm, so it is no change of an item, but belongs to the set.
        hides: Items that would be hidden.
        deletes: Items that would be deleted.
        zeroes: Items whose stock would become zero or less.
        prices: Item -> the greatest change of a price of it, in percent of the old price.
    """

    flow: str
    known: int = 0
    first: bool = False
    values: dict[str, set[str]] = field(default_factory=dict)
    made: dict[str, set[str]] = field(default_factory=dict)
    hides: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    zeroes: set[str] = field(default_factory=set)
    prices: dict[str, Decimal] = field(default_factory=dict)

    def add(self, item: str, field: str, new: Any) -> None:
        """A value that would be written.

        Args:
            item: SKU or code.
            field: What changes.
            new: What it becomes.
        """
        self.values.setdefault(item, set()).add(f"{field}={_text(new)}")

    def make(self, item: str, field: str, new: Any) -> None:
        """A value of something that the shop doesn't have yet."""
        self.made.setdefault(item, set()).add(f"{field}={_text(new)}")

    def hide(self, item: str) -> None:
        """An item that would no longer be visible."""
        self.hides.add(item)
        self.add(item, "hidden", True)

    def delete(self, item: str) -> None:
        """An item that would be deleted."""
        self.deletes.add(item)
        self.add(item, "deleted", True)

    def stock(self, item: str, old: Any, new: Any, field: str = "stock") -> None:
        """A stock level.

        Args:
            item: SKU.
            old: What the shop holds, or what we last wrote; None when unknown.
            new: What it becomes.
            field: Name of the level, when there are several.
        """
        self.add(item, field, new)
        before, after = _number(old), _number(new)
        if after is not None and after <= 0 and before is not None and before > 0:
            self.zeroes.add(item)

    def price(self, item: str, old: Any, new: Any, field: str = "price") -> None:
        """A price. One that was nothing before (or unknown) is no leap, one that becomes nothing is.

        Args:
            item: SKU.
            old: What the shop holds, or what we last wrote; None when unknown.
            new: What it becomes.
            field: Name of the price: of a group, of a quantity.
        """
        self.add(item, field, new)
        before, after = _number(old), _number(new)
        if before is None or after is None or before <= 0:
            return
        jump = abs(after - before) * 100 / before
        self.prices[item] = max(jump, self.prices.get(item, Decimal(0)))

    def take(self, outcomes: Iterable[Outcome], names: Mapping[str, str] | None = None) -> None:
        """All that previewed outcomes would change, as plain values; hides, stock and prices are told by themselves.

        Args:
            outcomes: What `preview` gave.
            names: Document key -> SKU, where the key isn't one.
        """
        for outcome in outcomes:
            if outcome.action == "planned":
                item = (names or {}).get(outcome.document.key, outcome.document.key)
                for change in outcome.changes:
                    self.add(item, change.field, change.new)
                if not outcome.changes:
                    self.add(item, "content", outcome.document.content_hash)

    def digests(self) -> dict[str, frozenset[str]]:
        """Item -> short hashes of what its values become."""
        return {item: frozenset(_hash(value, 6) for value in values) for item, values in self.values.items()}

    def without(self, items: Collection[str]) -> Changes:
        """The same without some items; what is new stays, for it does no harm."""
        gone = set(items)
        return replace(
            self,
            values={item: values for item, values in self.values.items() if item not in gone},
            hides=self.hides - gone,
            deletes=self.deletes - gone,
            zeroes=self.zeroes - gone,
            prices={item: jump for item, jump in self.prices.items() if item not in gone},
        )

    def token(self, number: int = 0) -> str:
        """Short hash of this set of changes: the same items and values give the same token, and no others do.

        Args:
            number: Approvals before this one, so that a set that comes once more later needs one of its own.
        """
        parts = [self.flow, str(number)]
        for values in (self.values, self.made):
            parts += ["\x1f".join((item, *sorted(values[item]))) for item in sorted(values)]
            parts.append("")
        # The letters in front keep YAML from reading it as a number.
        return f"ok-{_hash(chr(30).join(parts), 6)}"


class Guard:
    """Judges the changes of a run.

    Args:
        limits: The flow's limits.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def problems(self, changes: Changes) -> list[str]:
        """What is beyond the limits, one text each."""
        limits, known = self.limits, max(changes.known, len(changes.values))
        found = []
        gone = changes.hides | changes.deletes
        if limits.hides is not None and len(gone) > limits.hides:
            verbs = [verb for verb, items in (("hidden", changes.hides), ("deleted", changes.deletes)) if items]
            shown = f"more than {limits.hides} ({_examples(gone)})"
            found.append(f"{_of(gone, known)} would be {' or '.join(verbs)}, {shown}")
        if self._too_many(changes.values, known, limits.changed_percent):
            shown = f"more than {limits.changed_percent:g}% ({_examples(changes.values)})"
            found.append(f"{_of(changes.values, known)} would be changed, {shown}")
        if limits.price_change_percent is not None:
            leaps = {item for item, jump in changes.prices.items() if jump > Decimal(str(limits.price_change_percent))}
            if self._too_many(leaps, known, limits.price_changed_share):
                most = sorted(leaps, key=lambda item: (-changes.prices[item], item))
                shown = ", ".join(f"{item} by {_percent(changes.prices[item])}" for item in most[:EXAMPLES])
                found.append(
                    f"{_of(leaps, known)} would change their price by more than {limits.price_change_percent:g}%, "
                    f"more than {limits.price_changed_share:g}% of the items ({shown}{_more(leaps)})"
                )
        if self._too_many(changes.zeroes, known, limits.zero_percent):
            shown = f"more than {limits.zero_percent:g}% ({_examples(changes.zeroes)})"
            found.append(f"{_of(changes.zeroes, known)} would go out of stock, {shown}")
        return found

    def _too_many(self, items: Collection[str], known: int, percent: float | None) -> bool:
        if percent is None or len(items) <= self.limits.floor:
            return False
        return len(items) * 100 > known * Decimal(str(percent))


def beyond(flow: str, found: Sequence[str], token: str, *, other: bool) -> Beyond:
    """The error that stops a run.

    Args:
        flow: Stream of the flow.
        found: What is beyond its limits.
        token: What approves exactly these changes.
        other: Whether something was approved, but not this.
    """
    stale = "; what was approved is another set of changes, or was written already" if other else ""
    return Beyond(
        f"{flow}: nothing is written: {'; '.join(found)}{stale}. If that is right, run once with approve set to "
        f"{token}: it allows exactly these changes",
        token=token,
    )


def _hash(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def _of(items: Collection[str], known: int) -> str:
    return f"{len(items)} of {known} items"


def _examples(items: Collection[str]) -> str:
    return f"{', '.join(sorted(items)[:EXAMPLES])}{_more(items)}"


def _more(items: Collection[str]) -> str:
    return ", ..." if len(items) > EXAMPLES else ""


def _percent(number: Decimal) -> str:
    return f"{number.quantize(Decimal(1)):f}%"


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _text(value: Any) -> str:
    """A value as one text; numbers without trailing zeros, so that 1.50 and 1.5 are the same change."""
    number = None if isinstance(value, str) else _number(value)
    return str(value) if number is None else format(number.normalize(), "f")
