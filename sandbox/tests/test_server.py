"""The same box behind real sockets, with a real client, and the command line."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from sandbox.cli import main
from sandbox.server import PortTakenError, listen
from sandbox.testing import served

if TYPE_CHECKING:
    from sandbox.box import Box


@pytest.fixture
def live(box: Box):
    with served(box) as (url,), httpx.Client(base_url=url, timeout=5) as client:
        yield client


def order(client: httpx.Client, **fault: object) -> None:
    assert client.post("/_sandbox/faults", json=fault).status_code == 201


@pytest.mark.parametrize(
    ("name", "errors", "done"),
    [
        ("reset_before", (httpx.ReadError, httpx.RemoteProtocolError), 0),
        ("reset_after", (httpx.ReadError, httpx.RemoteProtocolError), 1),
        ("truncated_body", (httpx.ReadError, httpx.RemoteProtocolError), 1),
        ("timeout_before_work", (httpx.ReadTimeout,), 0),
        ("timeout_after_work", (httpx.ReadTimeout,), 1),
    ],
)
def test_connections_really_break(live, box, name, errors, done):
    """A real client sees the broken connection, and the next call on a new one works."""
    order(live, name=name)
    with pytest.raises(errors):
        live.post("/said", content="x", timeout=0.2)
    assert len(box.books()["said"]) == done
    assert live.post("/said", content="y").status_code == 201


def test_a_hang_that_ends_by_itself_closes_the_connection(live):
    """After its seconds the server lets go, and a patient client sees a broken connection, no time-out."""
    order(live, name="timeout_before_work", seconds=0.05)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        live.get("/said")


def test_late_work_starts_counting_when_the_client_has_gone(live, box, clock):
    """The server notices that the client gave up."""
    order(live, name="late_work", after=60)
    with pytest.raises(httpx.ReadTimeout):
        live.post("/said", content="x", timeout=0.1)
    deadline = time.monotonic() + 5
    while not box.late and time.monotonic() < deadline:
        assert live.get("/said").json() == {"rows": []}
    clock.advance(61)
    assert len(live.get("/said").json()["rows"]) == 1


def test_slow_and_dripping_answers_are_whole(live):
    """The bytes come, later."""
    order(live, name="slow", seconds=0.05)
    order(live, name="drip", bytes_per_second=200)
    assert live.get("/said").json() == {"rows": []}
    assert live.get("/said").json() == {"rows": []}


def test_a_doubled_content_type_is_accepted(live):
    """As the real services do."""
    headers = [("Content-Type", "application/json"), ("Content-Type", "application/json")]
    assert live.post("/said", content="x", headers=headers).status_code == 201


def test_kill_finds_the_clients_process_and_spares_its_own(live, box):
    """A client in another process dies by SIGKILL; one in the sandbox's own process only loses its connection."""
    order(live, name="kill", when="after", endpoint="POST said")
    body = f"import urllib.request as u; u.urlopen('{live.base_url}/said', b'x', timeout=20)"
    client = subprocess.Popen([sys.executable, "-c", body], stderr=subprocess.DEVNULL)
    assert client.wait(20) == -signal.SIGKILL
    assert len(box.books()["said"]) == 1
    order(live, name="kill", when="before", endpoint="POST said")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        live.post("/said", content="x")


def test_a_taken_port_is_named(box):
    """The error says which address and for which service."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"127.0.0.1:{port} can't be used for toy"):
            listen(box, "127.0.0.1", port)


def test_serve_prints_one_ready_line_and_stops_cleanly(tmp_path):
    """Free ports, a line with addresses and credentials, orders from the command line, exit 0 on SIGTERM."""
    command = [sys.executable, "-m", "sandbox.cli", "serve", "--only", "lightspeed", "--lightspeed-port", "0"]
    state = str(tmp_path / "state.db")
    counts = []
    for _ in range(2):
        server = subprocess.Popen(
            [*command, "--db", state, "--switch", "lightspeed.line_price=total"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            found = re.fullmatch(r"sandbox ready lightspeed=(\S+) shop1=(\w+):(\w+) shop2=(\w+):(\w+)\n", line)
            assert found is not None
            url = found[1]
            assert httpx.get(f"{url}/_sandbox/switches").json()["line_price"] == "total"
            counts.append(len(httpx.get(f"{url}/_sandbox/books").json()["shop1"]["orders"]))
            assert main(["orders", "2", "--kind", "plain", "--url", url]) == 0
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
            assert server.stdout is not None
            server.stdout.close()
    assert counts[1] == counts[0] + 2


def test_wrong_use_is_one_line_and_a_code(capsys):
    """Bad switches and an absent sandbox are told in one line."""
    assert main(["serve", "--only", "lightspeed", "--switch", "lightspeed.nope=1"]) == 2
    assert main(["serve", "--switch", "nope"]) == 2
    assert main(["orders", "--url", "http://127.0.0.1:9"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("sandbox: ") for line in lines)
    assert "nothing answers at http://127.0.0.1:9" in lines[2]


def test_a_taken_port_names_the_option(capsys):
    """The line says which option takes another port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert main(["serve", "--only", "lightspeed", "--seed", "empty", "--lightspeed-port", port]) == 2
    assert "--lightspeed-port (0 takes a free one)" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--afas-port", "99999"), ("--afas-port", "-1"), ("--now", "yesterday")])
def test_a_senseless_option_is_named(words, capsys):
    """An option that can't be used is refused by name with exit code 2, before anything starts."""
    with pytest.raises(SystemExit) as left:
        main(["serve", *words])
    assert left.value.code == 2
    assert words[0] in capsys.readouterr().err
