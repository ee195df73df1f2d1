"""The decision to repeat, alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit import (
    AlreadyExists,
    BadRequest,
    FilterTooLong,
    InDoubt,
    Invalid,
    Locked,
    NotAuthorised,
    NotSent,
    Unavailable,
)
from afas_profit.retry import Tries, pause

CALL = "POST connectors/FbSales"
errors = st.sampled_from(
    [
        NotSent("x", call=CALL),
        NotSent("x", call=CALL, lasting=True),
        InDoubt("x", call=CALL),
        Locked("x", call=CALL),
        Invalid("x", call=CALL),
        AlreadyExists("x", call=CALL),
        BadRequest("x", call=CALL),
        NotAuthorised("x", call=CALL),
        FilterTooLong(call=CALL, length=1, limit=1),
        Unavailable("x", call=CALL),
        Unavailable("x", call=CALL, write="in_doubt"),
        *(Unavailable("x", call=CALL, retry_after=seconds) for seconds in (0.0, 1.0, 20.0, 59.0, 61.0, 7200.0)),
    ]
)


@given(st.lists(errors, max_size=60), st.sampled_from(["read", "write", "token"]), st.floats(0, 1))
def test_repeats_end_and_a_write_in_doubt_has_none(sequence, kind, jitter):
    """Whatever order of errors: a bounded number of repeats, bounded waits, and never after a doubt."""
    tries, pauses, told = Tries(), [], 0.0
    for error in sequence:
        wait = pause(error, kind, tries, took=0.0, longest_wait=60, jitter=jitter)
        if error.write == "in_doubt" or isinstance(
            error, Invalid | AlreadyExists | BadRequest | NotAuthorised | FilterTooLong
        ):
            assert wait is None
        if wait is not None:
            assert wait >= 0.25
            pauses.append(wait)
            told += getattr(error, "retry_after", None) or 0.0
    assert len(pauses) <= 12
    assert told <= 60


@pytest.mark.parametrize(("kind", "repeated"), [("read", True), ("token", True), ("write", False)])
def test_without_a_time_only_reads_are_repeated(kind, repeated):
    """A write waits only when AFAS says how long."""
    wait = pause(Unavailable("x", call=CALL), kind, Tries(), took=0.0, longest_wait=60, jitter=0.5)
    assert (wait is not None) == repeated
