"""A stream that takes part in a reading, and what a reading gives it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_lightspeed.convert import Shape
from tap_lightspeed.snapshot import Snapshot
from tap_lightspeed.window import Bookmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightspeed_ecom import NotAuthorised
    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.window import Listed
    from upsert import held


@dataclass(slots=True, eq=False)
class Member:
    """A stream that takes part in a reading.

    Attributes:
        resource: What it is.
        position: Where it stands: a bookmark, or for what is read whole a snapshot (``None``: it sends everything).
        entries: Its held records.
        ids: The ids that it has sent, when deleted ones are to be found by comparing.
        compare: Whether the ids are to be compared in this run.
        compared: Whether that was done.
        called: Whether its rows cost a call per parent.
        failure: Why its rows can't be read while those of the others can; its position stays where it was then.
        unsure: Ids of parents that are there, but whose list of rows was not found: it may be back the next time.
        counts: What happened, for the summary: ``held`` re-read, ``gone``, ``missing``, ``deleted``.
    """

    resource: Resource
    position: Bookmark | Snapshot | None
    entries: Sequence[held.Entry] = ()
    ids: Snapshot | None = None
    compare: bool = False
    compared: bool = False
    called: bool = False
    failure: NotAuthorised | None = None
    unsure: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    shape: Shape = field(init=False)
    reread: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.shape = Shape(self.resource.schema)

    @property
    def bookmark(self) -> Bookmark:
        """The bookmark of a stream that has one."""
        assert isinstance(self.position, Bookmark)  # noqa: S101  incremental
        return self.position


@dataclass(frozen=True, slots=True)
class Portion:
    """Records to send, and what may be noted once they are sent.

    Attributes:
        records: The records by stream, in order.
        handled: What the list showed of them.
        advance: Whether the bookmarks follow them.
        end: The window's end, when it is handled completely; windows that are open end where they do.
        marks: Fingerprints to remember, by stream and key.
    """

    records: Sequence[tuple[Member, list[Row]]] = ()
    handled: Sequence[Listed] = ()
    advance: bool = False
    end: str | None = None
    marks: Sequence[tuple[Member, str, str]] = ()

    def note(self, members: Sequence[Member]) -> None:
        """Note in the positions that the portion was sent."""
        # Falling ids are remembered in little room.
        handled = self.handled if self.advance else sorted(self.handled, key=lambda row: -row.id)
        for member in members:
            position = member.position
            if isinstance(position, Bookmark) and member.failure is None:
                for row in handled:
                    position.handle(row, advance=self.advance)
                if self.end is not None:
                    position.close(self.end)
        for member, key, mark in self.marks:
            remembered = member.ids if member.ids is not None else member.position
            if isinstance(remembered, Snapshot) and member.failure is None:
                remembered.keep(key, mark)
