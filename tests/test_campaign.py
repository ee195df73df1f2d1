"""The fault campaign inside `make test`: 200 seeds, every fault, every rule; and four mutants that must not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.campaign.checker import figures
from tests.campaign.life import Life
from tests.campaign.living import replay
from tests.campaign.machine import EVERY_FAULT, FEWEST, RULES, live, topped_up
from tests.campaign.mutants import FOUND, MUTANTS, PLAIN
from tests.support.plugins import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.campaign.living import Step

pytestmark = pytest.mark.campaign

SEED = 1
PARTS = 4
SEEDS = 52
"""Of each part; together more than 200."""


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_over_many_lives(part: int) -> None:
    """Whatever happens in a life of at least 30 steps, R1 to R7 hold; and every fault and rule does happen."""
    seeds = [f"{SEED}/{part * SEEDS + number}" for number in range(SEEDS)]
    tally = topped_up(live(seeds), f"{SEED}.{part}")
    assert tally.proven, tally.report()
    assert tally.seeds >= SEEDS
    assert tally.counts["steps"] >= FEWEST * SEEDS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_does_not_get_through(name: str) -> None:
    """A coupling with one safeguard broken breaks its promise in a story that the real one gets through."""
    mutant, promise, story = MUTANTS[name]
    assert promise in broken(mutant, story)
    assert not broken(Target, story)


@pytest.mark.parametrize("name", FOUND)
def test_what_broke_once_holds_now(name: str) -> None:
    """A story that a campaign found stays told."""
    assert not broken(Target, FOUND[name])


def test_a_seed_is_one_life() -> None:
    """The same seed is the same life with the same books, and its story can be lived again."""
    once, twice = (live(["again"]) for _ in range(2))
    assert once.counts == twice.counts
    assert once.lives == twice.lives
    again = replay(once.lives[0], Life)
    assert again.told() == once.lives[0]
    assert figures(again.world.evidence()).items() <= once.counts.items()


def test_what_never_happened_fails_a_campaign() -> None:
    """A fault that never fired, or a rule that never ran, proves nothing about it; the report names it."""
    tally = live(["again"])
    assert not tally.failures
    assert not tally.proven
    side, name = tally.silent[0]
    assert f"{side} {name}" in tally.report()
    tally.struck.update(EVERY_FAULT)
    tally.rules.update(RULES)
    assert tally.proven


def broken(target: type[Target], story: Sequence[Step]) -> dict[str, str]:
    """The promises that a target breaks in a story, each with its first violation."""
    life = Life(PLAIN, target)
    try:
        for step, numbers in story:
            life.do(step, **numbers)
        return {one.promise: str(one) for one in reversed(life.end())}
    finally:
        life.close()
