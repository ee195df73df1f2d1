"""How far a stream has come, as the state says it. Pure.

    replication_key_value   everything that changed up to here was sent; UTC text, or a number
    position                within a reading that isn't finished: what is read, its upper end, the last row's place
    seen                    digests of the rows within the overlap, so that they aren't sent once more
    keys                    the key fields, which snapshots and held records go by; kept by the stream
    rows                    how many the last whole reading found
    unlisted                keys that were sent and that the snapshot doesn't have, where deletions are looked for

Every name is always written, also when empty: Meltano merges objects, so a name that is left out would come back.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_afas.snapshot import Packed
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_SEEN = 1_000
"""Rows within the overlap that are remembered; further ones are sent once more."""
_DIGEST = 8


def utc_text(moment: dt.datetime) -> str:
    """A moment as records and bookmarks have it; fractions of a second are cut off."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(row: bytes) -> bytes:
    """What is remembered of a row."""
    return hashlib.blake2b(row, digest_size=_DIGEST).digest()


@dataclass(slots=True)
class Position:
    """A place within a reading.

    Attributes:
        question: Mark of what is read; another question begins anew.
        end: Upper end of the window, "" for streams without one.
        after: The sort fields of the last row sent.
    """

    question: str
    end: str
    after: tuple[Any, ...]


@dataclass(slots=True)
class Bookmark:
    """How far a stream has come; see the module."""

    value: str | int | Decimal | None = None
    position: Position | None = None
    seen: dict[bytes, None] = field(default_factory=dict)
    rows: int | None = None
    unlisted: Packed = field(default_factory=Packed)

    @classmethod
    def read(cls, state: Mapping[str, Any], stream: str, *, number: bool) -> Bookmark:
        """Read a stream's bookmark.

        Args:
            state: What the state has for the stream.
            stream: Its name, for the message.
            number: The replication key is a number.

        Raises:
            ConfigurationError: It can't be read.
        """
        try:
            return cls(
                _value(state.get("replication_key_value"), number=number),
                _position(state.get("position")),
                _seen(state.get("seen")),
                None if state.get("rows") is None else int(state["rows"]),
                Packed.read(state.get("unlisted")),
            )
        except (TypeError, ValueError, ArithmeticError):
            raise ConfigurationError(
                f"state: bookmarks.{stream} has no position that can be read; restore the state from a copy"
            ) from None

    def as_state(self) -> dict[str, Any]:
        """Return what the state says."""
        at = self.position
        place = [at.question, at.end, [_plain(one) for one in at.after]] if at else None
        return {
            "replication_key_value": _plain(self.value),
            "position": place,
            "seen": base64.b64encode(b"".join(self.seen)).decode(),
            "rows": self.rows,
            "unlisted": self.unlisted.text(),
        }

    def remember(self, row: bytes) -> None:
        """Note a row within the overlap."""
        if len(self.seen) < MOST_SEEN:
            self.seen[row] = None

    def rise(self, value: str | int | Decimal | None) -> None:
        """Move up to a value; never down."""
        if value is not None and (self.value is None or value > self.value):  # type: ignore[operator]  # one type
            self.value = value


def question_mark(*parts: object) -> str:
    """A short mark of what is read, which changes when that does."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def revived(values: Sequence[Any], kinds: Sequence[str]) -> tuple[Any, ...]:
    """Sort fields from a state with their types."""
    return tuple(
        Decimal(str(value)) if kind == "decimal" and value is not None else value
        for value, kind in zip(values, kinds, strict=True)
    )


def _plain(value: Any) -> Any:
    """A value that JSON readers keep exact."""
    return str(value) if isinstance(value, Decimal) else value


def _value(value: Any, *, number: bool) -> str | int | Decimal | None:
    if value is None:
        return None
    if number:
        read = Decimal(str(value))
        return int(read) if read == int(read) else read
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return utc_text(moment)


def _position(value: Any) -> Position | None:
    if value is None:
        return None
    question, end, after = value
    if not isinstance(question, str) or not isinstance(end, str) or not isinstance(after, list):
        raise TypeError("position")
    return Position(question, end, tuple(after))


def _seen(value: Any) -> dict[bytes, None]:
    data = base64.b64decode(value or "", validate=True)
    return {data[at : at + _DIGEST]: None for at in range(0, len(data), _DIGEST)}
