"""A box as an ASGI app with real delays and real broken connections."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # ships no types

from sandbox.http import Headers, Reply, Request

if TYPE_CHECKING:
    from sandbox.box import Box, Outcome

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "sandbox.transport"
"""Scope key under which `sandbox.server` hands over the connection, so that it can be broken."""

log = logging.getLogger("sandbox")


def app(box: Box) -> App:
    """The ASGI app of a box. Broken connections need `sandbox.server`, which puts the transport into the scope."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        request = _request(scope, body)
        outcome = box.answer(request)
        if outcome.reply is None:
            await _no_answer(box, outcome, request, scope, receive)
            return
        if outcome.delay:
            await asyncio.sleep(outcome.delay)
        await _send(outcome, request, scope, receive, send)

    return serve


def _request(scope: Scope, body: bytes) -> Request:
    return Request(
        scope["method"].upper(),
        scope["path"],
        scope["query_string"].decode("latin-1"),
        Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body,
        (scope["client"][0], scope["client"][1]) if scope.get("client") else None,
        scope.get("raw_path", b"").decode("latin-1"),
    )


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None when the client went before it was complete."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(outcome: Outcome, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
    reply = outcome.reply or Reply.empty(204)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if request.method == "HEAD" else reply.body
    if outcome.drop == "truncate":
        await send({"type": "http.response.body", "body": body[: int(len(body) * outcome.keep)], "more_body": True})
        transport = scope[TRANSPORT]
        transport.close()
        await _gone(receive, 5)
        return
    if outcome.drip:
        step = max(1, int(outcome.drip / 10))
        for start in range(0, len(body), step):
            await send({"type": "http.response.body", "body": body[start : start + step], "more_body": True})
            if await _gone(receive, step / outcome.drip):
                return
        body = b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _no_answer(box: Box, outcome: Outcome, request: Request, scope: Scope, receive: Receive) -> None:
    gone = await _gone(receive, outcome.delay) if outcome.delay else False
    if outcome.late is not None:
        box.client_gone(outcome.late)
    if outcome.kill:
        await asyncio.to_thread(kill_client, request.client)
    if not gone:
        _reset(scope[TRANSPORT])
        await _gone(receive, 5)


async def _gone(receive: Receive, seconds: float) -> bool:
    """Wait until the client has closed the connection, at most so long; True when it has."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False


def _reset(transport: Any) -> None:
    """Close a connection so that the other side sees a reset, not an orderly end."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def kill_client(client: tuple[str, int] | None) -> int | None:
    """SIGKILL the process that owns the client's end of a connection; its id, or None when it was not found.

    The sandbox's own process is never killed.
    """
    if client is None:
        return None
    for connection in psutil.net_connections(kind="tcp"):
        if connection.laddr and (connection.laddr.ip, connection.laddr.port) == client and connection.pid:
            if connection.pid == os.getpid():
                return None
            os.kill(connection.pid, signal.SIGKILL)
            log.info("killed process %s", connection.pid)
            return int(connection.pid)
    return None


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
