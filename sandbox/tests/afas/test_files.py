"""Images, files and attachments, and the connector of computed rows."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest


def got(afas: Any, path: str, query: str = "", **headers: str) -> Any:
    given = [("Authorization", afas.authorization), ("Accept-Language", "nl-nl"), *headers.items()]
    return afas.call("GET", path, query, headers=given)


def test_an_image_by_its_id(afas: Any) -> None:
    """An image comes as base64 with its kind, raw with `SendFileAsBinary`, and an unknown one is 404 without a body."""
    reply = got(afas, "ImageConnector/1", "format=0")
    answer = json.loads(reply.body)
    assert set(answer) == {"filedata", "mimetype"}
    assert base64.b64decode(answer["filedata"]).startswith(b"\x89PNG")
    assert got(afas, "imageconnector/1", "format=1", SendFileAsBinary="1").body.startswith(b"\x89PNG")
    for path, query in (("ImageConnector/999", "format=0"), ("ImageConnector/1", ""), ("ImageConnector/1", "format=9")):
        missing = got(afas, path, query)
        assert (missing.status, missing.body) == (404, b"")


def test_a_file_in_both_forms(afas: Any) -> None:
    """The query form and the path form give the same file."""
    row = afas.service.tables.get("files", 3)
    one = got(afas, "FileConnector", f"fileid={row['file']}&filename={row['name']}")
    other = got(afas, f"FileConnector/{row['file']}/{row['name']}")
    assert json.loads(one.body) == json.loads(other.body)
    assert json.loads(one.body)["filename"] == "SKU-0003.png"
    assert got(afas, "FileConnector", f"fileid={row['file']}&filename=other.png").status == 404


def test_attachments_of_a_dossier_item(afas: Any) -> None:
    """Two with one name are told apart by their ids; a right of its own is needed."""
    rows = [row for row in afas.service.tables.all("files") if row["subject"] is not None]
    texts = [
        base64.b64decode(json.loads(got(afas, f"SubjectConnector/{row['subject']}/{row['file']}").body)["filedata"])
        for row in rows
    ]
    assert texts == [b"Bijlage 1", b"Bijlage 2"]
    afas.control("afas/app", get=["Profit_Subject_Attachments"])
    refused = got(afas, f"SubjectConnector/{rows[0]['subject']}/{rows[0]['file']}")
    assert refused.status == 500


def test_a_file_can_be_put_and_removed(afas: Any) -> None:
    """A user adds a picture to an item; the connector of pictures shows its id at once."""
    afas.control("afas/file", number=100, name="a.txt", text="tekst", item="SKU-0100")
    query = "skip=0&take=10&orderbyfieldids=Itemcode&filterfieldids=Itemcode&filtervalues=SKU-0100"
    (row,) = json.loads(got(afas, "connectors/Items_Pictures", query).body)["rows"]
    assert (row["Afbeelding_id"], row["Bestandsnaam"]) == (100, "a.txt")
    afas.control("afas/file", number=100, delete=True)
    (row,) = json.loads(got(afas, "connectors/Items_Pictures", query).body)["rows"]
    assert row["Afbeelding_id"] is None


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("skip=0&take=3&orderbyfieldids=Id", [1, 2, 3]),
        ("skip=998&take=5&orderbyfieldids=Code", [999, 1000]),
        ("skip=0&take=2&orderbyfieldids=-Id", [1000, 999]),
        ("skip=0&take=2&orderbyfieldids=Id&filterfieldids=Id&filtervalues=500&operatortypes=4", [501, 502]),
        ("skip=0&take=9&orderbyfieldids=Id&filterfieldids=Code,Id&filtervalues=R000000010,12&operatortypes=2,3",
         [10, 11, 12]),
        ("skip=0&take=9&orderbyfieldids=Id&filterfieldids=Id;Id&filtervalues=7;3", [3, 7]),
        ("skip=0&take=9&orderbyfieldids=Id&filterfieldids=Modified&filtervalues=2020-01-01T00:16:39&operatortypes=2",
         [999, 1000]),
    ],
)  # fmt: skip
def test_computed_rows(afas: Any, query: str, ids: list[int]) -> None:
    """A connector of computed rows sorts, pages and filters as one of stored rows would."""
    afas.control("afas/volume", name="Load", rows=1000, columns=12)
    rows = json.loads(got(afas, "connectors/Load", query).body)["rows"]
    assert [row["Id"] for row in rows] == ids
    assert len(rows[0]) == 12
    info = json.loads(got(afas, "metainfo/get/Load").body)
    assert [one["id"] for one in info["fields"]] == list(rows[0])


def test_computed_rows_cannot_do_everything(afas: Any) -> None:
    """A question that only stored rows can answer is refused."""
    afas.control("afas/volume", name="Load", rows=10, columns=5)
    query = "skip=0&take=1&orderbyfieldids=Id&filterfieldids=Tekst_1&filtervalues=x"
    assert got(afas, "connectors/Load", query).status == 500
