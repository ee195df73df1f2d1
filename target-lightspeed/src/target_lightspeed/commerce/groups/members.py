"""One run's customers: into the groups that they belong to, and out of those that we once put them into."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from commerce.models import Customer
from target_lightspeed.commerce.groups.known import made_groups, shop_groups, title_of
from target_lightspeed.commerce.groups.people import PEOPLE, People
from target_lightspeed.commerce.groups.ports import MemberPort
from target_lightspeed.commerce.groups.settings import IGNORE
from target_lightspeed.failures import reading
from target_lightspeed.lookups import fold
from target_lightspeed.resources import RESOURCES
from upsert.clock import from_text, to_text
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome, SourceKey
from upsert.store import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.item import Item
    from target_lightspeed.lookups import Key
    from target_lightspeed.target import TargetLightspeed

logger = logging.getLogger("target-lightspeed")

_ZONE_MARGIN = timedelta(hours=2, minutes=5)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A customer, cut down.

    Attributes:
        email: In small letters; "" for none.
        groups: Code and name of their groups; None when the record has no word on them.
        gone: The source has the record no more.
    """

    email: str
    groups: tuple[tuple[str, str], ...] | None
    gone: bool = False


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
        groups = self._groups({one for _, member in batch if member.email for one in member.groups or ()})
        people = self._people()
        said: dict[str, list[SourceKey]] = {}
        for source, member in batch:
            if member.groups is None:
                yield _outcome(source, "skipped", "no_groups")
                continue
            people.says(source, member.email, frozenset(groups[one] for one, _ in member.groups if one in groups))
            if member.email:
                said.setdefault(member.email, []).append(source)
            else:
                yield _outcome(source, "skipped", "gone" if member.gone else "no_email")
        none_waited = not people.waiting()
        yield from self._place(people, said)
        if none_waited and self._people().waiting():
            # From here on new accounts are looked at; until now there was nobody to look for.
            self.store.remember(self._note, to_text(self.port.now()))

    def newcomers(self) -> None:
        """Put customers into their groups who made their account after their record came."""
        people = self._people()
        waiting, since = people.waiting(), self.store.remembered(self._note)
        if not waiting or not since:
            return
        said: dict[str, list[SourceKey]] = {}
        asked = None
        for email in self._accounts(from_text(since) - _ZONE_MARGIN):
            asked = asked or self.port.now()
            if source := waiting.get(self.store.hasher(email)):
                people.touch(email, source)
                said[email] = [source]
        outcomes = list(self._place(people, said, again=True))
        done = Counter(outcome.action for outcome in outcomes)
        if done["created"]:
            logger.info("%s: %d customers with a new account are in their groups", self.stream, done["created"])
        # No record of this run stands behind them: what can't be done now is tried when their record is read again.
        held = {one.document.source: one for one in outcomes if one.action == "held"}
        for source, one in held.items():
            if self.target.held.spoken(source.stream):
                self.target.hold(source, one.reason, one.subject, one.retry_after)
        if asked and all(self.target.held.spoken(source.stream) for source in held):
            self.store.remember(self._note, to_text(asked))

    @property
    def _note(self) -> str:
        return f"{self.scope} {PEOPLE}"

    def _people(self) -> People:
        return People(self.store, self.scope, lambda source: self.target.decision(source) is DecisionKind.SKIP)

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
        self, people: People, said: Mapping[str, Sequence[SourceKey]], *, again: bool = False
    ) -> Iterator[Outcome]:
        """Into their groups and out of others.

        Args:
            people: With what the records of this run say.
            said: E-mail -> records of this run that name it.
            again: Also those who had no account: `newcomers` sees when they have.
        """
        touched = list(people.touched())
        changed = [one for one in touched if not one.as_before() or (again and one.customer is None)]
        found = self._customers([one.email for one in changed if one.email])
        accounts = {one: found.get(one.email) if one.email else one.customer for one in changed}
        belongs: dict[int, tuple[SourceKey, set[int]]] = {}
        for person, account in accounts.items():
            if person.groups is None:
                continue
            # Whoever has another e-mail address now may have left an account behind.
            left = person.customer if person.customer != account else None
            for who, groups in ((account, person.groups), (left, frozenset[int]())):
                if who is not None:
                    belongs.setdefault(who, (person.source, set()))[1].update(groups)
        outs: list[Document[Item]] = []
        ins: list[Document[Item]] = []
        for who, (source, stays) in belongs.items():
            if self.session.settings.groups.remove == "ours":
                outs += [self.port.unwanted(source, group, who) for group in sorted(self.ours.get(who, set()) - stays)]
            ins += [self.port.wanted(source, group, who) for group in sorted(stays)]
        made: dict[SourceKey, list[Outcome]] = {}
        for outcome in (*self._run(outs), *self._run(ins)):
            made.setdefault(outcome.document.source, []).append(outcome)
            yield outcome
        for person in touched:
            sources = said.get(person.email, ())
            account = accounts.get(person, person.customer)
            if person.groups is None and account is not None:
                for source in sources:
                    outcome = _outcome(source, "held", "email_twice")
                    self.target.kernel(source.stream, scope=self.scope).report(PEOPLE, [outcome])
                    yield outcome
                continue
            for source in {*sources} - {person.source}:
                yield _outcome(source, "skipped", "superseded")
            if sources and not made.get(person.source):
                nowhere = person.before is None and not person.groups and person.groups is not None
                reason = "no_groups" if nowhere else "no_account" if account is None else "unchanged"
                yield _outcome(person.source, "skipped", reason)
        open_ = {source for source, outcomes in made.items() if any(one.action == "held" for one in outcomes)}
        people.remember(
            {one: (accounts.get(one, one.customer), one.source in open_) for one in touched},
            self.port.now,
            self.target.run_id,
        )

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


def _outcome(source: SourceKey, action: Any, reason: str) -> Outcome:
    return Outcome(Document("", source, None, {}), action, reason=reason)
