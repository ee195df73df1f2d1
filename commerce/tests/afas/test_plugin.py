"""The plugin with `source: afas`: messages in, messages out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest

from commerce import schema
from commerce.errors import SettingsError
from commerce.mapper import MapperCommerce

from .conftest import message

if TYPE_CHECKING:
    from pathlib import Path

RUN = [sys.executable, "-m", "commerce.mapper"]


def lines(*messages: Any) -> str:
    encoder = msgspec.json.Encoder(decimal_format="number")
    return "".join(encoder.encode(one).decode() + "\n" for one in messages)


def record(stream: str, **fields: Any) -> dict[str, Any]:
    body = {"_source_stream": stream, "_source_key": "k", **fields}
    return {"type": "RECORD", "stream": stream, "record": body, "time_extracted": "2026-11-01T10:02:00Z"}


def listen(capsysbinary: pytest.CaptureFixture[bytes], *messages: Any, **config: Any) -> list[dict[str, Any]]:
    MapperCommerce(config={"source": "afas", **config}).listen(io.StringIO(lines(*messages)))
    return [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]


def test_two_streams_feed_one(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The SCHEMA of a commerce stream is the same text each time, so that a target goes on with its sink."""
    out = listen(
        capsysbinary,
        {**message("Commerce_Products"), "bookmark_properties": ["Modified"]},
        record("Commerce_Products", ItemType="2", Item="SHIRT", ArticleType="3", WebEnabled=True),
        message("Commerce_Variants"),
        record("Commerce_Variants", ItemType="2", Item="SHIRT", Dim1="R", Dim2=None),
        {"type": "STATE", "value": {"bookmarks": {}}},
    )
    assert [(one["type"], one.get("stream")) for one in out] == [
        ("SCHEMA", "products"),
        ("RECORD", "products"),
        ("SCHEMA", "products"),
        ("RECORD", "products"),
        ("STATE", None),
    ]
    assert out[0] == out[2]
    assert (out[0]["key_properties"], out[0]["bookmark_properties"]) == (["key"], ["changed_at"])
    assert [one["record"]["_source_stream"] for one in (out[1], out[3])] == ["Commerce_Products", "Commerce_Variants"]
    validator = jsonschema.Draft202012Validator(schema("products"))
    for one in (out[1], out[3]):
        validator.validate(one["record"])


def test_stock_has_no_bookmark(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A stream without `changed_at` gets no bookmark property; decimals and the time of reading travel."""
    out = listen(
        capsysbinary,
        {**message("Commerce_Stock"), "bookmark_properties": ["X"]},
        record("Commerce_Stock", ItemType="2", Item="A", Warehouse="W", OnHand=Decimal("1.10000")),
    )
    assert "bookmark_properties" not in out[0]
    assert (out[1]["record"]["on_hand"], out[1]["record"]["read_at"]) == ("1.10000", "2026-11-01T10:01:00Z")


def test_other_messages(capsysbinary: pytest.CaptureFixture[bytes], caplog: pytest.LogCaptureFixture) -> None:
    """Versions follow the stream's new name, but not where several feed it; other streams pass untouched."""
    untouched = {"type": "RECORD", "stream": "Profit_Article", "record": {"ItemCode": "A"}}
    version = {"type": "ACTIVATE_VERSION", "version": 3}
    out = listen(
        capsysbinary,
        {**version, "stream": "Commerce_Prices"},
        {**version, "stream": "Commerce_Stock"},
        {**version, "stream": "Commerce_Stock"},
        {**version, "stream": "Profit_Article"},
        untouched,
    )
    assert out == [{**version, "stream": "prices"}, {**version, "stream": "Profit_Article"}, untouched]
    assert caplog.text.count("ACTIVATE_VERSION is left out") == 1
    mapper = MapperCommerce(config={"source": "afas"})
    with pytest.raises(SettingsError, match="batch_config"):
        list(mapper.map_batch_message({"type": "BATCH", "stream": "Commerce_Stock", "manifest": []}))


def test_a_connector_of_ones_own(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Another id and other column names serve as well; a role that is off passes untouched."""
    given = message("Commerce_Categories")
    given |= {"stream": "Groepen"}
    given["schema"]["properties"] = {"Code": {"title": "Groepcode"}, "Oms": {}}
    fields = {"Category": "Groepcode", "Description": "Oms"}
    out = listen(
        capsysbinary,
        given,
        record("Groepen", Code="A", Oms="Aa"),
        record("Commerce_Prices", x=1),
        connectors={"categories": {"id": "Groepen", "fields": fields}, "prices": None},
    )
    assert out[1]["record"]["texts"][0]["value"] == "Aa"
    assert (out[2]["stream"], out[2]["record"]["x"]) == ("Commerce_Prices", 1)


def run(text: str, config: dict[str, Any], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The plugin as a process."""
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAPPER_", "MELTANO_"))}
    return subprocess.run(
        [*RUN, "--config", str(path)],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**kept, **environment},
    )


def test_a_process(tmp_path: Path) -> None:
    """Exit 0 with records on stdout; a record that can't be mapped is one line of the summary, no value of it."""
    done = run(
        lines(
            message("Commerce_Products"),
            record("Commerce_Products", ItemType="2", Item="A", WebEnabled=True, Description="Geheim"),
            record("Commerce_Products", ItemType="2", Item="B", WebEnabled="Geheim"),
        ),
        {"source": "afas"},
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert out[2]["record"]["_error"] == "invalid_value: WebEnabled"
    assert "mapped 2 records, 1 passed on with an error" in done.stderr
    assert "Geheim" not in done.stderr


def test_a_label_that_is_gone(tmp_path: Path) -> None:
    """Exit 2 at the SCHEMA, before any record, with one line: setting, line of meltano.yml, label, nearest label."""
    (tmp_path / "meltano.yml").write_text("x:\n  attributes:\n  - label: Materialen\n", encoding="utf-8")
    done = run(
        lines(message("Commerce_Products"), record("Commerce_Products", ItemType="2", Item="A")),
        {"source": "afas", "attributes": [{"label": "Materialen", "code": "m"}]},
        tmp_path,
        MELTANO_PROJECT_ROOT=str(tmp_path),
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = done.stderr.splitlines()[-1]
    assert "attributes.0 (meltano.yml line 3): no field of Commerce_Products has the label 'Materialen'" in said
    assert "the nearest is 'Materiaal'" in said
    assert "Traceback" not in done.stderr
