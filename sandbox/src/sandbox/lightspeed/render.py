"""Records as the API shows them, with the JSON text of each cached until it changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.http import plain
from sandbox.lightspeed import catalog
from sandbox.lightspeed.resources import LINES, RESOURCES, VIEWS, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from sandbox.lightspeed.fields import Field, Record
    from sandbox.lightspeed.shop import Shop

_CACHED = 40_000
_Texts = dict[tuple[str, int], dict[frozenset[str] | None, bytes]]
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=plain, check_circular=False)


@dataclass(frozen=True, slots=True)
class Lens:
    """From where records are looked at: language, own host, offset. See `fields.View`."""

    language: str
    default_language: str
    untranslated: str
    base: str
    zone: ZoneInfo | None
    line_price: str

    def instant(self, moment: datetime) -> str:
        """ISO 8601 with the cluster's offset, without fractions."""
        return _iso(moment, self.zone)

    def link(self, url: str) -> str:
        """The absolute address of a relative one, with language and `.json`."""
        path, question, query = url.partition("?")
        return f"{self.base}/{self.language}/{path}.json{question}{query}"


@lru_cache(maxsize=100_000)
def _iso(moment: datetime, zone: ZoneInfo | None) -> str:
    return moment.astimezone(zone or UTC).isoformat(timespec="seconds")


def text(value: Any) -> bytes:
    r"""JSON as PHP writes it: no spaces, `\/` for a slash, everything outside ASCII as `\u....`."""
    return _ENCODER.encode(value).replace("/", "\\/").encode("ascii")


class Renderer:
    """Shows the records of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._visible: dict[str, tuple[Field, ...]] = {
            path: tuple(field for field in resource.fields if field.write != "w")
            for path, resource in RESOURCES.items()
        }
        self._chosen: dict[tuple[str, frozenset[str]], tuple[Field, ...]] = {}
        self._cache: dict[Lens, _Texts] = {}
        self._catalog: dict[Lens, _Texts] = {}
        self._catalog_version = 0
        shop.on_change = self.forget

    def forget(self, path: str, identity: int) -> None:
        """A record changed: its cached text is stale."""
        for cached in self._cache.values():
            cached.pop((path, identity), None)
            for view in VIEWS[path]:
                cached.pop((view, identity), None)

    def clear(self) -> None:
        """Everything cached is stale."""
        self._cache.clear()
        self._catalog.clear()

    def _texts(self, resource: Resource, lens: Lens) -> _Texts:
        """What is cached for a viewer; of the catalogue only until any of its parts changes."""
        if resource.path != "catalog":
            return self._cache.setdefault(lens, {})
        version = sum(self._shop.versions[path] for path in catalog.PARTS)
        if version != self._catalog_version:
            self._catalog.clear()
            self._catalog_version = version
        return self._catalog.setdefault(lens, {})

    def shown(
        self, resource: Resource, record: Record, lens: Lens, only: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """A record as the API shows it; `only` names the fields to show, in the resource's order."""
        if resource.path == "catalog":
            whole = catalog.product(self._shop, record, lens)
            return {name: value for name, value in whole.items() if only is None or name in only}
        fields = self._visible[resource.path]
        extra = record.get("_extra", {})
        if only is not None:
            key = (resource.path, only)
            if key not in self._chosen:
                self._chosen[key] = tuple(field for field in fields if field.name in only)
            fields = self._chosen[key]
            extra = {name: value for name, value in extra.items() if name in only}
        answer = {field.name: field.show(record, lens) for field in fields}
        answer.update(extra)
        if resource is LINES and lens.line_price == "total":
            _as_totals(answer, record)
        return answer

    def one(self, resource: Resource, record: Record, lens: Lens, only: frozenset[str] | None = None) -> bytes:
        """The JSON text of a record."""
        return self._text(self._texts(resource, lens), resource, record, lens, only)

    def many(self, resource: Resource, records: Sequence[Record], lens: Lens, only: frozenset[str] | None) -> bytes:
        """The JSON text of a list in its envelope."""
        cached = self._texts(resource, lens)
        parts = [self._text(cached, resource, record, lens, only) for record in records]
        return b'{"%s":[%s]}' % (resource.many.encode(), b",".join(parts))

    def _text(
        self, cached: _Texts, resource: Resource, record: Record, lens: Lens, only: frozenset[str] | None
    ) -> bytes:
        key = (resource.path, record["id"])
        texts = cached.get(key)
        if texts is None:
            if len(cached) >= _CACHED:
                cached.clear()
            texts = cached[key] = {}
        found = texts.get(only)
        if found is None:
            found = texts[only] = text(self.shown(resource, record, lens, only))
        return found

    def order(
        self, record: Record, lens: Lens, embedded_limit: int, only: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """An order with its seven embedded parts, each at most `embedded_limit` long (0: no limit)."""
        shop, identity = self._shop, record["id"]
        answer = self.shown(RESOURCES["orders"], record, lens, only)
        lists = {
            "invoices": ("invoices", shop.find("invoices", "order", identity)),
            "shipments": ("shipments", shop.find("shipments", "order", identity)),
            "products": ("orders/{}/products", shop.find("orders/{}/products", "_parent", identity)),
            "metafields": ("orders/{}/metafields", shop.find("orders/{}/metafields", "_parent", identity)),
            "events": ("orders/events", shop.find("orders/events", "order", identity)),
        }
        for name, (path, rows) in lists.items():
            if name in answer:
                kept = rows[:embedded_limit] if embedded_limit else rows
                answer[name]["resource"]["embedded"] = [self.shown(RESOURCES[path], row, lens) for row in kept]
        for name, path in (("customer", "customers"), ("quote", "quotes")):
            found = shop.get(path, record[name]) if record.get(name) else None
            if found is not None and name in answer:
                answer[name]["resource"]["embedded"] = self.shown(RESOURCES[path], found, lens)
        return answer


def _as_totals(answer: dict[str, Any], record: Record) -> None:
    """Turn a line's prices from units into totals."""
    quantity = record.get("quantityOrdered", 1)
    for basis in ("Excl", "Incl"):
        for name in ("price", "discount"):
            key = f"{name}{basis}"
            if key in answer:
                answer[key] = record.get(f"_total{key[0].upper()}{key[1:]}", answer[key] * quantity)
