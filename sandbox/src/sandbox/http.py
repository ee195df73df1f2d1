"""Requests and replies, free of any server: what the services see and what the drivers carry.

Nothing here knows AFAS, Lightspeed, asyncio or sockets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

Json = Any
"""A value of the `json` module; objects are dicts, numbers int, float or Decimal."""


class Headers:
    """A case-insensitive multi-map that keeps the order and the spelling of its headers.

    A header that was sent twice is kept twice: `get` answers the first value, `all` every one.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] | Mapping[str, str] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._pairs: list[tuple[str, str]] = [(name, value) for name, value in items]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header, or `default`."""
        wanted = name.lower()
        for key, value in self._pairs:
            if key.lower() == wanted:
                return value
        return default

    def all(self, name: str) -> list[str]:
        """Every value of a header, in the order of sending."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def add(self, name: str, value: str) -> None:
        """Add a header beside any of the same name."""
        self._pairs.append((name, value))

    def put(self, name: str, value: str) -> None:
        """Set a header, in place of any of the same name."""
        wanted = name.lower()
        self._pairs = [(key, old) for key, old in self._pairs if key.lower() != wanted]
        self._pairs.append((name, value))

    @property
    def media_type(self) -> str:
        """Lower-case media type without parameters; of a doubled Content-Type the first one; "" when absent."""
        first = (self.get("content-type") or "").split(",", 1)[0]
        return first.split(";", 1)[0].strip().lower()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        return f"Headers({self._pairs!r})"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        method: Upper-case verb.
        path: Percent-decoded path, with its leading slash, without the query.
        query: Raw query string, without the question mark.
        headers: All headers as sent.
        body: The whole body.
        client: Address and port of the client's end of the connection; None in-process.
        raw_path: The path as sent (percent-encoded); "" when the driver does not know it.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    client: tuple[str, int] | None = None
    raw_path: str = ""

    def params(self) -> list[tuple[str, str]]:
        """The query as decoded pairs, in order, empty values kept."""
        return parse_qsl(self.query, keep_blank_values=True)

    def param(self, name: str, default: str | None = None) -> str | None:
        """The last value of one query parameter (names compared without case), or `default`."""
        wanted = name.lower()
        value = default
        for key, text in self.params():
            if key.lower() == wanted:
                value = text
        return value

    def json(self) -> Json:
        """The body as JSON whatever its content type says; numbers with a point become Decimal.

        Raises:
            ValueError: the body is no JSON text, or nested deeper than any that is meant.
        """
        try:
            return json.loads(self.body, parse_float=Decimal)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @property
    def host(self) -> str:
        """The Host header, or "localhost"."""
        return self.headers.get("host") or "localhost"


def plain(value: object) -> Json:
    """`json.dumps(default=...)`: Decimal as the shortest number, datetime as ISO 8601 text.

    Raises:
        TypeError: for anything else.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    msg = f"{type(value).__name__} is not JSON"
    raise TypeError(msg)


def dumps(value: Json, *, escape_slashes: bool = False) -> bytes:
    r"""JSON text in UTF-8 without spaces; `escape_slashes` writes `\/` as PHP does."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=plain)
    if escape_slashes:
        text = text.replace("/", "\\/")
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `headers` need no Content-Length: the drivers add it."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @classmethod
    def json(
        cls,
        status: int,
        value: Json,
        headers: Mapping[str, str] | None = None,
        *,
        escape_slashes: bool = False,
        content_type: str = "application/json; charset=utf-8",
    ) -> Reply:
        """An answer with a JSON body."""
        return cls(
            status,
            Headers({"Content-Type": content_type, **(headers or {})}),
            dumps(value, escape_slashes=escape_slashes),
        )

    @classmethod
    def text(cls, status: int, text: str, content_type: str = "text/plain; charset=utf-8") -> Reply:
        """An answer with a text body."""
        return cls(status, Headers({"Content-Type": content_type}), text.encode())

    @classmethod
    def empty(cls, status: int, headers: Mapping[str, str] | None = None) -> Reply:
        """An answer without a body."""
        return cls(status, Headers(headers or {}))

    def with_body(self, body: bytes) -> Reply:
        """The same answer with another body."""
        return replace(self, body=body)

    def value(self) -> Json:
        """The body as JSON (for tests and control clients); numbers with a point become Decimal."""
        return json.loads(self.body, parse_float=Decimal) if self.body else None


Handler = Callable[[Request], Reply]
