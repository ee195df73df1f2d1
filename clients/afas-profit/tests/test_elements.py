"""Bodies, paths and answers of UpdateConnectors."""

import json
from datetime import date
from decimal import Decimal

import pytest

from afas_profit import Element
from afas_profit.elements import body, delete_path, ids


def test_an_order_with_lines_has_the_documented_shape():
    """The example of the reference: actions in Fields, Objects as a list, lines as an array."""
    order = Element(
        {"OrNu": "60005490", "RfCs": "WS-10023"},
        action="update",
        objects={
            "FbSalesLines": [
                Element({"GuLi": "{07A33EB3-2216-404C-B7E0-54E330FA9BF7}", "QuUn": 3}, action="update"),
                Element({"GuLi": "{E4D388F6-8000-45AB-96F1-BE24E708D430}"}, action="delete"),
                Element(
                    {"VaIt": "2", "ItCd": "1006", "BiUn": "stk", "QuUn": 1, "Upri": Decimal("19.95")}, action="insert"
                ),
            ]
        },
    )
    assert json.loads(body("FbSales", order), parse_float=Decimal) == json.loads(
        """{"FbSales":{"Element":{"Fields":{"@Action":"update","OrNu":"60005490","RfCs":"WS-10023"},
  "Objects":[{"FbSalesLines":{"Element":[
    {"Fields":{"@Action":"update","GuLi":"{07A33EB3-2216-404C-B7E0-54E330FA9BF7}","QuUn":3}},
    {"Fields":{"@Action":"delete","GuLi":"{E4D388F6-8000-45AB-96F1-BE24E708D430}"}},
    {"Fields":{"@Action":"insert","VaIt":"2","ItCd":"1006","BiUn":"stk","QuUn":1,"Upri":19.95}}
  ]}}]}}}""",
        parse_float=Decimal,
    )


def test_keys_stand_beside_the_fields_with_an_at_sign():
    """As for sales relations; an empty key lets Profit number the record."""
    relation = Element({"CuId": "EUR"}, keys={"DbId": None}, objects={"KnPerson": Element({"LaNm": "Jansen"})})
    assert json.loads(body("KnSalesRelationPer", relation)) == {
        "KnSalesRelationPer": {
            "Element": {
                "@DbId": "",
                "Fields": {"CuId": "EUR"},
                "Objects": [{"KnPerson": {"Element": {"Fields": {"LaNm": "Jansen"}}}}],
            }
        }
    }


@pytest.mark.parametrize(
    ("connector", "root"), [("FiEntries", "FiEntryPar"), ("KnSubjectReaction", "KnReaction"), ("FbSales", "FbSales")]
)
def test_the_root_is_the_connector_but_for_a_few(connector, root):
    """FiEntries and friends have another root."""
    assert list(json.loads(body(connector, Element({"Year": 2026})))) == [root]


def test_several_records_go_as_an_array_and_one_as_an_object():
    """Not every object takes an array, each takes one object."""
    assert body("KnCustomK01", [Element({"a": 1})]) == b'{"KnCustomK01":{"Element":{"Fields":{"a":1}}}}'
    assert body("KnCustomK01", [Element({"a": date(2026, 1, 2)}), Element({})]) == (
        b'{"KnCustomK01":{"Element":[{"Fields":{"a":"2026-01-02"}},{}]}}'
    )
    with pytest.raises(ValueError, match="at least one"):
        body("KnCustomK01", [])


def test_the_recorded_insert_of_a_relation_can_be_said(recorded):
    """Field for field, three levels deep; only the form of Objects differs, of which both are documented."""
    sample = json.loads((recorded / "write/samples/knsalesrelationorg-insert-2021.json").read_text())

    def element(tree: dict) -> Element:
        return Element(
            tree["Fields"], objects={name: [element(one["Element"])] for name, one in tree.get("Objects", {}).items()}
        )

    def as_dicts(node):
        if isinstance(node, dict):
            return {
                key: {name: as_dicts(one) for entry in item for name, one in entry.items()}
                if key == "Objects"
                else as_dicts(item)
                for key, item in node.items()
            }
        return node

    made = json.loads(body("KnSalesRelationOrg", element(sample["request"]["KnSalesRelationOrg"]["Element"])))
    assert as_dicts(made) == sample["request"]
    assert ids(sample["response"]) == [{"DbId": "10272", "BcCo": "1000563", "BcId": "775"}]


def test_recorded_answers_give_their_keys(recorded):
    """One record, several, and other roots than the connector."""
    samples = recorded / "write" / "samples"
    several = json.loads((samples / "multi-record-response.json").read_text())
    assert ids(several["response"]) == [{"SqNo": "4"}, {"SqNo": "5"}, {"SqNo": "6"}]
    entries = json.loads((samples / "fientries-responses.json").read_text())["cases"]
    assert ids(entries[0]["body"]) == [{"UnId": "4", "EnNo": "54605"}]
    receipts = json.loads((samples / "confrontation-and-receipt-responses.json").read_text())["cases"]
    assert ids(receipts[0]["body"]) == [{"OrNu": "01893"}]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ({"results": {}}, []),
        ({"results": None}, []),
        ({"results": []}, []),
        ({"results": ""}, []),
        ({"results": {"FbSales": {}}}, []),
        ({"results": {"FbSales": ""}}, [{"FbSales": ""}]),
        ({"results": [{"FbSales": {"OrNu": "1"}}]}, [{"OrNu": "1"}]),
        ({"results": {"FbSales": {"OrNu": 1, "InId": None}}}, [{"OrNu": "1", "InId": ""}]),
        ({"FbSales": {"OrNu": "1"}}, [{"OrNu": "1"}]),
        ({"message": "fine"}, []),
    ],
)
def test_every_shape_of_an_answer(answer, expected):
    """Object, array, empty, or without `results`; keys are texts."""
    assert ids(answer) == expected


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("FbSales", {"OrNu": "60005490"}), "connectors/FbSales/FbSales/@OrNu/60005490"),
        (("KnDimCode", {"AxId": "1", "VbCo": "AMSTERDAM"}), "connectors/KnDimCode/KnDimCode/@AxId,@VbCo/1,AMSTERDAM"),
        (
            ("FiEntries", {"UnId": "1", "JoCo": "70"}, None, ("FiEntries", {"EnNo": "5"})),
            "connectors/FiEntries/FiEntryPar/@UnId,@JoCo/1,70/FiEntries/@EnNo/5",
        ),
        (
            ("FbSales", {"OrNu": "1"}, None, ("FbSalesLines", {"GuLi": "{07A33EB3-2216-404C-B7E0-54E330FA9BF7}"})),
            "connectors/FbSales/FbSales/@OrNu/1/FbSalesLines/@GuLi/%7B07A33EB3-2216-404C-B7E0-54E330FA9BF7%7D",
        ),
        (("FbItemArticle", {"ItCd": "A/1 é,x"}), "connectors/FbItemArticle/FbItemArticle/@ItCd/A%2F1%20%C3%A9%2Cx"),
        (("KnSubjectReaction", {"Id": "7"}, "KnReaction"), "connectors/KnSubjectReaction/KnReaction/@Id/7"),
    ],
)
def test_delete_paths(arguments, path):
    """As printed by AFAS: `@` literal, values encoded, composite keys joined by commas."""
    assert delete_path(*arguments) == path


@pytest.mark.parametrize("keys", [{}, {"OrNu": ""}, {"OrNu": ".."}, {"": "1"}, {"a": "1,2", "b": "3"}])
def test_keys_that_could_mean_another_record_are_refused(keys):
    """A path with an empty or ambiguous key is never sent."""
    with pytest.raises(ValueError):  # noqa: PT011 - two rules, two texts
        delete_path("FbSales", keys)
