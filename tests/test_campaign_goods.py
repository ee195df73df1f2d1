"""The fault campaign over the flows into the shop inside `make test`: every rule, every fault; and mutants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.campaign.goods_life import GoodsLife
from tests.campaign.goods_machine import Goods
from tests.campaign.goods_mutants import FOUND, MUTANTS, PLAIN
from tests.campaign.machine import live, topped_up
from tests.support.shop_plugins import ShopTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.campaign.living import Step

pytestmark = pytest.mark.campaign

SEEDS = 12


@pytest.mark.timeout(1_200)
def test_every_promise_holds_over_many_lives() -> None:
    """Whatever happens to goods and flows, R1 to R7 hold, and the shop ends as AFAS says."""
    tally = topped_up(live([f"goods/{number}" for number in range(SEEDS)], Goods), "goods", Goods)
    assert tally.proven, tally.report()
    assert tally.seeds >= SEEDS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_does_not_get_through(name: str) -> None:
    """A coupling with one safeguard broken breaks its promise in a story that the real one gets through."""
    mutant, promise, story = MUTANTS[name]
    assert promise in broken(mutant, story)
    assert not broken(ShopTarget, story)


@pytest.mark.parametrize("name", FOUND)
def test_what_broke_once_holds_now(name: str) -> None:
    """A story that a campaign found stays told."""
    assert not broken(ShopTarget, FOUND[name])


def broken(target: type[ShopTarget], story: Sequence[Step]) -> dict[str, str]:
    """The promises that a target breaks in a story, each with its first violation."""
    life = GoodsLife(PLAIN, target)
    try:
        for step, numbers in story:
            life.do(step, **numbers)
        return {one.promise: str(one) for one in reversed(life.end())}
    finally:
        life.close()
