"""A shop as the sandbox imitates it, driven in-process on virtual time, and the target reading Singer messages."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import Lightspeed
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Headers, Request
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import VirtualClock, transport
from target_lightspeed.target import TargetLightspeed

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CONFIG: dict[str, Any] = {"api_key": "key", "api_secret": "secret", "shop": "shop1", "store": "sqlite://"}


def messages(
    stream: str,
    *records: dict[str, Any],
    held: list[Any] | None = None,
    keys: tuple[str, ...] = (),
    properties: dict[str, Any] | None = None,
) -> str:
    """What a tap sends: first STATE (when it knows the held protocol), schema, records, last STATE."""
    mark = {"version": 1, "source": "csv.shop1", "replication_key": "updatedAt"}
    lines: list[dict[str, Any]] = []
    if held is not None:
        lines.append({"type": "STATE", "value": {"bookmarks": {stream: {**mark, "held": held}}}})
    schema = {"type": "object", "properties": properties or {}}
    lines.append({"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": list(keys)})
    for number, record in enumerate(records, 1):
        own = {} if held is None else {"_source_stream": stream, "_source_key": str(number)}
        lines.append({"type": "RECORD", "stream": stream, "record": {**own, **record}})
    last = {**mark, "replication_key_value": "2026-11-01T12:00:00Z"}
    lines.append({"type": "STATE", "value": {"bookmarks": {stream: last}}})
    return "".join(f"{json.dumps(message, default=float)}\n" for message in lines)


class World:
    """One shop; each `run` is a new run of the target with the same store.

    Args:
        tmp_path: Where the store stands.
        seed: Seed of the sandbox.
        switches: Of the sandbox.
        config: Changes of the settings.
    """

    def __init__(
        self, tmp_path: Path, seed: str = "small", switches: dict[str, Any] | None = None, **config: Any
    ) -> None:
        self.clock = SandboxClock(START, frozen=True)
        self.service = LightspeedService(self.clock, seed, switches)
        self.box = Box(self.service)
        self.shop = self.service.shop("shop1")
        self.host = VirtualClock(self.clock)
        key, secret = self.service.credentials()["shop1"]
        self.config = {
            **CONFIG,
            "api_key": key,
            "api_secret": secret,
            "store": f"sqlite:///{tmp_path}/store.db",
            **config,
        }
        self.client = self.make_client()
        self.target: TargetLightspeed | None = None

    def make_client(self, **options: Any) -> Lightspeed:
        return Lightspeed(
            self.config["api_key"],
            self.config["api_secret"],
            base_url="http://localhost",
            transport=transport(self.box),
            clock=self.host,
            repeat_writes=False,
            **options,
        )

    def run(self, text: str, **config: Any) -> dict[str, Any]:
        """A run of the target; the bookmarks that it emits last."""
        out = io.StringIO()
        self.target = self.made(**config)
        with redirect_stdout(out):
            self.target.listen(io.StringIO(text))
        states = [json.loads(one) for one in out.getvalue().splitlines()]
        return states[-1]["bookmarks"] if states else {}

    def made(self, **config: Any) -> TargetLightspeed:
        """The target of a new run."""
        world = self

        class OnSandbox(TargetLightspeed):
            clock = world.host

            def make_client(self) -> Any:
                return world.client

        self.client.calls.clear()
        return OnSandbox(config={**self.config, **config})

    def load(self, stream: str, *records: dict[str, Any], **config: Any) -> list[dict[str, Any]]:
        """A run with some records of one stream; what is held afterwards."""
        return self.run(messages(stream, *records, held=[]), **config)[stream]["held"]

    # -- what happened ------------------------------------------------------------------------------------------------

    def writes(self) -> dict[str, int]:
        """Writes of the last run, by endpoint."""
        return {call: count for call, count in self.client.calls.items() if not call.startswith("GET")}

    def reads(self) -> dict[str, int]:
        """Reads of the last run, by endpoint; the question for the time is not counted."""
        return {
            call: count for call, count in self.client.calls.items() if call.startswith("GET") and call != "GET account"
        }

    def done(self) -> dict[str, int]:
        """Outcomes of the last run: action, or why it was skipped."""
        assert self.target is not None
        counts: dict[str, int] = {}
        for (_, action, reason), number in self.target.counts.items():
            name = reason if action == "skipped" else action
            counts[name] = counts.get(name, 0) + number
        return counts

    # -- the shop -----------------------------------------------------------------------------------------------------

    def user(self, method: str, path: str, body: Any) -> dict[str, Any]:
        """What somebody else does through the control paths."""
        data = json.dumps(body, default=str).encode()
        reply = self.box.answer(Request(method, f"/_sandbox/{path}", "", Headers(), data, None)).reply
        assert reply is not None
        assert reply.status in {200, 201}, reply.body
        return json.loads(reply.body)

    def fault(self, **fault: Any) -> None:
        """Set a fault."""
        self.user("POST", "faults", fault)

    def rows(self, path: str, language: str = "nl") -> list[dict[str, Any]]:
        """A list as the API shows it, oldest first; not counted."""
        found = [row for rows in self.make_client(language=language).list(path) for row in rows]
        return sorted(found, key=lambda row: row["id"])

    def row(self, path: str, identity: int, language: str = "nl") -> dict[str, Any]:
        return self.make_client(language=language).get(f"{path}/{identity}")

    def variant(self, sku: str) -> dict[str, Any]:
        (found,) = [row for rows in self.make_client().list("variants", sku=sku) for row in rows]
        return found

    def mails(self) -> list[dict[str, Any]]:
        return list(self.shop.mails.values())


def price(text: str) -> Decimal:
    return Decimal(text)
