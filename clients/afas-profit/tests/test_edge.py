"""Over real sockets of this machine: what a mock can't show."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from afas_profit import Afas, ClassicToken, Condition, Element, InDoubt, NotSent, Op, Timeouts, Unavailable, all_of

HEX = "0123456789ABCDEF" * 4
ORDER = Element({"RfCs": "secret-ref"})
GOOD = b'HTTP/1.1 201 Created\r\nContent-Length: 14\r\nDate: Sun, 01 Nov 2026 08:00:00 GMT\r\n\r\n{"results":{}}'


class Wire:
    """A server that does with each request what it is told."""

    def __init__(self, behave: Callable[[socket.socket, int], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections = self.requests = 0
        self._behave = behave
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                while self._read(connection):
                    self.requests += 1
                    self._behave(connection, self.requests)

    @staticmethod
    def _read(connection: socket.socket) -> bool:
        text = b""
        while b"\r\n\r\n" not in text:
            part = connection.recv(65536)
            if not part:
                return False
            text += part
        head, _, body = text.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        return True

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def wire(clock) -> Iterator[Callable[..., tuple[Afas, Wire]]]:
    made: list[tuple[Afas, Wire]] = []

    def make(behave: Callable[[socket.socket, int], None], **options) -> tuple[Afas, Wire]:
        server = Wire(behave)
        client = Afas(server.url, ClassicToken(HEX), clock=options.pop("clock", clock), **options)
        made.append((client, server))
        return client, server

    yield make
    for client, server in made:
        client.close()
        server.close()


def reset(connection: socket.socket, _: int) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def hang_up(connection: socket.socket, _: int) -> None:
    connection.close()


def cut_off(connection: socket.socket, _: int) -> None:
    connection.sendall(GOOD[:-4])
    connection.close()


def cut_off_chunks(connection: socket.socket, _: int) -> None:
    connection.sendall(b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"res\r\n')
    connection.close()


def silence(connection: socket.socket, _: int) -> None:
    connection.recv(1)


def gibberish(connection: socket.socket, _: int) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
    connection.close()


@pytest.mark.parametrize("behave", [reset, hang_up, cut_off, cut_off_chunks, silence, gibberish])
def test_a_connection_that_breaks_after_sending_leaves_a_write_in_doubt(wire, behave):
    """Sent once; the error doesn't show what was sent."""
    client, server = wire(behave, timeouts=Timeouts(write=0.3))
    with pytest.raises(InDoubt) as caught:
        client.insert("FbSales", ORDER)
    assert server.requests == 1
    assert "secret" not in f"{caught.value} {vars(caught.value)}"


def test_a_read_is_repeated_over_a_new_connection(wire):
    """The broken one is thrown away."""

    def twice(connection: socket.socket, number: int) -> None:
        if number < 3:
            return cut_off(connection, number)
        return connection.sendall(GOOD.replace(b"201 Created", b"200 OK"))

    client, server = wire(twice)
    client.metainfo()
    assert (server.requests, server.connections) == (3, 3)


def test_a_byte_at_a_time_does_not_go_on_for_ever(play, clock):
    """The time-out is for the whole answer, not for each part of it."""

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(1000):
                clock.gone += 1
                yield b" "

    client, script = play(lambda _: httpx.Response(201, stream=Drip()), timeouts=Timeouts(write=250))
    with pytest.raises(InDoubt, match="too long"):
        client.insert("FbSales", ORDER)
    assert len(script.requests) == 1
    assert clock.gone == 251


def test_a_port_where_nobody_listens_is_not_sent(clock):
    """Refused before anything left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Afas(f"http://127.0.0.1:{port}", ClassicToken(HEX), clock=clock) as client, pytest.raises(NotSent):
        client.insert("FbSales", ORDER)


def test_a_host_that_does_not_exist_is_not_sent(clock):
    """Unknown names are told apart from lost answers."""
    with Afas("https://no-such-host.invalid", ClassicToken(HEX), clock=clock) as client, pytest.raises(NotSent):
        client.insert("FbSales", ORDER)


def test_tls_is_verified(clock):
    """A server that speaks no TLS gets nothing."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        seen.append(connection.recv(65536))
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with Afas(url, ClassicToken(HEX), clock=clock) as client, pytest.raises(NotSent):
            client.insert("FbSales", ORDER)
        listener.shutdown(socket.SHUT_RDWR)
    assert seen
    assert not any(b"AfasToken" in part or b"secret-ref" in part for part in seen)


def test_one_connection_serves_many_calls(wire):
    """Kept alive: no handshake per call."""
    client, server = wire(lambda connection, _: connection.sendall(GOOD))
    for _ in range(20):
        client.insert("FbSales", ORDER)
    assert (server.requests, server.connections) == (20, 1)


def test_a_connection_that_the_server_has_closed_is_not_used(wire):
    """An idle connection that is gone is found out before the write, which then needs no repeat."""
    closed = threading.Event()

    def once(connection: socket.socket, _: int) -> None:
        connection.sendall(GOOD)
        connection.close()
        closed.set()

    client, server = wire(once)
    for number in (1, 2, 3):
        client.insert("FbSales", ORDER)
        assert closed.wait(10)
        closed.clear()
        assert server.requests == server.connections == number


def test_the_log_has_verb_endpoint_status_and_duration_only(play, caplog):
    """Neither token nor query nor body, not even from httpx itself."""
    client, _ = play(httpx.Response(200, json={"skip": 0, "take": 9, "rows": []}))
    with caplog.at_level(logging.DEBUG):
        list(client.rows("X", all_of(Condition("Mail", Op.EQUAL, "secret@example.test")), order_by=["Mail"]))
        client.insert("FbSales", ORDER)
        client.delete("FbSales", {"OrNu": "secret-nr"})
    assert "GET connectors/X: 200 in 0 ms" in caplog.messages
    assert "DELETE connectors/FbSales: 200 in 0 ms" in caplog.messages
    assert "secret" not in caplog.text
    assert HEX not in caplog.text
    assert "AfasToken" not in caplog.text


def test_waits_are_told(play, caplog):
    """Who watches the log sees why nothing happens."""
    client, _ = play(httpx.Response(503, headers={"Retry-After": "20"}), httpx.Response(200, json={}))
    with caplog.at_level(logging.INFO):
        client.metainfo()
    assert any(message.startswith("GET metainfo: Unavailable; again in 2") for message in caplog.messages)


def test_other_users_of_httpx_keep_their_log(play, caplog):
    """Only lines about our own hosts are dropped."""
    play(httpx.Response(200))
    with (
        caplog.at_level(logging.INFO),
        httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as other,
    ):
        other.get("https://elsewhere.test/")
    assert "elsewhere.test" in caplog.text


def test_time_outs_are_those_of_the_kind_of_call(play):
    """Long for reads, shorter for writes; none is left to a default."""
    client, script = play(httpx.Response(200, json={}), timeouts=Timeouts(connect=1, send=2, read=3, write=4))
    client.metainfo()
    client.insert("FbSales", ORDER)
    assert [request.extensions["timeout"] for request in script.requests] == [
        {"connect": 1, "pool": 1, "write": 2, "read": 3},
        {"connect": 1, "pool": 1, "write": 2, "read": 4},
    ]


def test_a_closed_service_is_unavailable_for_reads(wire):
    """Sockets that close without a word, again and again."""
    client, server = wire(hang_up)
    with pytest.raises(Unavailable):
        client.metainfo()
    assert server.requests == 5
