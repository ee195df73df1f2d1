"""The plugin as a program: settings, capabilities, exit codes, the SDK's own tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from fake_shop import CONFIG, FakeShop, catalog, records, run, tap_for
from hypothesis import given
from hypothesis import strategies as st
from sandbox_shop import EVERYTHING, SandboxShop, selected
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_lightspeed.resources import RESOURCES
from tap_lightspeed.settings import Settings, json_schema
from tap_lightspeed.tap import TapLightspeed
from upsert.errors import ConfigurationError
from upsert.singer.declared import SDK_SETTINGS

_SHOP = SandboxShop()
# Their fields are not documented, so that records have more than the schema; test_streams reads them.
_UNDOCUMENTED = {"additionalcosts", "locations", "shop_settings", "time"}
_Standard = get_tap_test_class(
    _SHOP.tap(),
    config=_SHOP.config,
    catalog=selected(*(name for name in EVERYTHING if name not in _UNDOCUMENTED)),
    suite_config=SuiteConfig(max_records_limit=5),
)


# A schema says more than the sandbox's records have, and records may have more than their schema.
@pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records")
@pytest.mark.filterwarnings("ignore:Fields in records but not in transformed")
@pytest.mark.filterwarnings("ignore:No records were available to test")
class TestStandard(_Standard):
    """The SDK's standard tests, over every stream."""


SETTINGS = sorted(json_schema()["properties"])


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_described(name):
    """A setting has a title and a description in `--about`, and a line in the README."""
    one = json_schema()["properties"][name]
    assert one["title"]
    assert one["description"]
    readme = Path(__file__).parents[1] / "README.md"
    assert f"`{name}`" in readme.read_text(encoding="utf-8")


def test_the_secrets_are_marked():
    """Secrets are marked, and nothing else is."""
    secret = {name for name, one in json_schema()["properties"].items() if one.get("secret")}
    assert secret == {"api_secret", "app_token"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"api_key": None}, "api_key"),
        ({"shop": "a shop"}, "shop"),
        ({"shop": "x" * 21}, "shop"),
        ({"start_date": "soon"}, "start_date"),
        ({"cluster": "asia1"}, "cluster"),
        ({"payment_status": ["paid"]}, "payment_status: no such setting"),
        ({"reserve_day": -1}, "reserve_day"),
    ],
)
def test_wrong_settings_are_named_without_their_value(change, says):
    """A wrong setting is named in one line that shows no value; a missing one as well."""
    config = {name: value for name, value in (CONFIG | change).items() if value is not None}
    with pytest.raises(ConfigurationError, match=says) as caught:
        TapLightspeed(config=config)
    assert "\n" not in caught.value.text
    assert CONFIG["api_secret"] not in caught.value.text


def test_start_date_is_mandatory():
    """Without a start the tap doesn't run."""
    with pytest.raises(ConfigurationError, match="start_date"):
        TapLightspeed(config={name: value for name, value in CONFIG.items() if name != "start_date"})


def test_http_elsewhere_is_refused():
    """The key never travels in the open."""
    with pytest.raises(ConfigurationError, match="https"):
        _ = TapLightspeed(config=CONFIG | {"base_url": "http://shop.example.com"}).shop


def test_settings_of_the_sdk_pass():
    """Maps and flattening are the SDK's; the model leaves them alone."""
    assert Settings.model_validate(CONFIG | dict.fromkeys(SDK_SETTINGS)).shop == "shop1"


def test_maps_and_flattening_work(stdout):
    """With a stream map or flattening the records go the SDK's way, with the same bookmark."""
    shop = FakeShop()
    shop.order()
    shop.clock.pass_(60)
    maps = {"stream_maps": {"orders": {"id": "id", "double": "priceExcl * 2", "__else__": None}}}
    assert records(run(shop, stdout, config=maps)) == [{"id": 1001, "double": 5.0}]
    flat = {"flattening_enabled": True, "flattening_max_depth": 1}
    (order,) = records(run(shop, stdout, config=flat))
    assert order["addressBillingCountry__code"] == "nl"


def test_a_deselected_field_does_not_come(stdout):
    """Selection in the catalog is obeyed."""
    shop = FakeShop()
    shop.order()
    shop.clock.pass_(60)
    chosen = catalog("orders")
    for entry in chosen["streams"]:
        for one in entry["metadata"]:
            if one["breadcrumb"] == ["properties", "email"]:
                one["metadata"]["selected"] = False
    tap = tap_for(shop)(config=CONFIG, catalog=chosen)
    sys.stdout, before = stdout, sys.stdout
    try:
        tap.sync_all()
    finally:
        sys.stdout = before
    (order,) = records(list(stdout.messages()))
    assert "email" not in order
    assert order["priceExcl"] == 2.5


def test_both_ways_give_the_same_records(stdout):
    """The short way writes what the SDK's way writes, plus the fields that the schema doesn't know."""
    shop = FakeShop()
    shop.order(lines=3)
    shop.customer()
    shop.clock.pass_(60)
    short = run(shop, stdout, streams=("orders", "customers"))
    long = run(
        shop, stdout, streams=("orders", "customers"), config={"stream_maps": {"orders": {"__alias__": "orders"}}}
    )
    assert records(long) == records(short)
    assert records(long, "customers") == records(short, "customers")


PROGRAM = Path(sys.executable).with_name("tap-lightspeed")


def program(tmp_path, *arguments, config=CONFIG, **options):
    """Run the console script."""
    file = tmp_path / "config.json"
    file.write_text(config if isinstance(config, str) else json.dumps(config))
    return subprocess.run(
        [PROGRAM, "--config", file, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


@pytest.mark.parametrize(
    ("config", "state", "code", "says"),
    [
        ({**CONFIG, "base_url": "http://127.0.0.1:9"}, {}, 3, "unavailable"),
        ({**CONFIG, "shop": ""}, {}, 2, "shop"),
        ("{", {}, 2, "not JSON"),
        (CONFIG, "", 2, "empty"),
        (CONFIG, '{"bookmarks": {"orders"', 2, "half-written"),
        (CONFIG, {"bookmarks": {"orders": {"version": 1, "source": "lightspeed.shop2"}}}, 2, "shop2"),
        (CONFIG, {"bookmarks": {"orders": {"version": 9}}}, 2, "version 9"),
    ],
)
def test_exit_codes(tmp_path, config, state, code, says):
    """The program ends with the code of its cause, and one line of error that names it."""
    file = tmp_path / "state.json"
    file.write_text(state if isinstance(state, str) else json.dumps(state))
    done = program(tmp_path, "--state", file, config=config)
    wrong = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert done.returncode == code, done.stderr
    assert len(wrong) == 1
    assert says in wrong[0]
    assert "Traceback" not in done.stderr
    assert CONFIG["api_secret"] not in done.stderr


def test_about_and_discovery_need_no_settings(tmp_path):
    """`--about` and `--discover` run on an empty configuration."""
    about = json.loads(program(tmp_path, "--about", "--format", "json", config={}).stdout)
    assert "start_date" in json.dumps(about["settings"])
    assert set(about["capabilities"]) >= {"catalog", "state", "discover", "about", "stream-maps", "schema-flattening"}
    found = json.loads(program(tmp_path, "--discover", config={}).stdout)
    assert [one["tap_stream_id"] for one in found["streams"]] == [one.name for one in RESOURCES]


def test_sigterm(tmp_path):
    """SIGTERM ends the program with 143, and what it wrote are whole lines."""
    script = textwrap.dedent(f"""
        import os, signal, sys, threading
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from fake_shop import CONFIG, FakeShop, catalog, tap_for
        shop = FakeShop()
        for _ in range(30):
            shop.order()
        shop.clock.pass_(60)
        def before(request):
            if shop.calls["GET orders/{{id}}"] == 12:
                os.kill(os.getpid(), signal.SIGTERM)
        shop.before = before
        tap_for(shop)(config=CONFIG, catalog=catalog("orders")).sync_all()
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 128 + signal.SIGTERM
    lines = done.stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines].count("RECORD") == 11


def test_a_signal_waits_for_the_message_in_hand():
    """A signal in the middle of a write doesn't cut the line; a second one doesn't wait."""
    from upsert.singer import Output

    output = Output()
    output._writing = True
    output.terminate(15)
    with pytest.raises(SystemExit, match="143"):
        output.terminate(15)


def test_the_reader_of_our_output_goes_away(tmp_path):
    """A closed pipe ends the program with 3 and one line, not with a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**CONFIG, "base_url": "http://127.0.0.1:9"}))
    done = subprocess.run(
        [PROGRAM, "--config", file], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writing)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_numeric_text_is_exact(units, digits):
    """A number that arrives as text keeps its digits."""
    from decimal import Decimal

    from tap_lightspeed.convert import Shape

    text = format(Decimal(units).scaleb(-digits), "f")
    shape = Shape({"properties": {"a": {"type": ["number", "null"]}}})
    assert shape.record({"a": text}) == {"a": Decimal(text)}


def test_only_the_streams_of_the_settings_are_offered():
    """A job that reads one stream need not carry a catalog of a hundred; a given catalog decides by itself."""
    offered = TapLightspeed(config={**CONFIG, "streams": ["orders", "tags*"]})
    assert sorted(offered.streams) == ["orders", "tags", "tags_products"]
    given_one = TapLightspeed(config={**CONFIG, "streams": ["orders"]}, catalog=selected("brands"))
    assert set(given_one.streams) == {"brands"}
    with pytest.raises(ConfigurationError, match=r"settings: streams: no stream fits order; "):
        _ = TapLightspeed(config={**CONFIG, "streams": ["order"]}).streams
