"""What is known of people: which record said which groups of an e-mail address, and what was made of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from upsert.model import SourceKey
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from upsert.store import Store

PEOPLE = "commerce.people"
"""Rows in the store: hash of an e-mail address -> the shop's customer, and the groups that they belong to."""

_OPEN = "open"
"""Mark beside the ids of somebody who is not in all of their groups yet, or still in others."""

_SAID = "said "
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody whom records of this run are about.

    Attributes:
        key: Hash of the e-mail address.
        email: The address; "" where a record has only left it.
        source: The last record that spoke of them.
        groups: The groups they belong to; None when two records name different ones.
        before: What the store knows.
    """

    key: str
    email: str
    source: SourceKey
    groups: frozenset[int] | None
    before: StoredRow | None

    @property
    def customer(self) -> int | None:
        """The account that they had."""
        known = self.before.ids.get("customer") if self.before else None
        return int(known) if known else None

    def as_before(self) -> bool:
        """Whether they are already where they belong."""
        if self.before is None:
            # Most customers: we put them nowhere, and they belong nowhere, so nobody need look for their account.
            return self.groups == frozenset()
        return self.groups == _numbers(self.before.ids.get("groups", "")) and not self.before.ids.get(_OPEN)


class People:
    """Everybody, by the hash of their e-mail address.

    An address may stand in several records: a person has one of their own and one at each organisation they work for.
    One that names no group says nothing against one that does, and they come in different runs, so what each has said
    last is kept.

    Args:
        store: The store.
        scope: What keys are unique in.
        skipped: Whether a person decided that a record does not count.
    """

    def __init__(self, store: Store, scope: str, skipped: Callable[[SourceKey], bool]) -> None:
        self._store, self._scope, self._skipped = store, scope, skipped
        self._rows = {row.key: row for row in store.known(scope, PEOPLE)}
        self._said = {key: dict(_said(row.ids)) for key, row in self._rows.items()}
        self._where: dict[SourceKey, set[str]] = defaultdict(set)
        for key, said in self._said.items():
            for source in said:
                self._where[source].add(key)
        self._touched: dict[str, SourceKey] = {}
        self._emails: dict[str, str] = {}

    def waiting(self) -> dict[str, SourceKey]:
        """Those who belong somewhere and had no account: hash of the address -> a record that names it."""
        return {
            key: next(iter(self._said[key]))
            for key, row in self._rows.items()
            if not row.ids.get("customer") and self._said[key]
        }

    def says(self, source: SourceKey, email: str, groups: frozenset[int]) -> None:
        """A record names an address ("": none any more) and its groups."""
        key = self._store.hasher(email) if email else ""
        for left in self._where.pop(source, set()) - {key}:
            del self._said[left][source]
            self._touched[left] = source
        if key:
            said = self._said.setdefault(key, {})
            said.pop(source, None)
            if groups:
                said[source] = groups
                self._where[source].add(key)
            self.touch(email, source)

    def touch(self, email: str, source: SourceKey) -> None:
        """Look at somebody again."""
        key = self._store.hasher(email)
        self._touched[key], self._emails[key] = source, email

    def touched(self) -> Iterator[Person]:
        """Those whom this run is about."""
        for key, source in self._touched.items():
            named = {ids for one, ids in self._said[key].items() if not self._skipped(one)}
            groups = None if len(named) > 1 else next(iter(named), frozenset[int]())
            yield Person(key, self._emails.get(key, ""), source, groups, self._rows.get(key))

    def remember(
        self, made: Mapping[Person, tuple[int | None, bool]], now: Callable[[], datetime], run_id: str
    ) -> None:
        """Keep who said what, and who belongs where, so that an unchanged customer costs no call.

        Args:
            made: Person -> their account, and whether something is still open.
            now: The shop's time; asked only when something changed.
            run_id: The run.
        """
        changes = []
        for person, (customer, unfinished) in made.items():
            before, said = person.before, self._said[person.key]
            known = before.ids if before else {}
            groups = known.get("groups", "") if person.groups is None else " ".join(map(str, sorted(person.groups)))
            ids = {"customer": str(customer or ""), "groups": groups}
            ids |= {_OPEN: "1"} if unfinished or (person.groups is None and known.get(_OPEN)) else {}
            ids |= {
                f"{_SAID}{one.stream}{_BETWEEN}{one.key}": " ".join(map(str, sorted(named)))
                for one, named in said.items()
            }
            if ids == dict(known) or not (before or said):
                continue
            row = StoredRow(
                self._scope, PEOPLE, person.key, State.DONE, now(), "", {}, ids, 0, run_id, source=person.source
            )
            changes.append((before, replace(row, revision=before.revision if before else 0)))
        self._store.change_all(changes)


def _said(ids: Mapping[str, str]) -> Iterator[tuple[SourceKey, frozenset[int]]]:
    for name, groups in ids.items():
        if name.startswith(_SAID):
            stream, _, key = name.removeprefix(_SAID).partition(_BETWEEN)
            yield SourceKey(stream, key), _numbers(groups)


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split())
