"""Images, files and attachments: the connectors that name them, and the endpoints that give them (read-api 4)."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

from sandbox.afas.definitions import Columns, Connector, Source, table
from sandbox.afas.messages import Label, Problem
from sandbox.afas.work import item_key
from sandbox.http import Headers, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sandbox.afas.auth import Caller
    from sandbox.afas.tables import Key, Reader, Row, Tables

PICTURES = 20
"""Items of the seed that have a picture."""
SUBJECT = 49_946
ENDPOINTS = {
    "imageconnector": "ImageConnector",
    "fileconnector": "FileConnector",
    "subjectconnector": "SubjectConnector",
}
"""Endpoints by their name in small letters."""

_ATTACHMENTS = """
attachment_id | i10 | f.number | Bijlage-Id | Attachment ID
subject_id | i10 | f.subject | Dossieritem | Dossier item
file_id | s32 | f.file | Bijlage | Attachment
file_name | s255 | f.name | Naam | Name
"""
_IMAGES = """
ItemType | s10 | i.type | Type item | Item type
ItemCodeId | s40 | i.code | Itemcode | Item code
Filename | s255 | f.name | Bestandsnaam | File name
Image | f | f.content | Kleine afbeelding | Small image
"""
_PICTURES = """
Itemcode | !s40 | i.code | Itemcode | Item code
Afbeelding_id | i10 | f.number | Afbeelding | Image
Bestand_id | s32 | f.file | Bestand | File
Bestandsnaam | s255 | f.name | Bestandsnaam | File name
Gewijzigd_op | d | i.modified | Gewijzigd op | Changed on
"""

FILES = (
    Connector(
        "Profit_Subject_Attachments", Label("Bestanden bij dossier", "Files for dossier"), "attachments",
        table(_ATTACHMENTS),
    ),
    Connector("Profit_Article_image", Label("Items", "Items"), "images", table(_IMAGES)),
    Connector("Items_Pictures", Label("Afbeeldingen webshop", "Web shop pictures"), "pictures", table(_PICTURES)),
)  # fmt: skip
"""Two standard connectors, and one such as customers make, with ids instead of content."""


def _attachments(_: Reader, row: Row, __: str) -> Iterator[Columns]:
    if row["subject"] is not None:
        yield {"f": row}


def _pictures(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    found = reader.find("files", "item", item_key(row["type"], row["code"]))
    yield {"i": row, "f": next((file for file in found if not file.get("slot")), None)}


def _images(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    yield from (one for one in _pictures(reader, row, language) if one["f"] is not None)


def _item(_: Reader, row: Row) -> Iterable[Key]:
    return () if row["item"] is None else (row["item"],)


FILE_SOURCES: dict[str, Source] = {
    "attachments": Source("files", _attachments, {}),
    "images": Source("items", _images, {"files": _item}),
    "pictures": Source("items", _pictures, {"files": _item}),
}


def plant(tables: Tables, now: datetime) -> None:
    """Pictures of the first items, and two attachments of one dossier item with the same name."""
    del now
    items = [row for row in tables.all("items") if row["type"] == "2" and str(row["code"]).startswith("SKU-")]
    for number, row in enumerate(items[:PICTURES], 1):
        item = item_key(row["type"], row["code"])
        put_file(tables, number, f"{row['code']}.png", "image/png", picture(number), item=item)
    for number in (1, 2):
        text = f"Bijlage {number}".encode()
        put_file(tables, PICTURES + number, "Offerte.txt", "text/plain", text, subject=SUBJECT)


def put_file(
    tables: Tables,
    number: int,
    name: str,
    mimetype: str,
    content: bytes,
    *,
    item: str | None = None,
    subject: int | None = None,
    slot: int | None = None,
) -> Row:
    """Add or replace a file; its number is its image id and its attachment id, `slot` which image of an item it is."""
    identity = hashlib.md5(f"{number}/{name}".encode(), usedforsecurity=False).hexdigest().upper()
    row = {
        "number": number,
        "file": identity,
        "name": name,
        "mimetype": mimetype,
        "content": base64.b64encode(content).decode(),
        "item": item,
        "subject": subject,
    }
    if slot is not None:
        row["slot"] = slot
    return tables.put("files", number, row)


def picture(number: int) -> bytes:
    """A small PNG in a colour of its own."""
    colour = bytes((number * 37 % 256, number * 91 % 256, number * 53 % 256))
    rows = b"".join(b"\0" + colour * 8 for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_part, parts))


def _part(one: tuple[bytes, bytes]) -> bytes:
    kind, data = one
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def answer(tables: Tables, kind: str, rest: list[str], request: Request, who: Caller) -> Reply:
    """The answer to a call of one of the three endpoints; 404 without a body when there is no such file.

    Raises:
        Problem: attachments are asked for without the right to.
    """
    given = {name.casefold(): value for name, value in request.params()}
    if kind == "imageconnector":
        known = given.get("format") in ("0", "1", "2") and len(rest) == 1 and re.fullmatch("[0-9]{1,10}", rest[0])
        row = tables.get("files", int(rest[0])) if known else None
        return _reply(row, request, {"filedata", "mimetype"})
    if kind == "fileconnector":
        identity, name = rest if len(rest) == 2 else (given.get("fileid", ""), given.get("filename", ""))
        found = [row for row in tables.find("files", "file", identity.upper()) if row["name"] == name]
    else:
        if not who.may_get("AppConnectorSubject"):
            raise Problem("get_denied")
        subject, identity = rest if len(rest) == 2 else (given.get("subjectid", ""), given.get("fileid", ""))
        found = [row for row in tables.find("files", "file", identity.upper()) if str(row["subject"]) == subject]
    return _reply(next(iter(found), None), request, {"filename", "mimetype", "filedata"})


def _reply(row: Mapping[str, Any] | None, request: Request, keys: set[str]) -> Reply:
    if row is None:
        return Reply.empty(404)
    if request.headers.get("sendfileasbinary") == "1":
        return Reply(200, Headers({"Content-Type": str(row["mimetype"])}), base64.b64decode(row["content"]))
    said = {"filename": row["name"], "mimetype": row["mimetype"], "filedata": row["content"]}
    return Reply.json(200, {key: value for key, value in said.items() if key in keys})
