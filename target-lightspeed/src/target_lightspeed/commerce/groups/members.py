"""One run's customers: into the groups that they belong to, and out of those that we once put them into."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from commerce.models import Customer
from target_lightspeed.commerce.groups.known import made_groups, shop_groups, title_of
from target_lightspeed.commerce.groups.ports import MemberPort
from target_lightspeed.commerce.groups.settings import IGNORE
from target_lightspeed.failures import reading
from target_lightspeed.lookups import fold
from target_lightspeed.resources import RESOURCES
from upsert.clock import from_text, to_text
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome, SourceKey
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.item import Item
    from target_lightspeed.lookups import Key
    from target_lightspeed.target import TargetLightspeed

logger = logging.getLogger("target-lightspeed")

PEOPLE = "commerce.people"
"""Rows in the store: hash of an e-mail address -> the shop's customer, and the groups that they belong to."""

_OPEN = "open"
"""Mark beside the ids of somebody who is not in all of their groups yet, or still in others."""

_ZONE_MARGIN = timedelta(hours=2, minutes=5)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A customer, cut down.

    Attributes:
        email: In small letters; "" for none.
        groups: Code and name of their groups; None when the record has no word on them.
    """

    email: str
    groups: tuple[tuple[str, str], ...] | None


def read_member(record: dict[str, Any]) -> Member:
    """Read a record of the stream `customers`.

    Raises:
        ValueError: It isn't one.
    """
    customer = Customer.model_validate(record)
    groups = None
    if "groups" in customer.model_fields_set:
        usable = customer.active and customer.deleted_at is None
        groups = tuple((one.code or one.name or "", one.name or "") for one in customer.groups if usable)
    return Member(fold("email", customer.email or ""), groups)


class Members:
    """Brings the customers of one source stream into their groups.

    Args:
        target: The target.
        stream: The commerce stream, for messages.
    """

    def __init__(self, target: TargetLightspeed, stream: str) -> None:
        self.target, self.stream = target, stream
        self.session = target.session
        self.store, self.scope = self.session.store, self.session.scope
        self.port = MemberPort(self.session)
        self.ours = self.port.ours()

    def load(self, batch: Sequence[tuple[SourceKey, Member]]) -> Iterator[Outcome]:
        """Every record's outcome."""
        people: dict[str, tuple[SourceKey, Member]] = {}
        said: dict[str, set[tuple[tuple[str, str], ...]]] = {}
        for source, member in batch:
            if member.email and member.groups is not None:
                people[member.email] = source, member
                said.setdefault(member.email, set()).add(member.groups)
        groups = self._groups({one for _, member in people.values() for one in member.groups or ()})
        for source, member in batch:
            if member.groups is None:
                yield _outcome(source, "skipped", "no_groups")
            elif not member.email:
                yield _outcome(source, "skipped", "no_email")
            elif len(said[member.email]) > 1:
                outcome = _outcome(source, "held", "email_twice")
                self.target.kernel(source.stream, scope=self.scope).report(PEOPLE, [outcome])
                yield outcome
            elif people[member.email][0] != source:
                yield _outcome(source, "skipped", "superseded")
        wanted = {
            email: (source, frozenset(groups[code] for code, _ in member.groups or () if code in groups))
            for email, (source, member) in people.items()
            if len(said[email]) == 1
        }
        yield from self._place(wanted)

    def newcomers(self) -> None:
        """Put customers into their groups who made their account after their record came."""
        rows = {row.key: row for row in self.store.known(self.scope, PEOPLE)}
        with reading():
            now = self.session.client.server_now()
        note = f"{self.scope} {PEOPLE}"
        since, waiting = self.store.remembered(note), {key for key, row in rows.items() if not row.ids.get("customer")}
        if not waiting or not since:  # the first run has just asked for all of them
            self.store.remember(note, to_text(now))
            return
        wanted = {}
        for email in self._accounts(from_text(since) - _ZONE_MARGIN):
            row = rows.get(self.session.store.hasher(email))
            if row is not None and row.key in waiting:
                wanted[email] = (row.source or SourceKey(self.stream, row.key), _numbers(row.ids.get("groups", "")))
        # No record of this run stands behind them, so what can't be done now is tried with the next.
        done = Counter(outcome.action for outcome in self._place(wanted, again=True))
        if done["created"]:
            logger.info("%s: %d customers with a new account are in their groups", self.stream, done["created"])
        if not done["held"]:
            self.store.remember(note, to_text(now))

    # -- groups -------------------------------------------------------------------------------------------------------

    def _groups(self, named: Collection[tuple[str, str]]) -> dict[str, int]:
        """Code -> the shop's group.

        Raises:
            ConfigurationError: Groups that nobody made or mapped: one error for all of them.
        """
        titles = self.session.settings.groups.titles
        used = {code: name for code, name in named if titles.get(code) != IGNORE}
        known = made_groups(self.session, [code for code in used if code not in titles])
        known |= {code: self.session.groups[code] for code in used if code in self.session.groups}
        missing = sorted(set(used) - set(known))
        if not missing:
            return known
        there = shop_groups(self.session)
        unknown = []
        for code in missing:
            ids = there.get(title_of(self.session, code, used[code]), [])
            if len(ids) == 1:
                known[code] = ids[0]
            else:
                unknown.append(code)
        if unknown:
            more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            raise ConfigurationError(
                f"{self.stream}: the shop has not one customer group for {', '.join(unknown[:_SHOWN])}{more}: load the "
                "stream customer_groups first, or map the code in `groups.titles` to a title of the shop or to "
                "`ignore`; nothing is written before"
            )
        return known

    # -- people -------------------------------------------------------------------------------------------------------

    def _place(
        self, wanted: Mapping[str, tuple[SourceKey, frozenset[int]]], *, again: bool = False
    ) -> Iterator[Outcome]:
        """Into their groups and out of others.

        Args:
            wanted: E-mail -> record and groups.
            again: Also those who had no account: `newcomers` sees when they have.
        """
        hasher = self.store.hasher
        rows = {row.key: row for row in self.store.known(self.scope, PEOPLE)}
        by_source = {row.source: row for row in rows.values() if row.ids.get("customer")}
        changed: dict[str, tuple[SourceKey, frozenset[int]]] = {}
        for email, (source, groups) in wanted.items():
            row = rows.get(hasher(email))
            same = row is not None and _numbers(row.ids.get("groups", "")) == groups and not row.ids.get(_OPEN)
            if row is None and not groups and source not in by_source:
                # Most customers: we put them nowhere, and they belong nowhere, so nobody need look for their account.
                yield _outcome(source, "skipped", "no_groups")
            elif row is not None and same and (row.ids.get("customer") or not again):
                yield _outcome(source, "skipped", "unchanged" if row.ids.get("customer") else "no_account")
            else:
                changed[email] = source, groups
        if not changed:
            return
        found = self._customers(changed)
        outs: list[Document[Item]] = []
        ins: list[Document[Item]] = []
        people: dict[SourceKey, list[Outcome]] = {}
        for email, (source, groups) in changed.items():
            customer = found.get(email)
            people[source] = []
            # Whoever has another e-mail address now may have left an account behind.
            before = by_source.get(source)
            left = int(before.ids["customer"]) if before else None
            for who, stays in ((customer, groups), (left if left != customer else None, frozenset[int]())):
                if who is not None and self.session.settings.groups.remove == "ours":
                    gone = sorted(self.ours.get(who, set()) - stays)
                    outs += [self.port.unwanted(source, group, who) for group in gone]
            if customer is not None:
                ins += [self.port.wanted(source, group, customer) for group in sorted(groups)]
        for outcome in (*self._run(outs), *self._run(ins)):
            people[outcome.document.source].append(outcome)
            yield outcome
        for email, (source, _) in changed.items():
            if not people[source]:
                yield _outcome(source, "skipped", "unchanged" if email in found else "no_account")
        self._remember(changed, found, rows, {one for one, made in people.items() if _held(made)})

    def _run(self, documents: Sequence[Document[Item]]) -> Iterator[Outcome]:
        streams: dict[str, list[Document[Item]]] = {}
        for one in documents:
            streams.setdefault(one.source.stream, []).append(one)
        for stream, part in streams.items():
            self.port.finder.begin()
            yield from self.target.kernel(stream, scope=self.scope).run(self.port, part)

    def _customers(self, emails: Iterable[str]) -> dict[str, int]:
        """E-mail -> the shop's customer, in as few calls as possible."""
        keys: dict[str, Key] = {email: (("email", email),) for email in emails}
        with reading():
            found = self.session.lookups.find(RESOURCES["customers"], set(keys.values()), {"email"})
        return {email: found[key][0]["id"] for email, key in keys.items() if found[key]}

    def _accounts(self, since: datetime | None) -> Iterator[str]:
        """E-mail addresses of accounts made since."""
        with reading():
            for rows in self.session.client.list("customers", fields=["id", "email"], since=since, by="created_at"):
                for row in rows:
                    self.session.lookups.put(RESOURCES["customers"], row, owner=None)
                    yield fold("email", str(row.get("email") or ""))

    def _remember(
        self,
        people: Mapping[str, tuple[SourceKey, frozenset[int]]],
        found: Mapping[str, int],
        rows: Mapping[str, StoredRow],
        held: set[SourceKey],
    ) -> None:
        """Keep who belongs where, so that an unchanged customer costs no call; one who is held is asked again."""
        now = self.port.now()
        changes = []
        for email, (source, groups) in people.items():
            key = self.store.hasher(email)
            ids = {"customer": str(found.get(email) or ""), "groups": " ".join(map(str, sorted(groups)))}
            ids |= {_OPEN: "1"} if source in held else {}
            before = rows.get(key)
            new = StoredRow(self.scope, PEOPLE, key, State.DONE, now, "", {}, ids, 0, self.target.run_id, source=source)
            changes.append((before, replace(new, revision=before.revision if before else 0)))
        self.store.change_all(changes)


def _held(outcomes: Iterable[Outcome]) -> bool:
    return any(one.action == "held" for one in outcomes)


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split())


def _outcome(source: SourceKey, action: Any, reason: str) -> Outcome:
    return Outcome(Document("", source, None, {}), action, reason=reason)
