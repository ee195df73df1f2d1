"""How many rows a question will give, guessed from its keys, so that no call is made for pages that aren't there. Pure.

AFAS tells no count. With the last row's key known, and keys that count up, the share of the way gone so far tells the
rest: exactly for a series without gaps, roughly for others.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNTED = re.compile(r"(.*?)(\d{1,18})\Z", re.DOTALL)


def can_estimate(first: Sequence[Any], later: Sequence[Any]) -> bool:
    """Whether two keys of one page show that keys count up."""
    return _distance(first, later) is not None


def total(first: Sequence[Any], reached: Sequence[Any], last: Sequence[Any], rows: int) -> int | None:
    """The number of rows of a question.

    Args:
        first: Key of its first row.
        reached: Key of the last row read.
        last: Key of its last row.
        rows: Rows read, the last one included.

    Returns:
        The guess, or None when the keys don't tell.
    """
    way, gone = _distance(first, last), _distance(first, reached)
    if not way or not gone:
        return None
    return max(rows, round((rows - 1) * Fraction(way) / Fraction(gone)) + 1)


def _distance(low: Sequence[Any], high: Sequence[Any]) -> int | Decimal | None:
    """How far apart two keys are in the first field in which they differ."""
    for one, other in zip(low, high, strict=False):
        if one != other:
            return _between(one, other)
    return None


def _between(one: Any, other: Any) -> int | Decimal | None:
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return other - one if other > one else None
    if isinstance(one, str) and isinstance(other, str) and len(one) == len(other):
        left, right = _COUNTED.match(one), _COUNTED.match(other)
        # With the same length, a shorter run of digits means another beginning.
        if left and right and left[1] == right[1]:
            return max(0, int(right[2]) - int(left[2])) or None
    return None
