"""The tap against the sandbox's shop, in one process on virtual time."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fake_shop import Stdout
from jsonschema import Draft202012Validator, FormatChecker

from lightspeed_ecom import Lightspeed
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import VirtualClock, transport
from tap_lightspeed.resources import RESOURCES
from tap_lightspeed.tap import TapLightspeed

if TYPE_CHECKING:
    import httpx

Row = dict[str, Any]
EVERYTHING = tuple(one.name for one in RESOURCES)


class SandboxShop:
    """A shop of the sandbox, and the tap that reads it.

    Attributes:
        service: The sandbox's service, to change things behind the API.
        clock: The shop's clock.
        calls: Calls per path with ``{id}`` for numbers, since `forget`.
    """

    def __init__(self, seed: str = "small", **switches: Any) -> None:
        self.clock = SandboxClock(datetime(2026, 11, 20, 12, tzinfo=UTC), frozen=True)
        self.service = LightspeedService(self.clock, seed, {"rate_limits": "90000/90000/90000", **switches})
        self.shop = self.service.shop("shop1")
        self.calls: Counter[str] = Counter()
        self.clock.advance(60)
        key, secret = self.service.credentials()["shop1"]
        self.config: Row = {
            "api_key": key,
            "api_secret": secret,
            "shop": "shop1",
            "base_url": "http://127.0.0.1:1",
            "start_date": "2020-01-01T00:00:00Z",
        }
        self._wire = transport(Box(self.service), self.clock)

    def client(self, **options: Any) -> Lightspeed:
        """Return a client of the shop."""
        shop = self

        class Counting(type(self._wire)):  # type: ignore[misc]
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                parts = request.url.path.removesuffix(".json").split("/")[1:]
                shop.calls["/".join("{id}" if part.isdigit() else part for part in parts[1:])] += 1
                shop.calls[parts[0]] += 1
                return shop._wire.handle_request(request)

        wire = Counting(self._wire._box, self.clock, 0)
        return Lightspeed(
            self.config["api_key"],
            self.config["api_secret"],
            transport=wire,
            clock=VirtualClock(self.clock),
            **options,
        )

    def tap(self) -> type[TapLightspeed]:
        """Return a plugin class whose client talks to this shop."""
        shop = self

        class Tap(TapLightspeed):
            def make_client(self) -> Lightspeed:
                return shop.client(language=self.settings.all_languages[0])

        return Tap

    def run(
        self, *streams: str, state: Row | None = None, tap: type[TapLightspeed] | None = None, **config: Any
    ) -> list[Row]:
        """Run the tap once over some streams and return its messages; `calls` has those of this run."""
        stdout = Stdout()
        self.calls.clear()
        made = (tap or self.tap())(
            config=self.config | config, state=copy.deepcopy(state), catalog=selected(*(streams or EVERYTHING))
        )
        with contextlib.redirect_stdout(stdout):
            made.sync_all()
        return stdout.messages()

    @property
    def asked(self) -> int:
        """Calls of the last run."""
        return sum(number for path, number in self.calls.items() if len(path) != 2)


@functools.cache
def _discovered() -> Row:
    found: Row = TapLightspeed(config={}, validate_config=False).catalog_dict
    return found


def selected(*streams: str) -> Row:
    """Return a catalog in which only these streams are selected."""
    return {
        "streams": [
            {
                **entry,
                "metadata": [
                    {**one, "metadata": {**one["metadata"], "selected": True}} if one["breadcrumb"] == [] else one
                    for one in entry["metadata"]
                ],
            }
            for entry in _discovered()["streams"]
            if entry["tap_stream_id"] in streams
        ]
    }


def records(messages: list[Row], stream: str | None = None) -> list[Row]:
    """Return the records of a run."""
    return [one["record"] for one in messages if one["type"] == "RECORD" and stream in {None, one["stream"]}]


def last_state(messages: list[Row]) -> Row:
    """Return the last STATE of a run."""
    state: Row = [one["value"] for one in messages if one["type"] == "STATE"][-1]
    return state


def faults(messages: list[Row]) -> list[str]:
    """Return what is wrong with the records of a run by the schemas that it wrote before them."""
    validators: dict[str, Draft202012Validator] = {}
    found = []
    for one in messages:
        if one["type"] == "SCHEMA":
            validators[one["stream"]] = Draft202012Validator(one["schema"], format_checker=FormatChecker())
        elif one["type"] == "RECORD":
            found += [
                f"{one['stream']}: {'.'.join(map(str, error.path))}: {error.message}"
                for error in validators[one["stream"]].iter_errors(one["record"])
            ]
    return found
