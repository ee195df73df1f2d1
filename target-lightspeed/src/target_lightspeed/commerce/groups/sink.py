"""The sinks of `customer_groups` and, for who is in them, of `customers`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from commerce.goods import CustomerGroup
from target_lightspeed.commerce.groups.known import made_groups, title_of
from target_lightspeed.commerce.groups.members import Member, Members, read_member
from target_lightspeed.commerce.groups.ports import GroupPort
from target_lightspeed.commerce.groups.settings import IGNORE
from upsert.model import Document, Outcome
from upsert.singer import HeldSink, Incoming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_lightspeed.item import Item
    from target_lightspeed.target import TargetLightspeed

logger = logging.getLogger("target-lightspeed")

_LEFT = "left"
"""Instead of a record's members: it is gone."""


class GroupSink(HeldSink):
    """Customer groups, made once by title."""

    target: TargetLightspeed

    def parse(self, record: dict[str, Any]) -> CustomerGroup:
        """The record, checked."""
        return CustomerGroup.model_validate(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Make the groups that the shop doesn't have."""
        session = self.target.session
        settings = session.settings.groups
        known = made_groups(session, [one.content.code for one in batch])
        port = GroupPort(session)
        documents: dict[str, list[Document[Item]]] = {}
        percent = sorted(one.content.code for one in batch if one.content.discount_percent)
        if percent:
            logger.warning(
                "%s: %d groups have a percentage off everything, which can't be written: make a discount rule for "
                "each in the back office: %s",
                self.stream_name,
                len(percent),
                ", ".join(percent),
            )
        for one in batch:
            group: CustomerGroup = one.content
            title = title_of(session, group.code, group.name)
            reason = ""
            if not group.active:
                reason = "inactive_group"
            elif settings.titles.get(group.code) == IGNORE or not title:
                reason = "ignored_group"
            elif group.code in known and group.code not in settings.titles:
                reason = "exists"
            elif not settings.create:
                reason = "not_made_here"
            if reason:
                yield Outcome(Document(group.code, one.source, None, {}), "skipped", reason=reason)
            else:
                documents.setdefault(one.source.stream, []).append(port.wanted(one.source, group.code, title))
        for stream, part in documents.items():
            port.finder.begin()
            for outcome in self.target.kernel(stream, scope=session.scope).run(port, part):
                if outcome.ids.get("id"):
                    # A run that only plans leaves nothing in the store for the customers that follow.
                    session.groups[outcome.document.key] = int(outcome.ids["id"])
                yield outcome


class MemberSink(HeldSink):
    """Who is in which customer group; nothing else of a customer is written."""

    target: TargetLightspeed
    gathers: ClassVar[bool] = True

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Take one record; one that the source has no more belongs nowhere, so it is loaded like the others."""
        if record.get("_gone") is True:
            record = {**{name: record.get(name) for name in ("_source_stream", "_source_key")}, _LEFT: True}
        super().process_record(record, context)

    def parse(self, record: dict[str, Any]) -> Member:
        """The record, checked and cut down."""
        return Member("", (), gone=True) if _LEFT in record else read_member(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring the customers into their groups."""
        yield from Members(self.target, self.stream_name).load([(one.source, one.content) for one in batch])

    def clean_up(self) -> None:
        """At the end, those who made their account since their record came."""
        Members(self.target, self.stream_name).newcomers()
        super().clean_up()
