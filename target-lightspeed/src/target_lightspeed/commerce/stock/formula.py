"""What may be sold of an item, as an expression over its quantities. Exact, and nothing else can be done with it. Pure.

An expression is parsed into Python's own syntax tree, and only arithmetic, comparisons and three functions are
understood: there are no attributes, no calls but those, and no names but the quantities.
"""

from __future__ import annotations

import ast
import operator
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

QUANTITIES = (
    "on_hand",
    "reserved",
    "backordered",
    "reserved_on_purchase",
    "incoming",
    "available",
    "economic",
    "safety",
)
"""Quantities of a stock level, which are the names in a formula."""

NAMED = {
    "in_stock": "on_hand",
    "technical_minus_reserved": "on_hand - reserved",
}
"""Formulas with a name of their own (a bare quantity is one too)."""

_LONGEST = 500
_DEEPEST = 50

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Decimal]] = {"min": min, "max": max, "abs": abs}


class FormulaError(ValueError):
    """It can't be read, or can't be calculated; the text says why."""


class MissingQuantity(FormulaError):  # noqa: N818 - a verdict on one item
    """A quantity that the formula needs did not come.

    Attributes:
        name: Which one.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing")
        self.name = name


class Formula:
    """An expression over the quantities of an item.

    Args:
        text: A name of `NAMED`, a quantity, or an expression.

    Raises:
        FormulaError: It can't be read.
    """

    def __init__(self, text: str) -> None:
        self.text = NAMED.get(text.strip(), text.strip())
        if len(self.text) > _LONGEST:
            raise FormulaError(f"formula: longer than {_LONGEST} characters")
        try:
            self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise FormulaError(f"formula: {text!r} is no expression") from None
        _check(self._tree, 0)

    @property
    def names(self) -> frozenset[str]:
        """The quantities in it."""
        return frozenset(one.id for one in ast.walk(self._tree) if isinstance(one, ast.Name)) - _FUNCTIONS.keys()

    def value(self, quantities: Mapping[str, Decimal | None]) -> Decimal:
        """Calculate.

        Args:
            quantities: Name to quantity; None or absent where the source has no word on it.

        Raises:
            MissingQuantity: It needs one that didn't come.
            FormulaError: It can't be calculated (a division by zero).
        """
        try:
            found = _value(self._tree, quantities)
        except (DecimalException, ZeroDivisionError):
            raise FormulaError("it can't be calculated") from None
        if not isinstance(found, Decimal):
            raise FormulaError("it gives yes or no, not a number of pieces")
        return found


def _check(node: ast.expr, depth: int) -> None:
    """Refuse what `_value` doesn't understand, before the first record."""
    if depth > _DEEPEST:
        raise FormulaError("formula: nested too deeply")
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            inner: list[ast.expr] = []
        case ast.Name(id=name):
            if name not in QUANTITIES:
                raise FormulaError(f"formula: no quantity {name!r}; known are {', '.join(QUANTITIES)}")
            inner = []
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            inner = [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            inner = [operand]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            inner = [left, right]
        case ast.BoolOp(values=values):
            inner = list(values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            inner = [test, body, orelse]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS and args:
            if name != "abs" and len(args) < 2:
                raise FormulaError(f"formula: {name} needs two numbers")
            if name == "abs" and len(args) != 1:
                raise FormulaError("formula: abs needs one number")
            inner = list(args)
        case _:
            raise FormulaError(f"formula: {ast.unparse(node)!r} can't be used")
    for one in inner:
        _check(one, depth + 1)


def _value(node: ast.expr, quantities: Mapping[str, Decimal | None]) -> Any:
    match node:
        case ast.Constant(value=value):
            # The shortest text of a float is what was typed.
            return Decimal(str(value))
        case ast.Name(id=name):
            found = quantities.get(name)
            if found is None:
                raise MissingQuantity(name)
            return found
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_number(left, quantities), _number(right, quantities))
        case ast.UnaryOp(op=op, operand=operand):
            number = _number(operand, quantities)
            return -number if isinstance(op, ast.USub) else number
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARISONS[type(op)](_number(left, quantities), _number(right, quantities))
        case ast.BoolOp(op=op, values=values):
            every = all if isinstance(op, ast.And) else any
            return every(bool(_value(one, quantities)) for one in values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, quantities) else orelse, quantities)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _FUNCTIONS[name](*(_number(one, quantities) for one in args))
    raise FormulaError(f"{ast.unparse(node)!r} can't be used")


def _number(node: ast.expr, quantities: Mapping[str, Decimal | None]) -> Decimal:
    found = _value(node, quantities)
    if not isinstance(found, Decimal):
        raise FormulaError("it mixes numbers with yes and no")
    return found
