"""What the shop has sold and the source's figures don't contain yet, and what a variant must show now. Pure.

The source's figures were read at a moment T. An order of the shop is in them when it was booked before T. All others
are *in flight*: their pieces come off the level, because the shop has promised them. The shop takes sold pieces off its
own level by itself; so the level that was written last, together with the shop's log of stock movements since, says
what it shows now, and only where that isn't what it must show is anything written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from upsert.store import StoredRow

CANCELLED = "cancelled"
API = "api"
"""Channel of a movement that a program made."""


class Ordered(NamedTuple):
    """What a line of an order names.

    Attributes:
        variant: Id of its variant; 0 when the line names none.
        sku: Its SKU at the time of the order, "" when it had none. The source books the order under it.
    """

    variant: int
    sku: str

    def is_of(self, sku: str, variant: int | None) -> bool:
        """Whether the pieces come off a SKU that stands in the shop as a variant now (None: as none).

        By the id, or by the SKU: a variant that was deleted and made anew has another id, and one whose SKU was mended
        has another SKU. Where the two name different items, the pieces come off both until the order is booked, for
        too few pieces can be sold later and too many can't be taken back.
        """
        return self.sku == sku or self.variant == variant


@dataclass(frozen=True, slots=True)
class Sold:
    """An order of the shop that takes pieces; nothing personal.

    Attributes:
        id: The shop's id.
        created: When it was placed.
        updated: When it was changed last.
        pieces: What its lines name -> pieces.
        booked: When it was booked in the source, on the source's clock; None: not known to be.
    """

    id: int
    created: datetime
    updated: datetime
    pieces: Mapping[Ordered, Decimal] = field(default_factory=dict)
    booked: datetime | None = None

    @property
    def variants(self) -> set[int]:
        """The variants that it took pieces of."""
        return {one.variant for one in self.pieces}


def booked_at(row: StoredRow | None) -> datetime | None:
    """When an order was booked, after what the store knows of it.

    Everything but a first write without an answer stands in the source: also what waits for its confirmation, or for
    a later change. A later change moves the time, so that such an order is in flight once more until the next figures:
    that errs on the side of too few pieces.
    """
    if row is None or row.state is State.INTENT:
        return None
    return row.at


def is_contained(booked: datetime | None, read_at: datetime | None, margin: timedelta) -> bool:
    """Whether figures that were read at `read_at` contain an order."""
    return booked is not None and read_at is not None and booked < read_at - margin


def in_flight(
    orders: Iterable[Sold], sku: str, variant: int | None, read_at: datetime | None, margin: timedelta
) -> Decimal:
    """Pieces of one SKU in orders that its figures don't contain; the variant is where it stands in the shop now."""
    mine = (one for one in orders if not is_contained(one.booked, read_at, margin))
    pieces = (number for one in mine for line, number in one.pieces.items() if line.is_of(sku, variant))
    return sum(pieces, Decimal(0))


class Movement(NamedTuple):
    """One line of the shop's log of stock movements.

    Attributes:
        id: Rises with time.
        at: When.
        variant: Of which variant.
        change: Pieces, negative for a sale.
        channel: By what: the API, an order, a person.
    """

    id: int
    at: datetime
    variant: int
    change: Decimal
    channel: str = ""


class Shows(NamedTuple):
    """What a variant shows, as far as the log tells.

    Attributes:
        level: Its level; None when it can't be told, and must be written to be sure of it.
        seen: Id of the last movement that is in it.
    """

    level: int | None
    seen: int


def others(moves: Sequence[Movement], begun: datetime | None, ended: datetime | None) -> list[Movement]:
    """The movements that a run did not make itself.

    Whether the shop logs levels that the API sets is unknown. Where it does, those of the last run would look like
    sales during it, and every variant that it wrote would be written again.

    Args:
        moves: As the log has them.
        begun: When the last run began, with a margin; None when there was none.
        ended: When it ended, with a margin; None when it broke off, so that nobody knows what it wrote.
    """
    if begun is None or ended is None:
        return list(moves)
    return [one for one in moves if one.channel != API or not begun <= one.at <= ended]


def shows_now(last: int | None, seen: int, moves: Sequence[Movement], exact_after: datetime | None) -> Shows | None:
    """What a variant shows now, after what was written (or seen) last and what has moved since.

    Args:
        last: The level that was written or seen last; None when none is known.
        seen: Id of the last movement that was taken into account with it.
        moves: Movements of this variant, also older ones.
        exact_after: The end of the run that wrote it, with a margin; None when that run did not end. Whether a
            movement from before came before or after the write, nobody can tell.

    Returns:
        None when nothing has moved, so that what was written last stands.
    """
    new = [one for one in moves if one.id > seen]
    if not new:
        return None
    top = max(one.id for one in new)
    if last is None or exact_after is None or any(one.at <= exact_after for one in new):
        return Shows(None, top)
    return Shows(last + int(sum((one.change for one in new), Decimal(0))), top)
