"""What a list call asks for: page, window, filters, fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import Plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.resources import Resource
    from sandbox.lightspeed.shop import Shop

PAGE, LONGEST = 50, 250
_NUMBER = re.compile(r"[0-9]{1,15}")
_BOUNDS = {"created_at": "createdAt", "updated_at": "updatedAt"}


@dataclass(frozen=True, slots=True)
class Query:
    """A list call, read.

    Attributes:
        page: From 1. limit: Rows per page. since_id: Only larger ids. fields: Field names to show; None = all.
        windows: (field, lower, upper) of the date filters. filters: (field, text) of the others.
    """

    page: int = 1
    limit: int = PAGE
    since_id: int = 0
    fields: frozenset[str] | None = None
    windows: tuple[tuple[str, datetime | None, datetime | None], ...] = ()
    filters: tuple[tuple[str, str], ...] = ()


def read(params: Sequence[tuple[str, str]], resource: Resource, switches: Mapping[str, Any], zone: ZoneInfo) -> Query:
    """Read the parameters of a list call; unknown ones are ignored, as the API does.

    Raises:
        ApiError: 400, where a switch says that a value is refused.
    """
    given = dict(params)
    naive = UTC if switches["filter_zone"] == "utc" else zone
    windows = []
    for name, field in _BOUNDS.items():
        bounds = [_moment(given.get(f"{name}_{end}"), naive, switches["bad_filter"]) for end in ("min", "max")]
        if bounds != [None, None]:
            windows.append((field, bounds[0], bounds[1]))
    known = {one.name for one in resource.fields}
    return Query(
        *page(params, switches),
        _whole(given.get("since_id"), 0),
        names(given.get("fields", "")),
        tuple(window for window in windows if window[0] in known),
        tuple((field, given[name]) for name, field in resource.filters.items() if given.get(name, "") != ""),
    )


def page(params: Sequence[tuple[str, str]], switches: Mapping[str, Any]) -> tuple[int, int]:
    """Number and length of the page that a list call asks for.

    Raises:
        ApiError: 400, it is too long, where the switch says so.
    """
    given = dict(params)
    limit = _whole(given.get("limit"), PAGE)
    if limit > LONGEST and switches["limit_above_250"] == "refused":
        raise ApiError(400, INVALID)
    return max(1, _whole(given.get("page"), 1)), max(1, min(limit, LONGEST))


def names(text: str) -> frozenset[str] | None:
    """The field names of a `fields` parameter; None when it names none (then all are shown)."""
    return frozenset(part.strip() for part in text.split(",")) - {""} or None


def select(shop: Shop, resource: Resource, query: Query, parent: int | None, *, newest_first: bool) -> list[int]:
    """The ids of every record that a query means, in the order of the list, all pages."""
    path, table = resource.table, shop.tables[resource.table]
    ids: Sequence[int] = shop.ids[path]
    rest = list(query.filters)
    if parent is not None:
        ids = shop.index(path, "_parent", parent)
    else:
        for name, value in query.filters:
            if name in resource.index:
                key = int(value) if _NUMBER.fullmatch(value) and not _is_text(resource, name) else value
                ids = shop.index(path, name, key)
                rest.remove((name, value))
                break
    tests = [*(_equals(resource, name, value) for name, value in rest)]
    bounds = shop.switches["filter_bounds"] == "inclusive"
    tests.extend(_within(*window, inclusive=bounds) for window in query.windows)
    if resource.path == "catalog" and shop.switches["catalog_hidden"] == "left_out":
        tests.append(lambda record: bool(record.get("isVisible", True)))
    if query.since_id:
        ids = [identity for identity in ids if identity > query.since_id]
    for test in tests:
        ids = [identity for identity in ids if test(table[identity])]
    return list(reversed(ids)) if newest_first else list(ids)


def cut(ids: Sequence[int], query: Query) -> Sequence[int]:
    """The page that a query asks for; empty past the end."""
    start = (query.page - 1) * query.limit
    return ids[start : start + query.limit]


def _is_text(resource: Resource, name: str) -> bool:
    field = resource.named.get(name)
    return field is not None and not hasattr(field, "target") and not isinstance(field, Plain)


def _equals(resource: Resource, name: str, value: str) -> Any:
    wanted, field = value.lower(), resource.named.get(name)
    default = field.default if field is not None else None
    return lambda record: str(record.get(name, default)).lower() == wanted


def _within(name: str, low: datetime | None, high: datetime | None, *, inclusive: bool) -> Any:
    def test(record: Record) -> bool:
        moment = record.get(name)
        if not isinstance(moment, datetime):
            return False
        if inclusive:
            return (low is None or moment >= low) and (high is None or moment <= high)
        return (low is None or moment > low) and (high is None or moment < high)

    return test


def _whole(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default


def _moment(text: str | None, naive: Any, bad: str) -> datetime | None:
    """A date filter in either format; an offset whose + came as a space can't be read, as on any server."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if bad == "refused":
            raise ApiError(400, INVALID) from None
        return None
    return moment.replace(tzinfo=naive) if moment.tzinfo is None else moment
