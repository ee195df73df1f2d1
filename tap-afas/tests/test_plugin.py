"""The plugin as a program: settings, capabilities, exit codes, README, the SDK's own tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from environment import BASE, Environment
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from sandbox.testing import served
from tap_afas.settings import Settings, json_schema
from tap_afas.settings_table import tables
from tap_afas.tap import TapAfas
from upsert.errors import ConfigurationError
from upsert.singer.declared import SDK_SETTINGS

README = Path(__file__).parents[1] / "README.md"
TOKEN = "0123456789ABCDEF" * 4
CONFIG = {"base_url": BASE, "environment": "T12345AA", "token": TOKEN}

_shop = Environment()
_Standard = get_tap_test_class(
    _shop.tap_class(),
    config=_shop.config | {"connectors": ["Profit_Article", "Profit_Debtor", "ProfitCountries", "Commerce_Orders"]},
    suite_config=SuiteConfig(max_records_limit=5),
)


# A field that is empty in all of the first records.
@pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records")
@pytest.mark.filterwarnings("ignore:No records were available to test")
class TestStandard(_Standard):
    """The SDK's standard tests."""


@pytest.mark.parametrize("name", sorted(json_schema()["properties"]))
def test_every_setting_is_described(name):
    """A setting has a title and a description in `--about`."""
    one = json_schema()["properties"][name]
    assert one["title"]
    assert one["description"]


def test_the_readme_has_the_settings():
    """The tables of the README are made from the settings (`python -m tap_afas.settings_table`)."""
    assert tables() in README.read_text(encoding="utf-8")


def test_the_secrets_are_marked():
    """Secrets are marked, and nothing else is."""
    secret = {name for name, one in json_schema()["properties"].items() if one.get("secret")}
    assert secret == {"token", "client_secret"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"token": None}, "token"),
        ({"base_url": None, "environment": None}, "environment"),
        ({"environment": "mijn bedrijf"}, "environment"),
        ({"language": "dutch"}, "language"),
        ({"max_calls": 6}, "max_calls"),
        ({"strams": {}}, "strams: no such setting"),
        ({"streams": {"X": {"kees": []}}}, "streams.X.kees: no such setting"),
        ({"streams": {"X": {"filter": [{"field": "A", "op": "~"}]}}}, "operator"),
        ({"streams": {"X": {"attachments": [{"kind": "file", "id": "A"}]}}}, "needs `name`"),
    ],
)
def test_wrong_settings_are_named_without_their_value(change, says):
    """A wrong setting is named in one line that shows no value; a missing one as well."""
    config = {name: value for name, value in (CONFIG | change).items() if value is not None}
    with pytest.raises(ConfigurationError, match=says) as caught:
        TapAfas(config=config)
    assert "\n" not in caught.value.text
    assert TOKEN not in caught.value.text


def test_settings_of_the_sdk_pass():
    """Maps and flattening are the SDK's; the model leaves them alone."""
    assert Settings.model_validate(CONFIG | dict.fromkeys(SDK_SETTINGS)).environment == "T12345AA"


PROGRAM = Path(sys.executable).with_name("tap-afas")


def program(tmp_path, *arguments, config=CONFIG, **options):
    """Run the console script."""
    file = tmp_path / "config.json"
    file.write_text(config if isinstance(config, str) else json.dumps(config))
    return subprocess.run(
        [PROGRAM, "--config", file, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


@pytest.fixture(scope="module")
def server():
    """Return the address of an imitated environment that is really served."""
    environment = Environment()
    with served(environment.box) as (address,):
        yield environment, address


def test_about_needs_no_settings(tmp_path):
    """`--about` runs on an empty configuration and shows every setting and capability."""
    about = json.loads(program(tmp_path, "--about", "--format", "json", config={}).stdout)
    assert set(json_schema()["properties"]) <= set(about["settings"]["properties"])
    assert set(about["capabilities"]) >= {"catalog", "state", "discover", "about", "stream-maps", "schema-flattening"}


def test_discovery_and_a_run_over_a_socket(tmp_path, server):
    """Discover, run with the catalog, run again with the state: three commands, as in the README."""
    _, address = server
    config = CONFIG | {"base_url": address, "connectors": ["Profit_Article", "Profit_Debtor"]}
    found = program(tmp_path, "--discover", config=config)
    assert found.returncode == 0, found.stderr
    catalog = tmp_path / "catalog.json"
    catalog.write_text(found.stdout)
    done = program(tmp_path, "--catalog", catalog, config=config)
    assert done.returncode == 0, done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(one["type"] == "RECORD" and one["stream"] == "Profit_Article" for one in messages) == 319
    state = tmp_path / "state.json"
    state.write_text(json.dumps([one["value"] for one in messages if one["type"] == "STATE"][-1]))
    again = program(tmp_path, "--catalog", catalog, "--state", state, config=config)
    assert again.returncode == 0, again.stderr
    streams = [json.loads(line).get("stream") for line in again.stdout.splitlines() if '"type":"RECORD"' in line]
    assert {"Profit_Article", "Profit_Debtor"} & set(streams) == set()
    assert TOKEN not in found.stderr + done.stderr + again.stderr


@pytest.mark.parametrize(
    ("change", "state", "code", "says"),
    [
        ({"base_url": "http://127.0.0.1:9"}, {}, 3, "unavailable"),
        ({"token": "F" * 64}, {}, 2, "token"),
        ({"token": ""}, {}, 2, "token"),
        ({}, "", 2, "empty"),
        ({}, '{"bookmarks": {"orders"', 2, "half-written"),
        ({}, {"bookmarks": {"Profit_Article": {"version": 1, "source": "afas.O12345AA"}}}, 2, "O12345AA"),
        ({}, {"bookmarks": {"Profit_Article": {"version": 9}}}, 2, "version 9"),
        ({"streams": {"Profit_Article": {"keys": ["Kode"]}}}, {}, 2, "Kode"),
    ],
)
def test_exit_codes(tmp_path, server, *, change, state, code, says):
    """The program ends with the code of its cause, and says in a line what to do."""
    _, address = server
    config = CONFIG | {"base_url": address, "connectors": ["Profit_Article"]} | change
    file = tmp_path / "state.json"
    file.write_text(state if isinstance(state, str) else json.dumps(state))
    done = program(tmp_path, "--state", file, config=config)
    wrong = " ".join(line for line in done.stderr.splitlines() if "ERROR" in line)
    assert done.returncode == code, done.stderr
    assert says in wrong
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr


def test_a_failed_stream_in_the_program(tmp_path, server):
    """A blocked connector: one line for it, the other stream is read, exit code 2."""
    environment, address = server
    environment.control("afas/connector", {"name": "Profit_Article", "blocked": True})
    try:
        config = CONFIG | {"base_url": address, "connectors": ["Profit_Article", "Profit_Debtor"]}
        done = program(tmp_path, config=config)
    finally:
        environment.control("afas/connector", {"name": "Profit_Article", "blocked": False})
    lines = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert done.returncode == 2
    assert len(lines) == 2
    assert "Profit_Article failed" in lines[0]
    assert done.stdout.count('"RECORD","stream":"Profit_Debtor"') == 7


def test_sigterm(tmp_path):
    """SIGTERM ends the program with 143, and what it wrote are whole lines."""
    script = textwrap.dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from environment import Environment
        afas = Environment()
        tap = afas.tap("Profit_Article", streams={{"Profit_Article": {{"page_size": 20}}}})
        seen = []
        def listen(call):
            seen.append(call)
            if len(seen) == 8:
                os.kill(os.getpid(), signal.SIGTERM)
        afas.box.listeners.append(listen)
        tap.sync_all()
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    lines = done.stdout.splitlines()
    assert all(json.loads(line)["type"] for line in lines)
    assert [json.loads(line)["type"] for line in lines].count("RECORD") >= 20
