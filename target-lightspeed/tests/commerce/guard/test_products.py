"""The limits of the catalogue: a run that would hide, delete or change too much is stopped before its first write."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from target_lightspeed.commerce.planner.priority import LONGEST_WAIT
from upsert.errors import Beyond, Outage

_WORLD = Path(__file__).parents[1] / "catalogue" / "catalogue_world.py"
if "catalogue_world" not in sys.modules:
    _SPEC = importlib.util.spec_from_file_location("catalogue_world", _WORLD)
    assert _SPEC
    assert _SPEC.loader
    sys.modules["catalogue_world"] = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(sys.modules["catalogue_world"])
catalogue = sys.modules["catalogue_world"]

CODES = [f"POT-{n:02}" for n in range(30)]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """A shop with thirty products of ours: a first load may change everything."""
    made = catalogue.Catalogue(tmp_path, visible_needs="nothing")
    assert made.send(*(catalogue.product(code) for code in CODES)) == []
    return made


@pytest.mark.parametrize("priority", [None, "content"])
def test_a_first_load_of_several_runs_is_the_first_until_it_is_through(tmp_path: Path, priority: str | None) -> None:
    """Whether its calls were used up, or its part of them: what a run began is no change of what was there."""
    made = catalogue.Catalogue(tmp_path, {"rate_limits": "60/3000/12000"}, visible_needs="nothing")
    made.config["priority"] = priority
    made.client = made.make_client(reserve=(0, 0, 0), longest_wait=1)
    records = [catalogue.product(code, gtins=[]) for code in CODES]
    with nullcontext() if priority else pytest.raises(Outage):
        made.send(*records)
    assert len(made.rows("products")) == 30
    made.user("POST", "switches", {"rate_limits": "300/3000/12000"})
    made.clock.advance(400)
    assert made.send(*records) == []
    assert {visibility for _, visibility in standing(made)} == {"visible"}
    with pytest.raises(Beyond, match="25 of 30 items would be hidden"):
        made.send(*(catalogue.product(code, web_enabled=False) for code in CODES[:25]))


def standing(shop: Any) -> list[tuple[str, str]]:
    return [(row["title"], row["visibility"]) for row in shop.rows("products")]


def test_an_empty_export_does_not_empty_the_shop(shop: Any) -> None:
    """Nothing is hidden; the token allows exactly this (P15)."""
    before = standing(shop)
    assert {visibility for _, visibility in before} == {"visible"}
    gone = [catalogue.product(code, web_enabled=False) for code in CODES[:25]]
    with pytest.raises(Beyond, match=r"25 of 30 items would be hidden, more than 20 \(POT-00, POT-01") as caught:
        shop.send(*gone)
    assert shop.writes() == {}
    assert standing(shop) == before
    shop.config["approve"] = caught.value.token
    with pytest.raises(Beyond, match="what was approved is another set of changes"):
        shop.send(*gone[:-1])
    assert shop.send(*gone) == []
    assert sum(visibility == "hidden" for _, visibility in standing(shop)) == 25


@pytest.mark.parametrize(("settings", "word"), [({"vanished": "delete"}, "deleted"), ({"vanished": "hide"}, "hidden")])
def test_what_vanished_is_counted_by_what_would_become_of_it(shop: Any, settings: dict[str, Any], word: str) -> None:
    """Hidden or deleted, as it is set."""
    gone = [catalogue.product(code, active=False) for code in CODES[:21]]
    with pytest.raises(Beyond, match=rf"21 of 30 items would be {word}, more than 20"):
        shop.send(*gone, **settings)
    assert len(standing(shop)) == 30


def test_too_many_changed_titles_stop_and_new_products_do_not_count(shop: Any) -> None:
    """Twenty are never too many, and a season of new products is no accident."""
    changed = [catalogue.product(code, texts=catalogue.texts(f"New {code}")) for code in CODES]
    new = [catalogue.product(f"NEW-{n:02}") for n in range(25)]
    assert shop.send(*changed[:20], *new) == []
    with pytest.raises(Beyond, match=r"would be changed, more than 30%"):
        shop.send(*(catalogue.product(code, texts=catalogue.texts(f"Again {code}")) for code in CODES))
    assert not [title for title, _ in standing(shop) if title.startswith("Again")]


def test_a_second_run_of_everything_asks_and_writes_nothing(shop: Any) -> None:
    """The dry run of a run that changes nothing costs no call."""
    shop.send(*(catalogue.product(code) for code in CODES))
    assert shop.total() == {}


def test_what_the_dry_run_has_read_is_not_read_again(shop: Any) -> None:
    """What the dry run has asked for serves the run, and a product that is changed isn't looked at at all."""
    new = [catalogue.product(f"NEW-{n:02}") for n in range(3)]
    changed = [catalogue.product(code, texts=catalogue.texts(f"New {code}")) for code in CODES[:21]]
    assert shop.send(*changed, *new, limits={"changed_percent": None}) == []
    reads = shop.reads()
    assert "GET products" not in reads
    assert sum(reads.values()) <= 10
    assert sorted(title for title, _ in standing(shop) if title.startswith("New ")) == [f"New {c}" for c in CODES[:21]]
    assert len(standing(shop)) == 33


def test_a_plan_tells_the_token(shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Beside what it lists, so that a person can decide before the run stops."""
    gone = [catalogue.product(code, web_enabled=False) for code in CODES[:25]]
    with caplog.at_level("INFO", "target-lightspeed"):
        assert shop.run(shop.messages(gone), mode="plan") == {}
    (line,) = [text for text in caplog.messages if text.startswith("plan: this run would stop")]
    with pytest.raises(Beyond) as caught:
        shop.send(*gone)
    assert f"approve set to {caught.value.token}" in line


def modest(shop: Any) -> None:
    """From now on 60 calls an hour, of which this run may use half."""
    shop.user("POST", "switches", {"rate_limits": "300/60/12000"})
    shop.client = shop.make_client(reserve=(30, 1_500, 6_000), longest_wait=LONGEST_WAIT)
    shop.config["priority"] = "content"


def to_the_end(shop: Any, records: list[Any]) -> int:
    """Runs, an hour apart, until one does not end early; how many there were."""
    for number in range(1, 8):
        shop.clock.advance(3_600)
        shop.send(*records)
        if not shop.target.ended:
            return number
    raise AssertionError("no run came to its end")


def test_an_approved_run_that_ends_early_goes_on_by_itself(shop: Any) -> None:
    """The approval counts for all that was seen, however many runs that takes."""
    again = [catalogue.product(code, texts=catalogue.texts(f"Again {code}")) for code in CODES]
    with pytest.raises(Beyond) as caught:
        shop.send(*again)
    modest(shop)
    shop.clock.advance(3_600)
    shop.config["approve"] = caught.value.token
    shop.send(*again)
    shop.config["approve"] = ""
    assert "60 calls" in shop.target.ended
    assert to_the_end(shop, again) > 1
    assert all(title.startswith("Again") for title, _ in standing(shop))


def test_a_first_load_that_ends_early_goes_on_by_itself(tmp_path: Path) -> None:
    """What it made is half done, and the rest of it is no mass change; after its end the limits hold."""
    shop = catalogue.Catalogue(tmp_path, visible_needs="nothing")
    modest(shop)
    everything = [catalogue.product(code) for code in CODES]
    assert to_the_end(shop, everything) > 2
    assert len(standing(shop)) == 30
    gone = [catalogue.product(code, web_enabled=False) for code in CODES[:25]]
    shop.clock.advance(3_600)
    with pytest.raises(Beyond):
        shop.send(*gone)
