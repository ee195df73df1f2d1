"""AFAS as the sandbox imitates it, driven in-process on virtual time, and the target's flows on top of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from target_afas_builders import CONFIG

from afas_profit import Afas, ClassicToken
from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Headers, Request
from sandbox.testing import VirtualClock, transport
from target_afas.session import Session
from target_afas.settings import read_settings
from upsert.kernel import Kernel
from upsert.model import Outcome, SourceKey
from upsert.store import Store

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class World:
    """One AFAS, one store; each `run` is a new run of the target with the same store.

    Args:
        seed: Seed of the sandbox.
        switches: Of the sandbox.
        config: Changes of the settings.
    """

    def __init__(self, seed: str = "small", switches: dict[str, Any] | None = None, **config: Any) -> None:
        self.clock = SandboxClock(START, frozen=True)
        self.service = AfasService(self.clock, seed, switches)
        self.box = Box(self.service)
        self.host = VirtualClock(self.clock)
        self.store = Store.open("sqlite://")
        self.config = {**CONFIG, **config}
        self.client = self.make_client()
        self.session: Session | None = None
        self.runs = 0

    def make_client(self) -> Afas:
        return Afas(
            "http://localhost/ProfitRestServices",
            ClassicToken("0123456789ABCDEF" * 4),
            transport=transport(self.box),
            clock=self.host,
        )

    def kernel(self, stream: str, scope: str) -> Kernel:
        return Kernel(self.store, run_id=f"run{self.runs}", scope=scope, flow=stream, source="shop1", clock=self.host)

    def begin(self, **config: Any) -> Session:
        """A new run."""
        self.runs += 1
        self.client.calls.clear()
        settings = read_settings({**self.config, **config})
        self.session = Session(self.client, settings, self.store, self.kernel)
        return self.session

    def run(self, *orders: Any, **config: Any) -> list[Outcome]:
        """A run that loads orders; source keys follow from the orders' keys."""
        batch = [(SourceKey("orders", one.key.rpartition(":")[2]), one) for one in orders]
        return self.begin(**config).orders("orders").load(batch)

    def run_customers(self, *customers: Any, **config: Any) -> list[Outcome]:
        """A run that loads customers."""
        batch = [(SourceKey("customers", one.key.rpartition(":")[2]), one) for one in customers]
        return self.begin(**config).customers("customers").load(batch)

    # -- AFAS ---------------------------------------------------------------------------------------------------------

    def user(self, path: str, /, **body: Any) -> dict[str, Any]:
        """What a user does by hand in AFAS."""
        data = json.dumps(body, default=str).encode()
        request = Request("POST", f"/_sandbox/afas/{path}", "", Headers(), data, None)
        reply = self.box.answer(request).reply
        assert reply is not None
        assert reply.status in {200, 201}, reply.body
        return json.loads(reply.body)

    def fault(self, **fault: Any) -> None:
        """Set a fault."""
        request = Request("POST", "/_sandbox/faults", "", Headers(), json.dumps(fault).encode(), None)
        reply = self.box.answer(request).reply
        assert reply is not None
        assert reply.status in {200, 201}, reply.body

    def orders(self) -> list[dict[str, Any]]:
        """Orders of the shop in AFAS that are not deleted."""
        found = self.service.books()["orders"]
        return [one for one in found if not one["deleted"] and str(one["reference"] or "").startswith("shop")]

    def order(self, reference: str = "shop1-ORD00001") -> dict[str, Any]:
        (found,) = [one for one in self.orders() if one["reference"] == reference]
        return found

    def writes(self) -> int:
        """Writes of this run."""
        return sum(count for call, count in self.client.calls.items() if not call.startswith("GET"))

    def total(self, reference: str = "shop1-ORD00001") -> Decimal:
        return Decimal(str(self.order(reference)["incl"]))


def results(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    """What became of each document."""
    return [(one.action, one.reason, one.subject) for one in outcomes]
