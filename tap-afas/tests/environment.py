"""An imitated environment of AFAS in this process, and runs of the tap against it."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.testing import VirtualClock, transport
from tap_afas.tap import TapAfas

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
BASE = "http://afas/ProfitRestServices"


class Stdout(io.TextIOWrapper):
    """A standard output that is read afterwards."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def messages(self) -> list[dict[str, Any]]:
        self.flush()
        lines = self.buffer.getvalue().splitlines()
        return [json.loads(line, parse_float=Decimal) for line in lines]


class Run:
    """What one run of the tap wrote."""

    def __init__(self, messages: list[dict[str, Any]], error: BaseException | None = None) -> None:
        self.messages = messages
        self.error = error

    @property
    def state(self) -> dict[str, Any]:
        states = [one["value"] for one in self.messages if one["type"] == "STATE"]
        return states[-1] if states else {}

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [one["record"] for one in self.messages if one["type"] == "RECORD" and one["stream"] == stream]

    def schema(self, stream: str) -> dict[str, Any]:
        return next(one for one in self.messages if one["type"] == "SCHEMA" and one["stream"] == stream)

    @property
    def streams(self) -> list[str]:
        return [one["stream"] for one in self.messages if one["type"] == "SCHEMA"]


class Environment:
    """A sandbox of AFAS, its clock, and taps that talk to it."""

    def __init__(self, start: datetime = START, seed: str = "small") -> None:
        self.clock = SandboxClock(start, frozen=True)
        self.service = AfasService(self.clock, seed)
        self.box = Box(self.service)
        self.latency = 0.0

    @property
    def config(self) -> dict[str, Any]:
        return {"base_url": BASE, "environment": "T12345AA", "token": self.service.credentials()["token"]}

    def tap_class(self) -> type[TapAfas]:
        """The tap with its calls going to this environment."""
        wire, clock, latency = self.box, self.clock, self.latency

        class Tap(TapAfas):
            def make_client(self, **options: Any) -> Any:
                return super().make_client(transport=transport(wire, clock, latency=latency), clock=VirtualClock(clock))

        return Tap

    def tap(self, *streams: str, state: Any = None, catalog: Any = None, **config: Any) -> TapAfas:
        made = self.tap_class()
        config = self.config | config
        if streams and catalog is None:
            catalog = self.catalog(*streams, **config)
        return made(config=config, state=state, catalog=catalog)

    def catalog(self, *streams: str, **config: Any) -> dict[str, Any]:
        """The catalog with only these streams selected; others aren't discovered, unless the config names them."""
        if streams and "connectors" not in config:
            # A stream of files is named by its connector, an underscore and a name of its own.
            config["connectors"] = [one for stream in streams for one in {stream, stream.rpartition("_")[0]} if one]
        found = self.tap_class()(config=self.config | config).catalog_dict
        for entry in found["streams"]:
            for one in entry["metadata"]:
                if not one["breadcrumb"]:
                    one["metadata"]["selected"] = entry["tap_stream_id"] in streams
        return found

    def run(self, *streams: str, state: Any = None, catalog: Any = None, fails: bool = False, **config: Any) -> Run:
        """Run the tap; a failure is raised unless `fails`."""
        tap = self.tap(*streams, state=state, catalog=catalog, **config)
        return self.sync(tap, fails=fails)

    def sync(self, tap: TapAfas, *, fails: bool = False) -> Run:
        before, out = sys.stdout, Stdout()
        error = None
        sys.stdout = out
        try:
            tap.sync_all()
        except Exception as caught:
            if not fails:
                raise
            error = caught
        finally:
            sys.stdout = before
        return Run(out.messages(), error)

    def control(self, path: str, order: Any = None, method: str = "POST") -> Any:
        """Give an order to the sandbox."""
        client = httpx.Client(transport=transport(self.box, self.clock), base_url="http://afas/_sandbox/")
        answer = client.request(method, path, content=json.dumps(order or {}, default=str))
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def targets(self, start: str = "GET connectors/") -> list[str]:
        """The calls made, as path and query."""
        return [call.target for call in self.box.log if call.endpoint.startswith(start)]
