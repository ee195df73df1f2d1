"""The Lightspeed service: which shop a key belongs to, its limits, and the answer to a refused call."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import control, errors
from sandbox.lightspeed.api import Api, reply
from sandbox.lightspeed.books import books
from sandbox.lightspeed.errors import ApiError
from sandbox.lightspeed.rates import Windows, parse
from sandbox.lightspeed.render import text
from sandbox.lightspeed.shop import PROFILES, Shop
from sandbox.lightspeed.switches import SWITCHES
from sandbox.seed.shop import fill
from sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sandbox.clock import SandboxClock
    from sandbox.faults import Fault, FaultKind, FaultView
    from sandbox.http import Reply, Request
    from sandbox.store import Change


class LightspeedService:
    """Two shops behind one API. See `sandbox.box.Service`."""

    name = "lightspeed"
    fault_kinds: Mapping[str, FaultKind] = {}

    def __init__(self, clock: SandboxClock, seed: str = "small", switches: Mapping[str, Any] | None = None) -> None:
        """Open the shops with a seed ("small", "large", "empty").

        Raises:
            ValueError: unknown seed. SwitchError: unknown switch.
        """
        self.clock = clock
        self.switches = Switches(SWITCHES, switches)
        self.shops = [Shop(profile, index, clock, self.switches) for index, profile in enumerate(PROFILES)]
        self._apis = {shop.profile.name: Api(shop) for shop in self.shops}
        self._seen = self.switches.version
        self._windows: dict[str, Windows] = {}
        self._refused: Counter[str] = Counter()
        self._keys: dict[tuple[str, str], tuple[Shop, str]] = {}
        for shop in self.shops:
            own = shop.profile
            signed = hashlib.md5((own.app_token + own.app_secret).encode()).hexdigest()  # noqa: S324 - the API's rule
            self._keys[own.api_key, own.api_secret] = shop, own.api_key
            self._keys[own.app_key, signed] = shop, own.app_key
        self._seed = seed
        self.reset(seed)

    def reset(self, seed: str | None) -> None:
        """See `Service.reset`."""
        fill(self.shops, seed or self._seed)
        self._seed = seed or self._seed
        self._windows.clear()
        self._refused.clear()
        self._forget_texts()

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
        self._forget_texts()

    def books(self) -> dict[str, Any]:
        """See `Service.books`."""
        return {
            shop.profile.name: {**books(shop), "rate_limited": self._refused[shop.profile.name]} for shop in self.shops
        }

    def control(self, path: str, request: Request) -> Reply | None:
        """See `Service.control`."""
        return control.answer(self.shops, path, request)

    def put(self, resource: str, record: Mapping[str, Any], *, shop: str = "shop1", parent: int | None = None) -> int:
        """Store a record in the shape in which the API shows it (a recording); returns its id.

        Raises:
            KeyError: unknown resource or shop.
        """
        return int(self.shop(shop).load(resource, record, parent)["id"])

    def shop(self, name: str) -> Shop:
        """A shop by its name.

        Raises:
            KeyError: unknown.
        """
        return self._apis[name].shop

    def endpoint(self, request: Request) -> str:
        """See `Service.endpoint`."""
        parts = request.path.strip("/").removesuffix(".json").split("/")[1:]
        return f"{request.method} {'/'.join('{id}' if part.isdigit() else part.lower() for part in parts)}"

    def handle(self, request: Request, faults: FaultView) -> Reply:
        """See `Service.handle`."""
        if self._seen != self.switches.version:
            self._seen = self.switches.version
            self._forget_texts()
        found = self._keys.get(_credentials(request))
        if found is None:
            return self._with_limits(_error(request, 401, errors.DENIED), None)
        shop, key = found
        windows = self._windows.setdefault(key, Windows())
        if not windows.spend(self.clock.now(), self._limits(), self._day_zone()):
            self._refused[shop.profile.name] += 1
            refused = self._with_limits(_error(request, 429, errors.TOO_MANY), key, refused=True)
            self._add_retry_after(refused, windows)
            return refused
        try:
            answer = self._apis[shop.profile.name].answer(request, faults, windows)
        except ApiError as error:
            answer = _error(request, error.status, error.message)
        return self._with_limits(answer, key)

    def refusal(self, fault: Fault, request: Request) -> Reply:
        """See `Service.refusal`."""
        found = self._keys.get(_credentials(request))
        key, params = found[1] if found else None, fault.params
        statuses = {
            "status_429": (429, errors.TOO_MANY),
            "status_503": (503, "Service unavailable."),
            "temporary_404": (404, "Not found."),
            "expired_token": (401, errors.DENIED),
            "denied": (403, "Forbidden."),
            "error_200": (200, errors.INVALID),
        }
        status, message = statuses.get(fault.name, (500, "Internal server error."))
        answer = _error(request, status, str(params.get("message") or message))
        if params.get("headers", True):
            self._with_limits(answer, key, refused=status == 429)
        if status == 429 and "X-RateLimit-Remaining" in answer.headers:
            rest = (answer.headers.get("X-RateLimit-Remaining") or "").split("/")
            answer.headers.put("X-RateLimit-Remaining", "/".join(["-1", *rest[1:]]))
        if params.get("retry_after") is not None:
            answer.headers.put("Retry-After", str(params["retry_after"]))
        return answer

    def _forget_texts(self) -> None:
        for api in self._apis.values():
            api.renderer.clear()

    def _limits(self) -> tuple[int, int, int]:
        return parse(self.switches["rate_limits"])

    def _day_zone(self) -> ZoneInfo | None:
        return self.shops[0].profile.zone if self.switches["day_zone"] == "shop" else None

    def _with_limits(self, answer: Reply, key: str | None, *, refused: bool = False) -> Reply:
        windows = self._windows.setdefault(key, Windows()) if key else Windows()
        headers = windows.headers(self.clock.now(), self._limits(), self._day_zone(), refused=refused)
        for name, value in headers.items():
            answer.headers.put(name, value)
        return answer

    def _add_retry_after(self, answer: Reply, windows: Windows) -> None:
        now = self.clock.now()
        left = windows.remaining(self._limits(), refused=True)
        waits = zip(left, windows.resets(now, self._day_zone()), strict=True)
        seconds = max(wait for rest, wait in waits if rest < 0)
        until = now + timedelta(seconds=seconds)
        match self.switches["retry_after"]:
            case "seconds":
                answer.headers.add("Retry-After", str(seconds))
            case "http_date":
                answer.headers.add("Retry-After", format_datetime(until, usegmt=True))
            case "iso":
                answer.headers.add("Retry-After", until.isoformat(timespec="seconds"))


def _error(request: Request, status: int, message: str) -> Reply:
    code = 400 if status == 200 else status
    return reply(status, text(errors.body(code, request.method, request.path, message)))


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, value = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return user, password
