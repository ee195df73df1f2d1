"""The forecast of calls: formulas, refusals with their arithmetic, and the command."""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import Catalogue, pictures, product, texts
from hypothesis import given
from hypothesis import strategies as st

from target_lightspeed.cli import asked
from target_lightspeed.commerce.planner.command import run
from target_lightspeed.commerce.planner.forecast import first_load, forecast, hours
from target_lightspeed.commerce.planner.report import report
from target_lightspeed.commerce.planner.sizes import Sizes, read_sizes
from target_lightspeed.commerce.planner.verdict import problems
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

CYCLE = {
    "shop": {"products": 2_500, "variants": 10_000},
    "changes": {"orders_per_day": 4_800, "order_changes": 0, "stock_per_cycle": 300, "peak": 1},
    "flows": {"orders": 15, "stock": 15, "prices": 0, "catalogue": 0},
}


def sizes(**parts: Any) -> Sizes:
    return read_sizes({**CYCLE, **parts})


def test_a_cycle_of_fifty_orders_and_three_hundred_changes() -> None:
    """10,000 variants, 300 stock changes and 50 orders in 15 minutes: 51 calls for the orders, 61 for the stock."""
    flows = {flow.name: flow.cycle for flow in forecast(sizes())}
    all_levels = 40 * 15 / 1_440
    assert flows == {"orders": 51, "stock": 2 + 50 + (6 + 2) + 1 + all_levels}


def test_a_new_product_costs_what_the_recipe_needs() -> None:
    """4 calls, one per specification and image, one for its categories, two per further language (reference §17)."""
    shop = {"products": 100, "languages": 2, "images": 3, "specifications": 5, "category_links": 2}
    flows = {"orders": 0, "stock": 0, "prices": 0, "catalogue": 60}
    (products, _) = first_load(sizes(shop=shop, flows=flows))
    assert products.calls == 100 * (4 + 5 + 3 + 1 + 2)


def test_all_that_fits_is_no_problem() -> None:
    """A usual shop has room."""
    table, wrong = report(sizes())
    assert wrong == []
    assert "in all" in table


def test_the_impossible_is_refused_with_its_arithmetic() -> None:
    """Stock every 5 minutes with 2,000 changes each: the line says what is allowed, and the cure."""
    changes = {"orders_per_day": 100, "stock_per_cycle": 2_000, "peak": 1}
    (line,) = problems(sizes(changes=changes, flows={"orders": 15, "stock": 5, "prices": 0, "catalogue": 0}))
    assert line.startswith("day: orders 96 x ")
    assert "stock 288 x 51 = 14,828" in line
    assert "allowed are 12,000 - 400 kept free = 11,600" in line
    assert line.endswith("stock every 10 minutes instead of 5 would do")


def test_the_busiest_hour_counts_too() -> None:
    """A day may have room while its busiest hour has none."""
    changes = {"orders_per_day": 3_000, "peak": 24}
    lines = problems(sizes(changes=changes))
    assert any(line.startswith("hour: ") for line in lines)


def test_a_first_load_that_takes_too_long_is_refused() -> None:
    """What must be done in two days and takes five, says so."""
    shop = {"products": 2_500, "variants": 10_000, "images": 4, "specifications": 5}
    flows = {"orders": 15, "stock": 15, "prices": 0, "catalogue": 60}
    (line,) = problems(sizes(shop=shop, flows=flows, key={"first_load_days": 2}))
    assert line.startswith("first load: ")
    assert "wanted are 2" in line


def test_hours_of_a_long_load() -> None:
    """What doesn't fit into a day goes on in the next one."""
    assert hours(1_450, 2_900, 11_600) == 0.5
    assert hours(11_600 + 2_900, 2_900, 11_600) == 25
    assert math.isinf(hours(1, 0, 10))
    assert hours(0, 0, 0) == 0


@given(st.integers(0, 50_000), st.integers(0, 5_000), st.integers(5, 1_440))
def test_more_of_anything_never_costs_less(variants: int, orders: int, minutes: int) -> None:
    """The forecast grows with the sizes, and no part of it is below zero."""

    def day(**more: int) -> float:
        changes = {"orders_per_day": orders + more.get("orders", 0), "stock_per_cycle": variants // 100}
        shop = {"products": variants // 4, "variants": variants + more.get("variants", 0)}
        made = forecast(read_sizes({"shop": shop, "changes": changes, "flows": {"stock": minutes}}))
        assert all(flow.cycle >= 0 and flow.peak >= 0 for flow in made)
        return sum(flow.day for flow in made)

    assert day() <= day(orders=10)
    assert day() <= day(variants=1_000) + 1e-6


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"shop": {"product": 5}}, "budget: shop.product: no such name"),
        ({"shop": {"products": 5, "variants": 2}}, "budget: shop: variants: there are at least as many as products"),
        ({"key": {"reserve": [300, 0, 0]}}, "budget: key: reserve: it leaves no call to us"),
        ([], "budget: the file:"),
    ],
)
def test_a_mistake_in_the_file_is_named(data: Any, said: str) -> None:
    """One line that names the place."""
    with pytest.raises(ConfigurationError, match=said):
        read_sizes(data)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON, YAML and standard input; 0 when it fits, 2 when not."""
    file = tmp_path / "sizes.json"
    file.write_text(json.dumps(CYCLE), encoding="utf-8")
    assert run(str(file)) == 0
    assert "stock" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("changes: {stock_per_cycle: 2000}\nflows: {stock: 5}\n"))
    assert run("-") == 2
    assert "impossible: day: " in capsys.readouterr().err
    assert run(str(tmp_path / "missing.yaml")) == 2
    file.write_text("a: [", encoding="utf-8")
    assert run(str(file)) == 2
    assert "neither JSON nor YAML" in capsys.readouterr().err


def test_only_the_option_asks_for_a_budget() -> None:
    """Any other command line runs the target."""
    assert asked(["--config", "x.json"]) is None
    assert asked(["--budget", "x.yaml"]) == "x.yaml"
    assert asked(["--budget=-"]) == "-"
    assert asked(["--budget"]) == "-"


def test_the_forecast_of_a_first_load_is_what_it_takes(tmp_path: Path) -> None:
    """Twenty products with texts in two languages, specifications and images: the forecast is right to a tenth."""
    shop = Catalogue(tmp_path, attributes={"a": {"specification": "A"}}, type="T", visible_needs="nothing")
    records = [
        product(
            f"P-{n}",
            texts=texts(f"Pot {n}", en_title=f"Pot {n} too"),
            images=pictures(2 * n, 2 * n + 1),
            attributes=[{"code": "a", "values": [str(n)]}],
        )
        for n in range(20)
    ]
    assert shop.send(*records) == []
    needed = sum(shop.client.calls.values())
    told = {"products": 20, "languages": 2, "images": 2, "specifications": 1}
    flows = {"orders": 0, "stock": 0, "prices": 0, "catalogue": 60}
    forecasted = sum(part.calls for part in first_load(read_sizes({"shop": told, "flows": flows})))
    assert 0.9 < forecasted / needed < 1.1
