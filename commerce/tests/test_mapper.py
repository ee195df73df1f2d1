"""The plugin: messages in, messages out."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import SettingsError, split_error
from commerce.mapper import MapperCommerce
from commerce.reasons import REASONS

CONFIG = {"source": "lightspeed"}
RUN = [sys.executable, "-m", "commerce.mapper"]


@pytest.fixture(scope="module")
def mapper() -> MapperCommerce:
    return MapperCommerce(config=CONFIG)


def lines(*messages: Any) -> str:
    encoder = msgspec.json.Encoder(decimal_format="number")
    return "".join(encoder.encode(one).decode() + "\n" for one in messages)


def run(text: str, config: dict[str, Any], folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The plugin as a process."""
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAPPER_")}
    return subprocess.run(
        [*RUN, "--config", str(path), *more],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )


def first(messages: Any) -> dict[str, Any]:
    (message,) = messages
    return message.to_dict()  # type: ignore[no-any-return]


def test_schema(mapper: MapperCommerce) -> None:
    """The stream keeps its name and gets the contract's schema, key and bookmark property."""
    source = {"type": "SCHEMA", "stream": "orders", "schema": {}, "key_properties": ["id"]}
    made = first(mapper.map_schema_message({**source, "bookmark_properties": ["updatedAt"]}))
    assert (made["stream"], made["key_properties"], made["bookmark_properties"]) == ("orders", ["key"], ["changed_at"])
    assert made["schema"]["contract_version"] == "1.0"


def test_record(mapper: MapperCommerce, shop: Any) -> None:
    """Decimals leave as text; what the source has no word on is absent; the envelope stays."""
    message = {"type": "RECORD", "stream": "orders", "record": shop.order(shop.line(1, "10.00")), "version": 7}
    made = first(mapper.map_record_message(message))
    record = made["record"]
    assert made["version"] == 7
    assert record["totals"]["incl"] == "10.00"
    assert (record["_source_stream"], record["_source_key"], record["_gone"], record["_error"]) == (
        "orders",
        "123",
        None,
        None,
    )
    assert "book_date" not in record
    assert record["internal_remark"] is None, "known to be empty is not the same as not said"


def test_a_bad_record_travels_on(mapper: MapperCommerce, shop: Any) -> None:
    """What can't be mapped keeps its key and says why, by code and field."""
    record = shop.order(shop.line(1, "10.00"), priceIncl="nonsense of Jo")
    made = mapper.map_record("orders", record)
    assert made == {
        "key": "lightspeed.shop1:123",
        "_source_stream": "orders",
        "_source_key": "123",
        "_gone": None,
        "_error": "invalid_value: priceIncl",
    }
    assert split_error(made["_error"]) == ("invalid_value", "priceIncl")


def test_a_record_without_a_name(mapper: MapperCommerce) -> None:
    """Even a record without id or shop carries a key."""
    made = mapper.map_record("customers", {})
    assert (made["key"], made["_source_key"]) == ("lightspeed.unknown:unknown", None)
    assert made["_error"] == "invalid_record: id"


def test_gone(mapper: MapperCommerce) -> None:
    """A key that is gone is passed on with nothing but itself."""
    record = {"id": 5, "_shop": "shop1", "_source_stream": "orders", "_source_key": "5", "_gone": True, "number": None}
    assert mapper.map_record("orders", record) == {
        "key": "lightspeed.shop1:5",
        "_source_stream": "orders",
        "_source_key": "5",
        "_gone": True,
        "_error": None,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.data(), st.sampled_from(["orders", "customers"]))
def test_no_record_ever_raises(mapper: MapperCommerce, shop: Any, data: st.DataObject, stream: str) -> None:
    """Whatever JSON stands in the fields, a record comes out, with a key, and no value of it in its error."""
    record = shop.order(shop.line(1, "10.00", quantity="2"), shop.line(2, "3.00", rate="0.09"), off="1.00")
    names = st.sampled_from(sorted(record))
    record |= data.draw(st.dictionaries(names, JSON, min_size=1, max_size=4))
    if data.draw(st.booleans()):
        line = dict(shop.line(1, "10.00"))
        line |= data.draw(st.dictionaries(st.sampled_from(sorted(line)), JSON, max_size=3))
        record["products"] = [line]
    made = mapper.map_record(stream, record)
    assert made["key"].startswith("lightspeed.")
    assert made["_error"] != "mapping_failed"
    msgspec.json.encode(made)


@given(JSON, st.sampled_from(["orders", "customers"]))
def test_no_garbage_ever_raises(mapper: MapperCommerce, garbage: Any, stream: str) -> None:
    """A record of no shape at all comes out as an error."""
    made = first(mapper.map_record_message({"type": "RECORD", "stream": stream, "record": garbage}))
    assert made["record"]["_error"]


def test_other_messages_pass_untouched(capsysbinary: pytest.CaptureFixture[bytes], mapper: MapperCommerce) -> None:
    """STATE, ACTIVATE_VERSION and streams that are not ours come out as they went in, in their place."""
    messages = [
        {
            "type": "STATE",
            "value": {"bookmarks": {"orders": {"held": [], "seen": [["1", None]], "x": Decimal("1.50")}}},
        },
        {"type": "SCHEMA", "stream": "brands", "schema": {"properties": {}}, "key_properties": ["id"]},
        {"type": "RECORD", "stream": "brands", "record": {"id": 1, "price": Decimal("0.10")}},
        {"type": "ACTIVATE_VERSION", "stream": "orders", "version": 3},
        {"type": "BATCH", "stream": "brands", "manifest": []},
        {"type": "STATE", "value": {}},
    ]
    mapper.listen(io.StringIO(lines(*messages)))
    assert capsysbinary.readouterr().out.decode() == lines(*messages)


def test_state_keeps_its_place(capsysbinary: pytest.CaptureFixture[bytes], shop: Any) -> None:
    """No record is held back across a STATE."""
    record = {"type": "RECORD", "stream": "orders", "record": shop.order(shop.line(1, "10.00"))}
    state = {"type": "STATE", "value": {}}
    MapperCommerce(config=CONFIG).listen(io.StringIO(lines(state, record, state, record)))
    kinds = [json.loads(line)["type"] for line in capsysbinary.readouterr().out.splitlines()]
    assert kinds == ["STATE", "RECORD", "STATE", "RECORD"]


def test_batch_files_of_our_streams_are_refused(mapper: MapperCommerce) -> None:
    """Records in files would slip past the mapping."""
    with pytest.raises(SettingsError, match="batch_config"):
        list(mapper.map_batch_message({"type": "BATCH", "stream": "orders", "manifest": []}))


def test_overrides_work_end_to_end(shop: Any) -> None:
    """An override reaches the record; one that fails holds it."""
    made = MapperCommerce(config={**CONFIG, "overrides": {"orders": {"remark": "record['memo']"}}})
    record = shop.order(shop.line(1, "10.00"), memo="Rush")
    assert made.map_record("orders", record)["remark"] == "Rush"
    del record["memo"]
    assert made.map_record("orders", record)["_error"] == "override_failed: remark"


def test_done(tmp_path: Path, shop: Any) -> None:
    """Exit 0, records on stdout, one line of summary and no personal data on stderr."""
    record = shop.order(shop.line(1, "10.00"))
    schema = {"type": "SCHEMA", "stream": "orders", "schema": {}, "key_properties": ["id"]}
    bad = {**record, "id": 124, "priceIncl": None}
    done = run(
        lines(schema, *({"type": "RECORD", "stream": "orders", "record": one} for one in (record, bad))),
        CONFIG,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["type"] for one in out] == ["SCHEMA", "RECORD", "RECORD"]
    assert out[1]["record"]["number"] == "ORD00123"
    assert out[2]["record"]["_error"] == "missing_value: priceIncl"
    assert "mapped 2 records, 1 passed on with an error" in done.stderr
    assert "Jansen" not in done.stderr


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "source: Field required"),
        ({**CONFIG, "overrides": {"orders": {"remark": "record["}}}, "overrides: remark: not an expression"),
        ({**CONFIG, "overrides": {"orders": {"remarc": "1"}}}, "did you mean 'remark'"),
        ({**CONFIG, "overrides": {"invoices": {}}}, "no commerce stream 'invoices'"),
    ],
)
def test_wrong_settings(tmp_path: Path, config: dict[str, Any], words: str) -> None:
    """Exit 2 with one line that says what to mend."""
    done = run("", config, tmp_path)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_no_config_file(tmp_path: Path) -> None:
    """A config file that is not there is a mistake in the settings."""
    command = [*RUN, "--config", str(tmp_path / "nope.json")]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ['{"type": "RECORD", "record": {"email": "jo@exam', "[1]\n", '{"type":"NEWS"}\n'])
def test_broken_input(tmp_path: Path, text: str) -> None:
    """A line that is no message: exit 2, its number, and nothing of what stood there."""
    done = run('{"type":"STATE","value":{}}\n' + text, CONFIG, tmp_path)
    assert done.returncode == 2
    assert "line 2 of the input" in done.stderr
    assert "jo@exam" not in done.stderr
    assert done.stdout == '{"type":"STATE","value":{}}\n'


def test_sigterm(tmp_path: Path) -> None:
    """SIGTERM ends with 143: Meltano must not take half of the data for all of it."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    with subprocess.Popen(
        [*RUN, "--config", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write('{"type":"STATE","value":{}}\n')
        process.stdin.flush()
        assert process.stdout.readline() == '{"type":"STATE","value":{}}\n'
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143


def test_the_next_program_has_gone(tmp_path: Path, shop: Any) -> None:
    """A closed pipe is the other side's matter: exit 3, one line."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    with subprocess.Popen(
        [*RUN, "--config", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write('{"type":"STATE","value":{}}\n')
        process.stdin.close()
        text = process.stderr.read()
        assert process.wait(timeout=30) == 3
    assert "the next program in the pipeline has stopped" in text
    assert "Traceback" not in text


def test_about(tmp_path: Path) -> None:
    """--about tells every setting with its type and description."""
    done = run("", CONFIG, tmp_path, "--about", "--format", "json")
    about = json.loads(done.stdout)
    assert about["name"] == "mapper-commerce"
    assert {"source", "price_basis", "overrides"} <= set(about["settings"]["properties"])
    assert all(setting.get("description") for setting in about["settings"]["properties"].values())
    assert about["capabilities"] == ["about", "structured-logging"]


def test_every_code_has_a_sentence_and_a_row_in_the_readme() -> None:
    """Whoever meets a code finds what it means: in the list of held records and in the README."""
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in readme.splitlines() if line.startswith("| `")]
    table = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    assert set(REASONS) <= table
    raised = re.findall(
        r"MappingError\(\s*\"([a-z_]+)\"",
        "".join(file.read_text(encoding="utf-8") for file in (Path(__file__).parents[1] / "src").rglob("*.py")),
    )
    assert set(raised) <= set(REASONS)
