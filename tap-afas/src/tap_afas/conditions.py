"""Filters in settings: AFAS's two forms (read-api 2.4, 2.5) and a plain list, as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field

from afas_profit import Condition, Filter, Op, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPERATORS = {
    "=": 1, ">=": 2, "<=": 3, ">": 4, "<": 5, "contains": 6, "!=": 7, "empty": 8, "not_empty": 9, "starts_with": 10,
    "not_contains": 11, "not_starts_with": 12, "ends_with": 13, "not_ends_with": 14,
}  # fmt: skip


class Test(BaseModel):
    """One comparison of a filter."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    field: str = Field(min_length=1, description="Field of the connector: its id, or its label.")
    op: int = Field(1, ge=1, le=15, description="AFAS's operator number, or its sign: =, >=, <=, >, <, !=, contains …")
    value: str = Field("", description="What to compare with, as AFAS writes it; dates in AFAS's local time.")


Groups = tuple[Annotated[tuple[Test, ...], Field(min_length=1)], ...]
"""Tests in a group all hold (AND); one group is enough (OR)."""


def read_filter(value: Any) -> Any:
    """Bring a filter of any form into groups.

    Args:
        value: One of: a list of tests (all hold); a list of such lists (one is enough); AFAS's simple form, as a
            mapping or as the text of a URL (`filterfieldids=…&filtervalues=…&operatortypes=…`); AFAS's JSON form
            (`{"Filters": {"Filter": […]}}`); None.

    Raises:
        ValueError: None of these.
    """
    if isinstance(value, str):
        value = dict(parse_qsl(value.removeprefix("?"), keep_blank_values=True, strict_parsing=True))
    if isinstance(value, dict):
        value = _from_json(value["Filters"]) if "Filters" in value else _from_simple(value)
    if not isinstance(value, list | tuple) or not value:
        if value is None:
            return None
        raise ValueError("a filter is a list of tests, AFAS's simple form or its JSON form")
    groups = value if all(isinstance(one, list | tuple) for one in value) else [value]
    return tuple(tuple(_test(one) for one in group) for group in groups)


def as_filter(groups: Groups | None) -> Filter | None:
    """The client's filter."""
    if not groups:
        return None
    return any_of(*(all_of(*(Condition(one.field, Op(one.op), one.value) for one in group)) for group in groups))


def both(*parts: Filter | Condition | None) -> Filter | None:
    """All that is given holds; None when nothing is."""
    given = [part for part in parts if part is not None]
    return all_of(*given) if given else None


def _test(one: Any) -> Any:
    if isinstance(one, dict) and not isinstance(one.get("op", 1), int):
        sign = str(one["op"]).strip().lower()
        if not sign.isdigit() and sign not in _OPERATORS:
            raise ValueError(f"an operator is a number from 1 to 15 or one of {', '.join(_OPERATORS)}")
        one = one | {"op": int(sign) if sign.isdigit() else _OPERATORS[sign]}
    if isinstance(one, dict) and "value" in one and not isinstance(one["value"], str):
        value = one["value"]
        one = one | {"value": str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)}
    return one


def _from_simple(form: dict[str, Any]) -> list[list[dict[str, Any]]]:
    lists = {name.lower(): text for name, text in form.items()}
    if unknown := set(lists) - {"filterfieldids", "filtervalues", "operatortypes"}:
        raise ValueError(f"a filter has no {', '.join(sorted(unknown))}")
    fields, values = str(lists.get("filterfieldids", "")), str(lists.get("filtervalues", ""))
    if "," in fields and ";" in fields:
        raise ValueError("`,` and `;` in one filter: AFAS's own words about it differ; use the JSON form")
    either = ";" in fields
    sign = ";" if either else ","
    names, texts = fields.split(sign), values.split(sign)
    operators = str(lists["operatortypes"]).split(sign) if lists.get("operatortypes") else ["1"] * len(names)
    if not fields or not len(names) == len(texts) == len(operators):
        raise ValueError("filterfieldids, filtervalues and operatortypes need as many parts each")
    tests = [{"field": name, "op": op, "value": text} for name, op, text in zip(names, operators, texts, strict=True)]
    return [[one] for one in tests] if either else [tests]


def _from_json(filters: Any) -> list[list[dict[str, Any]]]:
    try:
        return [
            [
                {"field": one["@FieldId"], "op": one["@OperatorType"], "value": one.get("#text", "")}
                for one in _listed(group["Field"])
            ]
            for group in _listed(filters["Filter"])
        ]
    except (KeyError, TypeError):
        raise ValueError('the JSON form is {"Filters": {"Filter": [{"Field": [{"@FieldId": …}]}]}}') from None


def _listed(node: Any) -> Sequence[Any]:
    return node if isinstance(node, list | tuple) else [node]
