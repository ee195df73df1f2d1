"""Raw streams of any connector: bodies and paths on the wire, and the SDK's own suite."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from singer_sdk.testing import get_target_test_class
from target_afas_builders import CONFIG
from target_afas_raw_world import RawPlugin, messages

from afas_profit import Afas, ClassicToken
from target_afas.target import TargetAfas

if TYPE_CHECKING:
    from pathlib import Path

TYPES = {bool: "boolean", int: "int", float: "decimal", str: "string"}
DATE = "Mon, 02 Nov 2026 09:00:00 GMT"


def a_field(code: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"fieldId": code, "dataType": kind, "label": f"Label {code}", "length": 0, "values": None, **more}


def an_object(name: str, fields: list[dict[str, Any]], objects: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"name": name, "fields": fields, "objects": objects or []}


class AnyAfas:
    """An AFAS that has just the connectors it is given, takes every write and remembers it."""

    def __init__(self, *connectors: dict[str, Any], answers: dict[str, Any] | None = None) -> None:
        self.connectors = {one["id"]: one for one in connectors}
        self.answers = answers or {}
        self.writes: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("/ProfitRestServices/")[2]
        headers = {"Date": DATE}
        if path == "metainfo":
            known = [{"id": name, "description": name} for name in self.connectors]
            info = {"envid": "T12345AA", "appName": "", "group": "", "tokenExpiry": "0"}
            return httpx.Response(
                200, json={"updateConnectors": known, "getConnectors": [], "info": info}, headers=headers
            )
        if path.startswith("metainfo/update/"):
            name = request.url.path.rpartition("/")[2]
            return httpx.Response(200, json=self.connectors[name], headers=headers)
        if request.method == "GET":
            return httpx.Response(200, json={"version": "7"}, headers=headers)
        self.writes.append((request.method, path, json.loads(request.content) if request.content else None))
        answer = self.answers.get(path)
        return httpx.Response(201, json=answer, headers=headers) if answer else httpx.Response(201, headers=headers)

    def client(self) -> Afas:
        return Afas("https://localhost/ProfitRestServices", ClassicToken("0" * 64), transport=httpx.MockTransport(self))


ENTRIES = {
    "id": "FiEntries",
    **an_object(
        "FiEntryPar",
        [a_field("Year", "int"), a_field("Peri", "int"), a_field("UnId", "int"), a_field("JoCo", length=6)],
        [
            an_object(
                "FiEntries",
                [
                    *(a_field(code) for code in ("VaAs", "AcNr", "BpNr", "Ds")),
                    *(a_field(code, "date") for code in ("EnDa", "BpDa")),
                    *(a_field(code, "decimal", length=26, decimals=2) for code in ("AmDe", "AmCr")),
                ],
            )
        ],
    ),
}
SUBJECT = {
    "id": "KnSubject",
    **an_object(
        "KnSubject",
        [a_field("SbId", "int"), a_field("StId", "int"), a_field("Ds", length=20), a_field("Da", "date")],
        [
            an_object("KnSubjectLink", [a_field("SbId", "int"), a_field("SfTp"), a_field("SfId")]),
            an_object("KnSubjectAttachment", [a_field("FileName"), a_field("FileStream", "blob")]),
        ],
    ),
}


def plugin_on(afas: AnyAfas, tmp_path: Path, **raw: Any) -> RawPlugin:
    plugin = RawPlugin(tmp_path, **raw)
    plugin.world.client = afas.client()
    return plugin


def test_an_entry_goes_under_its_own_root(tmp_path: Path) -> None:
    """FiEntries is written under FiEntryPar, its lines below, amounts exact; the answer's keys are remembered."""
    afas = AnyAfas(
        ENTRIES, answers={"connectors/FiEntries": {"results": {"FiEntryPar": {"UnId": "1", "EnNo": "54605"}}}}
    )
    line = {"VaAs": "1", "EnDa": "2026-10-31", "BpDa": "2026-10-31"}
    record = {
        "id": "77",
        "Year": "2026",
        "Peri": 10,
        "UnId": 1,
        "JoCo": "90",
        "FiEntries": [{**line, "AcNr": "1300", "AmDe": "121.10"}, {**line, "AcNr": "8000", "AmCr": 121.1}],
    }
    plugin = plugin_on(afas, tmp_path)
    assert plugin.load("FiEntries", record) == []
    ((verb, path, body),) = afas.writes
    assert (verb, path) == ("POST", "connectors/FiEntries")
    rows = [
        {"Fields": {**line, "AcNr": "1300", "AmDe": 121.10}},
        {"Fields": {**line, "AcNr": "8000", "AmCr": 121.1}},
    ]
    assert body == {
        "FiEntryPar": {
            "Element": {
                "Fields": {"Year": 2026, "Peri": 10, "UnId": 1, "JoCo": "90"},
                "Objects": [{"FiEntries": {"Element": rows}}],
            }
        }
    }
    with plugin.store() as store:
        (row,) = store.rows("T12345AA", "raw.FiEntries", ["csv.files:FiEntries:77"]).values()
    assert dict(row.ids) == {"UnId": "1", "EnNo": "54605"}


def test_an_entry_lacks_an_amount(tmp_path: Path) -> None:
    """A line needs one of debit and credit, and says so by its place."""
    line = {"VaAs": "1", "AcNr": "1300", "EnDa": "2026-10-31", "BpDa": "2026-10-31"}
    record = {"id": 1, "Year": 2026, "Peri": 10, "UnId": 1, "JoCo": "90", "FiEntries": [line]}
    (entry,) = plugin_on(AnyAfas(ENTRIES), tmp_path).load("FiEntries", record)
    assert entry["subject"] == "FiEntries: field 'FiEntries[1].AmDe' (Label AmDe): a value is needed, or 'AmCr'"


def test_an_entry_is_deleted_below_its_journal(tmp_path: Path) -> None:
    """An entry is a sub-record of administration and journal in the path of its deletion."""
    afas = AnyAfas(ENTRIES)
    plugin = plugin_on(afas, tmp_path, FiEntries={"mode": "delete"})
    record = {"UnId": "1", "JoCo": "90", "EnNo": 54605, "_sdc_deleted_at": "2026-11-02T00:00:00Z"}
    assert plugin.load("FiEntries", record, key=["EnNo"]) == []
    assert afas.writes == [("DELETE", "connectors/FiEntries/FiEntryPar/@UnId,@JoCo/1,90/FiEntries/@EnNo/54605", None)]
    assert plugin.load("FiEntries", record, key=["EnNo"]) == []
    assert len(afas.writes) == 1


def test_a_subject_carries_its_key_beside_the_fields(tmp_path: Path) -> None:
    """The number of a dossier item stands on the element; attachments and links go below, one or many."""
    afas = AnyAfas(SUBJECT)
    record = {
        "id": 1,
        "StId": "15",
        "Ds": "Contract",
        "Da": "2026-07-01T10:00:00Z",
        "KnSubjectLink": {"SfTp": "17", "SfId": "000256"},
        "KnSubjectAttachment": [{"FileName": "a.txt", "FileStream": "YQ=="}],
    }
    plugin = plugin_on(afas, tmp_path)
    assert plugin.load("KnSubject", record) == []
    assert afas.writes[0][2]["KnSubject"]["Element"] == {
        "Fields": {"StId": 15, "Ds": "Contract", "Da": "2026-07-01T12:00:00"},
        "Objects": [
            {"KnSubjectLink": {"Element": {"Fields": {"SfTp": "17", "SfId": "000256"}}}},
            {"KnSubjectAttachment": {"Element": {"Fields": {"FileName": "a.txt", "FileStream": "YQ=="}}}},
        ],
    }
    plugin.config["raw"] = {"KnSubject": {"mode": "update"}}
    assert plugin.load("KnSubject", {"SbId": 4711, "Ds": "Contract 2"}, key=["SbId"]) == []
    verb, _, body = afas.writes[1]
    assert (verb, body["KnSubject"]["Element"]) == (
        "PUT",
        {"@SbId": "4711", "Fields": {"@Action": "update", "Ds": "Contract 2"}},
    )
    plugin.config["raw"] = {"KnSubject": {"mode": "delete", "marker": None}}
    assert plugin.load("KnSubject", {"SbId": 4711}, key=["SbId"]) == []
    assert afas.writes[2][:2] == ("DELETE", "connectors/KnSubject/KnSubject/@SbId/4711")


def test_an_update_sends_only_what_changed(tmp_path: Path) -> None:
    """The second version of a record sends the changed field, the key, and what steers the matching."""
    afas = AnyAfas(SUBJECT)
    plugin = plugin_on(afas, tmp_path, KnSubject={"mode": "update"})
    record = {"SbId": 1, "StId": 15, "Ds": "Contract"}
    plugin.load("KnSubject", record, key=["SbId"])
    plugin.load("KnSubject", {**record, "Ds": None}, key=["SbId"])
    assert afas.writes[1][2]["KnSubject"]["Element"] == {"@SbId": "1", "Fields": {"@Action": "update", "Ds": ""}}


def test_a_composite_key_with_a_comma_is_held(tmp_path: Path) -> None:
    """AFAS splits composite keys at commas: a deletion whose key holds one is held, not sent to another record."""
    afas = AnyAfas(ENTRIES)
    plugin = plugin_on(afas, tmp_path, FiEntries={"mode": "delete", "marker": None})
    (entry,) = plugin.load("FiEntries", {"UnId": "1", "JoCo": "9,0", "EnNo": 1}, key=["EnNo"])
    assert entry["reason"] == "bad_fields"
    assert afas.writes == []


def test_a_connector_of_this_environment_is_named_in_the_settings(tmp_path: Path) -> None:
    """A connector that no specification knows is a raw stream when `raw` names it."""
    afas = AnyAfas({"id": "Own_Things", **an_object("Own_Things", [a_field("Code", primaryKey=True), a_field("Ds")])})
    plugin = plugin_on(afas, tmp_path, own_things={"mode": "update"})
    assert plugin.load("own_things", {"Code": "A", "Ds": "x"}, key=["Code"]) == []
    assert afas.writes[0][:2] == ("PUT", "connectors/Own_Things")


@pytest.mark.parametrize("on_changed", ["hold", "leave"])
def test_a_changed_insert_is_held_or_left(tmp_path: Path, on_changed: str) -> None:
    """What was inserted blindly and changed since is held for a person, or left by setting."""
    afas = AnyAfas(SUBJECT)
    plugin = plugin_on(afas, tmp_path, KnSubject={"on_changed": on_changed})
    plugin.load("KnSubject", {"id": 1, "StId": 15, "Ds": "Contract"})
    held = plugin.load("KnSubject", {"id": 1, "StId": 15, "Ds": "Other"})
    assert [one["reason"] for one in held] == (["changed_blind"] if on_changed == "hold" else [])
    assert len(afas.writes) == 1


def test_two_sources_with_the_same_keys_do_not_meet(tmp_path: Path) -> None:
    """Records of two sources with equal keys are two records, as long as their bookmarks name the source."""
    afas = AnyAfas(SUBJECT)
    plugin = plugin_on(afas, tmp_path)
    text = messages("KnSubject", {"id": 1, "StId": 15, "Ds": "Contract"}, held=[])
    plugin.run(text)
    plugin.run(text.replace("csv.files", "csv.others"))
    assert len(afas.writes) == 2


# -- the SDK's own suite -----------------------------------------------------------------------------------------------

STREAMS: dict[str, list[dict[str, Any]]] = {}
KEYLESS: set[str] = set()
for file in resources.files("singer_sdk.testing.target_test_streams").iterdir():
    for text in file.read_text("utf-8").splitlines() if file.name.endswith(".singer") else ():
        message = json.loads(text)
        if message["type"] == "SCHEMA":
            STREAMS.setdefault(message["stream"], [])
        if message["type"] == "SCHEMA" and not message.get("key_properties"):
            KEYLESS.add(message["stream"])
        if message["type"] == "RECORD":
            STREAMS.setdefault(message["stream"], []).append(message["record"])


def shape(name: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """An UpdateConnector that holds what these records hold; AFAS has no lists of plain values."""
    fields: dict[str, dict[str, Any]] = {}
    below: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        for code, value in record.items():
            if isinstance(value, dict):
                below.setdefault(code, []).append(value)
            elif not isinstance(value, list) and (value is not None or code not in fields):
                fields[code] = a_field(code, TYPES.get(type(value), "string"))
    return an_object(name, list(fields.values()), [shape(code, values) for code, values in below.items()])


def lists_of(name: str) -> list[str]:
    return sorted({code for record in STREAMS[name] for code, value in record.items() if isinstance(value, list)})


class RawTarget(TargetAfas):
    """The target on an AFAS that has a connector for each stream of the SDK's suite."""

    def make_client(self) -> Afas:
        return AnyAfas(*({"id": name, **shape(name, records)} for name, records in STREAMS.items())).client()


TestRawStandard = get_target_test_class(
    RawTarget,
    config={
        **CONFIG,
        "raw": {
            name: {
                "ignore": lists_of(name),
                "key": "*" if name in KEYLESS else None,
                "on_changed": "leave",
                "workers": 1,
            }
            for name in STREAMS
        }
        | {"test_invalid_schema": {"key": "*"}},
    },
)
"""Every stream of the suite is written raw; one worker, as its store stands in memory."""
