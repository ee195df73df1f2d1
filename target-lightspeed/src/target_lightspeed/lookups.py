"""What the shop holds: questions asked once per run, through a filter, one by one, or by one listing, as costs least.

A list costs a call per 250 records and answers for all of them; a question about one record costs a call. Each
resource's calls are counted: as soon as single questions would cost more than its whole list, the list is read and kept
as an index for the run.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import PAGE_SIZE, Lightspeed, NotFound
from target_lightspeed.fields import TEXT
from upsert.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from target_lightspeed.resource import Resource

logger = logging.getLogger("target-lightspeed")

FEW = 2
"""So many questions are asked before a list's length is worth a call."""

_TRIES = 3

Row = dict[str, Any]
Key = tuple[tuple[str, str], ...]
"""Field and normal form of its value; ``(("id", "5"),)`` is the shop's own."""


@dataclass
class Shelf:
    """What is known of one list: of a resource, below one parent, in one language."""

    resource: Resource
    path: str
    language: str
    fields: frozenset[str] | None = frozenset()
    complete: bool = False
    asked: int = 0
    size: int | None = None
    rows: dict[int, Row] = field(default_factory=dict, repr=False)
    answered: set[Key] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    by: dict[tuple[str, ...], defaultdict[tuple[str, ...], set[int]]] = field(default_factory=dict)

    def forget(self) -> None:
        """Back to the beginning."""
        self.complete, self.size = False, None
        for identity in [one for one in self.rows if not _only_planned(one)]:
            del self.rows[identity]
        self.answered.clear()
        self.by.clear()

    def put(self, row: Row) -> None:
        """Take a row in, over what was known of it."""
        identity = row.get("id")
        if not isinstance(identity, int):
            return
        before = self.rows.get(identity)
        after = {**(before or {}), **self._cut(row)}
        for names, index in self.by.items():
            if before is not None:
                index[self._values(names, before)].discard(identity)
            index[self._values(names, after)].add(identity)
        self.rows[identity] = after

    def drop(self, identity: int) -> None:
        """It isn't there any more."""
        before = self.rows.pop(identity, None)
        if before is None:
            return
        for names, index in self.by.items():
            index[self._values(names, before)].discard(identity)

    def knows(self, key: Key) -> bool:
        """Whether `get` can answer."""
        return self.complete or key in self.answered or any((pair,) in self.answered for pair in key)

    def get(self, key: Key) -> list[Row]:
        """The rows with this key, oldest first."""
        names = tuple(name for name, _ in key)
        if names == ("id",):
            row = self.rows.get(int(key[0][1]))
            return [row] if row is not None else []
        if names not in self.by:
            index: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
            for identity, row in self.rows.items():
                index[self._values(names, row)].add(identity)
            self.by[names] = index
        found = self.by[names].get(tuple(fold(name, value) for name, value in key), set())
        return [self.rows[identity] for identity in sorted(found)]

    def _cut(self, row: Row) -> Row:
        if self.fields is None or _only_planned(row["id"]):
            return row
        return {name: value for name, value in row.items() if name in self.fields or name == "id"}

    def _values(self, names: tuple[str, ...], row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(fold(name, shown(self.resource, name, row)) for name in names)


def shown(resource: Resource, name: str, row: Mapping[str, Any]) -> str:
    """Normal form of a key field in a row; it may be a read-only one, such as a number."""
    known = resource.named.get(name)
    if known is None:
        return TEXT.normal(row.get(name))
    return known.of(row) or ""


def fold(name: str, value: str) -> str:
    """A key value as it is compared: e-mail addresses without case."""
    return value.strip().lower() if name == "email" else value


class Lookups:
    """Questions to the shop.

    Args:
        client: The Lightspeed client.
        language: The shop's default language.
    """

    def __init__(self, client: Lightspeed, language: str) -> None:
        self.client, self.language = client, language
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._lock = threading.RLock()
        self._products_asked: set[int] = set()
        self._catalog_size: int | None = None
        self._without_images: set[int] | None = None

    def find(
        self,
        resource: Resource,
        keys: Collection[Key],
        need: Iterable[str] | None,
        *,
        owner: int | None = None,
        language: str = "",
        fresh: Collection[Key] = (),
    ) -> dict[Key, list[Row]]:
        """The rows with each key.

        Args:
            resource: Which list.
            keys: What is asked.
            need: Fields that the rows must show; None for all.
            owner: The parent's id, where there is one.
            language: Instead of the default.
            fresh: Keys that are asked anew, whatever is known.

        Raises:
            lightspeed_ecom.LightspeedError: The shop doesn't answer, or says no.
        """
        with self._lock:
            shelf = self._shelf(resource, owner, language or self.language)
            self._widen(shelf, need, keys)
            shelf.complete = shelf.complete or _only_planned(owner)
            self._assume(shelf, keys)
            unknown = [key for key in keys if key not in fresh and not shelf.knows(key)]
            if unknown:
                self._learn(shelf, unknown, nested=owner is not None)
            for key in fresh:
                self._again(shelf, key, nested=owner is not None)
            return {key: shelf.get(key) for key in keys}

    def all(self, resource: Resource, need: Iterable[str] | None, *, owner: int | None, fresh: bool) -> list[Row]:
        """Every row below a parent (or of the resource), oldest first."""
        with self._lock:
            shelf = self._shelf(resource, owner, self.language)
            self._widen(shelf, need, ())
            shelf.complete = shelf.complete or _only_planned(owner)
            if fresh or not shelf.complete:
                shelf.forget()
                self._list(shelf)
            return [shelf.rows[identity] for identity in sorted(shelf.rows)]

    def without_images(self, products: Collection[int]) -> frozenset[int]:
        """Those of some products that have no image, as far as known without asking each.

        The catalogue shows the images of 250 products in a call. It is read as soon as that is cheaper than to ask the
        products one by one. What it does show lacks the size, so such a product is asked all the same.
        """
        with self._lock:
            planned = frozenset(filter(_only_planned, products))
            products = frozenset(products) - planned
            self._products_asked |= products
            asked = len(self._products_asked)
            if self._without_images is None and asked > FEW:
                if self._catalog_size is None:
                    self._catalog_size = self.client.count("catalog")
                if asked > -(-self._catalog_size // PAGE_SIZE):
                    rows = (row for rows in self.client.list("catalog", fields=["id", "images"]) for row in rows)
                    self._without_images = {row["id"] for row in rows if row.get("images") == []}
            return planned | (products & (self._without_images or frozenset()))

    def has_image(self, product: int) -> None:
        """An image was uploaded, so the catalogue's word no longer counts."""
        with self._lock:
            if self._without_images is not None:
                self._without_images.discard(product)

    def one(self, resource: Resource) -> Row:
        """The single record of a resource that has just one; always asked."""
        return self.client.get(resource.path)

    def put(self, resource: Resource, row: Row, *, owner: int | None, language: str = "") -> None:
        """What the shop answered to a write."""
        with self._lock:
            self._shelf(resource, owner, language or self.language).put(row)
            if not language:
                for (path, code), shelf in self._shelves.items():
                    if path == resource.list_path(owner) and code != self.language:
                        # Texts of another language are not those of the answer.
                        shelf.put({name: value for name, value in row.items() if not _local(resource, name)})

    def learn(
        self,
        resource: Resource,
        rows: Iterable[Row],
        need: Iterable[str],
        *,
        answers: Iterable[Key] = (),
        language: str = "",
    ) -> None:
        """Take in rows that were read in another way.

        Args:
            resource: Of which list.
            rows: As the shop showed them, with at least the fields in `need`.
            need: The fields that later questions ask for.
            answers: Keys that are answered by these rows, together with what is known; each row's id is one.
            language: Instead of the default.
        """
        with self._lock:
            shelf = self._shelf(resource, None, language or self.language)
            keys = list(answers)
            self._widen(shelf, need, keys)
            for row in rows:
                shelf.put(row)
                shelf.answered.add((("id", str(row.get("id"))),))
            shelf.answered.update(keys)

    def adopt(self, other: Lookups) -> None:
        """Take over what a dry run has learnt: it asked the same questions, and only what it planned isn't there."""
        with self._lock, other._lock:
            for place, shelf in other._shelves.items():
                if place in self._shelves:
                    continue
                for identity in [one for one in shelf.rows if _only_planned(one)]:
                    shelf.drop(identity)
                shelf.answered = {key for key in shelf.answered if not any(_only_planned_key(*pair) for pair in key)}
                self._shelves[place] = shelf
            other._shelves = {}

    def drop(self, resource: Resource, identity: int, *, owner: int | None) -> None:
        """It was deleted."""
        with self._lock:
            for (path, _), shelf in self._shelves.items():
                if path == resource.list_path(owner):
                    shelf.drop(identity)

    # -- the cheapest road --------------------------------------------------------------------------------------------

    def _shelf(self, resource: Resource, owner: int | None, language: str) -> Shelf:
        path = resource.list_path(owner)
        if (path, language) not in self._shelves:
            self._shelves[path, language] = Shelf(resource, path, language)
        return self._shelves[path, language]

    def _widen(self, shelf: Shelf, need: Iterable[str] | None, keys: Iterable[Key]) -> None:
        """See to it that the rows show these fields; what was read without them is forgotten."""
        if shelf.fields is None:
            return
        if need is None or shelf.resource.open:
            wanted = None
        else:
            named = shelf.resource.named
            asked = {name for key in keys for name, _ in key}
            wanted = shelf.fields | {named[name].read if name in named else name for name in {*need, *asked}}
        if wanted != shelf.fields:
            shelf.fields = wanted
            shelf.forget()

    def _assume(self, shelf: Shelf, keys: Iterable[Key]) -> None:
        """What would be made has no texts in further languages yet."""
        default = self._shelves.get((shelf.path, self.language), shelf)
        for key in keys:
            (name, value), *more = key
            if name == "id" and not more and _only_planned(int(value)) and not shelf.knows(key):
                known = default.rows.get(int(value), {})
                shelf.put({name: one for name, one in known.items() if not _local(shelf.resource, name)})
                shelf.answered.add(key)

    def _learn(self, shelf: Shelf, keys: list[Key], *, nested: bool) -> None:
        questions = None if nested else self._questions(shelf, keys)
        if questions is not None and self._cheaper(shelf, len(questions)):
            for pair in questions:
                if pair[0] not in shelf.deaf:
                    self._ask(shelf, pair)
            if all(shelf.knows(key) for key in keys):
                return
        if not shelf.complete:
            self._list(shelf)

    def _questions(self, shelf: Shelf, keys: Iterable[Key]) -> set[tuple[str, str]] | None:
        """The fewest questions (field, value) that answer for all keys; None when only the list can."""
        groups: dict[tuple[str, ...], list[Key]] = {}
        for key in keys:
            groups.setdefault(tuple(name for name, _ in key), []).append(key)
        questions: set[tuple[str, str]] = set()
        for names, group in groups.items():
            usable = [
                n
                for n, name in enumerate(names)
                if name == "id"
                or (name in shelf.resource.filters and name not in shelf.deaf and all(k[n][1] for k in group))
            ]
            if not usable:
                return None
            questions |= min(({key[n] for key in group} for n in usable), key=len)
        return questions

    def _cheaper(self, shelf: Shelf, questions: int) -> bool:
        """Whether asking is cheaper than reading the whole list, all questions of this run counted."""
        if shelf.asked + questions <= FEW:
            return True
        if shelf.size is None:
            shelf.size = self.client.count(shelf.path)
        return shelf.asked + questions < max(1, -(-shelf.size // PAGE_SIZE))

    def _ask(self, shelf: Shelf, pair: tuple[str, str]) -> None:
        """One question about one value."""
        name, value = pair
        shelf.asked += 1
        shown_fields = sorted(shelf.fields | {"id"}) if shelf.fields is not None else None
        if name == "id":
            try:
                row = self.client.get(f"{shelf.path}/{value}", fields=shown_fields, language=shelf.language)
                shelf.put({**row, "id": int(value)})
            except NotFound:
                shelf.drop(int(value))
            shelf.answered.add((pair,))
            return
        parameter = shelf.resource.filters[name]
        options: dict[str, Any] = {parameter: value}
        for rows in self.client.list(shelf.path, fields=shown_fields, language=shelf.language, **options):
            for row in rows:
                shelf.put(row)
            if any(fold(name, shown(shelf.resource, name, row)) != fold(name, value) for row in rows):
                # An unknown filter is ignored, not refused (reference §5.4): never believe it again in this run.
                logger.warning("the shop ignores the filter %s of %s: its whole list is read", parameter, shelf.path)
                shelf.deaf.add(name)
                return
        shelf.answered.add((pair,))

    def _list(self, shelf: Shelf) -> None:
        """Read the whole list. It shifts while it is read, so its length is compared with the shop's count."""
        fields = sorted(shelf.fields | {"id"}) if shelf.fields is not None else None
        for _ in range(_TRIES):
            pages = 0
            for rows in self.client.list(shelf.path, fields=fields, language=shelf.language):
                pages += 1
                for row in rows:
                    shelf.put(row)
            found = sum(not _only_planned(identity) for identity in shelf.rows)
            if pages <= 1 or found == shelf.size:
                break
            shelf.size = self.client.count(shelf.path)
            if found >= shelf.size:
                break
        else:
            raise Outage(f"the list {shelf.path} changes faster than it can be read; run again later")
        shelf.complete = True

    def _again(self, shelf: Shelf, key: Key, *, nested: bool) -> None:
        """Look anew for one key: what has it, and what has newly got it."""
        if nested:
            shelf.forget()
            self._list(shelf)
            return
        for row in shelf.get(key):
            self._ask(shelf, ("id", str(row["id"])))
        questions = self._questions(shelf, [key])
        if questions is not None:
            for pair in questions:
                self._ask(shelf, pair)
            if not shelf.deaf.intersection(name for name, _ in questions):
                return
        if shelf.complete and shelf.rows:
            for rows in self.client.list(shelf.path, language=shelf.language, since_id=max(shelf.rows)):
                for row in rows:
                    shelf.put(row)
        else:
            shelf.forget()
            self._list(shelf)


def _only_planned(identity: int | None) -> bool:
    """Whether it is the id of something that would be made: the shop knows nothing of it."""
    return identity is not None and identity < 0


def _only_planned_key(name: str, value: str) -> bool:
    """Whether a question is about something that would be made."""
    return name in {"id", "product"} and value.startswith("-")


def _local(resource: Resource, name: str) -> bool:
    known = resource.named.get(name)
    return known is not None and known.local
