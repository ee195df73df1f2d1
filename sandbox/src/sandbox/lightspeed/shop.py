"""One shop's data: records per resource, indexes, ids, numbers, mails. No HTTP and no rules of trade here."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sandbox.clock import AMSTERDAM, SandboxClock
from sandbox.lightspeed.fields import Instant, Record
from sandbox.lightspeed.resource import CHANGING
from sandbox.lightspeed.resources import CHILDREN, OWNERS, RESOURCES
from sandbox.store import Change, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sandbox.switches import Switches

Basis = Literal["incl", "excl"]

_FIRST_ID = {path: 1_000_000 * (7 + index * 3) for index, path in enumerate(RESOURCES)}
_STAMPS = {
    path: tuple(name for name in ("createdAt", *CHANGING) if isinstance(resource.named.get(name), Instant))
    for path, resource in RESOURCES.items()
}
_OWNER = {resource.path: (name, resource.parent) for name, resource in OWNERS.items()}
"""Path of an owner's metafields -> the owner's name and path."""
_ROW = 1_400_000
"""Room for each shop's ids below the next resource's."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What sets one shop apart from another.

    Attributes:
        name: "shop1". number: Shop id. basis: Whether prices are entered including VAT.
        api_key, api_secret: A private key. app_key, app_token, app_secret: The key of an app.
        order_prefix: In front of order numbers; "" = digits only. first_order: First order number.
        languages: Code -> active. language: The default one.
    """

    name: str
    number: int
    title: str
    basis: Basis
    api_key: str
    api_secret: str
    app_key: str
    app_token: str
    app_secret: str
    order_prefix: str
    first_order: int
    languages: Mapping[str, bool]
    language: str = "nl"
    zone: ZoneInfo = field(default=AMSTERDAM)


PROFILES = (
    Profile(
        "shop1",
        356_891,
        "Demo Winkel",
        "incl",
        "demo0000000000000000000000000001",
        "secret00000000000000000000000001",
        "demoapp0000000000000000000000001",
        "token000000000000000000000000001",
        "appsecret00000000000000000000001",
        "ORD",
        1,
        {"nl": True, "en": True, "de": False},
    ),
    Profile(
        "shop2",
        356_892,
        "Demo Groothandel",
        "excl",
        "demo0000000000000000000000000002",
        "secret00000000000000000000000002",
        "demoapp0000000000000000000000002",
        "token000000000000000000000000002",
        "appsecret00000000000000000000002",
        "",
        20_001,
        {"nl": True, "en": True},
    ),
)


class Held(NamedTuple):
    """What a shop holds."""

    tables: dict[str, Table[int, Record]]
    counters: Table[str, int]
    mails: Table[int, dict[str, Any]]
    checkouts: Table[int, dict[str, Any]]
    ids: dict[str, list[int]]
    indexes: dict[tuple[str, str], dict[Any, list[int]]]


class Shop:
    """The records of one shop."""

    def __init__(self, profile: Profile, position: int, clock: SandboxClock, switches: Switches) -> None:
        """An empty shop; `position` sets its ids apart from the other shops'."""
        self.profile, self.clock, self.switches = profile, clock, switches
        self._position = position
        self.on_change: Callable[[str, int], None] = lambda _path, _identity: None
        self.versions: Counter[str] = Counter()
        """Per resource a number that grows with every change."""
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        name = self.profile.name
        self.tables: dict[str, Table[int, Record]] = {path: Table(f"{name}/{path}", int) for path in RESOURCES}
        self.counters: Table[str, int] = Table(f"{name}/_counters", str)
        self.mails: Table[int, dict[str, Any]] = Table(f"{name}/_mails", int)
        self.checkouts: Table[int, dict[str, Any]] = Table(f"{name}/_checkouts", int)
        self.ids: dict[str, list[int]] = {path: [] for path in RESOURCES}
        self.versions = Counter({path: self.versions[path] + 1 for path in RESOURCES})
        self._indexes: dict[tuple[str, str], dict[Any, list[int]]] = {
            (path, name): {} for path, resource in RESOURCES.items() for name in resource.index
        }

    def held(self) -> Held:
        """Everything that it holds."""
        return Held(self.tables, self.counters, self.mails, self.checkouts, self.ids, self._indexes)

    def take(self, held: Held) -> None:
        """Forget everything, and hold this instead; nobody else may hold it."""
        self.clear()
        self.tables, self.counters, self.mails, self.checkouts, self.ids, self._indexes = held

    def now(self) -> datetime:
        """The present instant, to the second as the API shows it."""
        return self.clock.now().replace(microsecond=0)

    # -- records ------------------------------------------------------------------------------------------------------

    def get(self, path: str, identity: int) -> Record | None:
        """A record by its id."""
        return self.tables[path].get(identity)

    def need(self, path: str, identity: int) -> Record:
        """A record that must be there.

        Raises:
            KeyError: it is not.
        """
        record = self.tables[path].get(identity)
        if record is None:
            raise KeyError(f"{self.profile.name} has no {RESOURCES[path].one} {identity}")
        return record

    def find(self, path: str, name: str, value: Any) -> list[Record]:
        """The records whose indexed field has a value, oldest first."""
        table = self.tables[path]
        return [table[identity] for identity in self.index(path, name, value)]

    def index(self, path: str, name: str, value: Any) -> Sequence[int]:
        """The ids of `find`."""
        return self._indexes[path, name].get(_indexed(value), ())

    def all(self, path: str) -> Iterator[Record]:
        """Every record, by ascending id."""
        table = self.tables[path]
        return (table[identity] for identity in self.ids[path])

    def add(self, path: str, record: Record, at: datetime | None = None) -> Record:
        """Add a new record: gives it an id and, where its resource has them, the two instants."""
        at = at or self.now()
        stamps: Record = dict.fromkeys(_STAMPS[path], at)
        return self.put(path, {"id": self.next_id(path), **stamps, **record})

    def put(self, path: str, record: Record) -> Record:
        """Add or replace a record as it stands."""
        identity = record["id"]
        table, ids = self.tables[path], self.ids[path]
        before = table.get(identity)
        if before is None:
            if ids and identity < ids[-1]:
                insort(ids, identity)
            else:
                ids.append(identity)
        for name in RESOURCES[path].index:
            self._reindex(path, name, identity, before, record)
        table.put(identity, record)
        self.versions[path] += 1
        self.on_change(path, identity)
        if path in _OWNER:
            self._mirror(path, record)
        return record

    def _mirror(self, path: str, record: Record) -> None:
        """Every owner's metafield stands in the generic list too."""
        kind, owner = _OWNER[path]
        kept = {name: value for name, value in record.items() if name != "_parent"}
        whose = {"ownerType": kind, "ownerId": record.get("_parent") or 0, "ownerResource": owner or kind}
        self.put("metafields", {**kept, **whose})

    def change(self, path: str, identity: int, at: datetime | None = None, /, **values: Any) -> Record:
        """Change some fields of a record and touch its `updatedAt`."""
        record = {**self.need(path, identity), **values}
        if changing := RESOURCES[path].changing:
            record[changing] = at or self.now()
        return self.put(path, record)

    def delete(self, path: str, identity: int) -> Record | None:
        """Remove a record and everything that hangs under it; None when there was none."""
        record = self.tables[path].pop(identity)
        if record is None:
            return None
        ids = self.ids[path]
        del ids[bisect_left(ids, identity)]
        for name in RESOURCES[path].index:
            self._reindex(path, name, identity, record, None)
        self.versions[path] += 1
        self.on_change(path, identity)
        for child in CHILDREN[path]:
            for row in self.find(child.path, "_parent", identity):
                self.delete(child.path, row["id"])
        if path in _OWNER:
            self.delete("metafields", identity)
        return record

    def load(self, path: str, shown: Mapping[str, Any], parent: int | None = None) -> Record:
        """Store a record in the shape in which the API shows it (a recording); unknown fields are kept too."""
        resource = RESOURCES[path]
        fields, record = resource.named, Record()
        for name, value in shown.items():
            if name in fields:
                fields[name].load(value, record)
            else:
                record.setdefault("_extra", {})[name] = value
        if parent is not None:
            record["_parent"] = parent
        if "id" not in record:
            record["id"] = self.next_id(path)
        return self.put(path, record)

    def next_id(self, path: str) -> int:
        """An id that was never used for this resource."""
        first = _FIRST_ID.get(path, 5_000_000) + self._position * _ROW
        following = max(self.counters.get(path) or first, (self.ids.get(path) or [0])[-1]) + 1
        self.counters.put(path, following)
        return following

    def next_number(self, kind: str, prefix: str, first: int = 1) -> str:
        """The next document number: "INV00001"."""
        following = (self.counters.get(kind) or first - 1) + 1
        self.counters.put(kind, following)
        return f"{prefix}{following:05}"

    def mail(self, flag: str, path: str, identity: int, given: str) -> None:
        """Note that a mail went to a customer: by which flag, about what, and whether the flag was set or left out."""
        number = len(self.mails) + 1
        self.mails.put(number, {"at": self.now(), "flag": flag, "resource": path, "id": identity, "given": given})

    # -- the file -----------------------------------------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """What to save since the last call."""
        return [change for table in self._all_tables() for change in table.changes()]

    def restore(self, rows: Sequence[Change]) -> None:
        """Take saved rows; those of other shops are left alone."""
        self.clear()
        own: dict[str, Table[Any, Any]] = {table.name: table for table in self._all_tables()}
        paths = {table.name: path for path, table in self.tables.items()}
        for name, key, value in rows:
            if name in paths:
                self.put(paths[name], value)
            elif name in own:
                own[name].put(own[name].key(key), value)
        self.changes()

    def _all_tables(self) -> list[Table[Any, Any]]:
        return [*self.tables.values(), self.counters, self.mails, self.checkouts]

    def _reindex(self, path: str, name: str, identity: int, before: Record | None, after: Record | None) -> None:
        old = _indexed(before.get(name)) if before is not None else None
        new = _indexed(after.get(name)) if after is not None else None
        if before is not None and after is not None and old == new:
            return
        index = self._indexes[path, name]
        if before is not None and old in index:
            index[old] = [one for one in index[old] if one != identity]
        if after is not None:
            insort(index.setdefault(new, []), identity)


def _indexed(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
