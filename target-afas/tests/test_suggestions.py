"""What is said about item codes that AFAS does not have."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_builders import line, order, person
from target_afas_world import World, results

from target_afas.suggestions import nearest

ITEMS = "GET connectors/Commerce_Items"


@pytest.mark.parametrize(
    ("code", "like"),
    [
        ("sku0001", "SKU-0001"),
        ("SKU-1", "SKU-0001"),
        ("SKU 0001", "SKU-0001"),
        ("SKU-00001", "SKU-0001"),
        ("SKU-O001", "SKU-0001"),
        ("0001234", "1234"),
        ("1234", "1234"),
        ("10005", None),
        ("BIKE", None),
    ],
)
def test_the_nearest_code(code: str, like: str | None) -> None:
    """Case, blanks, punctuation, leading zeros and a slip of the finger are seen through; a stretch is not (P8)."""
    assert nearest(code, ["SKU-0001", "1234", "15", "VERZEND"]) == like


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=5))
def test_a_suggestion_is_a_code_that_exists(code: str, known: list[str]) -> None:
    """Whatever is asked, nothing is made up, and the answer does not depend on the order of the rows."""
    found = nearest(code, known)
    assert found is None or found in known
    assert found == nearest(code, reversed(known))


def test_an_unknown_code_is_named_with_the_nearest_one(caplog: pytest.LogCaptureFixture) -> None:
    """The log says what may have been meant, in one more question a run; the subject stays the code itself (P8)."""
    world = World()
    late = order([line("SKU-00O1")], number="ORD00003", buyer=person(email="c@x.nl"))
    with caplog.at_level(logging.WARNING):
        outcomes = world.run(
            order([line("SKU-001")]), order([line("SKU-001")], number="ORD00002", buyer=person(email="b@x.nl")), late
        )
    assert results(outcomes) == [("held", "unknown_item", code) for code in ("SKU-001", "SKU-001", "SKU-00O1")]
    said = [record.getMessage() for record in caplog.records if "is not in AFAS" in record.getMessage()]
    assert said == [
        "item SKU-001 is not in AFAS, its orders wait; nearest there: SKU-0001",
        "item SKU-00O1 is not in AFAS, its orders wait; nearest there: SKU-0001",
    ]
    assert world.client.calls[ITEMS] == 2
    assert world.writes() == 0


def test_known_codes_cost_no_question_more() -> None:
    """Without an unknown code the items are asked for once."""
    world = World()
    world.run(order())
    assert world.client.calls[ITEMS] == 2, "the check of the cost items, and the batch"


def test_a_blocked_item_is_called_blocked(caplog: pytest.LogCaptureFixture) -> None:
    """A code that AFAS has needs no other: it is unblocked there."""
    world = World()
    world.user("item", item="SKU-0002", action="block")
    with caplog.at_level(logging.WARNING):
        world.run(order([line("SKU-0002")]))
    assert "item SKU-0002 is blocked in AFAS; its orders wait" in caplog.messages


@pytest.mark.parametrize("code", ["X" * 40, "a,b;c'd%e", "\N{GRINNING FACE}" * 10, "12", "0" * 40])
def test_no_code_is_too_odd_to_be_asked_for(code: str) -> None:
    """A suggestion that can't be had never stops or holds anything else."""
    world = World()
    outcomes = world.run(order([line(code)]), order(number="ORD00002", buyer=person(email="b@x.nl")))
    assert results(outcomes) == [("held", "unknown_item", code), ("created", "", "")]


def test_a_question_that_fails_only_costs_the_suggestion(caplog: pytest.LogCaptureFixture) -> None:
    """AFAS that refuses the second question about items does not stop the run."""
    world = World()
    world.run(order())
    world.fault(name="out_of_memory", endpoint=ITEMS, nth=2, times=1)
    with caplog.at_level(logging.WARNING):
        outcomes = world.run(order([line("SKU-001")], number="ORD00002"))
    assert results(outcomes) == [("held", "unknown_item", "SKU-001")]
    assert "item SKU-001 is not in AFAS; its orders wait" in caplog.messages
