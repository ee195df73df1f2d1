"""From a row of the API to the records of a stream: fetched, taken apart, signed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lightspeed_ecom import NotAuthorised, NotFound
from tap_lightspeed.resource import LANGUAGE, PARENT_CHANGED, PARENT_ID

if TYPE_CHECKING:
    from lightspeed_ecom import Lightspeed
    from tap_lightspeed.convert import Shape
    from tap_lightspeed.member import Member
    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.settings import Settings

logger = logging.getLogger("tap-lightspeed")

_NO_RIGHT = 403
_PATIENCE = 3
"""Missing lists below a parent in one run that are waited for."""


class Records:
    """Makes the records of the streams that come from one resource.

    Args:
        shop: The client.
        source: The resource that is read.
        shape: Makes its rows records.
        settings: The tap's settings.
    """

    def __init__(self, shop: Lightspeed, source: Resource, shape: Shape, settings: Settings) -> None:
        self.shop = shop
        self.source = source
        self.shape = shape
        self.settings = settings
        self._shop = settings.shop
        self._time = source.replication_key or "createdAt"
        # The client asks in the first language by itself.
        self._first, *self.more_languages = settings.all_languages

    def changed(self, row: Row) -> str:
        """Return the time of the last change of a row (UTC text), "" when it has none."""
        value = row.get(self._time) or row.get("createdAt")
        return value if isinstance(value, str) else ""

    def languages_of(self, member: Member) -> tuple[str | None, ...]:
        """Return the languages to read a stream in; ``None`` is the client's own."""
        return (None, *self.more_languages) if member.resource.texts else (None,)

    def fetch(self, number: int, language: str | None, *, expected: bool) -> Row | None:
        """Read a record of the source; None when a 404 doesn't pass."""
        path = f"{self.source.path}/{number}"
        try:
            row = self.shop.get(path, expected=expected, regular=self.shape.record, language=language)
        except NotFound:
            return None
        return self.source.complete(self.shop, row, self.shape) if self.source.complete else row

    def made_of(self, member: Member, row: Row, language: str | None) -> list[Row]:
        """Return the records that a row of the source makes for a member."""
        resource = member.resource
        if resource is self.source:
            return [self.signed(member, row, str(row["id"]), language)]
        inside = None if member.called or resource.inside is None else resource.inside(row)
        if inside is not None:
            return [self._child(member, row, dict(one), language) for one in inside]
        # Asked for by calls, so in all languages at once.
        languages = self.languages_of(member) if member.called else (language,)
        return [
            self._child(member, row, one, each) for each in languages for one in self._children(member, row["id"], each)
        ]

    def _children(self, member: Member, number: int, language: str | None) -> list[Row]:
        """Ask for the rows under one record; none when they can't be had, which the member then says."""
        if member.failure is not None:
            return []
        path = member.resource.path.format(number)
        found: dict[object, Row] = {}
        # A fresh record's list can be missing for a moment; where it is so again and again, it isn't a moment.
        patient = len(member.unsure) < _PATIENCE
        try:
            for page in self.shop.list(path, language=language, regular=member.shape.record, exists=patient):
                # An answer without id is the only one of its kind.
                found.update((row.setdefault("id", number), row) for row in page)
        except NotAuthorised as error:
            if error.status != _NO_RIGHT:
                raise
            member.failure = error
            return []
        except NotFound:
            member.counts["missing"] += 1
            member.unsure.add(number)
            logger.warning("%s: not found under %d (404); skipped", member.resource.name, number)
        return list(found.values())

    def _child(self, member: Member, parent: Row, row: Row, language: str | None) -> Row:
        if member.resource.text_id:
            row["id"] = str(row["id"])
        row[PARENT_ID] = parent["id"]
        row[PARENT_CHANGED] = self.changed(parent) or None
        return self.signed(member, row, f"{parent['id']}/{row['id']}", language)

    def signed(self, member: Member, row: Row, key: str, language: str | None) -> Row:
        """Add what every record has: stream, key, shop, language; take off what stays inside."""
        resource = member.resource
        if resource.dropped:
            for name in resource.dropped:
                row.pop(name, None)
        row["_source_stream"] = resource.name
        row["_source_key"] = key
        row["_shop"] = self._shop
        if resource.texts:
            row[LANGUAGE] = language or self._first
        return row

    def without(self, member: Member, key: str, fields: Row) -> list[Row]:
        """Return what is to be said of a record that is gone: its key and ``fields``, in every language."""
        parent, _, own = key.rpartition("/")
        row: Row = {"id": own if member.resource.text_id else int(own), **fields}
        if parent:
            row |= {PARENT_ID: int(parent)}
        return [self.signed(member, dict(row), key, language) for language in self.languages_of(member)]
