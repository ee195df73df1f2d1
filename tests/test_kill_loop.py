"""Twenty kills with `kill -9`, of every plugin, in real `meltano run`s against the sandbox as a process of its own."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.campaign.checker import check
from tests.support import evidence as facts
from tests.support.served import JOB, PLUGINS, SIDES, Project, Served, kill, sandbox

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.campaign, pytest.mark.meltano]

SEED = 1
KILLS = 20
MOST_RUNS = 32
KINDS = (
    "plain",
    "three_rates",
    "coupon",
    "guest",
    "company",
    "payment_cost",
    "same_sku_twice",
    "off_by_cents",
    "other_address",
    "oss_de",
    "line_discount",
    "cancelled",
)
VICTIMS = (
    ("tap-lightspeed", "target-afas"),
    ("target-afas",),
    ("mapper-commerce", "target-afas"),
    ("tap-lightspeed", "mapper-commerce"),
)
"""Who is killed in one run, one after the other, as far as they still live."""
AT_CALL = (
    ("lightspeed", "GET orders", "after"),
    ("lightspeed", "GET orders/{id}", "after"),
    ("afas", "POST connectors/FbSales", "after"),
    ("afas", "POST connectors/FbSales", "before"),
    ("afas", "POST connectors/KnSalesRelation*", "after"),
    ("afas", "GET connectors/Commerce_OrderLines", "after"),
)
"""Where the sandbox itself kills whoever calls."""


@pytest.mark.timeout(1_200)
def test_twenty_kills_break_no_promise(tmp_path: Path) -> None:
    """R1 to R5 hold over the books of both sides, whichever plugin is killed at whatever moment."""
    chance = random.Random(SEED)
    with sandbox("--seed", "small") as served:
        project = Project(tmp_path / "project", served, now(served).replace(microsecond=0).isoformat())
        states: list[dict[str, Any]] = []
        killed = dict.fromkeys((*PLUGINS, "at a call"), 0)
        for run in range(MOST_RUNS):
            if sum(killed.values()) >= KILLS and all(killed.values()):
                break
            place(served, chance, run)
            if run % 2:
                killed["at a call"] += killed_at_call(project, AT_CALL[run // 2 % len(AT_CALL)])
            else:
                process = project.begin(*JOB)
                for victim in VICTIMS[run // 2 % len(VICTIMS)]:
                    killed[victim] += kill(process, victim, chance.uniform(0, 0.9))
                process.wait(120)
            states.append(saved(project, served, run))
        assert sum(killed.values()) >= KILLS, killed
        assert all(killed.values()), killed
        assert served.call("afas", "calls")["rate_limited"] == served.call("lightspeed", "calls")["rate_limited"] == 0
        runs = heal(project, served, states)
        broken = check(evidence(project, served, states, runs))
        assert not broken, "\n".join(map(str, broken))


def now(served: Served) -> datetime:
    """The sandbox's clock."""
    return datetime.fromisoformat(served.call("lightspeed", "clock")["now"]).astimezone(UTC)


def place(served: Served, chance: random.Random, run: int) -> None:
    """A few shoppers, a moment before the run."""
    kinds = chance.sample(KINDS, 3)
    served.call("lightspeed", "orders", {"shop": "shop1", "n": len(kinds), "kinds": kinds, "seed": run})
    served.call("lightspeed", "clock", {"advance": 10})


def killed_at_call(project: Project, where: tuple[str, str, str]) -> bool:
    """A run whose plugin is killed by the sandbox at a call; whether it came to that."""
    side, endpoint, when = where
    fault = project.served.call(side, "faults", {"name": "kill", "endpoint": endpoint, "when": when})["faults"][0]
    project.begin(*JOB).wait(120)
    after = next(one for one in project.served.call(side, "faults")["faults"] if one["id"] == fault["id"])
    project.served.call(side, f"faults/{fault['id']}", method="DELETE")
    return bool(after["fired"])


def saved(project: Project, served: Served, run: int) -> dict[str, Any]:
    """The state that Meltano has now."""
    return {"at": facts.utc(now(served)), "run": run, "value": project.state()}


def heal(project: Project, served: Served, states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Time passes, and ordinary runs follow until nothing is held; their records."""
    runs = []
    for side in SIDES:
        served.call(side, "faults", method="DELETE")
    for again in range(5):
        served.call("lightspeed", "clock", {"advance": 931 * (again + 1)})
        number, begun = MOST_RUNS + again, facts.utc(now(served))
        code = project.begin(*JOB).wait(120)
        assert code == 0, project.said()
        states.append(saved(project, served, number))
        runs.append(
            {
                "number": number,
                "begun": begun,
                "ended": facts.utc(now(served)),
                "exits": {"target": code},
                "killed": [],
                "last": {"target": project.said()},
                "faults": [],
                "overlapped": False,
            }
        )
        if again and not states[-1]["value"]["bookmarks"]["orders"]["held"]:
            break
    return runs


def evidence(
    project: Project, served: Served, states: list[dict[str, Any]], runs: list[dict[str, Any]]
) -> dict[str, Any]:
    """The books of both sides and what Meltano kept, as the checker reads them."""
    shop, afas = served.call("lightspeed", "books")["shop1"], served.call("afas", "books")
    items, blocked = facts.items(afas)
    orders = [
        one
        for one in shop["orders"]
        if datetime.fromisoformat(one["createdAt"]) >= datetime.fromisoformat(project.start)
    ]
    return {
        "config": {
            "reference": "{instance}-{number}",
            "instance": "shop1",
            "start_date": project.start,
            "payment_statuses": [],
            "include_post_payment": True,
            "statuses_excluded": [],
            "channels": [],
            "overlap_minutes": 125,
            "settle_seconds": 2,
            "on_cancel": "block",
            "max_rounding": "0.05",
            "reserve": [30, 100, 400],
            "hold_limit": 20,
            "vat_holes": [],
        },
        "shop": {"revisions": [facts.revision(one, datetime.fromisoformat(one["updatedAt"]), {}) for one in orders]},
        "afas": {
            "versions": facts.versions_of_books(afas, "AFRONDING"),
            "relations": facts.relations(afas),
            "items": items,
            "blocked_items": blocked,
        },
        "states": states,
        "runs": runs,
        "faults": [],
        "calls": [],
        "end": {"healed": True, "at": facts.utc(now(served))},
    }
