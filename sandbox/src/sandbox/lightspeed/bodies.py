"""What a call carries: JSON, a form or multipart, as one dict."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.lightspeed.errors import INVALID, ApiError

if TYPE_CHECKING:
    from sandbox.http import Request
    from sandbox.lightspeed.resource import Resource

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(r'\bname="([^"]*)"')
_FILENAME = re.compile(r'\bfilename="([^"]*)"')
_LARGEST_EXPONENT = 300


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body."""

    filename: str
    content: bytes


def decoded(request: Request) -> dict[str, Any]:
    """The body: JSON when it looks like it, whatever the content type says, else multipart or a form; {} when empty.

    Raises:
        ApiError: 400, it can't be read.
    """
    body = request.body.strip()
    if not body:
        return {}
    try:
        if body[:1] in b"{[":
            value = json.loads(body, parse_float=_number, parse_constant=_constant)
            return value if isinstance(value, dict) else {}
        if request.headers.media_type == "multipart/form-data":
            return _multipart(request)
        return _form(parse_qsl(body.decode(), keep_blank_values=True))
    except (ValueError, RecursionError):
        raise ApiError(400, INVALID) from None


def envelope(request: Request, resource: Resource, *, create: bool = False) -> dict[str, Any]:
    """What is in the envelope of a write.

    A multipart upload needs no envelope: its parts are `attachment` and `filename`.

    Raises:
        ApiError: 400, another envelope or none.
    """
    body = decoded(request)
    if resource.media and isinstance(body.get("attachment"), Upload):
        return body
    name = resource.posted if create and resource.posted else resource.one
    inner = body.get(name)
    if not isinstance(inner, dict):
        raise ApiError(400, INVALID)
    return inner


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if value and abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(text)
    return value


def _constant(text: str) -> Any:
    """NaN and Infinity are no JSON."""
    raise ValueError(text)


def _form(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """`variant[stockLevel]=5` as {"variant": {"stockLevel": "5"}}; `variant[0][id]=5` makes a list."""
    answer: dict[str, Any] = {}
    for key, value in pairs:
        names = key.replace("]", "").split("[")
        here = answer
        for name in names[:-1]:
            inner = here.setdefault(name, {})
            if not isinstance(inner, dict):
                raise ApiError(400, INVALID)
            here = inner
        here[names[-1] or str(len(here))] = value
    return {name: _with_lists(value) for name, value in answer.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner


def _multipart(request: Request) -> dict[str, Any]:
    found = _BOUNDARY.search(request.headers.get("content-type") or "")
    if found is None:
        raise ApiError(400, INVALID)
    mark = b"--" + found[1].encode("latin-1")
    pairs: list[tuple[str, Any]] = []
    for part in request.body.split(mark)[1:]:
        if part.startswith(b"--"):
            break
        head, gap, content = part.partition(b"\r\n\r\n")
        name, filename = (one.search(head.decode("utf-8", "replace")) for one in (_NAME, _FILENAME))
        if not gap or name is None:
            raise ApiError(400, INVALID)
        content = content.removesuffix(b"\r\n")
        pairs.append((name[1], content.decode() if filename is None else Upload(filename[1], content)))
    return _form(pairs)
