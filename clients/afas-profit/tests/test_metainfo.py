"""Metainfo models: tolerant of versions."""

import json

import pytest

from afas_profit import GetConnectorInfo, MetaInfo, UpdateConnectorInfo, UpdateField


def test_the_recorded_list_of_connectors_of_an_old_version(recorded):
    """`info` may be missing."""
    found = MetaInfo.model_validate_json((recorded / "third-party/tim-online_metainfo.json").read_text())
    assert found.info is None
    assert [one.id for one in found.update_connectors] == ["PtProject"]
    assert len(found.get_connectors) == 3


@pytest.mark.parametrize(
    ("file", "fields"),
    [
        ("official-examples/metainfo-get--Profit_Accounts.json", ["Account", "Description"]),
        (
            "third-party/tim-online_metainfo-get_OmniBoost_ProjectMaintenance_Contacts.json",
            ["Nummer_debiteur", "Debiteur_naam"],
        ),
    ],
)
def test_recorded_definitions(recorded, file, fields):
    """Official and third-party recordings are read whole."""
    found = GetConnectorInfo.model_validate_json((recorded / file).read_text())
    assert found.field_ids == fields
    assert all(field.length and field.data_type == "string" for field in found.fields)


def test_the_recorded_custom_field(recorded):
    """A free field has `U` and 32 hex digits, and no values."""
    [entry] = json.loads((recorded / "official-examples/metainfo-update-field--custom-field.json").read_text())
    field = UpdateField.model_validate(entry)
    assert (field.field_id, field.length, field.values) == ("UC2DE284248374B083C966F9B4EEEE9E2", 255, None)


def test_info_of_the_token():
    """The environment's code tells a test environment from a live one."""
    info = {"envid": "A123456AC", "appName": "x", "group": "g", "tokenExpiry": 0}
    found = MetaInfo.model_validate(
        {"updateConnectors": None, "getConnectors": [], "info": info, "customConnectors": []}
    )
    assert found.info
    assert (found.info.environment_id, found.info.app_name, found.info.token_expiry) == ("A123456AC", "x", "0")


def test_what_versions_do_differently():
    """Flags as text, nulls for numbers, missing and unknown keys."""
    found = UpdateConnectorInfo.model_validate(
        {
            "id": "KnPerson",
            "fields": [
                {
                    "fieldId": "BcCo",
                    "primaryKey": "True",
                    "mandatory": "false",
                    "decimals": None,
                    "length": "15",
                    "new": 1,
                },
                {"fieldId": "ViGe", "notzero": 1, "values": [{"id": "M", "description": "Man"}]},
            ],
            "objects": [{"name": "A", "fields": None, "objects": [{"name": "B", "fields": [{"fieldId": "x"}]}]}],
        }
    )
    number, gender = found.fields
    assert (number.primary_key, number.mandatory, number.decimals, number.length) == (True, False, 0, 15)
    assert gender.not_zero
    assert gender.values
    assert gender.values[0].description == "Man"
    below = found.object("B")
    assert below
    assert below.field("x")
    assert below.field("y") is None
    assert found.object("C") is None
