"""Paths and filters as the API reads them. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int | bool | dt.datetime | None
"""What a filter may be."""


def split(path: str) -> tuple[str, dict[str, str]]:
    """Cut the query off a path such as ``invoices?order=5``."""
    bare, _, query = path.partition("?")
    return bare.strip("/").removesuffix(".json"), dict(httpx.QueryParams(query))


def filters(since: dt.datetime | None, until: dt.datetime | None, by: str, more: Mapping[str, Value]) -> dict[str, str]:
    """Return filters as query parameters; those that are ``None`` are left out."""
    query = {name: text(value) for name, value in more.items() if value is not None}
    if since is not None:
        query[f"{by}_min"] = text(since)
    if until is not None:
        query[f"{by}_max"] = text(until)
    return query


def text(value: Value) -> str:
    """Write a filter value; an instant as the documented ``YYYY-MM-DD HH:MM:SS``, in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(value).lower() if isinstance(value, bool) else str(value)
