"""One call to one shop: from its path to its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sandbox.http import Reply, Request
from sandbox.lightspeed import actions, checkouts, effects, errors, pictures, query, single
from sandbox.lightspeed.bodies import decoded, envelope
from sandbox.lightspeed.errors import ApiError
from sandbox.lightspeed.fields import Record, Ref
from sandbox.lightspeed.rates import Windows, parse
from sandbox.lightspeed.render import Lens, Renderer, text
from sandbox.lightspeed.resources import RESOURCES, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.faults import FaultView
    from sandbox.lightspeed.shop import Shop

_NUMBER = re.compile(r"[0-9]{1,15}")
_ITEM_VERBS = {"GET": "G", "PUT": "U", "DELETE": "D"}
_LIST_VERBS = {"GET": "L", "POST": "C"}
_SINGLE_VERBS = {"GET": "G", "POST": "C", "PUT": "U", "DELETE": "D"}
_NOT_FOUND = "Not found."
_KEPT = 64
_NOT_ALLOWED = "Method not allowed."


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose language and path were read.

    Attributes:
        request: As it came. lens: Language and host of its answer. ids: The numbers in its path.
        faults: View faults that act on it. windows: Its key's rate windows.
    """

    request: Request
    lens: Lens
    ids: tuple[int, ...]
    faults: FaultView
    windows: Windows

    @property
    def verb(self) -> str:
        """HTTP verb."""
        return self.request.method


class Api:
    """The API of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.renderer, self.switches = shop, Renderer(shop), shop.switches
        self._selected: dict[tuple[object, ...], tuple[int, list[int]]] = {}

    def answer(self, request: Request, faults: FaultView, windows: Windows) -> Reply:
        """Answer a call whose key and budget are good.

        Raises:
            ApiError: what the API refuses.
        """
        language, parts = self._path(request)
        ids = tuple(int(part) for part in parts if _NUMBER.fullmatch(part))
        call = Call(request, self._lens(language, request), ids, faults, windows)
        if parts[0] == "checkouts":
            self._allowed("orders", call.verb)
            page = query.page(request.params(), self.switches)
            return checkouts.handle(self.shop, call.verb, parts[1:], decoded(request), call.lens, page=page)
        template = "/".join("{}" if _NUMBER.fullmatch(part) else part for part in parts)
        if action := actions.ACTIONS.get((call.verb, template)):
            self._allowed(action.group, call.verb)
            return self._done(action, call)
        if resource := RESOURCES.get(template):
            return self._single(resource, call) if resource.single else self._collection(resource, call)
        path, _, last = template.rpartition("/")
        resource = RESOURCES.get(path)
        if resource is not None and not resource.single and last in {"count", "{}"}:
            return self._count(resource, call) if last == "count" else self._item(resource, call)
        return self._special(template, call)

    def _path(self, request: Request) -> tuple[str, list[str]]:
        parts = request.path.lower().strip("/").split("/")
        if not self.shop.profile.languages.get(parts[0]):
            raise ApiError(404, errors.UNKNOWN_LANGUAGE)
        if len(parts) < 2 or not parts[-1].endswith(".json"):
            raise ApiError(404, _NOT_FOUND)
        parts[-1] = parts[-1].removesuffix(".json")
        return parts[0], parts[1:]

    def _lens(self, language: str, request: Request) -> Lens:
        profile, switches = self.shop.profile, self.switches
        zone = profile.zone if switches["offset"] == "shop" else None
        base = f"http://{request.host}"
        return Lens(language, profile.language, switches["untranslated"], base, zone, switches["line_price"])

    def _allowed(self, group: str, verb: str) -> None:
        denied = single.denied(self.switches)
        if group in denied or (verb != "GET" and f"{group}:write" in denied):
            raise ApiError(403, "Forbidden.")

    # -- reads --------------------------------------------------------------------------------------------------------

    def _collection(self, resource: Resource, call: Call) -> Reply:
        verb = _LIST_VERBS.get(call.verb)
        if verb is None or verb not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, call.verb)
        parent = self._parent(resource, call)
        if verb == "C":
            return self._create(resource, call, parent)
        asked, ids = self._select(resource, call, parent)
        table = self.shop.tables[resource.table]
        rows = [table[identity] for identity in query.cut(ids, asked)]
        return reply(200, self.renderer.many(resource, rows, call.lens, asked.fields))

    def _count(self, resource: Resource, call: Call) -> Reply:
        if call.verb != "GET" or "N" not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, "GET")
        _, ids = self._select(resource, call, self._parent(resource, call))
        return reply(200, text({"count": len(ids)}))

    def _parent(self, resource: Resource, call: Call) -> int | None:
        if not resource.parent:
            return None
        if not call.ids or self.shop.get(resource.parent, call.ids[0]) is None:
            raise ApiError(404, _NOT_FOUND)
        return call.ids[0]

    def _select(self, resource: Resource, call: Call, parent: int | None) -> tuple[query.Query, Sequence[int]]:
        asked = query.read(call.request.params(), resource, self.switches, self.shop.profile.zone)
        newest = resource.path == "orders" or self.switches["list_order"] == "newest_first"
        # What hangs under one record (the lines of an order) comes in its own order.
        # The pages of one window are asked for one by one: what it holds is kept until a record changes.
        key = (resource.path, parent, newest, self.switches.version, replace(asked, page=1, limit=1, fields=None))
        version, ids = self._selected.get(key, (-1, []))
        if version != self.shop.versions[resource.table]:
            own = None if resource.stored else parent
            ids = query.select(self.shop, resource, asked, own, newest_first=newest and not resource.parent)
            if len(self._selected) >= _KEPT:
                self._selected.clear()
            self._selected[key] = self.shop.versions[resource.table], ids
        return asked, self._through_faults(ids, resource, call.faults)

    def _through_faults(self, ids: list[int], resource: Resource, faults: FaultView) -> list[int]:
        table = self.shop.tables[resource.table]
        if fault := faults.active("lookup_filtered"):
            name, pattern = fault.params["field"], str(fault.params["pattern"]).lower()
            kept = [
                one for one in ids if name != "*" and not fnmatchcase(str(table[one].get(name, "")).lower(), pattern)
            ]
            if len(kept) < len(ids):
                fault.fire()
            ids = kept
        if fault := faults.active("lookup_stale"):
            # Not the old content of a row, but no row that is younger: a list that lags behind.
            edge = self.shop.clock.now() - timedelta(seconds=float(fault.params["seconds"]))
            kept = [one for one in ids if _moment(table[one]) <= edge]
            if len(kept) < len(ids):
                fault.fire()
            ids = kept
        return ids

    def _item(self, resource: Resource, call: Call) -> Reply:
        verb = _ITEM_VERBS.get(call.verb)
        if verb is None or verb not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, call.verb)
        parent = self._parent(resource, call)
        record = effects.lookup(self.shop, resource, parent, call.ids[-1])
        if record is None and verb == "U" and (maker := effects.MISSING.get(resource.path)):
            record = maker(self.shop, call.ids[0], call.ids[-1])
        if record is None:
            raise ApiError(404, _NOT_FOUND)
        return self._one(resource, record, verb, call)

    def _one(self, resource: Resource, record: Record, verb: str, call: Call) -> Reply:
        if verb == "D":
            effects.delete(self.shop, resource.table, record["id"])
            return Reply.empty(self.switches["delete_status"])
        if verb == "U":
            body = envelope(call.request, resource)
            return self._shown(resource, self.update(resource, record, body, call.lens.language), call.lens)
        only = query.names(dict(call.request.params()).get("fields", ""))
        return self._shown(resource, record, call.lens, only)

    def _single(self, resource: Resource, call: Call) -> Reply:
        """The one record of a path: an owner's image, or one of the shop's own."""
        verb = _SINGLE_VERBS.get(call.verb)
        if verb is None or verb not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, call.verb)
        parent = self._parent(resource, call)
        if verb == "C":
            return self._create(resource, call, parent)
        rows = self.shop.find(resource.path, "_parent", parent) if parent else list(self.shop.all(resource.path))
        if not rows:
            raise ApiError(404, _NOT_FOUND)
        return self._one(resource, rows[-1], verb, call)

    def _shown(
        self, resource: Resource, record: Record, lens: Lens, only: frozenset[str] | None = None, *, status: int = 200
    ) -> Reply:
        if resource.path == "orders":
            part = text(self.renderer.order(record, lens, self.switches["embedded_limit"], only))
        else:
            part = self.renderer.one(resource, record, lens, only)
        name = resource.created if status == 201 and resource.created else resource.one
        return reply(status, b'{"%s":%s}' % (name.encode(), part))

    def _special(self, template: str, call: Call) -> Reply:
        limits = parse(self.switches["rate_limits"])
        record = single.record(self.shop, template, call.lens, call.windows, limits)
        if record is not None:
            if call.verb != "GET":
                raise ApiError(405, _NOT_ALLOWED)
            return reply(200, text(record))
        if template in actions.PATHS:
            raise ApiError(405, _NOT_ALLOWED)
        raise ApiError(404, _NOT_FOUND)

    def _done(self, action: actions.Action, call: Call) -> Reply:
        done = action.work(actions.Job(self.shop, call.ids, decoded(call.request), call.lens, self.update))
        if action.shows:
            return self._shown(RESOURCES[action.shows], done, call.lens, status=action.status)
        return reply(action.status, text(done))

    # -- writes -------------------------------------------------------------------------------------------------------

    def _create(self, resource: Resource, call: Call, parent: int | None) -> Reply:
        body = envelope(call.request, resource, create=True)
        missing = [name for name in resource.required if not _said(body.get(name))]
        if missing:
            title = missing == ["title"] and resource.path == "variants"
            raise ApiError(400, "Invalid variant title" if title else errors.INVALID)
        record: Record = {} if parent is None else {"_parent": parent}
        self._take(resource, record, body, call.lens.language, create=True)
        if any(record.get(name) in (None, 0) for name in resource.required if isinstance(resource.named[name], Ref)):
            raise ApiError(400, errors.INVALID)
        if resource.media:
            record.update(pictures.received(self.shop, body, image=resource.path != "files"))
        if resource.unique and effects.taken(self.shop, resource, record):
            raise ApiError(400, errors.INVALID)
        record["id"] = self.shop.next_id(resource.path)
        if rule := effects.BEFORE.get(resource.path):
            record = rule(self.shop, None, record, body)
        record = self.shop.add(resource.path, record)
        if after := effects.CREATED.get(resource.path):
            after(self.shop, record, body)
        status = self.switches["create_variant_status"] if resource.path == "variants" else 201
        return self._shown(resource, self.shop.need(resource.path, record["id"]), call.lens, status=status)

    def update(self, resource: Resource, before: Record, body: Mapping[str, Any], language: str) -> Record:
        """Change a record by the writable fields of a body.

        Raises:
            ApiError: 400, a value or the result is refused.
        """
        record = dict(before)
        self._take(resource, record, body, language, create=False)
        if rule := effects.BEFORE.get(resource.path):
            record = rule(self.shop, before, record, body)
        stamps = {resource.changing: self.shop.now()} if resource.changing else {}
        record = self.shop.put(resource.path, {**record, **stamps})
        if after := effects.CHANGED.get(resource.path):
            after(self.shop, record, body)
        return self.shop.need(resource.path, before["id"])

    def _take(
        self, resource: Resource, record: Record, body: Mapping[str, Any], language: str, *, create: bool
    ) -> None:
        """Take the writable fields of a body; unknown and read-only ones are ignored, as the API does."""
        for field in resource.fields:
            if field.name not in body or field.write == "r" or (field.write == "c" and not create):
                continue
            field.take(body[field.name], record, language)
            if isinstance(field, Ref) and not self._known(field.target, record.get(field.name)):
                raise ApiError(400, errors.INVALID)

    def _known(self, path: str, identity: int | None) -> bool:
        """False for a reference to a record that is not there; resources without a table are not checked."""
        return not identity or path not in RESOURCES or self.shop.get(path, identity) is not None


def reply(status: int, body: bytes) -> Reply:
    """An answer with a JSON text."""
    return Reply.json(status, None).with_body(body)


def _said(value: Any) -> bool:
    """False for what stands for nothing; zero is something."""
    return value is not None and value is not False and value != ""


def _moment(record: Record) -> datetime:
    moment = record.get("updatedAt") or record.get("createdAt")
    return moment if isinstance(moment, datetime) else datetime.min.replace(tzinfo=UTC)
