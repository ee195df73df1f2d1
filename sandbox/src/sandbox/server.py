"""Boxes behind real sockets: uvicorn with uvloop and httptools, all in one process and one event loop."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.asgi import TRANSPORT, app

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.box import Box


class _Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which hands its transport to the app so that faults can break the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, object]", self.scope)[TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    """A server that leaves the signals to its owner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PortTakenError(OSError):
    """Another program listens on the port; the message says which port."""


@dataclass(slots=True)
class Door:
    """One box and the socket it is served on."""

    box: Box
    socket: socket.socket

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        host, port = self.socket.getsockname()[:2]
        return f"http://{host}:{port}"


def listen(box: Box, host: str, port: int) -> Door:
    """Bind a socket for a box; port 0 takes a free one.

    Raises:
        PortTakenError: the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(256)
    except OSError as error:
        sock.close()
        raise PortTakenError(
            f"{host}:{port} can't be used for {box.service.name}: {error.strerror}; "
            f"choose another with --{box.service.name}-port (0 takes a free one)"
        ) from error
    sock.setblocking(False)
    return Door(box, sock)


async def serve(doors: Sequence[Door], stop: asyncio.Event) -> None:
    """Serve until `stop` is set; running calls get a second to end."""
    servers = [_Server(_config(door)) for door in doors]
    running = [
        asyncio.create_task(server.serve(sockets=[door.socket])) for server, door in zip(servers, doors, strict=True)
    ]
    await stop.wait()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


def _config(door: Door) -> uvicorn.Config:
    return uvicorn.Config(
        app(door.box),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )


def loop_factory() -> asyncio.AbstractEventLoop:
    """A uvloop event loop where there is one, else asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


@contextmanager
def served(*boxes: Box, host: str = "127.0.0.1") -> Iterator[list[str]]:
    """Serve boxes on free ports from a thread of this process; yields their addresses, for tests."""
    doors = [listen(box, host, 0) for box in boxes]
    ready: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    begun = threading.Event()

    async def main() -> None:
        stop = asyncio.Event()
        ready.append((asyncio.get_running_loop(), stop))
        begun.set()
        await serve(doors, stop)

    def run() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(main())

    thread = threading.Thread(target=run, name="sandbox", daemon=True)
    thread.start()
    begun.wait()
    try:
        yield [door.url for door in doors]
    finally:
        loop, stop = ready[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        for door in doors:
            door.socket.close()
