"""A proxy with a habit of real ones: it closes connections that were promised to stay open."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        address: Host and port to call.
        closed: A connection was closed since this was last cleared.
        connections: How many were made.
    """

    address: str
    closed: threading.Event = field(default_factory=threading.Event)
    connections: int = 0


@contextmanager
def closing_proxy(upstream: str) -> Iterator[Proxy]:
    """Pass requests on, and close each connection after its answer without having said so.

    Args:
        upstream: Host and port of a server that answers with Content-Length.
    """
    host, _, port = upstream.partition(":")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()
    proxy = Proxy(f"127.0.0.1:{listener.getsockname()[1]}")

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                client, _ = listener.accept()
                proxy.connections += 1
                threading.Thread(target=pass_on, args=(client,), daemon=True).start()

    def pass_on(client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection((host, int(port))) as server:
            client.settimeout(10)
            server.settimeout(10)
            if request := _message(client):
                server.sendall(request)
                client.sendall(_message(server))
        proxy.closed.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        over.set()
        thread.join(5)
        listener.close()


def _message(connection: socket.socket) -> bytes:
    """One whole HTTP message; b"" when the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = connection.recv(65_536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body
