"""What taps write: whole lines, exact numbers, one form for records of either kind."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from decimal import Decimal

import pytest

from upsert.errors import Outage
from upsert.singer import Output


def written(*writes):
    """The lines that some calls of an output write."""
    buffer = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(buffer, encoding="utf-8", write_through=True)) as out:
        for write in writes:
            write(Output())
        out.flush()
        return [json.loads(line, parse_float=Decimal) for line in buffer.getvalue().splitlines()]


NOW = "2026-11-01T10:00:00Z"


def test_records_and_encoded_records_are_the_same():
    """Records that are JSON already come out as those that aren't, numbers with every digit."""
    rows = [{"a": Decimal("1.50")}, {"a": None}]
    encoded = [b'{"a":1.50}', b'{"a":null}']
    lines = written(lambda out: out.records("s", rows, NOW), lambda out: out.encoded("s", encoded, NOW))
    assert lines[:2] == lines[2:]
    assert lines[0] == {
        "type": "RECORD",
        "stream": "s",
        "record": {"a": Decimal("1.50")},
        "time_extracted": NOW,
    }


def test_no_records_no_line():
    """An empty batch writes nothing."""
    assert written(lambda out: out.encoded("s", [], NOW)) == []


def test_a_state_and_a_schema():
    """Both go out as they are."""
    lines = written(lambda out: out.schema("s", {"type": "object"}, ["id"], None), lambda out: out.state({}))
    assert [one["type"] for one in lines] == ["SCHEMA", "STATE"]


def test_a_reader_that_went_away_is_an_outage():
    """A closed pipe is said in one line, and isn't taken for a defect."""

    class Gone(io.BytesIO):
        def write(self, _):
            raise BrokenPipeError

    with redirect_stdout(io.TextIOWrapper(Gone(), encoding="utf-8")), pytest.raises(Outage, match="has gone"):
        Output().state({})


def test_a_signal_waits_for_the_line_in_hand():
    """A signal in the middle of a line ends the program behind it; a second one doesn't wait."""
    output = Output()
    output._writing = True
    output.terminate(15)
    with pytest.raises(SystemExit) as left:
        output.terminate(15)
    assert left.value.code == 143
