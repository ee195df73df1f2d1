"""Reading rows: paging, packing, limits."""

import json
import threading
import time
from decimal import Decimal
from urllib.parse import parse_qs

import httpx
import pytest

from afas_profit import (
    QUERY_LIMIT,
    Condition,
    ConnectorDenied,
    FilterTooLong,
    Invalid,
    NotSent,
    Op,
    Unavailable,
    all_of,
    is_in,
)


class Table:
    """A connector with rows, which answers like the reference says."""

    def __init__(self, rows, most=None):
        self.rows = rows
        self.most = most

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if len(request.url.query) + 1 > 2049:
            return httpx.Response(404)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        rows = self.rows
        if "filterfieldids" in asked:
            tests = list(zip(asked["filterfieldids"].split(";"), asked["filtervalues"].split(";"), strict=True))
            rows = [
                row for row in rows if any(str(row[field]).casefold() == value.casefold() for field, value in tests)
            ]
        if "filterjson" in asked:
            groups = [one["Field"] for one in json.loads(asked["filterjson"])["Filters"]["Filter"]]
            rows = [
                row for row in rows if any(all(row[f["@FieldId"]] == f["#text"] for f in group) for group in groups)
            ]
        rows = sorted(rows, key=lambda row: str(row[asked["orderbyfieldids"].split(",")[0]]))
        skip, take = int(asked["skip"]), min(int(asked["take"]), self.most or 10**9)
        return httpx.Response(200, json={"skip": skip, "take": take, "rows": rows[skip : skip + take]})


def test_a_short_page_ends_the_reading(play):
    """Pages go on by what came; the last one is short."""
    client, script = play(Table([{"Id": f"{n:03}"} for n in range(25)]))
    assert [row["Id"] for row in client.rows("X", order_by=["Id"], page_size=10)] == [f"{n:03}" for n in range(25)]
    assert script.queries == [f"skip={n}&take=10&orderbyfieldids=Id" for n in (0, 10, 20)]
    assert client.calls == {"GET connectors/X": 3}


def test_a_full_last_page_costs_one_empty_one(play):
    """Nobody says how many rows there are."""
    client, script = play(Table([{"Id": n} for n in range(4)]))
    assert len(list(client.rows("X", order_by=["Id"], page_size=2))) == 4
    assert len(script.requests) == 3


def test_a_server_that_serves_less_than_asked_loses_no_rows(play):
    """The echoed `take` is the full page, not ours."""
    client, _ = play(Table([{"Id": n} for n in range(25)], most=10))
    assert len(list(client.rows("X", order_by=["Id"], page_size=20))) == 25


@pytest.mark.parametrize(
    ("fields", "size"), [(1, 10_000), (14, 10_000), (15, 9_999), (100, 1_499), (150, 999), (149_999, 1), (200_000, 1)]
)
def test_the_number_of_fields_sets_the_page_size(play, fields, size):
    """Columns x rows stays below 150,000, and a page is never empty."""
    client, script = play(Table([]))
    list(client.rows("X", order_by=["Id"], fields=fields))
    list(client.rows("X", order_by=["Id"], page_size=10**6))
    assert [parse_qs(query)["take"] for query in script.queries] == [[str(size)]] * 2


def test_the_number_of_fields_is_learnt_from_the_first_page(play):
    """The first page is small enough for any common connector, the next ones fit."""
    rows = [{"Id": f"{n:05}"} | {f"f{i}": 0 for i in range(29)} for n in range(6500)]
    client, script = play(Table(rows))
    assert len(list(client.rows("X", order_by=["Id"]))) == 6500
    assert [query.partition("&order")[0] for query in script.queries] == [
        "skip=0&take=1000", "skip=1000&take=4999", "skip=5999&take=4999",
    ]  # fmt: skip


def test_the_number_of_fields_is_learnt_from_metainfo(play):
    """Who has asked for the definition needs no small first page."""
    info = httpx.Response(200, json={"name": "X", "fields": [{"id": f"f{n}"} for n in range(30)]})
    client, script = play(info, Table([]))
    assert len(client.get_metainfo("X").fields) == 30
    list(client.rows("X", order_by=["Id"]))
    assert script.queries[-1].startswith("skip=0&take=4999&")


@pytest.mark.parametrize("order_by", [[], ["a.b"], ["a,b"], ["a;b"], [""], ["-"]])
def test_reading_without_a_sort_that_works_is_refused(play, order_by):
    """Unsorted pages double and lose rows."""
    client, script = play(Table([]))
    with pytest.raises(ValueError, match="sort"):
        client.rows("X", order_by=order_by)
    assert not script.requests


def test_values_are_read_exactly(play):
    """Fractions are Decimals, whole numbers ints, text and nulls as they are."""
    client, _ = play(
        httpx.Response(
            200, content=b'{"skip":0,"take":9,"rows":[{"a":21,"b":19.90,"c":null,"d":"01","e":true,"f":""}]}'
        )
    )
    [row] = client.rows("X", order_by=["a"])
    assert row == {"a": 21, "b": Decimal("19.90"), "c": None, "d": "01", "e": True, "f": ""}
    assert str(row["b"]) == "19.90"
    assert list(row) == ["a", "b", "c", "d", "e", "f"]


def test_the_url_is_sent_as_it_was_built(play):
    """Nothing on the way encodes it again."""
    client, script = play(Table([]))
    where = all_of(Condition("Mail", Op.EQUAL, "a+b c@x.test"), Condition("Naam", Op.NOT_EQUAL, "é%;"))
    list(client.rows("Profit_X", where, order_by=["-Datum", "Ø"], page_size=7))
    [request] = script.requests
    assert request.url.raw_path.startswith(
        b"/ProfitRestServices/connectors/Profit_X?skip=0&take=7&orderbyfieldids=-Datum,%C3%98&filterjson="
    )
    assert b"a%2Bb%20c@x.test" in request.url.raw_path
    client, script = play(Table([]))
    list(client.rows("X", is_in("M", ["a b", "c/d"]), order_by=["M"], page_size=7))
    assert script.requests[0].url.raw_path.endswith(b"&filterfieldids=M;M&filtervalues=a%20b;c/d&operatortypes=1;1")


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_the_query_string_may_have_2049_characters_and_no_more(play, extra, fits):
    """The question mark counts, and nothing is sent that AFAS would answer with 404."""
    client, script = play(Table([{"a": "x"}]))
    frame = "?skip=0&take=5&orderbyfieldids=a&filterfieldids=a&filtervalues=&operatortypes=1"
    where = all_of(Condition("a", Op.EQUAL, "v" * (QUERY_LIMIT - len(frame) + extra)))
    if fits:
        assert list(client.rows("X", where, order_by=["a"], page_size=5)) == []
        assert len(script.requests[0].url.query) + 1 == 2049
    else:
        with pytest.raises(FilterTooLong) as caught:
            list(client.rows("X", where, order_by=["a"], page_size=5))
        assert (caught.value.length, caught.value.limit, caught.value.write) == (2050, 2049, "not_done")
        assert not script.requests


def test_a_hundred_references_take_one_call(play):
    """The look-up of a batch of 100 orders is one call, with room for more."""
    client, script = play(Table([{"Ref": f"shop1-ORD{n:05}", "OrNu": str(n)} for n in range(5000)]))
    wanted = [f"shop1-ORD{n:05}" for n in range(100)]
    assert [row["Ref"] for row in client.rows_where_any("X", "Ref", wanted, order_by=["Ref"])] == wanted
    assert len(script.requests) == 1


def test_many_values_are_asked_in_parts(play):
    """Each part fits, each row comes once, values that AFAS would split go as JSON."""
    rows = [{"Mail": f"klant{n}@example.test", "Id": n} for n in range(900)] + [
        {"Mail": "a,b@example.test", "Id": 1000}
    ]
    client, script = play(Table(rows))
    wanted = [row["Mail"] for row in rows] + ["KLANT1@example.test", "", "nobody@example.test", "klant2@example.test"]
    found = [row["Id"] for row in client.rows_where_any("X", "Mail", wanted, order_by=["Id"])]
    assert sorted(found) == [row["Id"] for row in rows]
    assert all(len(query) + 1 <= QUERY_LIMIT for query in script.queries)
    assert sum("filterjson" in query for query in script.queries) == 1
    assert len(script.requests) == 14


def test_no_values_make_no_call(play):
    """And no rows; never all rows."""
    client, script = play(Table([{"a": ""}]))
    assert list(client.rows_where_any("X", "a", ["", ""], order_by=["a"])) == []
    assert not script.requests


def test_a_row_that_matches_in_two_fields_and_two_parts_comes_once(play):
    """Every value is looked for in every field; equal rows within one part are all kept."""
    rows = [{"M1": f"a{n}@example.test", "M2": f"a{n + 150}@example.test", "Id": n} for n in range(150)]
    rows += [{"M1": "same@example.test", "M2": "", "Id": 7}] * 2
    client, script = play(Table(rows))
    wanted = [f"a{n}@example.test" for n in range(300)] + ["same@example.test"]
    found = list(client.rows_where_any("X", ["M1", "M2"], wanted, order_by=["Id"]))
    assert len(script.requests) > 3
    assert sorted(row["Id"] for row in found) == sorted(row["Id"] for row in rows)


def test_parts_page_on_when_a_value_has_many_rows(play):
    """A look-up is not cut off at one page."""
    client, _ = play(Table([{"Ref": "A", "Line": n} for n in range(25)]))
    assert len(list(client.rows_where_any("X", "Ref", ["A", "B"], order_by=["Line"], page_size=10))) == 25


def test_a_value_too_long_for_any_query_is_refused_before_sending(play):
    """It can't be split."""
    client, script = play(Table([]))
    with pytest.raises(FilterTooLong):
        client.rows_where_any("X", "a", ["ok", "v" * 2100], order_by=["a"])
    assert not script.requests


def test_parts_run_together_but_never_more_than_five(play):
    """Over all threads of the program."""
    lock, running, peak = threading.Lock(), [0], [0]
    together = threading.Barrier(5, timeout=20)
    calls = [0]

    def slow(request: httpx.Request) -> httpx.Response:
        with lock:
            running[0] += 1
            calls[0] += 1
            first = calls[0] <= 5
            peak[0] = max(peak[0], running[0])
        if first:
            together.wait()  # passes only when five calls are under way at once
        with lock:
            running[0] -= 1
        return httpx.Response(200, json={"skip": 0, "take": 1000, "rows": []})

    client, script = play(slow)
    values = [f"v{n:03}-{'x' * 300}" for n in range(40)]
    threads = [
        threading.Thread(target=lambda: list(client.rows_where_any("X", "a", values, order_by=["a"]))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert peak == [5]
    assert client.calls["GET connectors/X"] == len(script.requests)


def test_an_error_in_one_part_ends_the_reading(play):
    """The other parts that have not begun are dropped."""
    refusal = httpx.Response(500, json={"externalMessage": "Connector field 'a' not found", "errorNumber": -1})
    client, script = play(refusal)
    with pytest.raises(Invalid) as caught:
        list(client.rows_where_any("X", "a", [f"{n}{'x' * 1000}" for n in range(100)], order_by=["a"]))
    assert caught.value.reason == "unknown_field"
    assert len(script.requests) < 30


LOST = [
    httpx.ReadTimeout("x"),
    httpx.ReadError("x"),
    httpx.RemoteProtocolError("x"),
    httpx.Response(500, content=b"<html>"),
    httpx.Response(502),
    httpx.Response(200, content=b'{"skip":0,"ro'),
    httpx.Response(200, json={"skip": 0}),
    httpx.Response(200, headers={"content-length": "900"}, content=b'{"rows":[]}'),
]


@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_a_read_without_usable_answer_is_repeated(play, clock, lost):
    """With growing pauses, and then it works."""
    good = httpx.Response(200, json={"skip": 0, "take": 9, "rows": [{"a": 1}]})
    client, script = play(lost, lost, good)
    if isinstance(lost, httpx.Response) and lost.content == b'{"skip":0}':
        with pytest.raises(Unavailable):  # an answer of another service: well-formed, not repeated
            list(client.rows("X", order_by=["a"]))
        return
    assert list(client.rows("X", order_by=["a"])) == [{"a": 1}]
    assert len(script.requests) == 3
    assert 0.25 <= clock.waits[0] <= 0.75
    assert 0.5 <= clock.waits[1] <= 1.5


def test_a_read_that_stays_without_answer_ends(play, clock):
    """After four repeats: come back later."""
    client, script = play(httpx.ReadTimeout("x"))
    with pytest.raises(Unavailable) as caught:
        client.metainfo()
    assert (caught.value.write, caught.value.retry_after, len(script.requests)) == ("not_done", None, 5)
    assert sum(clock.waits) < 15


def test_a_read_that_took_minutes_is_not_repeated(play, clock):
    """AFAS is still busy with the first one."""

    def slow(request):
        clock.gone += 930
        raise httpx.ReadTimeout("x")

    client, script = play(slow)
    with pytest.raises(Unavailable):
        client.metainfo()
    assert len(script.requests) == 1


def test_no_connection_is_told_apart(play):
    """Refused, unknown host, TLS: nothing left this machine."""
    client, script = play(httpx.ConnectError("[Errno 111] Connection refused"))
    with pytest.raises(NotSent, match="Connection refused"):
        client.metainfo()
    assert len(script.requests) == 5


def test_an_untrusted_certificate_is_not_tried_again(play):
    """It will not become trusted by asking again."""
    client, script = play(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))
    with pytest.raises(NotSent) as caught:
        client.metainfo()
    assert caught.value.lasting
    assert len(script.requests) == 1


def test_a_short_maintenance_is_waited_for(play, clock):
    """As long as AFAS says, within the limit."""
    client, _ = play(httpx.Response(503, headers={"Retry-After": "20"}), Table([{"a": 1}]))
    assert len(list(client.rows("X", order_by=["a"]))) == 1
    assert 20 <= sum(clock.waits) <= 21


def test_a_long_maintenance_is_not(play, clock):
    """Stop, and say when to come back."""
    client, script = play(httpx.Response(503, json={"error": {"code": "503", "message": "m"}, "retry_after": 7200}))
    with pytest.raises(Unavailable) as caught:
        client.metainfo()
    assert (caught.value.retry_after, len(script.requests), clock.waits) == (7200, 1, [])


def test_waits_add_up_to_the_limit(play, clock):
    """Many short ones are a long one."""
    client, script = play(httpx.Response(503, headers={"Retry-After": "25"}), longest_wait=60)
    with pytest.raises(Unavailable):
        client.metainfo()
    assert len(script.requests) == 3
    assert sum(clock.waits) <= 60


def test_a_connector_that_is_not_allowed_is_named(play):
    """Also when asking for its definition."""
    client, script = play(
        httpx.Response(
            500,
            json={"externalMessage": "Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd."},
        )
    )
    with pytest.raises(ConnectorDenied) as caught:
        client.update_metainfo("FbSales")
    assert caught.value.connector == "FbSales"
    with pytest.raises(ConnectorDenied) as caught:
        list(client.rows("Own_Orders", order_by=["a"]))
    assert caught.value.connector == "Own_Orders"
    assert len(script.requests) == 2


def test_the_server_s_clock(play, clock):
    """The Date of the last answer and the time gone since; the host's own clock has no say."""
    client, script = play(
        httpx.Response(200, json={"version": "22.22.5"}, headers={"Date": "Sun, 01 Nov 2026 08:00:00 GMT"})
    )
    assert client.version() == "22.22.5"
    clock.gone += 61.5
    assert client.server_now().isoformat() == "2026-11-01T08:01:01.500000+00:00"
    assert len(script.requests) == 1


def test_the_server_s_clock_before_any_answer(play):
    """One call finds it, even one that is refused."""
    headers = {"Date": "Sun, 01 Nov 2026 08:00:00 GMT"}
    denied = {"externalMessage": "Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd."}
    client, script = play(httpx.Response(500, json=denied, headers=headers))
    assert client.server_now().isoformat() == "2026-11-01T08:00:00+00:00"
    assert len(script.requests) == 1
    client, script = play(httpx.Response(200, json={"version": "1"}))
    with pytest.raises(Unavailable, match="date"):
        client.server_now()


def test_fixed_headers(play):
    """Language always, integration id when given, and never `Connection: close`."""
    client, script = play(httpx.Response(200, json={}), language="en-us", integration_id="12345_123456")
    client.metainfo()
    headers = script.requests[0].headers
    assert headers["accept-language"] == "en-us"
    assert headers["integrationid"] == "12345_123456"
    assert headers["authorization"].startswith("AfasToken ")
    assert headers.get("connection", "keep-alive") == "keep-alive"
    assert "content-type" not in headers


@pytest.mark.parametrize("options", [{"max_calls": 0}, {"max_calls": 6}, {"language": "dutch"}])
def test_settings_that_can_not_be_right_are_refused(play, options):
    """Before the first call."""
    with pytest.raises(ValueError, match=r"max_calls|language"):
        play(httpx.Response(200), **options)


def test_recorded_rows(play, recorded):
    """Every recorded page of rows is read whole, in field order."""
    files = [*(recorded / "official-examples").glob("rows--*.json"), *(recorded / "third-party").glob("*rows*.json")]
    assert files
    for file in files:
        page = json.loads(file.read_bytes(), parse_float=Decimal)
        client, _ = play(httpx.Response(200, content=file.read_bytes()), httpx.Response(200, json={"rows": []}))
        began = time.monotonic()
        assert list(client.rows("X", order_by=["a"])) == page["rows"], file.name
        assert time.monotonic() - began < 5
