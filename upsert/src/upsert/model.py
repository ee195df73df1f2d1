"""The words of the kernel: documents, plans, verdicts and outcomes. Plain data, no I/O.

A *document* is one thing that must exist once in the target system (a sales order, a customer), made from one or more
source records. A *plan* says what must be done about it; an *outcome* what was done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

T = TypeVar("T")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class SourceKey:
    """Where a record comes from: the source's stream and its native id there (`_source_stream`, `_source_key`)."""

    stream: str
    key: str


def combine(hashes: Mapping[str, str]) -> str:
    """One hash for all field hashes; independent of their order."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(hashes):
        digest.update(f"{name}\x1f{hashes[name]}\x1e".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Document(Generic[T]):
    """One thing that must exist once in the target system.

    Attributes:
        key: Our key in the target (``shop.shop1:123``), or its natural key; unique per purpose. It is written to
            the store and to logs, so a personal one (an e-mail address) is given as ``store.hasher(text)``.
        source: The source record; a hold is remembered under it.
        content: Whatever the port needs to plan and to write.
        hashes: Field name to salted hash of the source's value, made with ``store.hasher``; the base of later merges.
        also: Further source records inside this document (a condensed entry).
        released: Set by the kernel: a person decided to load it in spite of the reason it was held for.
        unwanted: The source wants it gone from the target: once a write of just that may have removed it, not finding
            it is the end of it. Its plan never creates.
    """

    key: str
    source: SourceKey
    content: T
    hashes: Mapping[str, str]
    also: tuple[SourceKey, ...] = ()
    released: bool = False
    unwanted: bool = False

    @cached_property
    def content_hash(self) -> str:
        """Combined hash of `hashes`: the same means that nothing changed in the source."""
        return combine(self.hashes)

    @property
    def sources(self) -> tuple[SourceKey, ...]:
        """Every source record inside."""
        return (self.source, *self.also)


class Base(dict[str, str]):
    """Field hashes of the last write that is known, and what an update of unknown outcome may have written instead.

    Give it to `upsert.merge.three_way` as it is: a value of the target that equals a pending one is ours.
    """

    def __init__(self, hashes: Mapping[str, str], pending: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(hashes)
        self.pending: Mapping[str, Sequence[str]] = pending or {}


@dataclass(frozen=True, slots=True)
class Applied:
    """What we know that we wrote: the base of a three-way merge.

    Attributes:
        ids: The target's ids of the document, and its revision where it has one.
        hashes: Field hashes as of the last write that is known (or, when adopted, of the intent).
        at: When, on the target system's clock.
    """

    ids: Mapping[str, str]
    hashes: Base
    at: datetime


@dataclass(frozen=True, slots=True)
class Create:
    """Make it; `payload` is the port's own."""

    payload: Any = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change what exists.

    Attributes:
        target_id: The target's id, for logs.
        diff: The port's own: what to change.
    """

    target_id: str
    diff: Any = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do.

    Attributes:
        reason: Reason code (``unchanged``, ``cut_over``).
        same: The target already holds exactly this content: remember that, so that the next run need not look. It also
            proves that an update whose answer was lost has arrived.
    """

    reason: str
    same: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Can't be loaded now; the record is kept in the held list and read again later.

    Attributes:
        reason: Reason code, lower case and stable; never the other system's text.
        subject: A non-personal detail (item code, mapping key, number), or "".
        retry_after: Don't try earlier than this; the back-off of held records may make it later.
    """

    reason: str
    subject: str = ""
    retry_after: timedelta | None = None


Plan = Create | Update | Skip | Hold


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A document that stands in the target system, to be confirmed by reading it back."""

    document: Document[T]
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ok:
    """What was read back is right.

    Attributes:
        note: Reason code to report with the outcome (``rounding_0.01``), or "".
        ids: More ids of the target, learnt while reading back.
    """

    note: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix(Generic[E]):
    """What was read back needs one more update; the kernel applies it and confirms once more."""

    plan: Update
    existing: E


Verdict = Ok | Fix[E] | Hold

Action = Literal["created", "updated", "adopted", "skipped", "held", "planned"]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a write would change, for a person to read.

    Attributes:
        field: Name of the field, as the target calls it.
        old: What the target holds; None when nothing, or when it isn't known. `HIDDEN` when it is personal.
        new: What it becomes; None when it is taken away. `HIDDEN` when it is personal.
    """

    field: str
    old: Any = None
    new: Any = None


HIDDEN = "***"
"""Stands for a personal value in a `Change`."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What planned writes would take: calls, and mails that customers would get."""

    calls: int
    mails: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document.

    Attributes:
        document: The document it is about.
        action: ``adopted``: an earlier write of ours, whose answer was lost, was found. ``planned``: it would be
            created or changed; nothing was written.
        ids: The target's ids, as far as known; of what is planned, those that stand for it in this run.
        reason: Why skipped or held; a note otherwise.
        subject: A non-personal detail.
        retry_after: For a hold: not earlier than this.
        plan: Of what is planned.
        changes: Of what is planned: the values that would change.
    """

    document: Document[Any]
    action: Action
    ids: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    subject: str = ""
    retry_after: timedelta | None = None
    plan: Create | Update | None = None
    changes: tuple[Change, ...] = ()
