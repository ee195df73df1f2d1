"""A box: one imitated API with its faults, its call counts, its clock and its control API. No real waiting here."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sandbox.faults import Fault, FaultKind, Faults, FaultView
from sandbox.http import Headers, Reply, Request
from sandbox.openapi import description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.clock import SandboxClock
    from sandbox.store import Change, Database
    from sandbox.switches import Switches

CONTROL = "/_sandbox"


class Service(Protocol):
    """One imitated API. The box calls it from one thread at a time."""

    name: str
    clock: SandboxClock
    switches: Switches
    fault_kinds: Mapping[str, FaultKind]
    """Faults beside `sandbox.faults.KINDS` that this service has (sort refusal or view); may be empty."""

    def handle(self, request: Request, faults: FaultView) -> Reply:
        """Do the work of one call and answer it. Never raises for a bad request."""
        ...

    def endpoint(self, request: Request) -> str:
        """The call's name for counts and faults: "GET connectors/Commerce_Orders", "GET orders/{id}"."""
        ...

    def refusal(self, fault: Fault, request: Request) -> Reply:
        """The answer of this API to a fault of sort refusal (status, body and headers as it would write them)."""
        ...

    def control(self, path: str, request: Request) -> Reply | None:
        """Control paths of its own: `path` is what follows "/_sandbox/"; None when there is no such path."""
        ...

    def books(self) -> dict[str, Any]:
        """What the merchant would find: every document with its history, JSON-able."""
        ...

    def reset(self, seed: str | None) -> None:
        """Back to a seed ("small", "large", "empty"; None: the one of last time). ValueError for another name."""
        ...

    def credentials(self) -> dict[str, Any]:
        """The demo credentials, for the ready line."""
        ...

    def changes(self) -> Iterable[Change]:
        """What to save since the last call (everything after `reset`)."""
        ...

    def restore(self, rows: Sequence[Change]) -> None:
        """Take the saved rows in place of all data."""
        ...


@dataclass(frozen=True, slots=True)
class LateWork:
    """A call whose work comes after its client has gone."""

    request: Request
    after: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a driver has to do with one call.

    Attributes:
        reply: The answer; None: the connection closes without one (after `delay`, or when the client goes).
        delay: Seconds to wait first.
        drop: "before" or "after" the work the connection closes at once; "truncate": after `keep` of the body.
        keep: Share of the body that is sent with drop "truncate".
        drip: Bytes per second of the body; None: at full speed.
        kill: SIGKILL the client's process instead of answering.
        late: Hand this to `Box.client_gone` when the client has gone.
    """

    reply: Reply | None
    delay: float = 0
    drop: Literal["before", "after", "truncate"] | None = None
    keep: float = 1
    drip: float | None = None
    kill: bool = False
    late: LateWork | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One answered call, for the log and the listeners."""

    at: datetime
    endpoint: str
    target: str
    status: int | None
    fault: str | None


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    request: Request = field(compare=False)


class Box:
    """One service behind its control API. Every method may be called from any thread."""

    def __init__(self, service: Service, database: Database | None = None) -> None:
        """Put a service in a box; with a database its saved state replaces the seed."""
        self.service = service
        self.clock = service.clock
        self.faults = Faults(service.fault_kinds)
        self.calls: Counter[str] = Counter()
        self.rate_limited = 0
        self.log: deque[Call] = deque(maxlen=5_000)
        self.listeners: list[Callable[[Call], None]] = []
        self._since = self.clock.now()
        self._late: list[_Due] = []
        self._lock = threading.RLock()
        self._database = database
        if database is not None:
            rows = database.read(service.name)
            if rows:
                service.restore(rows)
            self._save()

    # -- the imitated API -------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Outcome:
        """Do one call: due late work first, then faults, then the service."""
        with self._lock:
            self.run_due()
            if request.path == CONTROL or request.path.startswith(CONTROL + "/"):
                return Outcome(self._control(request))
            endpoint = self.service.endpoint(request)
            self.calls[endpoint] += 1
            meeting = self.faults.meeting(endpoint, request)
            outcome, fault = self._outcome(request, meeting)
            self._note(endpoint, request, outcome.reply, fault)
            if outcome.reply is not None and "date" not in outcome.reply.headers:
                outcome.reply.headers.add("Date", format_datetime(self.clock.now(), usegmt=True))
            return outcome

    def client_gone(self, late: LateWork) -> None:
        """The client of a late call has gone: its work is done `after` seconds from now."""
        with self._lock:
            due = self.clock.now() + timedelta(seconds=late.after)
            self._late.append(_Due(due, len(self._late), late.request))
            self._late.sort()

    def run_due(self) -> int:
        """Do the late work whose time has come, each at its own instant; returns how many."""
        with self._lock:
            now, done = self.clock.now(), 0
            while self._late and self._late[0].at <= now:
                due = self._late.pop(0)
                with self.clock.at(due.at):
                    self._work(due.request, FaultView())
                done += 1
            return done

    @property
    def late(self) -> int:
        """How many late works still wait for their time."""
        return len(self._late)

    def books(self) -> dict[str, Any]:
        """The service's books, after the late work that is due."""
        with self._lock:
            self.run_due()
            return self.service.books()

    def reset(self, seed: str | None = None) -> None:
        """Back to a seed: data, faults, late work and counts (switches and clock stay).

        Raises:
            ValueError: unknown seed.
        """
        with self._lock:
            self.service.reset(seed)
            self.faults.clear()
            self._late.clear()
            self.reset_calls()
            if self._database is not None:
                self._database.clear(self.service.name)
            self._save()

    def reset_calls(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self.calls.clear()
            self.log.clear()
            self.rate_limited = 0
            self._since = self.clock.now()

    def _outcome(self, request: Request, meeting: list[Fault]) -> tuple[Outcome, Fault | None]:
        delay = 0.0
        for slow in (fault for fault in meeting if fault.name == "slow"):
            slow.fire()
            delay += float(slow.params["seconds"])
        fault = next((one for one in meeting if one.kind.sort != "view" and one.name != "slow"), None)
        view = FaultView(meeting)
        if fault is None:
            return Outcome(self._work(request, view), delay), None
        fault.fire()
        params = fault.params
        if fault.kind.sort == "refusal":
            if params.get("after_work"):
                self._work(request, view)
            return Outcome(self.service.refusal(fault, request), delay), fault
        match fault.name:
            case "timeout_before_work":
                return Outcome(None, float(params["seconds"])), fault
            case "timeout_after_work":
                self._work(request, view)
                return Outcome(None, float(params["seconds"])), fault
            case "late_work":
                late = LateWork(request, float(params["after"]))
                return Outcome(None, float(params["seconds"]), late=late), fault
            case "reset_before":
                return Outcome(None, delay, drop="before"), fault
            case "kill" if params["when"] == "before":
                return Outcome(None, delay, drop="before", kill=True), fault
            case "html_error" if not params["after_work"]:
                return Outcome(_html(int(params["status"])), delay), fault
        reply = self._work(request, view)
        match fault.name:
            case "reset_after":
                return Outcome(None, delay, drop="after"), fault
            case "kill":
                return Outcome(None, delay, drop="after", kill=True), fault
            case "html_error":
                return Outcome(_html(int(params["status"])), delay), fault
            case "truncated_json":
                return Outcome(reply.with_body(_cut(reply.body, params["keep"])), delay), fault
            case "truncated_body":
                return Outcome(reply, delay, drop="truncate", keep=float(params["keep"])), fault
            case "wrong_envelope":
                return Outcome(reply.with_body(_renamed(reply.body, str(params["name"]))), delay), fault
            case "empty_2xx":
                return Outcome(reply.with_body(b""), delay), fault
            case "drip":
                return Outcome(reply, delay, drip=float(params["bytes_per_second"])), fault
        msg = f"fault {fault.name} is not built"
        raise AssertionError(msg)

    def _work(self, request: Request, view: FaultView) -> Reply:
        try:
            return self.service.handle(request, view)
        finally:
            self._save()

    def _save(self) -> None:
        if self._database is not None:
            self._database.write(self.service.name, self.service.changes())

    def _note(self, endpoint: str, request: Request, reply: Reply | None, fault: Fault | None) -> None:
        if reply is not None and reply.status == 429:
            self.rate_limited += 1
        target = f"{request.path}?{request.query}" if request.query else request.path
        status = reply.status if reply is not None else None
        call = Call(self.clock.now(), endpoint, target, status, fault.name if fault else None)
        self.log.append(call)
        for listener in self.listeners:
            listener(call)

    # -- the control API --------------------------------------------------------------------------------------------

    def _control(self, request: Request) -> Reply:
        path = request.path[len(CONTROL) :].strip("/")
        try:
            reply = self._common(path, request)
            if reply is None:
                reply = self.service.control(path, request)
                self._save()
        except (ValueError, KeyError, TypeError) as error:
            return Reply.json(400, {"error": str(error) or type(error).__name__})
        return reply or Reply.json(404, {"error": f"no control path {request.method} {request.path}"})

    def _common(self, path: str, request: Request) -> Reply | None:
        match request.method, path:
            case "GET", "health":
                return Reply.json(200, self._health())
            case "GET", "calls":
                return Reply.json(200, self._counted(with_log=request.param("log") is not None))
            case "DELETE", "calls":
                self.reset_calls()
                return Reply.empty(204)
            case "POST", "reset":
                self.reset(_body(request).get("seed"))
                return Reply.json(200, self._health())
            case (("GET" | "POST"), "clock"):
                if request.method == "POST":
                    self._set_clock(_body(request))
                return Reply.json(200, {"now": self.clock.now(), "frozen": self.clock.frozen, "skew": self.clock.skew})
            case "GET", "openapi.yaml" if (text := description(self.service.name)) is not None:
                return Reply(200, Headers({"Content-Type": "application/yaml"}), text)
            case "GET", "books":
                return Reply.json(200, self.service.books())
            case "GET", "faults":
                return Reply.json(200, {"faults": [fault.describe() for fault in self.faults.ordered]})
            case "GET", "faults/kinds":
                kinds = {
                    name: {"text": kind.text, "params": dict(kind.params)} for name, kind in self.faults.kinds.items()
                }
                return Reply.json(200, {"kinds": kinds})
            case "POST", "faults":
                body = json.loads(request.body)
                orders = body if isinstance(body, list) else [body]
                return Reply.json(201, {"faults": [self.faults.add(order).describe() for order in orders]})
            case "DELETE", "faults":
                return Reply.json(200, {"removed": self.faults.clear()})
            case "DELETE", _ if path.startswith("faults/"):
                return Reply.json(200, {"removed": self.faults.clear(int(path.removeprefix("faults/")))})
            case (("GET" | "POST"), "switches"):
                if request.method == "POST":
                    self.service.switches.set(_body(request))
                return Reply.json(200, dict(self.service.switches))
            case "DELETE", "switches":
                self.service.switches.restore()
                return Reply.json(200, dict(self.service.switches))
        return None

    def _health(self) -> dict[str, Any]:
        return {"status": "ok", "service": self.service.name, "now": self.clock.now(), "late": self.late}

    def _counted(self, *, with_log: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "since": self._since,
            "total": self.calls.total(),
            "rate_limited": self.rate_limited,
            "calls": dict(sorted(self.calls.items())),
        }
        if with_log:
            answer["log"] = [
                {"at": c.at, "endpoint": c.endpoint, "target": c.target, "status": c.status, "fault": c.fault}
                for c in self.log
            ]
        return answer

    def _set_clock(self, order: Mapping[str, Any]) -> None:
        if unknown := set(order) - {"now", "advance", "frozen", "skew"}:
            raise ValueError(f"clock takes now, advance, frozen and skew, not {', '.join(sorted(unknown))}")
        if "skew" in order:
            self.clock.skew = float(order["skew"])
        if "now" in order:
            self.clock.set(datetime.fromisoformat(order["now"]))
        if "advance" in order:
            self.clock.advance(float(order["advance"]))
        if "frozen" in order:
            self.clock.freeze(bool(order["frozen"]))


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.body) if request.body.strip() else {}
    if not isinstance(body, dict):
        raise TypeError("the body is a JSON object")
    return body


def _html(status: int) -> Reply:
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>"
    return Reply.text(status, page, "text/html")


def _cut(body: bytes, keep: float) -> bytes:
    return body[: max(1, min(len(body) - 1, int(len(body) * keep)))]


def _renamed(body: bytes, name: str) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        return body
    if isinstance(value, dict) and len(value) == 1:
        value = {name: next(iter(value.values()))}
    return json.dumps(value).encode()
