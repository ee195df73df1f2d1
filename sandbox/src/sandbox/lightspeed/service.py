"""The Lightspeed service: keys, limits, languages, paths; the work itself is in the modules beside it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

from sandbox.clock import SandboxClock
from sandbox.faults import Fault, FaultKind, FaultView
from sandbox.http import Reply, Request
from sandbox.lightspeed import checkouts, control, errors, query, rules
from sandbox.lightspeed.books import books
from sandbox.lightspeed.errors import ApiError
from sandbox.lightspeed.fields import Record, Ref
from sandbox.lightspeed.rates import Windows, parse
from sandbox.lightspeed.render import Lens, Renderer, text
from sandbox.lightspeed.resources import RESOURCES, Resource
from sandbox.lightspeed.shop import PROFILES, Shop
from sandbox.lightspeed.switches import SWITCHES
from sandbox.seed.shop import fill
from sandbox.store import Change
from sandbox.switches import Switches

_VERB = {"GET": "G", "PUT": "U", "DELETE": "D"}
_NOT_FOUND = "Not found."
_NOT_ALLOWED = "Method not allowed."
_GROUPS = ("content", "products", "customers", "orders", "settings", "tracking")


class LightspeedService:
    """Two shops behind one API. See `sandbox.box.Service`."""

    name = "lightspeed"
    fault_kinds: Mapping[str, FaultKind] = {}

    def __init__(
        self, clock: SandboxClock, seed: str = "small", switches: Mapping[str, Any] | None = None
    ) -> None:
        """Open the shops with a seed ("small", "large", "empty").

        Raises:
            ValueError: unknown seed.
        """
        self.clock = clock
        self.switches = Switches(SWITCHES, switches)
        self.shops = [Shop(profile, index, clock, self.switches) for index, profile in enumerate(PROFILES)]
        self._renderers = {shop.profile.name: Renderer(shop) for shop in self.shops}
        self._seen = self.switches.version
        self._windows: dict[str, Windows] = {}
        self._keys: dict[tuple[str, str], tuple[Shop, str]] = {}
        for shop in self.shops:
            own = shop.profile
            signed = hashlib.md5((own.app_token + own.app_secret).encode()).hexdigest()  # noqa: S324 - the API's rule
            self._keys[own.api_key, own.api_secret] = shop, own.api_key
            self._keys[own.app_key, signed] = shop, own.app_key
        self._seed = seed
        self.reset(seed)

    # -- sandbox.box.Service ------------------------------------------------------------------------------------------

    def reset(self, seed: str | None) -> None:
        """See `Service.reset`."""
        fill(self.shops, seed or self._seed)
        self._seed = seed or self._seed
        self._windows.clear()
        for renderer in self._renderers.values():
            renderer.clear()

    def credentials(self) -> dict[str, Any]:
        """See `Service.credentials`."""
        return {shop.profile.name: [shop.profile.api_key, shop.profile.api_secret] for shop in self.shops}

    def changes(self) -> list[Change]:
        """See `Service.changes`."""
        return [change for shop in self.shops for change in shop.changes()]

    def restore(self, rows: Sequence[Change]) -> None:
        """See `Service.restore`."""
        for shop in self.shops:
            shop.restore(rows)
        for renderer in self._renderers.values():
            renderer.clear()

    def books(self) -> dict[str, Any]:
        """See `Service.books`."""
        return {shop.profile.name: books(shop) for shop in self.shops}

    def control(self, path: str, request: Request) -> Reply | None:
        """See `Service.control`."""
        return control.answer(self.shops, path, request)

    def endpoint(self, request: Request) -> str:
        """See `Service.endpoint`."""
        parts = request.path.strip("/").removesuffix(".json").split("/")[1:]
        return f"{request.method} {'/'.join('{id}' if part.isdigit() else part.lower() for part in parts)}"

    def refusal(self, fault: Fault, request: Request) -> Reply:
        """See `Service.refusal`."""
        message = fault.params.get("message")
        match fault.name:
            case "status_429":
                reply = self._error(request, 429, errors.TOO_MANY)
                if fault.params["headers"]:
                    self._add_limits(reply, self._key_of(request), refused=True, at_zero=True)
                if fault.params["retry_after"] is not None:
                    reply.headers.add("Retry-After", str(fault.params["retry_after"]))
                return reply
            case "status_503":
                reply = self._error(request, 503, message or "Service unavailable.")
                if fault.params["retry_after"] is not None:
                    reply.headers.add("Retry-After", str(fault.params["retry_after"]))
            case "temporary_404":
                reply = self._error(request, 404, _NOT_FOUND)
            case "expired_token":
                reply = self._error(request, 401, errors.DENIED)
            case "denied":
                reply = self._error(request, 403, "Forbidden.")
            case "error_200":
                reply = self._error(request, 200, message or errors.INVALID)
            case _:
                reply = self._error(request, 500, message or "Internal server error.")
        self._add_limits(reply, self._key_of(request))
        return reply

    def handle(self, request: Request, faults: FaultView) -> Reply:
        """See `Service.handle`."""
        if self._seen != self.switches.version:
            self._seen = self.switches.version
            for renderer in self._renderers.values():
                renderer.clear()
        found = self._keys.get(_credentials(request))
        if found is None:
            reply = self._error(request, 401, errors.DENIED)
            self._add_limits(reply, None)
            return reply
        shop, key = found
        windows = self._windows.setdefault(key, Windows())
        if not windows.spend(self.clock.now(), self._limits(), self._day_zone(shop)):
            reply = self._error(request, 429, errors.TOO_MANY)
            self._add_limits(reply, key, refused=True)
            self._add_retry_after(reply, windows, shop)
            return reply
        try:
            reply = self._answer(shop, request, faults)
        except ApiError as error:
            reply = self._error(request, error.status, error.message)
        self._add_limits(reply, key)
        return reply

    # -- paths --------------------------------------------------------------------------------------------------------

    def _answer(self, shop: Shop, request: Request, faults: FaultView) -> Reply:
        language, parts = self._path(shop, request)
        lens = self._lens(shop, language, request)
        if parts[0] == "checkouts":
            self._allowed("orders", request.method)
            return checkouts.handle(shop, request.method, parts[1:], _decoded(request), lens)
        template = "/".join("{}" if part.isdigit() else part for part in parts)
        ids = [int(part) for part in parts if part.isdigit()]
        if template in RESOURCES:
            return self._collection(shop, RESOURCES[template], request, lens, (ids or [None])[0], faults)
        if template.endswith("/count") and template.removesuffix("/count") in RESOURCES:
            return self._count(shop, RESOURCES[template.removesuffix("/count")], request, (ids or [None])[0])
        if template.endswith("/{}") and template.removesuffix("/{}") in RESOURCES:
            return self._item(shop, RESOURCES[template.removesuffix("/{}")], request, lens, ids)
        return self._special(shop, template, ids, request, lens)

    def _path(self, shop: Shop, request: Request) -> tuple[str, list[str]]:
        parts = request.path.lower().strip("/").split("/")
        language = parts[0]
        if not shop.profile.languages.get(language):
            raise ApiError(404, errors.UNKNOWN_LANGUAGE)
        if len(parts) < 2 or not parts[-1].endswith(".json"):
            raise ApiError(404, _NOT_FOUND)
        parts[-1] = parts[-1].removesuffix(".json")
        return language, parts[1:]

    def _lens(self, shop: Shop, language: str, request: Request) -> Lens:
        zone = shop.profile.zone if self.switches["offset"] == "shop" else None
        own = shop.profile.language
        switches = self.switches
        return Lens(language, own, switches["untranslated"], f"http://{request.host}", zone, switches["line_price"])

    def _allowed(self, group: str, verb: str) -> None:
        denied = {name.strip() for name in self.switches["denied_groups"].split(",")}
        if group in denied or (verb != "GET" and f"{group}:write" in denied):
            raise ApiError(403, "Forbidden.")

    def _collection(
        self, shop: Shop, resource: Resource, request: Request, lens: Lens, parent: int | None, faults: FaultView
    ) -> Reply:
        verb = {"GET": "L", "POST": "C"}.get(request.method)
        if verb is None or verb not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, request.method)
        if parent is not None and shop.get(resource.parent, parent) is None:
            raise ApiError(404, _NOT_FOUND)
        if verb == "C":
            return self._create(shop, resource, request, lens, parent)
        asked = query.read(request.params(), resource, self.switches, shop.profile.zone)
        ids = self._select(shop, resource, asked, parent, faults)
        table = shop.tables[resource.path]
        rows = [table[identity] for identity in query.cut(ids, asked)]
        return _json(200, self._renderers[shop.profile.name].many(resource, rows, lens, asked.fields))

    def _select(
        self, shop: Shop, resource: Resource, asked: query.Query, parent: int | None, faults: FaultView
    ) -> Sequence[int]:
        newest = resource.path == "orders" or self.switches["list_order"] == "newest_first"
        # The lines of one order come in the order of the order.
        newest = newest and not resource.parent
        ids = query.select(shop, resource, asked, parent, newest_first=newest)
        table = shop.tables[resource.path]
        if fault := faults.active("lookup_filtered"):
            name, pattern = fault.params["field"], str(fault.params["pattern"]).lower()
            kept = [one for one in ids if name != "*" and not fnmatchcase(str(table[one].get(name, "")).lower(), pattern)]
            if len(kept) < len(ids):
                fault.fire()
            ids = kept
        if fault := faults.active("lookup_stale"):
            edge = self.clock.now() - timedelta(seconds=float(fault.params["seconds"]))
            kept = [one for one in ids if _moment(table[one]) <= edge]
            if len(kept) < len(ids):
                fault.fire()
            ids = kept
        return ids

    def _count(self, shop: Shop, resource: Resource, request: Request, parent: int | None) -> Reply:
        if request.method != "GET" or "N" not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, "GET")
        if parent is not None and shop.get(resource.parent, parent) is None:
            raise ApiError(404, _NOT_FOUND)
        asked = query.read(request.params(), resource, self.switches, shop.profile.zone)
        ids = self._select(shop, resource, asked, parent, FaultView())
        return _json(200, text({"count": len(ids)}))

    def _item(self, shop: Shop, resource: Resource, request: Request, lens: Lens, ids: Sequence[int]) -> Reply:
        verb = _VERB.get(request.method)
        if verb is None or verb not in resource.verbs:
            raise ApiError(405, _NOT_ALLOWED)
        self._allowed(resource.group, request.method)
        record = shop.get(resource.path, ids[-1])
        if record is None or (resource.parent and record.get("_parent") != ids[0]):
            raise ApiError(404, _NOT_FOUND)
        if verb == "D":
            rules.delete(shop, resource.path, ids[-1])
            return Reply.empty(self.switches["delete_status"])
        if verb == "U":
            body = _envelope(request, resource)
            if not isinstance(body, dict):
                raise ApiError(400, errors.INVALID)
            record = self._update(shop, resource, record, body, lens.language)
            return self._shown(shop, resource, record, lens)
        fields = dict(request.params()).get("fields", "")
        return self._shown(shop, resource, record, lens, [one.strip() for one in fields.split(",") if one.strip()])

    def _shown(
        self, shop: Shop, resource: Resource, record: Record, lens: Lens, only: Sequence[str] = (), status: int = 200
    ) -> Reply:
        renderer = self._renderers[shop.profile.name]
        if resource.path == "orders":
            part = text(renderer.order(record, lens, self.switches["embedded_limit"], only or None))
        elif only:
            part = text(renderer.shown(resource, record, lens, only))
        else:
            part = renderer.one(resource, record, lens)
        name = resource.created if status == 201 and resource.created else resource.one
        return _json(status, b'{"%s":%s}' % (name.encode(), part))

    def _special(self, shop: Shop, template: str, ids: Sequence[int], request: Request, lens: Lens) -> Reply:
        single = self._singleton(shop, template, lens)
        if single is not None:
            if request.method != "GET":
                raise ApiError(405, _NOT_ALLOWED)
            return _json(200, text(single))
        match request.method, template:
            case "PUT", "variants/bulk":
                self._allowed("products", "PUT")
                items = _decoded(request).get("variant")
                if not isinstance(items, list):
                    raise ApiError(400, errors.INVALID)
                resource = RESOURCES["variants"]
                rules.bulk(
                    shop, items, lambda record, body: _nothing(self._update(shop, resource, record, body, lens.language))
                )
                return _json(200, text({"variant": [{"id": item["id"]} for item in items]}))
            case "POST", "orders/{}/credit":
                self._allowed("orders", "POST")
                body = _decoded(request).get("credit")
                if not isinstance(body, dict):
                    raise ApiError(400, errors.INVALID)
                record = rules.credit(shop, ids[0], body)
                return self._shown(shop, RESOURCES["invoices"], record, lens, status=201)
            case _, "variants/bulk" | "orders/{}/credit":
                raise ApiError(405, _NOT_ALLOWED)
        raise ApiError(404, _NOT_FOUND)

    def _singleton(self, shop: Shop, template: str, lens: Lens) -> dict[str, Any] | None:
        own, now = shop.profile, self.clock.now()
        match template:
            case "account":
                return {"account": control.account(shop, lens)}
            case "account/permissions":
                denied = {name.strip() for name in self.switches["denied_groups"].split(",")}
                rights = {
                    group: {"read": group not in denied, "write": not {group, f"{group}:write"} & denied}
                    for group in _GROUPS
                }
                return {"accountPermissions": rights}
            case "account/ratelimit":
                windows = self._windows.setdefault(own.api_key, Windows())
                return {"accountRatelimit": control.ratelimit(windows, self._limits(), now, self._day_zone(shop), lens)}
            case "shop":
                return {"shop": control.shop_record(shop, lens)}
            case "time":
                return {"time": {"time": lens.instant(now), "timezone": own.zone.key}}
        return None

    # -- writes -------------------------------------------------------------------------------------------------------

    def _create(self, shop: Shop, resource: Resource, request: Request, lens: Lens, parent: int | None) -> Reply:
        body = _envelope(request, resource)
        if not isinstance(body, dict):
            raise ApiError(400, errors.INVALID)
        missing = [name for name in resource.required if body.get(name) in (None, "", False)]
        if missing:
            raise ApiError(400, "Invalid variant title" if missing == ["title"] and resource.path == "variants" else errors.INVALID)
        record: Record = {} if parent is None else {"_parent": parent}
        self._take(shop, resource, record, body, lens.language, "rwc")
        record["id"] = shop.next_id(resource.path)
        if rule := rules.BEFORE.get(resource.path):
            record = rule(shop, None, record, body)
        record = shop.add(resource.path, record)
        if after := rules.CREATED.get(resource.path):
            after(shop, record, body)
        status = self.switches["create_variant_status"] if resource.path == "variants" else 201
        return self._shown(shop, resource, shop.need(resource.path, record["id"]), lens, status=status)

    def _update(self, shop: Shop, resource: Resource, before: Record, body: Mapping[str, Any], language: str) -> Record:
        record, given = dict(before), dict(body)
        self._take(shop, resource, record, given, language, "rw")
        if rule := rules.BEFORE.get(resource.path):
            record = rule(shop, before, record, given)
        identity = record.pop("id")
        record.pop("updatedAt", None)
        record = shop.change(resource.path, identity, None, **record)
        if after := rules.CHANGED.get(resource.path):
            after(shop, record, given)
        return shop.need(resource.path, identity)

    def _take(
        self, shop: Shop, resource: Resource, record: Record, body: Mapping[str, Any], language: str, writes: str
    ) -> None:
        """Take the writable fields of a body; unknown and read-only ones are ignored, as the API does."""
        for field in resource.fields:
            if field.name not in body or field.write == "r" or (field.write == "c" and "c" not in writes):
                continue
            field.take(body[field.name], record, language)
            target = record.get(field.name)
            if isinstance(field, Ref) and target and field.target in RESOURCES and shop.get(field.target, target) is None:
                raise ApiError(400, errors.INVALID)

    # -- answers ------------------------------------------------------------------------------------------------------

    def _error(self, request: Request, status: int, message: str) -> Reply:
        code = 400 if status == 200 else status
        return _json(status, text(errors.body(code, request.method, request.path, message)))

    def _limits(self) -> tuple[int, int, int]:
        return parse(self.switches["rate_limits"])

    def _day_zone(self, shop: Shop) -> Any:
        return shop.profile.zone if self.switches["day_zone"] == "shop" else None

    def _key_of(self, request: Request) -> str | None:
        found = self._keys.get(_credentials(request))
        return found[1] if found else None

    def _add_limits(self, reply: Reply, key: str | None, *, refused: bool = False, at_zero: bool = False) -> None:
        windows = self._windows.setdefault(key, Windows()) if key else Windows()
        zone = self._day_zone(self.shops[0])
        headers = windows.headers(self.clock.now(), self._limits(), zone, refused=refused)
        if at_zero:
            rest = headers["X-RateLimit-Remaining"].split("/")
            headers["X-RateLimit-Remaining"] = "/".join(["-1", *rest[1:]])
        for name, value in headers.items():
            reply.headers.put(name, value)

    def _add_retry_after(self, reply: Reply, windows: Windows, shop: Shop) -> None:
        now, zone = self.clock.now(), self._day_zone(shop)
        left = windows.remaining(self._limits(), refused=True)
        seconds = max(wait for rest, wait in zip(left, windows.resets(now, zone), strict=True) if rest < 0)
        until = now + timedelta(seconds=seconds)
        match self.switches["retry_after"]:
            case "seconds":
                reply.headers.add("Retry-After", str(seconds))
            case "http_date":
                reply.headers.add("Retry-After", format_datetime(until, usegmt=True))
            case "iso":
                reply.headers.add("Retry-After", until.isoformat(timespec="seconds"))


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, value = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return user, password


def _decoded(request: Request) -> Any:
    """The body: JSON when it looks like it, whatever the content type says, else a form; {} when empty.

    Raises:
        ApiError: 400, neither can be read.
    """
    body = request.body.strip()
    if not body:
        return {}
    if body[:1] in b"{[":
        try:
            return json.loads(body, parse_float=Decimal)
        except ValueError:
            raise ApiError(400, errors.INVALID) from None
    try:
        return _form(body.decode())
    except UnicodeDecodeError:
        raise ApiError(400, errors.INVALID) from None


def _form(body: str) -> dict[str, Any]:
    """`variant[stockLevel]=5` as {"variant": {"stockLevel": "5"}}."""
    answer: dict[str, Any] = {}
    for key, value in parse_qsl(body, keep_blank_values=True):
        names = key.replace("]", "").split("[")
        here = answer
        for name in names[:-1]:
            inner = here.setdefault(name, {})
            if not isinstance(inner, dict):
                raise ApiError(400, errors.INVALID)
            here = inner
        here[names[-1]] = value
    return answer


def _envelope(request: Request, resource: Resource) -> Any:
    body = _decoded(request)
    if not isinstance(body, dict) or resource.one not in body:
        raise ApiError(400, errors.INVALID)
    return body[resource.one]


def _moment(record: Record) -> datetime:
    moment = record.get("updatedAt") or record.get("createdAt")
    return moment if isinstance(moment, datetime) else datetime.min.replace(tzinfo=UTC)


def _json(status: int, body: bytes) -> Reply:
    return Reply.json(status, None).with_body(body)


def _nothing(_: object) -> None:
    return None
