"""A run in plan mode announces exactly what the same run then does: 2,000 random changes over all flows."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.campaign.goods_life import CHANGES, HANDS, GoodsLife
from tests.support.goods import FLOWS, SWEEP_HOURS
from tests.support.planned import books, compare

if TYPE_CHECKING:
    from tests.support.merchant import Merchant

pytestmark = pytest.mark.campaign

PARTS = 5
BATCHES = 9
CHANGES_EACH = 50
"""Per batch but the first, so 40 times: 2,000 together."""


def changed(life: GoodsLife, chance: random.Random) -> None:
    """Some changes in AFAS's books, drift in the shop, and shoppers in between."""
    done = 0
    while done < CHANGES_EACH:
        before = sum(number for name, number in life.did.items() if name.endswith("refused"))
        if chance.random() < 0.12:
            life.do("hand", item=chance.randrange(40), how=chance.randrange(len(HANDS)), number=chance.randrange(1000))
        else:
            life.do(chance.choice(CHANGES), item=chance.randrange(40), number=chance.randrange(1000))
        done += sum(number for name, number in life.did.items() if name.endswith("refused")) == before
    for _ in range(chance.randrange(3)):
        life.do("order", item=chance.randrange(40), number=chance.randrange(1000))


def planned_and_done(world: Merchant, flow: str) -> list[str]:
    """Plan a run of a flow, do it, and say what differs."""
    path = world.folder / "plan.jsonl"
    state, kept, before = json.dumps(world.saved[flow]), stored(world), books(world.own)
    saved, calls = len(world.states), len(world.calls)
    world.flow_settings = {flow: {"mode": "plan", "plan_file": str(path)}}
    ends = world.run_job(flow)["exits"]
    world.flow_settings = {}
    found = []
    if ends["target"]:
        return [f"{flow}: the plan ended with {ends}"]
    if json.dumps(world.saved[flow]) != state or len(world.states) != saved:
        found.append("the plan let a state go out")
    if stored(world) != kept:
        found.append("the plan wrote to the store")
    if books(world.own) != before or writes(world, calls):
        found.append("the plan wrote to the shop")
    calls, mails = len(world.calls), len(world.own.mails)
    earlier = world.folder / "earlier.db"
    earlier.write_bytes(kept)
    run = world.run_job(flow)
    # A tap may stop for good reasons, such as bundles that are all gone at once: then the plan stops with it.
    if run["exits"] != ends:
        found.append(f"the run ended with {run['exits']}, its plan with {ends}")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found += compare(
        lines, before, books(world.own), writes(world, calls), (f"sqlite:///{earlier}", f"sqlite:///{world.store}")
    )
    if lines[-1]["totals"]["mails"] != len(world.own.mails) - mails:
        found.append("another number of mails went out")
    return [f"{flow}: {one}" for one in found]


def stored(world: Merchant) -> bytes:
    """The store's files."""
    return b"".join(file.read_bytes() for file in sorted(world.folder.glob("upsert.db")))


def writes(world: Merchant, since: int) -> Counter[str]:
    """Writes to the shop, by endpoint."""
    return Counter(call["endpoint"] for call in world.calls[since:] if not call["endpoint"].startswith("GET"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_planned_is_what_is_done(part: int) -> None:
    """Each value that a plan announces changes as it says, nothing else does, and planning itself writes nowhere."""
    chance = random.Random(part)
    life = GoodsLife(
        {"start": 0, "rounding": 0, "limits": 0, "afas": 0, "batch": 0, "seed": part + 1}, check_each=False
    )
    world = life.world
    found: list[str] = []
    try:
        for batch in range(BATCHES):
            if batch:
                changed(life, chance)
                world.passes(SWEEP_HOURS * 3600 + 901 if batch % 4 == 0 else 901)
            for flow in FLOWS:
                found += [f"batch {batch}, {one}" for one in planned_and_done(world, flow)]
    finally:
        life.close()
    assert not found, "\n".join(found[:20])
