"""A world with the handles that a single test needs: hooks on the wire, one plain order, the promises in one line."""

from __future__ import annotations

import base64
import copy
import json
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import httpx

from sandbox.faults import NO_FAULTS
from sandbox.http import Headers, Request
from tests.campaign.checker import check
from tests.support import settings, world
from tests.support.plugins import HOST, Tap, catalog
from tests.support.world import JOB, Json, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SALES = "POST connectors/FbSales"
CHANGES = "PUT connectors/FbSales"
BILLING = {
    "name": "Kim Klant",
    "street": "Lange Weg",
    "number": "4",
    "zipcode": "1011 AA",
    "city": "Amsterdam",
    "country": "nl",
}
PAID = {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True}
UNPAID = {"id": "banktransfer", "method": "banktransfer", "title": "Bankoverschrijving"}


@dataclass
class Hook:
    """Something that happens at a call: before its nth match, or to each answer.

    Attributes:
        call: Glob on "VERB /path".
        nth: Which matching call; 0: every one.
        what: Called before the call; what it raises is what the wire does.
        change: Makes another answer of the answer's body.
    """

    call: str
    nth: int = 1
    what: Callable[[], object] | None = None
    change: Callable[[bytes], bytes] | None = None
    met: int = 0


class _Hooked(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, hooks: list[Hook]) -> None:
        self._inner, self._hooks = inner, hooks

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path}"
        meeting = []
        for hook in self._hooks:
            if fnmatchcase(call, hook.call):
                hook.met += 1
                if hook.nth in {0, hook.met}:
                    meeting.append(hook)
        for hook in meeting:
            if hook.what is not None:
                hook.what()
        response = self._inner.handle_request(request)
        for hook in meeting:
            if hook.change is not None:
                headers = [(name, value) for name, value in response.headers.multi_items() if name != "content-length"]
                response = httpx.Response(response.status_code, headers=headers, content=hook.change(response.read()))
        return response


class Scene(World):
    """One shop and one AFAS for one test."""

    def __post_init__(self) -> None:
        """Open both boxes."""
        self.hooks: list[Hook] = []
        super().__post_init__()
        # A test may change parts of it; the tables in it are everybody's.
        self.target_config = copy.deepcopy(self.target_config)

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _wire(self, *args: Any, **kwargs: Any) -> Any:
        return _Hooked(super()._wire(*args, **kwargs), self.hooks)

    def before(self, call: str, what: Callable[[], object], nth: int = 1) -> Hook:
        """Let something happen before the nth call that fits; what it raises is what the wire does."""
        hook = Hook(call, nth, what=what)
        self.hooks.append(hook)
        return hook

    def answers(self, call: str, change: Callable[[Any], Any], nth: int = 0) -> Hook:
        """Change what the nth (0: every) answer says; `change` gets and gives the decoded JSON."""

        def encoded(body: bytes) -> bytes:
            return json.dumps(change(json.loads(body))).encode()

        hook = Hook(call, nth, change=encoded)
        self.hooks.append(hook)
        return hook

    def calls_of(self, endpoint: str) -> int:
        """Calls so far, by glob on the box's own name of the endpoint."""
        counted = [*self.afas.calls.items(), *self.shop.calls.items()]
        return sum(number for name, number in counted if fnmatchcase(name, endpoint))

    @property
    def writes(self) -> int:
        """Writes that AFAS has seen."""
        return self.calls_of("P* connectors/*") + self.calls_of("DELETE connectors/*")

    @contextmanager
    def no_write(self) -> Iterator[None]:
        """What happens within makes no write."""
        before = self.writes
        yield
        assert self.writes == before

    def spend(self, calls: int) -> None:
        """Another app uses the shop's key."""
        login = base64.b64encode(":".join(settings.SHOP_KEY).encode()).decode()
        for _ in range(calls):
            headers = Headers({"Authorization": f"Basic {login}"})
            self.shop.service.handle(Request("GET", "/nl/account.json", headers=headers), NO_FAULTS)

    # -- orders -------------------------------------------------------------------------------------------------------

    def sale(self, *skus: str, email: str = "kim@example.com", **said: Any) -> int:
        """A shopper orders one of each article, and time passes until the next run may see it."""
        order = self.order(
            **{
                "customer": {"email": email, "firstname": "Kim", "lastname": "Klant"},
                "billing": BILLING,
                "lines": [{"sku": sku} for sku in skus or ("SKU-0001",)],
                "shipment": {"title": "PostNL", "price": "6.95"},
                "payment": PAID,
                **said,
            }
        )
        self.passes(10)
        return order

    def number(self, order: int) -> str:
        """An order's number in the shop."""
        said: str = self.control("lightspeed", "GET", f"orders/{order}")["number"]
        return said

    def reference(self, order: int) -> str:
        """An order's reference in AFAS."""
        return f"shop1-{self.number(order)}"

    def found(self, order: int) -> Json | None:
        """An order as it stands in AFAS; None when it is not there.

        Raises:
            ValueError: It is there more than once.
        """
        reference = self.reference(order)
        there = [one for one in self.afas.books()["orders"] if one["reference"] == reference and not one["deleted"]]
        if len(there) > 1:
            raise ValueError(f"{reference} was booked {len(there)} times")
        return there[0] if there else None

    def total(self, order: int) -> Decimal:
        """An order's total in AFAS."""
        there = self.found(order)
        assert there is not None
        return Decimal(there["incl"])

    def price(self, order: int) -> Decimal:
        """An order's total in the shop."""
        return Decimal(str(self.control("lightspeed", "GET", f"orders/{order}")["priceIncl"]))

    def lines(self, order: int, item: str | None = None) -> list[Json]:
        """The lines of an order in AFAS, all or those of one item."""
        there = self.found(order)
        assert there is not None
        return [line for line in there["lines"] if item is None or line["item"] == item]

    def head(self, order: int) -> Json:
        """The header fields of an order in AFAS."""
        there = self.found(order)
        assert there is not None
        fields: Json = there["fields"]
        return fields

    def edited(self, order: int, **wish: Any) -> None:
        """The shop's staff changes a paid order, and time passes until the next run may see it."""
        self.step(order, "edit", **wish)
        self.step(order, "pay")
        self.passes(10)

    def made(self) -> list[Json]:
        """The relations that the coupling has made."""
        return [one for one in self.afas.books()["relations"] if one["history"][0]["by"].startswith("POST")]

    # -- runs ---------------------------------------------------------------------------------------------------------

    def go(self, wait: float = 0, **how: Any) -> tuple[int, int, int]:
        """A run; the exit codes of tap, mapper and target."""
        self.passes(wait)
        run = self.run(**how)
        return run["exits"]["tap"], run["exits"]["mapper"], run["exits"]["target"]

    def excused(self, why: str, **how: Any) -> tuple[int, int, int]:
        """A run that may end with 2 or 3 although no fault of the sandbox struck: a person did it, or the network."""
        codes = self.go(**how)
        self.runs[-1]["excuse"] = why
        return codes

    def mapped(self) -> bytes:
        """What the target would get now; read and mapped, and nothing is noted of it."""
        run: Json = {"job": JOB, "number": len(self.runs) + 1}
        before, HOST.current = HOST.current, self.host
        try:
            taken = self._tap(self.job(JOB), run, None, [])
            return self._mapper(self.job(JOB), taken.output, None).output
        finally:
            HOST.current = before

    def said(self, plugin: str) -> str:
        """The last line of a plugin in the last run."""
        line: str = self.runs[-1]["last"][plugin]
        return line

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Reason and subject of what is held."""
        return [(one["reason"], one["subject"]) for one in self.held()]

    @property
    def waited(self) -> float:
        """Seconds that the plugins slept so far."""
        return sum(self.host.slept)

    @property
    def bookmark(self) -> str | None:
        """How far the orders were read."""
        value: str | None = self.state.get("bookmarks", {}).get("orders", {}).get("replication_key_value")
        return value

    # -- promises -----------------------------------------------------------------------------------------------------

    def kept(self, *, healed: bool = True) -> None:
        """R1 to R7 hold; with `healed` after the causes are gone and ordinary runs have followed, and nothing is held.

        Args:
            healed: Lift the faults and run; else only what can be asked at once.
        """
        if healed:
            self.heal()
        assert [str(one) for one in check(self.evidence(healed=healed, books=healed))] == []

    def all_booked(self) -> None:
        """The causes gone, every order is there once, exact to the cent, and nothing is held any more."""
        self.kept()
        assert self.reasons == []


class Scenes:
    """Makes scenes with their own settings, and closes them in the end."""

    def __init__(self) -> None:
        self._made: list[Scene] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for scene in self._made:
            scene.close()

    def __call__(self, orders: Json | None = None, kind: type[Scene] = Scene, **how: Any) -> Scene:
        """A scene.

        Args:
            orders: Settings of the target's orders with other values.
            kind: Its class.
            how: As for a world.
        """
        target = {**how.pop("target_settings", {}), **({"orders": orders} if orders else {})}
        self._made.append(kind(target_settings=target, **how))
        return self._made[-1]


def customer(email: str, **more: Any) -> Json:
    """A customer of the shop, as an order describes one."""
    return {"email": email, "firstname": "Kim", "lastname": "Klant", **more}


def refused_connection() -> None:
    """The wire of a machine that nobody listens on: nothing was sent."""
    raise httpx.ConnectError("[Errno 111] Connection refused")


def customers(scene: Scene) -> tuple[int, int, int]:
    """A run of the customers' own flow beside that of the orders; its exit codes."""
    state, scene.state = scene.state, {}
    states, runs = [*scene.states], [*scene.runs]
    chosen = catalog(Tap(config=settings.tap("2026-01-01T00:00:00Z")), {"customers"})
    try:
        with patch.object(world, "_selected", lambda: chosen):
            return scene.go()
    finally:
        # The checker knows orders only.
        scene.state, scene.states[:], scene.runs[:] = state, states, runs
