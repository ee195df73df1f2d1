"""What came out of the chapter of the catalogue, for the box at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.catalogue import Compared


@dataclass
class Result:
    """What came out.

    Attributes:
        rows_compared: Both sides at the end of the twenty changes.
        held: Reasons of what is held then.
        first_calls, first_writes: Of the first load.
        second_calls, second_writes: Of the round in which nothing had changed.
        changes, arrived, others: Changes in AFAS, those that arrived, and values that changed besides.
        day_calls, day_writes: Of their round.
        stopped: Whether the accident was refused.
        mails: To customers.
    """

    rows_compared: list[Compared] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    first_calls: int = 0
    first_writes: int = 0
    second_calls: int = 0
    second_writes: int = 0
    changes: int = 0
    arrived: int = 0
    others: int = 0
    day_calls: int = 0
    day_writes: int = 0
    stopped: bool = False
    mails: int = 0

    def rows(self) -> list[tuple[str, str]]:
        """Names and texts of the box."""
        told = {one.name: one for one in self.rows_compared}

        def both(name: str) -> str:
            one = told[name]
            return f"{one.afas:>13} in AFAS {one.shop:>13} in the shop   {len(one.unequal)} of {one.values} different"

        values = sum(one.values for one in self.rows_compared)
        unequal = sum(len(one.unequal) for one in self.rows_compared)
        day = f"{self.day_writes} writes, {self.day_calls} calls"
        return [
            ("Catalogue", f"{values:,} values compared on both sides, {unequal} different"),
            ("  products", both("products, visible")),
            ("  articles", both("articles (SKU)")),
            ("  images", both("images, in order")),
            ("  prices", both("prices incl. VAT")),
            ("  wholesale prices", both("wholesale prices excl. VAT")),
            ("  stock", both("stock")),
            ("Held", counted(self.held)),
            ("First load", f"{self.first_writes} writes, {self.first_calls} calls"),
            ("Second round", f"{self.second_writes} writes, {self.second_calls} calls"),
            (f"{self.changes} changes", f"{self.arrived} arrived, {self.others} other values changed; {day}"),
            ("Accident", "every price x 100: refused before the first write" if self.stopped else "it was not refused"),
            ("Mails", f"{self.mails} to customers"),
        ]


def counted(kinds: Counter[str]) -> str:
    """How many of each kind."""
    return ", ".join(f"{times} {name}" for name, times in sorted(kinds.items())) or "nothing"
