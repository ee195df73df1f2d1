"""The repository as a Meltano project: real `meltano run`s, a file state backend, both APIs on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.support import evidence as facts
from tests.support.project import ROOT, Project, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.meltano, pytest.mark.timeout(900)]

KINDS = ("plain", "three_rates", "company", "guest", "coupon", "oss_be", "export_ch", "pick_up", "other_address")
BROKEN = {
    "customer": {"email": "sanne@example.com", "firstname": "Sanne", "lastname": "de Wit"},
    "billing": {"name": "Sanne de Wit", "street": "Laan", "number": "3", "zipcode": "3512AB", "city": "Utrecht"},
    "lines": [{"sku": "SKU-NEW", "title": "Nieuw", "quantity": 1, "price": 24.95, "rate": 0.21}],
    "shipment": {"title": "PostNL", "price": 6.95},
    "payment": {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Meltano's own files, made once: that takes longer than a run."""
    folder = tmp_path_factory.mktemp("meltano")
    with project(folder, folder) as made:
        made.prepare()
    return folder


@pytest.fixture
def merchant(tmp_path: Path, system: Path) -> Iterator[Project]:
    """Both shops, AFAS and the project."""
    with project(tmp_path, system) as made:
        yield made


def totals(merchant: Project, shop: str, orders: list[dict[str, Any]]) -> None:
    """The orders stand in AFAS, each with the shop's total."""
    booked = merchant.booked()
    there = {one["number"]: booked[f"{shop}-{one['number']}"]["incl"] for one in orders}
    assert there == {one["number"]: Decimal(str(one["priceIncl"])) for one in orders}


def test_a_job_books_everything_once_and_a_broken_order_goes_through_by_itself(merchant: Project) -> None:
    """Four runs of one job: all is booked; a quiet run writes nothing; a broken order is held; mended, it is booked."""
    placed = merchant.place("shop1", *KINDS)
    merchant.control(merchant.shop, "clock", {"advance": 5})
    first = merchant.meltano("run", "orders--shop1")
    assert first.code == 0, first.text
    assert len(merchant.booked()) == len(KINDS)
    totals(merchant, "shop1", placed)
    assert "nothing is held" in first.text
    assert "Warning" not in first.text

    merchant.afas.reset_calls()
    merchant.shop.reset_calls()
    quiet = merchant.meltano("run", "orders--shop1")
    assert quiet.code == 0, quiet.text
    assert merchant.writes == 0
    assert dict(merchant.shop.calls) == {"GET orders": 1}

    (broken,) = merchant.control(merchant.shop, "orders", {"shop": "shop1", "order": BROKEN})["orders"]
    good = merchant.place("shop1", "plain")
    merchant.control(merchant.shop, "clock", {"advance": 5})
    third = merchant.meltano("run", "orders--shop1")
    assert third.code == 1, third.text
    (held,) = merchant.held("orders--shop1")
    assert (held["key"], held["reason"], held["subject"]) == (str(broken["id"]), "unknown_item", "SKU-NEW")
    assert "failing on purpose: 1 new" in third.text
    assert "AFAS has no item with this code" in third.text
    totals(merchant, "shop1", good)
    assert f"shop1-{broken['number']}" not in merchant.booked()

    merchant.control(merchant.afas, "afas/item", {"item": "SKU-NEW", "unit": "STK", "vat_group": "1"})
    merchant.control(merchant.shop, "clock", {"advance": 60})
    before = merchant.writes
    last = merchant.meltano("run", "orders--shop1")
    assert last.code == 0, last.text
    totals(merchant, "shop1", [broken])
    assert merchant.held("orders--shop1") == []
    assert merchant.writes - before == 2, "its customer and the order itself"


def test_three_jobs_at_once_never_meet(merchant: Project) -> None:
    """A14, B44: two shops with equal order numbers into two administrations, and customers: nothing cross-matches."""
    kinds = ("plain", "three_rates", "guest", "coupon")
    one, two = merchant.place("shop1", *kinds), merchant.place("shop2", *kinds)
    second = merchant.shop.service.shop("shop2")
    for mine, other in zip(two, one, strict=True):
        mine["number"] = other["number"]
        second.change("orders", mine["id"], number=other["number"])
    merchant.control(merchant.shop, "clock", {"advance": 5})
    jobs = [merchant.start("run", job) for job in ("orders--shop1", "orders--shop2", "customers--shop1")]
    for shown in [merchant.ended(job) for job in jobs]:
        assert shown.code == 0, shown.text
    totals(merchant, "shop1", one)
    totals(merchant, "shop2", two)
    booked = merchant.booked()
    assert len(booked) == 8
    assert {(reference.split("-")[0], found["administration"]) for reference, found in booked.items()} == {
        ("shop1", 1),
        ("shop2", 2),
    }
    assert {found["inserts"] for found in booked.values()} == {1}
    made = [frozenset(one["emails"]) for one in facts.relations(merchant.afas.books())]
    assert len(made) == len(set(made)) == 8, "every customer once, though two jobs make them"


def test_a_second_run_of_the_same_job_is_refused(merchant: Project) -> None:
    """X26: while a job runs Meltano refuses it again, exit 1 with its own message; each order is booked once."""
    placed = merchant.place("shop1", *KINDS[:3])
    merchant.control(merchant.shop, "clock", {"advance": 5})
    merchant.control(merchant.afas, "faults", {"name": "slow", "endpoint": "GET metainfo", "seconds": 8})
    first = merchant.start("run", "orders--shop1")
    waited = time.monotonic() + 60
    while not merchant.afas.calls["GET metainfo"] and time.monotonic() < waited:
        time.sleep(0.05)
    second = merchant.meltano("run", "orders--shop1")
    shown = merchant.ended(first)
    assert shown.code == 0, shown.text
    assert second.code == 1, second.text
    assert "already" in second.text
    totals(merchant, "shop1", placed)
    assert {found["inserts"] for found in merchant.booked().values()} == {1}


def test_a_half_written_state_stops_the_job(merchant: Project) -> None:
    """X25: a state file that was cut off stops the job with exit 1 before the first order is read."""
    merchant.place("shop1", "plain")
    folder = merchant.folder / "state" / "demo:tap-lightspeed--shop1-orders-to-target-afas--shop1-orders"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"completed": {"singer_state": {"bookm', encoding="utf-8")
    shown = merchant.meltano("run", "orders--shop1")
    assert shown.code == 1, shown.text
    assert merchant.shop.calls.total() == 0
    assert merchant.writes == 0


def test_a_live_environment_without_its_variables_names_one(merchant: Project) -> None:
    """The environment `prod` without its variables fails at once and names one of them; nothing is called."""
    shown = merchant.meltano("--environment=prod", "run", "orders--shop1")
    assert shown.code == 1
    assert any(name in shown.text for name in ("SHOP1_API_KEY", "LIGHTSPEED_START_DATE", "AFAS_TOKEN")), shown.text
    assert merchant.shop.calls.total() + merchant.afas.calls.total() == 0


# -- what stands in meltano.yml --------------------------------------------------------------------------------------


def written() -> dict[str, Any]:
    """The file, read."""
    read: dict[str, Any] = YAML(typ="safe").load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    return read


def pairs() -> dict[str, tuple[str, str, str]]:
    """Extractor, loader and last block of each job of a flow; a warehouse has no held records."""
    said = written()
    kinds = {kind: {one["name"] for one in said["plugins"][kind]} for kind in ("extractors", "loaders")}
    found = {}
    for job in said["jobs"]:
        if job["name"].startswith("warehouse"):
            continue
        (task,) = job["tasks"]
        blocks = task.split()
        extractor, loader = ([one for one in blocks if one in kinds[kind]] for kind in ("extractors", "loaders"))
        found[job["name"]] = (*extractor, *loader, blocks[-1])
    return found


def test_every_job_has_a_state_of_its_own() -> None:
    """Two jobs never share an extractor, a loader or a state id, and each ends with the check of its own state."""
    found = pairs()
    assert len(found) == len({extractor for extractor, _, _ in found.values()})
    assert len(found) == len({loader for _, loader, _ in found.values()})
    held = {one["name"]: one.get("config", {}).get("state_id") for one in written()["plugins"]["utilities"]}
    for job, (extractor, loader, last) in found.items():
        name, _, command = last.partition(":")
        assert command == "check", job
        assert held[name] == f"$MELTANO_ENVIRONMENT:{extractor}-to-{loader}", job


def test_every_job_runs_every_quarter_of_an_hour() -> None:
    """A1, D1: each flow of a shop has its schedule of 15 minutes, those into it none; the warehouse at night."""
    scheduled = {one["job"]: one["interval"] for one in written()["schedules"]}
    assert scheduled.pop("warehouse").startswith("15 3 ")
    from_shop = [job for job, (extractor, _, _) in pairs().items() if extractor.startswith("tap-lightspeed")]
    assert scheduled == dict.fromkeys(from_shop, "*/15 * * * *")


def test_the_settings_in_the_file_are_those_of_the_plugins() -> None:
    """The settings of meltano.yml are what the plugins say of themselves, none missing, none too many."""
    shown = subprocess.run(
        [sys.executable, ROOT / "tools" / "meltano_settings.py", "--check"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
