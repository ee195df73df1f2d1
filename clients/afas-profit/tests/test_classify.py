"""Which error an answer is."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from afas_profit import (
    AlreadyExists,
    BadRequest,
    ConnectorBlocked,
    ConnectorDenied,
    InDoubt,
    Invalid,
    Locked,
    NotAuthorised,
    Refused,
    Unavailable,
)
from afas_profit.call import Answer, Call
from afas_profit.classify import refusal, result, retry_after

NOW = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
READ = Call("GET", "connectors/Profit_X", "connectors/Profit_X?filtervalues=secret@example.test", connector="Profit_X")
WRITE = Call("POST", "connectors/FbSales", "connectors/FbSales", "write", b'{"secret":1}', "FbSales")


def outcome(call, status, body=b"", headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        return result(call, Answer(status, headers or {}, content), lambda: NOW)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error


def said(text, number=-2147180996):
    return {"errorNumber": number, "externalMessage": text, "profitLogReference": "3A4CA18A611A4E07B429AC6BAFC6B8D1"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("De ingevulde waarde bij 'Itemcode' bestaat niet.", Invalid),
        ("The entered value for 'Item code' does not exist.", Invalid),
        ("Vul een waarde in bij 'Verkooprelatie'.", Invalid),
        ("Prijs bestaat reeds", AlreadyExists),
        ("Prijs niet gevonden", Invalid),
        ("Artikel niet gevonden", Invalid),
        ("(AntaObject) The primary key already exists for field 'Nummer'", AlreadyExists),
        (
            "[SQL Server]Cannot insert duplicate key row in object 'dbo.AfasKnSalRelation' with unique index 'X'.",
            AlreadyExists,
        ),
        ("General message: Factuurnummer 7 wordt al gebruikt in financieel bij relatienummer 10001", AlreadyExists),
        ("Invoice number [7] is already used in finance for Creditor [1]", AlreadyExists),
        ("Datum '1-11-2023' valt in een geblokkeerde periode", Invalid),
        ("Voor deze administratie is periode 8 van jaar 2023 geblokkeerd.", Invalid),
        ("General message: Deze contactpersoon is niet toegestaan omdat hij/zij geblokeerd is.", Invalid),
        ("There is no assignment for cost center 'x' with account '8' or the assignment is blocked.", Invalid),
        ("Er is meer dan 1 organisatie gevonden die voldoet aan het zoekprofiel.", Invalid),
        ("Er is geen organisatie/persoon gevonden die voldoet aan de zoekcriteria.", Invalid),
        ("Een onvolledig adres mag niet geïmporteerd worden.", Invalid),
        ("General message: Type rapport mag niet vaker dan één keer voorkomen.", Invalid),
        ("The number didn't pass the mod 11 check", Invalid),
        ("Type mismatch", Invalid),
        ("An unexpected error has occurred.", Invalid),
        ("Er is een onverwachte fout opgetreden.", Invalid),
        ("Connector field 'X' not found", Invalid),
        ("General message: Invalid Index field", Invalid),
        ("Out of String space", Invalid),
        (
            "General message: Deze UpdateConnector wordt niet ondersteund of de gebruiker is niet geautoriseerd.",
            ConnectorDenied,
        ),
        ("Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd.", ConnectorDenied),
        ("GetConnector not supported for this app or the user is not authorized", ConnectorDenied),
        ("This GetConnector (definition) is blocked", ConnectorBlocked),
        ("De GetConnector (definitie) is geblokkeerd", ConnectorBlocked),
        ("Transaction (Process ID 52) was deadlocked on lock resources with another process.", Locked),
        ("Lock request time out period exceeded.", Locked),
        ("The record is locked by another user.", Locked),
        ("De boekingslay-out is geblokkeerd door een andere gebruiker.", Locked),
        ("Het record is vergrendeld.", Locked),
    ],
)
def test_the_catalogue_of_messages(text, kind):
    """A 500 with AFAS's words is a refusal, known not done, of the class its words say."""
    error = outcome(WRITE, 500, said(text))
    assert type(error) is kind
    assert isinstance(error, Refused)
    assert (error.write, error.message, error.number) == ("not_done", text, -2147180996)
    assert error.log_reference == "3A4CA18A611A4E07B429AC6BAFC6B8D1"
    assert error.call == "POST connectors/FbSales"


@pytest.mark.parametrize(
    ("text", "reason", "label"),
    [
        ("De ingevulde waarde bij 'Item's code' bestaat niet.", "unknown_value", "Item's code"),
        ("The entered value for 'Employee' does not exist.", "unknown_value", "Employee"),
        ("Itemcode bestaat niet", "unknown_value", "Itemcode"),
        ("Jan Jansen bestaat niet", "other", None),
        ("Enter a value for 'Name'.", "missing_value", "Name"),
        ("Connector field 'Foo' not found", "unknown_field", "Foo"),
        ("Artikel niet gevonden", "not_found", None),
        ("An unexpected error has occurred.", "unexpected", None),
        ("Type mismatch", "other", None),
    ],
)
def test_an_invalid_record_says_why_and_which_field(text, reason, label):
    """So that a program can act without reading Dutch."""
    error = refusal(WRITE, text)
    assert (error.reason, error.label) == (reason, label)


@pytest.mark.parametrize(
    "text",
    [
        "De maximale tijdsduur voor het uitvoeren van de opdracht is verstreken.",
        "The maximum duration for performing the assignment has been exceeded.",
        "Command timeout expired.",
    ],
)
def test_afas_s_own_time_out_leaves_a_write_in_doubt(text):
    """AFAS doesn't say whether the work was undone."""
    assert outcome(WRITE, 500, said(text)).write == "in_doubt"
    assert type(outcome(WRITE, 500, said(text))) is InDoubt
    assert type(outcome(READ, 500, said(text))) is Unavailable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"<html>Server Error</html>"),
        (500, b""),
        (500, b'{"errorNumber":-21'),
        (500, {"message": "An error has occurred."}),
        (502, b"<html>Bad Gateway</html>"),
        (504, b""),
        (408, b""),
        (201, b'{"results":{"FbSal'),
        (201, b"<html>Log in to the hotel network</html>"),
        (201, [1]),
        (200, {"error": {"code": 500, "message": "x"}}),
    ],
)
def test_no_usable_answer_leaves_a_write_in_doubt(status, body):
    """Pages of a proxy and cut-off JSON say nothing about what AFAS did. A read may just be asked again."""
    error = outcome(WRITE, status, body)
    assert (type(error), error.write) == (InDoubt, "in_doubt")
    if status != 201 or isinstance(body, bytes):
        error = outcome(READ, status, body)
        assert (type(error), error.write, error.retry_after) == (Unavailable, "not_done", None)


@pytest.mark.parametrize("body", [b"", b"  ", b"null", b'""', b"{}"])
def test_an_empty_answer_to_a_write_is_success(body):
    """Many connectors answer with nothing."""
    assert not outcome(WRITE, 201, body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, NotAuthorised),
        (403, NotAuthorised),
        (400, BadRequest),
        (404, BadRequest),
        (413, BadRequest),
        (302, BadRequest),
        (405, BadRequest),
    ],
)
def test_statuses_that_refuse(status, kind):
    """Known not done, with an empty body too."""
    error = outcome(WRITE, status)
    assert (type(error), error.write, error.status) == (kind, "not_done", status)


def test_invalid_json_says_so():
    """The second error shape, with only a message."""
    assert "Invalid json" in outcome(WRITE, 400, {"message": "Invalid json"}).message


@pytest.mark.parametrize("status", [503, 429])
def test_unavailable_says_when_to_come_back(status):
    """From the header, else from the body."""
    error = outcome(WRITE, status, {"error": {"code": "503", "message": "maintenance"}, "retry_after": 7200})
    assert (type(error), error.retry_after, error.message, error.write) == (
        Unavailable,
        7200.0,
        "maintenance",
        "not_done",
    )
    assert outcome(READ, status, b"", {"retry-after": "30"}).retry_after == 30.0


def test_a_503_of_something_on_the_way_leaves_a_write_in_doubt():
    """A proxy may say 503 when AFAS's connection broke after the call was passed on."""
    assert outcome(WRITE, 503, b"upstream connect error").write == "in_doubt"
    assert outcome(READ, 503, b"upstream connect error").write == "not_done"


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("7200", {}, 7200),
        ("0", {}, 0),
        ("1.5", {}, 1.5),
        ("-5", {}, 0),
        ("Sun, 01 Nov 2026 10:01:00 GMT", {}, 60),
        ("2026-11-01T10:01:00Z", {}, 60),
        ("2026-11-01T11:01:00+01:00", {}, 60),
        ("2026-11-01T10:01:00", {}, 60),
        ("Sun, 01 Nov 2026 09:00:00 GMT", {}, 0),
        (None, {"retry_after": 90}, 90),
        (None, {"retry_after": "90"}, 90),
        ("soon", {"retry_after": 90}, 90),
        (None, {"retry_after": True}, None),
        ("inf", {}, None),
        ("", [], None),
        (None, None, None),
    ],
)
def test_every_form_of_retry_after(header, body, seconds):
    """Seconds, HTTP date, ISO date, or the body; nonsense is as if nothing was said."""
    assert retry_after(header, body, lambda: NOW) == seconds


def test_a_date_to_come_back_is_measured_on_the_server_s_clock():
    """The host's clock may be wrong."""
    headers = {"retry-after": "Sun, 01 Nov 2026 08:01:00 GMT", "date": "Sun, 01 Nov 2026 08:00:00 GMT"}
    assert outcome(READ, 503, b"", headers).retry_after == 60


def test_the_old_error_header_is_read():
    """X-PROFIT-ERROR carries the text in base64, also when the body is a page or the status good."""
    headers = {"x-profit-error": base64.b64encode(b"Prijs bestaat reeds").decode(), "x-profit-log-reference": "AB"}
    for status, body in [(500, b"<html>"), (201, b"")]:
        error = outcome(WRITE, status, body, headers)
        assert (type(error), error.message, error.log_reference) == (AlreadyExists, "Prijs bestaat reeds", "AB")


def test_an_error_in_a_good_answer_is_an_error():
    """A 200 with externalMessage, or with an error that has a code, is what it says."""
    assert type(outcome(WRITE, 200, said("Prijs bestaat reeds"))) is AlreadyExists
    assert type(outcome(READ, 200, {"error": {"code": "503", "message": "x"}, "retry_after": 5})) is Unavailable
    assert outcome(READ, 200, {"skip": 0, "take": 1, "rows": []}) == {"skip": 0, "take": 1, "rows": []}


def test_errors_show_neither_query_nor_body():
    """Only verb, endpoint, AFAS's words and the log reference."""
    for error in [
        outcome(READ, 500, b"<html>secret</html>"),
        outcome(WRITE, 404),
        outcome(WRITE, 500, said("Type mismatch")),
    ]:
        assert "secret" not in f"{error} {error!r} {vars(error)}"
    assert str(outcome(WRITE, 500, said("Type mismatch"))) == (
        "POST connectors/FbSales: Type mismatch (AFAS log 3A4CA18A611A4E07B429AC6BAFC6B8D1)"
    )


def test_recorded_errors(recorded):
    """Every recorded error is of the class that its description says."""
    expected = {
        "value_does_not_exist": Invalid, "unexpected": Invalid, "connector_not_authorised": ConnectorDenied,
        "subject_destination_invalid": Invalid, "invalid_json": BadRequest, "maintenance": Unavailable,
        "timeout_900s": InDoubt, "price_exists": AlreadyExists, "price_not_found": Invalid,
        "article_not_found": Invalid, "item_code_missing": Invalid, "primary_key_exists": AlreadyExists,
        "second_sales_relation": AlreadyExists, "relation_messages": Invalid,
    }  # fmt: skip
    cases = json.loads((recorded / "write/samples/errors.json").read_text())["cases"]
    assert {case["id"] for case in cases} == set(expected)
    for case in cases:
        texts = [case[key] for key in ("message_nl", "message_en", "message") if key in case] + case.get("messages", [])
        bodies = [case[key] for key in ("body", "body_en") if key in case] + [said(text) for text in texts]
        status = case["status"] if isinstance(case.get("status"), int) else 500
        headers = {name.lower(): value for name, value in case.get("headers", {}).items()}
        for body in bodies:
            assert type(outcome(WRITE, status, body, headers)) is expected[case["id"]], case["id"]


def test_other_recorded_errors(recorded):
    """The official examples and those of third parties."""
    for file in [
        *(recorded / "official-examples").glob("error--*.json"),
        *(recorded / "third-party").glob("*error*.json"),
    ]:
        error = outcome(WRITE, 500, file.read_bytes())
        assert type(error) is (ConnectorDenied if "authorised" in file.name else Invalid), file.name
        assert len(error.log_reference) == 32
    page = (recorded / "official-examples/error-503--troubleshooting.json").read_bytes()
    assert outcome(READ, 503, page).retry_after == timedelta(hours=2).total_seconds()
