"""Images, files and attachments of dossier items: their paths and their answers (read-api 4)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from afas_profit.call import Call
from afas_profit.elements import segment

ImageSize = Literal["original", "thumbnail", "medium"]
"""`thumbnail` is at most 64 x 64, `medium` at most 1000 x 1000 pixels."""

_FORMATS: dict[ImageSize, int] = {"original": 0, "thumbnail": 1, "medium": 2}


@dataclass(frozen=True, slots=True)
class File:
    """A file as AFAS gives it.

    Attributes:
        content: its bytes.
        mimetype: such as `image/png`; "" when AFAS does not say.
        filename: its name; "" for images.
    """

    content: bytes = field(repr=False)
    mimetype: str = ""
    filename: str = ""


def image_call(image_id: int | str, size: ImageSize) -> Call:
    """The call for an image."""
    path = f"ImageConnector/{segment(str(image_id))}?format={_FORMATS[size]}"
    return Call("GET", "ImageConnector", path, connector="ImageConnector")


def file_call(file_id: str, filename: str) -> Call:
    """The call for a file that belongs to a record, such as an item's image or document."""
    path = f"FileConnector?fileid={quote(file_id, safe='')}&filename={quote(filename, safe='')}"
    return Call("GET", "FileConnector", path, connector="FileConnector")


def subject_call(subject_id: int | str, file_id: str) -> Call:
    """The call for an attachment of a dossier item."""
    path = f"SubjectConnector/{segment(str(subject_id))}/{segment(file_id)}"
    return Call("GET", "SubjectConnector", path, connector="AppConnectorSubject")


def read_file(answer: Any) -> File:
    """A file from its answer.

    Raises:
        ValueError: no file in it, or not whole.
    """
    data = answer.get("filedata") if isinstance(answer, dict) else None
    if not isinstance(data, str):
        raise ValueError("no file in it")  # noqa: TRY004 - an answer that is not one
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise ValueError("the file is not base64") from None
    return File(content, str(answer.get("mimetype") or ""), str(answer.get("filename") or ""))
