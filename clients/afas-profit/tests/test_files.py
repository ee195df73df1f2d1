"""Pages that the caller reads, and images, files and attachments."""

import base64
import json

import httpx
import pytest

from afas_profit import BadRequest, ConnectorDenied, Invalid, Unavailable


def reply(**body):
    return httpx.Response(200, json=body)


def rows_of(content):
    answer = json.loads(content)
    if "rows" not in answer:
        raise ValueError("no rows")
    return answer["rows"]


def test_a_page_is_read_by_the_caller(play):
    """The bytes go to the caller's function as they came, and what it makes of them comes back."""
    client, script = play(httpx.Response(200, content=b'{"skip":5,"take":2,"rows":[{"A":0.10}]}'))
    assert client.page("X", order_by=["A"], skip=5, take=2, parse=bytes) == b'{"skip":5,"take":2,"rows":[{"A":0.10}]}'
    assert script.queries == ["skip=5&take=2&orderbyfieldids=A"]


def test_a_page_that_cannot_be_read_is_asked_for_again(play):
    """An answer that is cut off is repeated like any other; a lasting one is unavailable."""
    client, script = play(httpx.Response(200, content=b'{"rows":[{"A"'), reply(rows=[1]))
    assert client.page("X", order_by=["A"], skip=0, take=2, parse=rows_of) == [1]
    assert len(script.requests) == 2
    client, _ = play(reply(something=1))
    with pytest.raises(Unavailable):
        client.page("X", order_by=["A"], skip=0, take=2, parse=rows_of)


def test_an_error_inside_a_good_answer_is_the_error(play):
    """What AFAS says in a 200 is not taken for rows."""
    client, _ = play(reply(externalMessage="Connector field 'B' not found", errorNumber=1, profitLogReference="F"))
    with pytest.raises(Invalid):
        client.page("X", order_by=["B"], skip=0, take=2, parse=rows_of)


def test_bare_fractions_of_old_versions_are_mended(play):
    """A page of Profit 6 (`.5`) is read too."""
    client, _ = play(httpx.Response(200, content=b'{"rows":[{"A":-.5}]}'))
    assert client.page("X", order_by=["A"], skip=0, take=2, parse=rows_of) == [{"A": -0.5}]


@pytest.mark.parametrize(("skip", "take"), [(-1, 5), (0, 0)])
def test_no_page_of_all_rows(play, skip, take):
    """AFAS's own ways to ask for everything at once are refused."""
    client, _ = play(reply(rows=[]))
    with pytest.raises(ValueError, match="at least"):
        client.page("X", order_by=["A"], skip=skip, take=take, parse=rows_of)


FILE = {"filename": "a b.png", "mimetype": "image/png", "filedata": base64.b64encode(b"\x89PNG").decode()}


@pytest.mark.parametrize(
    ("ask", "target"),
    [
        (lambda client: client.image(7), "ImageConnector/7?format=0"),
        (lambda client: client.image("7", "thumbnail"), "ImageConnector/7?format=1"),
        (lambda client: client.file("AB", "a b&c.png"), "FileConnector?fileid=AB&filename=a%20b%26c.png"),
        (lambda client: client.subject_file(5, "AB"), "SubjectConnector/5/AB"),
    ],
)
def test_files_are_asked_for_as_documented(play, ask, target):
    """Each kind of file has its own path; the content comes back as bytes."""
    client, script = play(reply(**FILE))
    file = ask(client)
    assert script.requests[0].url.raw_path.decode() == f"/ProfitRestServices/{target}"
    assert (file.content, file.mimetype, file.filename) == (b"\x89PNG", "image/png", "a b.png")
    assert "PNG" not in repr(file)


def test_no_file_is_none(play):
    """AFAS answers 404 for a file that is not there, or that the user may not see."""
    client, _ = play(httpx.Response(404))
    assert client.subject_file(1, "AB") is None


def test_other_refusals_are_raised(play):
    """A lacking right and a malformed call are no missing file."""
    text = "Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd."
    client, _ = play(httpx.Response(500, json={"externalMessage": text, "errorNumber": 1, "profitLogReference": "F"}))
    with pytest.raises(ConnectorDenied):
        client.subject_file(1, "AB")
    client, _ = play(httpx.Response(400))
    with pytest.raises(BadRequest):
        client.image(1)


@pytest.mark.parametrize("body", [{"filedata": "%%%"}, {"mimetype": "image/png"}, {}])
def test_a_broken_file_is_no_file(play, body):
    """A file that is not whole is unavailable, never half a file."""
    client, _ = play(reply(**body))
    with pytest.raises(Unavailable):
        client.image(1)
