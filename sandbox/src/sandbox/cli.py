"""Command line: `sandbox serve`, and small commands that talk to a running sandbox."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import urllib.error
import urllib.request
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.seed import SEEDS
from sandbox.server import Door, PortTakenError, listen, loop_factory, serve
from sandbox.store import Database
from sandbox.switches import SwitchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVICES = {
    "afas": ("sandbox.afas.service", "AfasService"),
    "lightspeed": ("sandbox.lightspeed.service", "LightspeedService"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 2 wrong use or a port that is taken, 3 no sandbox there."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except urllib.error.URLError as error:
        print(
            f"sandbox: nothing answers at {options.url} ({error.reason}): is `sandbox serve` running?", file=sys.stderr
        )
        return 3
    except (PortTakenError, SwitchError, ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="AFAS Profit and Lightspeed eCom as local servers")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("serve", help="start both servers")
    one.add_argument("--afas-port", type=_port, default=8701, metavar="PORT", help="default 8701; 0 takes a free one")
    one.add_argument(
        "--lightspeed-port", type=_port, default=8702, metavar="PORT", help="default 8702; 0 takes a free one"
    )
    one.add_argument("--host", default="127.0.0.1", help="the address to listen on, default 127.0.0.1")
    one.add_argument("--seed", choices=SEEDS, default="small", help="the data to start with, default small")
    one.add_argument("--db", metavar="FILE", help="keep the state in this SQLite file; its state wins over the seed")
    one.add_argument("--now", type=_instant, metavar="INSTANT", help="start the clock there (ISO 8601)")
    one.add_argument("--frozen", action="store_true", help="the clock only moves when told")
    one.add_argument("--only", choices=tuple(SERVICES), help="start one of the two")
    one.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="SERVICE.NAME=VALUE",
        help="behave otherwise, for instance lightspeed.line_price=total; may be repeated",
    )
    one.set_defaults(run=_serve)
    two = commands.add_parser("orders", help="place orders of every kind in a running sandbox")
    two.add_argument("n", type=int, nargs="?", default=1, help="how many, default 1; the kinds come in turn")
    two.add_argument("--kind", action="append", default=[], help="only this kind; may be repeated")
    two.add_argument("--shop", default="shop1", help="shop1 (default) or shop2")
    two.add_argument("--seed", type=int, default=1, help="another number makes other orders")
    two.add_argument("--url", default="http://127.0.0.1:8702", help="its Lightspeed side, default %(default)s")
    two.set_defaults(run=_orders)
    three = commands.add_parser("books", help="print the books of a running sandbox as JSON")
    three.add_argument("--url", default="http://127.0.0.1:8702", help="either side, default %(default)s")
    three.set_defaults(run=_books)
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give 0 to 65535")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant such as 2026-10-25T02:30:00+02:00") from None


def boxes(
    seed: str = "small",
    *,
    clock: SandboxClock | None = None,
    database: Database | None = None,
    switches: Mapping[str, Mapping[str, Any]] | None = None,
    only: str | None = None,
) -> dict[str, Box]:
    """Make the boxes of both services on one clock.

    Args:
        seed: "small", "large" or "empty".
        clock: The clock both follow; default real time.
        database: Where their state is kept.
        switches: Switches per service.
        only: Make just this one.

    Raises:
        ValueError: unknown seed or switch.
    """
    shared = clock or SandboxClock()
    made = {}
    for name, (module, kind) in SERVICES.items():
        if only in {None, name}:
            service = getattr(import_module(module), kind)(shared.child(), seed, dict((switches or {}).get(name, {})))
            made[name] = Box(service, database)
    return made


def _serve(options: argparse.Namespace) -> int:
    clock = SandboxClock(options.now, frozen=options.frozen)
    database = Database(options.db) if options.db else None
    made = boxes(options.seed, clock=clock, database=database, switches=_switches(options.switch), only=options.only)
    ports = {"afas": options.afas_port, "lightspeed": options.lightspeed_port}
    doors: list[Door] = []
    try:
        doors.extend(listen(box, options.host, ports[name]) for name, box in made.items())
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_until_stopped(doors))
    finally:
        for door in doors:
            door.socket.close()
        if database is not None:
            database.close()
    return 0


async def _until_stopped(doors: Sequence[Door]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    print(ready_line(doors), flush=True)
    await serve(doors, stop)


def ready_line(doors: Sequence[Door]) -> str:
    """Addresses and demo credentials in one line of `name=value` words after "sandbox ready"."""
    words = ["sandbox ready"]
    for door in doors:
        service = door.box.service
        words.append(f"{service.name}={door.url}")
        for name, value in service.credentials().items():
            words.append(f"{name}={':'.join(value) if isinstance(value, (list, tuple)) else value}")
    return " ".join(words)


def _switches(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`lightspeed.line_price=total` as {"lightspeed": {"line_price": "total"}}; JSON values where they are JSON."""
    found: dict[str, dict[str, Any]] = {}
    for word in words:
        place, equals, text = word.partition("=")
        service, dot, name = place.partition(".")
        if not equals or not dot or service not in SERVICES:
            raise ValueError(f"--switch takes SERVICE.NAME=VALUE with SERVICE {' or '.join(SERVICES)}, not {word!r}")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        found.setdefault(service, {})[name] = value
    return found


def _orders(options: argparse.Namespace) -> int:
    order = {"n": options.n, "kinds": options.kind, "shop": options.shop, "seed": options.seed}
    answer = _call(f"{options.url}/_sandbox/orders", order)
    for one in answer["orders"]:
        print(f"{one['shop']} {one['number']} {one['kind']} {one['priceIncl']} {one['status']}")
    return 0


def _books(options: argparse.Namespace) -> int:
    print(json.dumps(_call(f"{options.url}/_sandbox/books"), indent=1, ensure_ascii=False))
    return 0


def _call(url: str, body: Any = None) -> Any:
    if not url.startswith("http"):
        raise ValueError(f"{url} is no http address")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - checked above
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise ValueError(json.load(error).get("error", str(error))) from error


if __name__ == "__main__":
    sys.exit(main())
