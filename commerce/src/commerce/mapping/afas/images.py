"""The images of an item: one main and six more, in the order of their slots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from commerce.goods import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commerce.mapping.afas.notes import Notes
    from commerce.mapping.afas.rows import Row

SLOTS = ("", "1", "2", "3", "4", "5", "6")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def images(row: Row, notes: Notes) -> list[Image] | None:
    """The images of an item, those that are filled, closed up.

    A slot has an id (column ``Image``, ``Image1`` ...), a file name (``ImageName`` ...) and, when the tap fetches the
    files, the file itself (``ImageFile`` ..., its setting ``attachments`` with that name in ``into``). An image of
    which only the id is known carries it in its key; one that AFAS names but does not give, or that the tap put into
    a folder of its own, is kept without content, so that a shop does not lose it, and noted.

    Returns:
        The images; None when the record has none of the columns.
    """
    columns = [f"{base}{slot}" for base in ("Image", "ImageFile") for slot in SLOTS]
    if not row.has(*columns):
        return None
    made: list[Image] = []
    for slot in SLOTS:
        identity, file = row.text(f"Image{slot}"), row.value(f"ImageFile{slot}")
        file = file if isinstance(file, dict) else {}
        if identity in (None, "0") and not file:
            continue
        fetched = row.has(f"ImageFile{slot}")
        if fetched and not file.get("data"):
            notes.add("image_missing", row.column(f"Image{slot}"))
        made.append(
            Image(
                key=f"image{slot}" if fetched else f"image{slot}:{identity}",
                position=len(made) + 1,
                role="extra" if made else "main",
                **_content(file, row.text(f"ImageName{slot}")),
            )
        )
    return made


def _content(file: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    """What is known of a file; a name with a path is cut to the name."""
    found = {"filename": file.get("filename"), "mime": file.get("mimetype"), "content": file.get("data")}
    made = {field: value for field, value in found.items() if isinstance(value, str) and value}
    made.setdefault("filename", name or "")
    made["filename"] = re.split(r"[\\/]", made["filename"])[-1]
    if not made["filename"]:
        del made["filename"]
    digest, size = file.get("sha256"), file.get("size")
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        made["sha256"] = digest
    return {**made, "size": size} if isinstance(size, int) and not isinstance(size, bool) else made
