"""Reading on behind a row: filters instead of a skip that AFAS would have to count through (read-api 2.2). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afas_profit import Condition, Filter, Op, all_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXACT = ("string", "int", "decimal", "boolean")


def exact(kinds: Sequence[str]) -> int:
    """How many of the first sort fields can be asked for exactly: those before the first date."""
    return next((at for at, kind in enumerate(kinds) if kind not in _EXACT), len(kinds))


def behind(fields: Sequence[str], kinds: Sequence[str], row: Sequence[Any]) -> list[Filter | None]:
    """The questions, each sorted by the same fields, that together give every row behind one, in order.

    For fields (a, b) and row (1, 2): those with a = 1 and b > 2, then those with a > 1. Each is a plain AND, the
    form of AFAS that is short and undisputed. From a date field on, equality can't be asked (AFAS hides fractions of
    a second), so rows with the same values up to there come again.

    Args:
        fields: The sort fields, ascending, without doubles.
        kinds: AFAS's types of the fields.
        row: Its values, as AFAS gave them.

    Returns:
        Filters; None is every row.
    """
    depth = exact(kinds)
    same = [_equal(field, value) for field, value in zip(fields[:depth], row, strict=False)]
    questions: list[Filter | None] = []
    if depth < len(fields):
        again = _from(fields[depth], kinds[depth], row[depth])
        parts = [*same, *([again] if again else [])]
        questions.append(all_of(*parts) if parts else None)
    for at in range(depth - 1, -1, -1):
        after = _larger(fields[at], row[at])
        if after is not None:
            questions.append(all_of(*same[:at], after))
    return questions


def _larger(field: str, value: Any) -> Condition | None:
    """The test for larger values; None when there are none."""
    if value is None or value == "":
        return Condition(field, Op.NOT_EMPTY)
    if isinstance(value, bool):  # yes and no have no order in filters, but no comes first in sorts
        return None if value else Condition(field, Op.EQUAL, True)
    return Condition(field, Op.GREATER, value)


def _equal(field: str, value: Any) -> Condition:
    return Condition(field, Op.EMPTY) if value in (None, "") else Condition(field, Op.EQUAL, value)


def _from(field: str, kind: str, value: Any) -> Condition | None:
    if value is None or kind != "date":
        return None
    return Condition(field, Op.AT_LEAST, str(value).removesuffix("Z"))
