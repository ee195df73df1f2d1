"""Faults: bad days on order, by name, endpoint, call number or rate. One engine for both services.

Three sorts of faults, by who acts on them:

* ``wire``     the box and the driver do it (time-outs, resets, broken bodies, slow answers, kills);
* ``refusal``  the service is not asked to work but to say no in its own words: `Service.refusal(fault, request)`;
* ``view``     the service itself works differently (a look-up that hides rows): it finds the fault in the
  `FaultView` that `Service.handle` gets, applies it, and calls `Fault.fire()` **when it took effect**.

How a service uses a view fault::

    def handle(self, request: Request, faults: FaultView) -> Reply:
        rows = ...
        if fault := faults.active("lookup_filtered"):
            kept = [row for row in rows if not hidden(row, fault.params)]
            if len(kept) < len(rows):
                fault.fire()            # counted in GET /_sandbox/faults; uses up one of its `times`

`active` answers only faults whose endpoint, `contains`, nth call and rate fit this very call.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.http import Request

Sort = Literal["wire", "refusal", "view"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that can be ordered by name.

    Attributes:
        sort: Who acts on it, see the module.
        text: One line for a person.
        params: Its parameters with their defaults.
    """

    sort: Sort
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


KINDS: dict[str, FaultKind] = {
    "timeout_before_work": FaultKind("wire", "nothing is done and nothing is answered", {"seconds": 3600}),
    "timeout_after_work": FaultKind("wire", "the work is done, nothing is answered", {"seconds": 3600}),
    "late_work": FaultKind(
        "wire",
        "nothing is answered; the work is done `after` seconds after the client has gone",
        {"after": 60, "seconds": 3600},
    ),
    "reset_before": FaultKind("wire", "the connection closes, nothing is done"),
    "reset_after": FaultKind("wire", "the work is done, then the connection closes without an answer"),
    "truncated_json": FaultKind("wire", "a whole HTTP answer whose JSON stops half-way", {"keep": 0.5}),
    "truncated_body": FaultKind("wire", "the connection closes before Content-Length is reached", {"keep": 0.5}),
    "html_error": FaultKind("wire", "an HTML page of the web server in front", {"status": 500, "after_work": False}),
    "wrong_envelope": FaultKind("wire", "the work is done; the top-level key has another name", {"name": "result"}),
    "empty_2xx": FaultKind("wire", "the work is done; the answer has no body"),
    "slow": FaultKind("wire", "the answer comes late, else as usual", {"seconds": 5}),
    "drip": FaultKind("wire", "the body comes at so many bytes a second", {"bytes_per_second": 1}),
    "kill": FaultKind(
        "wire", "SIGKILL to the process that made this call, before or after the work", {"when": "after"}
    ),
    "status_429": FaultKind("refusal", "too many calls", {"retry_after": None, "headers": True, "after_work": False}),
    "status_500": FaultKind(
        "refusal", "server error in the service's own shape", {"message": None, "after_work": False}
    ),
    "status_503": FaultKind("refusal", "unavailable", {"retry_after": 7200, "after_work": False}),
    "temporary_404": FaultKind("refusal", "not found, this time"),
    "expired_token": FaultKind("refusal", "credentials refused"),
    "denied": FaultKind("refusal", "the credentials lack the right for this endpoint"),
    "error_200": FaultKind("refusal", "an error body with status 200", {"message": None, "after_work": False}),
    "lookup_filtered": FaultKind(
        "view",
        "a list hides the rows whose `field` matches `pattern` (glob, without case)",
        {"field": "*", "pattern": "*"},
    ),
    "lookup_stale": FaultKind("view", "a list shows the rows as they were `seconds` ago", {"seconds": 60}),
}
"""Faults that every service has; a service may add its own in `Service.fault_kinds`."""


class FaultOrderError(ValueError):
    """A fault order that makes no sense; the message says what is wrong."""


@dataclass(slots=True)
class Fault:
    """One ordered fault and its counters.

    Attributes:
        id: Number within this box, from 1.
        name: A key of `KINDS` or of the service's own kinds.
        endpoint: Glob on "VERB endpoint", without case: "POST connectors/FbSales", "GET orders*", "*".
        nth: First matching call (1 = the next one) that it acts on; None: from the first.
        rate: Probability per matching call; None: always.
        times: How often it may still act; None: without end.
        contains: Text that the path, query or body must hold; "" = any.
        params: Parameters, defaults filled in.
        calls: Matching calls so far. fired: how often it took effect.
    """

    id: int
    name: str
    kind: FaultKind
    endpoint: str
    nth: int | None
    rate: float | None
    times: int | None
    contains: str
    params: dict[str, Any]
    chance: random.Random
    calls: int = 0
    fired: int = 0

    def fire(self) -> None:
        """Count one effect."""
        self.fired += 1

    @property
    def spent(self) -> bool:
        """True when it has acted as often as it may."""
        return self.times is not None and self.fired >= self.times

    def meets(self, endpoint: str, request: Request) -> bool:
        """True when it acts on this call; counts the call when it matches."""
        if not fnmatchcase(endpoint.lower(), self.endpoint.lower()):
            return False
        if self.contains and not _holds(request, self.contains):
            return False
        self.calls += 1
        if self.spent or (self.nth is not None and self.calls < self.nth):
            return False
        return self.rate is None or self.chance.random() < self.rate

    def describe(self) -> dict[str, Any]:
        """As GET /_sandbox/faults shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "endpoint": self.endpoint,
            "nth": self.nth,
            "rate": self.rate,
            "times": self.times,
            "contains": self.contains,
            "params": self.params,
            "calls": self.calls,
            "fired": self.fired,
        }


def _holds(request: Request, text: str) -> bool:
    wanted = text.encode()
    return (
        wanted in request.body
        or text in request.path
        or text in request.query
        or any(text in value for _, value in request.params())
    )


class FaultView:
    """The faults that act on one call, for the service that handles it."""

    __slots__ = ("_faults",)

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = [fault for fault in faults if fault.kind.sort == "view"]

    def active(self, name: str) -> Fault | None:
        """The first active view fault of a name; the caller calls its `fire` when it took effect."""
        return next((fault for fault in self._faults if fault.name == name and not fault.spent), None)


NO_FAULTS = FaultView()


class Faults:
    """The ordered faults of one box."""

    def __init__(self, kinds: Mapping[str, FaultKind] | None = None) -> None:
        self.kinds: dict[str, FaultKind] = {**KINDS, **(kinds or {})}
        self.ordered: list[Fault] = []
        self._next = 1

    def add(self, order: Mapping[str, Any]) -> Fault:
        """Order a fault.

        Args:
            order: `name`, and optionally `endpoint`, `nth`, `rate`, `seed`, `times`, `contains`, `params`
                (parameters may also stand beside the other keys).

        Raises:
            FaultOrderError: unknown name or parameter, or a value of the wrong type.
        """
        rest = dict(order)
        name = rest.pop("name", None)
        if name not in self.kinds:
            raise FaultOrderError(f"unknown fault {name!r}; known: {', '.join(sorted(self.kinds))}")
        kind = self.kinds[name]
        endpoint, nth, rate = rest.pop("endpoint", "*"), rest.pop("nth", None), rest.pop("rate", None)
        times = rest.pop("times", None if rate is not None else 1)
        contains, seed = rest.pop("contains", ""), rest.pop("seed", 0)
        params = {**kind.params, **rest.pop("params", {}), **rest}
        if unknown := set(params) - set(kind.params) - {"after_work"}:
            raise FaultOrderError(f"{name} has no parameter {', '.join(sorted(unknown))}")
        if not isinstance(endpoint, str) or not isinstance(contains, str):
            raise FaultOrderError("endpoint and contains are texts")
        if nth is not None and (not isinstance(nth, int) or nth < 1):
            raise FaultOrderError("nth is a whole number from 1")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise FaultOrderError("times is a whole number from 1, or null for ever")
        chance = random.Random(seed)  # noqa: S311 - repeatable chance is the purpose
        number = None if rate is None else float(rate)
        fault = Fault(self._next, name, kind, endpoint, nth, number, times, contains, params, chance)
        self._next += 1
        self.ordered.append(fault)
        return fault

    def clear(self, number: int | None = None) -> int:
        """Remove one fault by its id, or all; returns how many went."""
        before = len(self.ordered)
        self.ordered = [] if number is None else [fault for fault in self.ordered if fault.id != number]
        return before - len(self.ordered)

    def meeting(self, endpoint: str, request: Request) -> list[Fault]:
        """Every fault that acts on this call, in the order they were ordered."""
        return [fault for fault in self.ordered if fault.meets(endpoint, request)]
