"""However orders, bookings and stock runs meet: a sold piece never comes back, and afterwards all is exact."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stock_model import PHASES, START, Model

from target_lightspeed.commerce.stock.inflight import shows_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stock_model import Event

Plan = tuple[tuple[int, "Event"], ...]
"""What happens, each in a slot: the phases of the first run, then those of the second."""


def lives(order: int, pieces: int, slots: Sequence[int]) -> Iterator[Plan]:
    """Every life of an order: placed, perhaps booked, perhaps called off, each in any slot not before the last."""
    for names in (("place",), ("place", "book"), ("place", "cancel"), ("place", "book", "cancel")):
        for chosen in combinations_with_replacement(slots, len(names)):
            yield tuple((slot, (name, order, pieces)) for slot, name in zip(chosen, names, strict=True))


def try_out(plan: Plan, step: float, receive: int = 0, **flow: object) -> None:
    """Run both cycles with what happens in between, then a quiet one."""
    model = Model(step=step, **flow)
    cap = flow.get("cap")
    try:
        for cycle in (0, 1):
            schedule: dict[str, list[Event]] = {}
            for slot, event in plan:
                if slot // len(PHASES) == cycle:
                    schedule.setdefault(PHASES[slot % len(PHASES)], []).append(event)
            if receive and cycle == 1:
                schedule["read"] = [("receive", 0, receive), *schedule.get("read", [])]
            model.run(schedule)
            assert model.open_seconds or model.shop.level <= model.free, "a sold piece is for sale"
            model.clock.sleep(60)
        model.settle()
        model.clock.sleep(60)
        model.run()
        expected = model.free if not isinstance(cap, int) else min(model.free, cap)
        assert model.shop.level == expected, "not what the formula says"
        model.clock.sleep(60)
        model.run()
        assert model.shop.level == expected
        assert model.shop.writes == 0, "a quiet run writes nothing"
    finally:
        model.close()


@pytest.mark.parametrize("step", [10, 0])
def test_every_life_of_one_order(step: float) -> None:
    """Placed, booked and called off at every moment of two runs; also when all happens within one second."""
    for plan in lives(1, 2, range(2 * len(PHASES))):
        # What happens at the end of a run and before the next one begins is the same.
        if all(slot != len(PHASES) for slot, _ in plan) and (len(plan) < 3 or step == 10):
            try_out(plan, step)


def test_every_life_of_an_order_of_a_variant_that_is_made_anew() -> None:
    """The product is deleted by hand and made anew between two runs: what was sold of the old one stays sold."""
    between = len(PHASES)
    for plan in lives(1, 2, range(2 * len(PHASES))):
        before = [(slot, event) for slot, event in plan if slot < between]
        after = [(slot, event) for slot, event in plan if slot > between]
        if len(before) + len(after) == len(plan):
            try_out((*before, (between, ("remake", 0, 0)), *after), 10)


def test_every_meeting_of_two_orders() -> None:
    """Two orders around one run in which goods come in, so that something is written."""
    slots = range(len(PHASES), 2 * len(PHASES))
    short = [plan for plan in lives(1, 1, slots) if len(plan) < 3]
    for first, second in product(short[::2], [plan for plan in lives(2, 2, slots) if len(plan) < 2]):
        try_out(tuple(sorted(first + second, key=lambda one: one[0])), 10, receive=3)


MUTANTS: dict[str, tuple[str, object]] = {
    "orders in flight are forgotten": ("target_lightspeed.commerce.stock.wants.in_flight", lambda *_: Decimal(0)),
    "what the shop sold is forgotten": ("target_lightspeed.commerce.stock.flow.shows_now", lambda *_: None),
    "booked is booked, whenever": (
        "target_lightspeed.commerce.stock.inflight.is_contained",
        lambda booked, *_: booked is not None,
    ),
    "an order is known by the variant's id": (
        "target_lightspeed.commerce.stock.inflight.Ordered.is_of",
        lambda line, _, variant: line.variant == variant,
    ),
    "no second look": ("target_lightspeed.commerce.stock.flow.StockFlow._again", lambda *given: given[3]),
    "a movement of the same second counts": (
        "target_lightspeed.commerce.stock.flow.shows_now",
        lambda last, seen, moves, _: shows_now(last, seen, moves, START - timedelta(days=1)),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_model_notices(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule is needed: without it some interleaving sells a piece twice, or ends with another level."""
    name, instead = MUTANTS[mutant]
    monkeypatch.setattr(name, instead)
    slots = [slot for slot in range(2 * len(PHASES)) if slot != len(PHASES)]
    plans = [one for one in lives(1, 2, slots) if len(one) < 3]
    anew = (len(PHASES), ("remake", 0, 0))
    plans += [tuple(sorted((*one, anew), key=lambda event: event[0])) for one in plans]
    cases = list(product(plans, (0, 10), (0, 2)))
    with pytest.raises(AssertionError):
        _try_all(cases)


def _try_all(cases: Sequence[tuple[Plan, float, int]]) -> None:
    for plan, step, receive in cases:
        try_out(plan, step, receive)


events = st.tuples(
    st.integers(1, 2),
    st.sampled_from(("", "book", "cancel", "both")),
    st.lists(st.integers(0, 13), min_size=3, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(events, min_size=1, max_size=3),
    st.sampled_from((0, 1, 10)),
    st.integers(-2, 5),
    st.sampled_from((None, 6)),
    st.booleans(),
)
def test_three_orders_by_chance(
    orders: list[tuple[int, str, list[int]]], step: float, receive: int, cap: int | None, logs: bool
) -> None:
    """More orders, goods in and out, clocks of whole seconds, a cap, and a shop that logs levels that are set."""
    plan: list[tuple[int, Event]] = []
    for number, (pieces, then, slots) in enumerate(orders, 1):
        names = [
            "place",
            *(["book"] if then in {"book", "both"} else []),
            *(["cancel"] if then in {"cancel", "both"} else []),
        ]
        plan += [(slot, (name, number, pieces)) for slot, name in zip(sorted(slots), names, strict=False)]
    more = {"cap": cap} if cap else {}
    try_out(tuple(sorted(plan, key=lambda one: one[0])), step, receive, logs_writes=logs, **more)
