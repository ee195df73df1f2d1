"""Expressions of the user that override or add fields of a mapped document, in the style of Singer stream maps.

A field is named by a dotted path (``remark``, ``buyer.email``, ``lines.*.cost_centre``, ``extra.channel``). Its
expression sees ``record`` (the source record), ``label`` (its fields by the label that people see), the mapped
document (``order``, ``product``, ``price`` ...) and, below a ``*``, ``line`` (the mapped line) and ``source_line``
(the source's). What it gives is checked by the contract's model. Nothing can be called but the functions and methods
listed here, and nothing can be changed from within an expression.
"""

from __future__ import annotations

import ast
import datetime as dt
import difflib
import operator
import re
import types
import typing
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import simpleeval  # type: ignore[import-untyped]  # it ships no types
from pydantic import BaseModel, ValidationError

from commerce.errors import MappingError, SettingsError
from commerce.functions import LIBRARY, decimal
from commerce.models import Extra

ABSENT = object()
"""What the name ``absent`` stands for: the field is left out, so that a target doesn't touch it."""

_TEXT = """
capitalize casefold count endswith find isdigit join lower lstrip removeprefix removesuffix replace rfind rstrip split
splitlines startswith strip title upper zfill
"""
_METHODS: dict[type | None, set[str]] = {
    str: set(_TEXT.split()),
    dict: {"get", "items", "keys", "values"},
    list: {"count", "index"},
    Decimal: {"quantize"},
    dt.date: {"day", "isoformat", "month", "weekday", "year"},
    dt.datetime: {"date", "day", "hour", "isoformat", "minute", "month", "weekday", "year"},
}


def _divide(left: Any, right: Any) -> Any:
    return decimal(left) / decimal(right)


Functions = Mapping[str, Callable[..., Any]]
"""What expressions can call, by name."""
_PROTECTED = frozenset({"key"})


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # untyped, see above
    """The evaluator with exact numbers: money never passes through a float."""

    def __init__(self, functions: Functions) -> None:
        super().__init__(functions={}, allowed_attrs=_METHODS)
        self.functions = dict(functions)
        self.operators = {**simpleeval.DEFAULT_OPERATORS, ast.Div: _divide, ast.FloorDiv: operator.floordiv}
        self.nodes[ast.Constant] = self._exact

    @staticmethod
    def _exact(node: ast.Constant) -> Any:
        return Decimal(str(node.value)) if isinstance(node.value, float) else node.value


class Override:
    """One field and its expression, checked against the model.

    Args:
        path: The dotted path of the field.
        expression: The expression; None clears the field.
        model: The model of the stream.
        document: The name of the mapped document in expressions (``order``).
        functions: What it can call.

    Raises:
        SettingsError: When the model has no such field, or the expression can't be read.
    """

    def __init__(
        self, path: str, expression: str | None, model: type[BaseModel], document: str, functions: Functions = LIBRARY
    ) -> None:
        self.path, self._steps = path, path.split(".")
        self._is_extra = _check_path(path, model)
        names = {"record", "label", document, "absent"} | ({"line", "source_line"} if "*" in self._steps else set())
        self._parsed = None if expression is None else _parse(f"overrides: {path}", expression, names, functions)
        self._expression = expression or ""
        self.labels = frozenset() if self._parsed is None else _named(self._parsed, "label", ("get",))
        self.fields = frozenset() if self._parsed is None else _needed(self._parsed)

    def apply(
        self,
        fields: dict[str, Any],
        names: Mapping[str, Any],
        source_line: Callable[[str], Mapping[str, Any]],
        evaluator: _Evaluator,
    ) -> None:
        """Evaluate the expression and set the field.

        Args:
            fields: The document, changed in place.
            names: What the expression sees.
            source_line: Finds the source's part of a mapped line by the line's key.
            evaluator: Evaluates the expression.

        Raises:
            MappingError: ``override_failed`` with the path, when the expression fails on this record.
        """
        try:
            self._set(fields, self._steps, dict(names), source_line, evaluator)
        except MappingError:
            raise
        except Exception as problem:
            # An expression may fail in any way; its record is held, not the run.
            raise MappingError("override_failed", self.path) from problem

    def _set(
        self,
        fields: Any,
        steps: list[str],
        names: dict[str, Any],
        source_line: Callable[[str], Mapping[str, Any]],
        evaluator: _Evaluator,
    ) -> None:
        head, *rest = steps
        if head == "*":
            for one in fields or []:
                key = str(one.get("key", ""))
                self._set(
                    one, rest, {**names, "line": _plain(one), "source_line": source_line(key)}, source_line, evaluator
                )
        elif rest:
            if fields.get(head) is None:
                if rest[0] == "*":
                    return
                fields[head] = {}
            self._set(fields[head], rest, names, source_line, evaluator)
        else:
            value = self._value(names, evaluator)
            if value is ABSENT:
                fields.pop(head, None)
            else:
                fields[head] = _as_extra(value) if self._is_extra and not isinstance(value, dict) else value

    def _value(self, names: dict[str, Any], evaluator: _Evaluator) -> Any:
        if self._parsed is None:
            return None
        evaluator.names = {**names, "absent": ABSENT}
        return evaluator.eval(self._expression, previously_parsed=self._parsed)


class Overrides:
    """All overrides of one stream.

    Args:
        model: The model of the stream.
        expressions: Per dotted path an expression, or None to clear the field.
        document: What expressions call the mapped record; default: the model's name in small letters.
        functions: What they can call.

    Raises:
        SettingsError: When one of them can't be used.
    """

    def __init__(
        self,
        model: type[BaseModel],
        expressions: Mapping[str, str | None],
        document: str | None = None,
        functions: Functions = LIBRARY,
    ) -> None:
        self._model, self._document = model, document or model.__name__.lower()
        self._overrides = [Override(path, text, model, self._document, functions) for path, text in expressions.items()]
        self._evaluator = _Evaluator(functions)

    def __bool__(self) -> bool:
        return bool(self._overrides)

    @property
    def labels(self) -> dict[str, str]:
        """Every label that an expression names -> the path of the first field that does."""
        return {label: one.path for one in reversed(self._overrides) for label in sorted(one.labels)}

    @property
    def fields(self) -> dict[str, str]:
        """Every field of the source that an expression can't do without -> the path of the first one that does so."""
        return {name: one.path for one in reversed(self._overrides) for name in sorted(one.fields)}

    def apply(
        self,
        document: BaseModel,
        record: Mapping[str, Any],
        source_line: Callable[[Mapping[str, Any], str], Mapping[str, Any]],
        labelled: Mapping[str, Any] | None = None,
    ) -> BaseModel:
        """Apply the overrides in their order; later ones see what earlier ones set.

        Args:
            document: The mapped document.
            record: The source record.
            source_line: Finds the source's part of a mapped line by the line's key.
            labelled: Values of the record by the label of their field.

        Returns:
            The document with the overrides, checked by its model.

        Raises:
            MappingError: ``override_failed`` when an expression fails, ``override_invalid`` when the model refuses what
                the expressions made; both with the path.
        """
        fields = document.model_dump(exclude_unset=True)
        for override in self._overrides:
            names = {"record": record, "label": labelled or {}, self._document: _plain(fields)}
            override.apply(fields, names, lambda key: source_line(record, key), self._evaluator)
        try:
            return self._model.model_validate(fields)
        except ValidationError as problem:
            where = ".".join(str(step) for step in problem.errors(include_input=False, include_url=False)[0]["loc"])
            raise MappingError("override_invalid", where) from None


def _plain(value: Any) -> Any:
    """A copy in which enumerations are text, so that expressions can't change the document and need no enum types."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def _as_extra(value: Any) -> dict[str, Any] | None:
    """A bare value as a typed custom value."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (Decimal, "decimal"),
        (dt.datetime, "datetime"),
        (dt.date, "date"),
        (list, "multi_choice"),
    )
    kind = next((name for types_, name in kinds if isinstance(value, types_)), "string")
    if isinstance(value, Decimal):
        value = format(value, "f")
    elif isinstance(value, dt.date):
        value = value.isoformat()
    return {"type": kind, "value": value}


def with_own(given: Mapping[str, str]) -> Functions:
    """The library and the functions that a user defined.

    Args:
        given: Name and parameters -> expression: ``{"shout(text)": "text.upper()"}``. It sees its parameters, and can
            call the functions of the library and those defined before it, so that none calls itself.

    Raises:
        SettingsError: One can't be read, or has the name of another.
    """
    functions = dict(LIBRARY)
    for head, expression in given.items():
        where = f"functions: {head}"
        found = re.fullmatch(r"([a-z_][a-z0-9_]*)\(([a-z0-9_, ]*)\)", head.strip())
        parameters = [] if found is None else [one.strip() for one in found[2].split(",") if one.strip()]
        if found is None or not all(one.isidentifier() for one in parameters):
            raise SettingsError(f"{where}: write name and parameters in small letters, such as shout(text)")
        if found[1] in functions:
            raise SettingsError(f"{where}: there is a function '{found[1]}' already")
        parsed = _parse(where, expression, set(parameters), functions)
        functions[found[1]] = _own(found[1], parameters, expression, parsed, dict(functions))
    return functions


def _own(
    name: str, parameters: list[str], expression: str, parsed: ast.expr, functions: Functions
) -> Callable[..., Any]:
    evaluator = _Evaluator(functions)

    def function(*values: Any) -> Any:
        if len(values) != len(parameters):
            raise TypeError(f"{name} takes {len(parameters)} values")
        evaluator.names = dict(zip(parameters, values, strict=True))
        return evaluator.eval(expression, previously_parsed=parsed)

    return function


def _parse(where: str, expression: str, names: set[str], functions: Functions) -> ast.expr:
    """Parse an expression, and refuse what it can't use and names that it can't see."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parsed = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, SyntaxWarning, RecursionError, MemoryError) as problem:
        reason = problem.msg if isinstance(problem, SyntaxError) else str(problem)
        raise SettingsError(f"{where}: not an expression: {reason}") from None
    usable = {*_Evaluator(functions).nodes, ast.Starred}
    own = {node.id for node in ast.walk(parsed) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(parsed):
        if isinstance(node, ast.expr) and type(node) not in usable:
            raise SettingsError(f"{where}: {type(node).__name__} can't be used in an expression")
        if isinstance(node, ast.Name) and node.id not in names | own | set(functions):
            raise SettingsError(
                f"{where}: unknown name '{node.id}'; known are {', '.join(sorted(names))} and the functions "
                f"{', '.join(sorted(functions))}"
            )
    return parsed


def _named(parsed: ast.expr, owner: str, methods: tuple[str, ...] = (), *, taken: bool = True) -> frozenset[str]:
    """What an expression takes by name, ``label['Merk']`` (unless ``taken`` is false), or asks for by a method."""
    found = set()
    for node in ast.walk(parsed):
        named: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == owner:
            named = node.slice if taken else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            of = node.func.value
            if node.func.attr in methods and isinstance(of, ast.Name) and of.id == owner:
                named = node.args[0]
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            found.add(named.value)
    return frozenset(found)


def _needed(parsed: ast.expr) -> frozenset[str]:
    """The fields of the source without which an expression fails: ``record['memo']``.

    Not those that it looks for first: ``record.get('memo')``, ``'memo' in record``.
    """
    sought = {
        node.left.value
        for node in ast.walk(parsed)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Constant)
        and any(isinstance(one, ast.Name) and one.id == "record" for one in node.comparators)
    }
    return _named(parsed, "record") - _named(parsed, "record", ("get",), taken=False) - sought


def _check_path(path: str, model: type[BaseModel]) -> bool:
    """Walk a path through the model.

    Returns:
        Whether it ends at a typed custom value (``extra.name``).
    """
    if path.split(".", 1)[0] in _PROTECTED:
        raise SettingsError(f"overrides: '{path}' can't be overridden: records are recognised by it")
    kind: Any = model
    steps = path.split(".")
    for index, step in enumerate(steps):
        kind = _without_none(kind)
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin is list:
            if step != "*":
                raise SettingsError(f"overrides: '{path}': '{step}' stands where '*' (every line) belongs")
            kind = inner[0]
            if index == len(steps) - 1:
                raise SettingsError(f"overrides: '{path}': name a field behind '*'")
        elif origin is dict and step:
            kind = inner[1]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = kind.model_fields
            if step not in fields:
                near = difflib.get_close_matches(step, fields, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise SettingsError(f"overrides: '{path}': {kind.__name__} has no field '{step}'{hint}")
            kind = fields[step].annotation
        else:
            raise SettingsError(f"overrides: '{path}': nothing stands below '{'.'.join(steps[:index])}'")
    return _without_none(kind) is Extra


def _without_none(kind: Any) -> Any:
    """The type behind ``X | None`` and ``Annotated``."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif typing.get_origin(kind) in {typing.Union, types.UnionType}:
            rest = [one for one in typing.get_args(kind) if one is not type(None)]
            if len(rest) != 1:
                return kind
            kind = rest[0]
        else:
            return kind
