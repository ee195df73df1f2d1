"""The forecast: what a selection will cost, before it is read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_shop import EVERYTHING, SandboxShop, last_state, selected

from tap_lightspeed.forecast import Counts, Group, lines, reading, usable, verdict
from tap_lightspeed.resources import BY_NAME


def told(shop, *streams, **config):
    """Return the forecast's lines, and what it says of the first and the quiet run."""
    tap = shop.tap()(config=shop.config | config, catalog=selected(*streams))
    said = list(tap.forecast())
    first, quiet = (
        int(next(line for line in said if line.startswith(name)).split()[2].replace(",", ""))
        for name in ("first run:", "quiet run:")
    )
    return said, first, quiet


@pytest.mark.parametrize("config", [{}, {"languages": ["nl", "en"]}], ids=["one language", "two languages"])
def test_it_is_right(config):
    """What the forecast says of all streams is what the runs then cost, to a few calls in a hundred."""
    shop = SandboxShop()
    said, first, quiet = told(shop, *EVERYTHING, **config)
    assert any("this forecast took" in line for line in said)
    messages = shop.run(*EVERYTHING, **config)
    assert shop.asked == pytest.approx(first, rel=0.01)
    shop.run(*EVERYTHING, state=last_state(messages), **config)
    assert shop.asked == pytest.approx(quiet, rel=0.01)


def test_it_reads_nothing():
    """Only counts are asked for."""
    shop = SandboxShop()
    shop.calls.clear()
    told(shop, "orders", "products", "shop")
    assert set(shop.calls) == {"nl", "orders/count", "products/count"}


def test_orders_before_the_start_cost_nothing():
    """Orders before the cut-over are listed and not read."""
    shop = SandboxShop()
    said, first, _ = told(shop, "orders", start_date="2026-11-20T12:00:30Z")
    assert first == 1
    assert said


def test_it_says_when_it_does_not_fit():
    """A first run that needs days is said to, and a quiet run that no day can hold is refused."""
    assert verdict(250, 60, (270, 2_900, 11_600))[0][0].endswith("fits into one 5-minute window")
    assert "needs 3 windows of 5 minutes" in verdict(600, 60, (270, 2_900, 11_600))[0][0]
    assert "needs 2 hours" in verdict(4_000, 60, (270, 2_900, 11_600))[0][0]
    assert "it needs 9 days" in verdict(100_000, 60, (270, 2_900, 11_600))[0][0]
    said, fits = verdict(100_000, 12_000, (270, 2_900, 11_600))
    assert not fits
    assert "can't fit" in said[1]


def test_what_can_not_be_counted_is_said():
    """A list without a right to it is a line that says so."""
    shop = SandboxShop(denied_groups="settings")
    said, _, _ = told(shop, "taxes", "brands")
    assert any(line.startswith("taxes") and "no right" in line for line in said)


@given(st.integers(0, 10_000))
def test_pages(records):
    """A list is read until a page is not full."""
    assert reading(records) >= max(1, -(-records // 250))
    assert reading(records) <= records // 250 + 3


def test_a_group_bears_its_list_once():
    """Streams of one list cost its pages once; a child that is asked for costs a call per record."""
    from test_streams import any_settings

    settings = any_settings()
    group = Group(BY_NAME["invoices"], [BY_NAME["invoices"], BY_NAME["invoices_items"]])
    found = lines(group, Counts(1_000, 1_000), settings)
    assert [(one.first, one.quiet) for one in found] == [(7, 1), (1_000, 0)]
    assert usable((300, 3_000, 12_000), (30, 100, 10_000)) == [270, 2_900, 6_000]


def test_the_command(tmp_path):
    """`--forecast` is an option of the program; a shop that can't be reached ends it with 3."""
    config, catalog = tmp_path / "config.json", tmp_path / "catalog.json"
    config.write_text(json.dumps(SandboxShop("empty").config | {"base_url": "http://127.0.0.1:9"}))
    catalog.write_text(json.dumps(selected("brands")))
    program = Path(sys.executable).with_name("tap-lightspeed")
    done = subprocess.run(
        [program, "--config", config, "--catalog", catalog, "--forecast"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "unavailable" in done.stderr
