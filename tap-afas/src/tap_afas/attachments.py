"""Files that belong to records: fetched one by one, sent as base64 or kept in a folder with their path sent."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from afas_profit import Afas, File
    from tap_afas.rows import Codec
    from tap_afas.settings import Attachment

_FIELDS: dict[str, Any] = {
    "filename": {"type": ["string", "null"], "description": "Name of the file."},
    "mimetype": {"type": ["string", "null"], "description": "Kind of file, such as image/png."},
    "size": {"type": ["integer", "null"], "description": "Bytes."},
    "sha256": {"type": ["string", "null"], "description": "Fingerprint of the content."},
}
_DATA = {"data": {"type": ["string", "null"], "contentEncoding": "base64", "description": "The content, base64."}}
_PATH = {"path": {"type": ["string", "null"], "description": "Where the content is, below `attachments_folder`."}}


def properties(folder: str | None) -> dict[str, Any]:
    """The schema of a file's fields."""
    return _FIELDS | (_DATA if folder is None else _PATH)


class Fetcher:
    """Fetches the files of records.

    Args:
        client: AFAS.
        pool: Where calls are made.
        folder: Where to write files, or None to send them as base64.
    """

    def __init__(self, client: Afas, pool: Executor, folder: str | None) -> None:
        self._client = client
        self._pool = pool
        self._folder = None if folder is None else Path(folder)

    def fetch(self, wanted: Sequence[Attachment], rows: Sequence[Any], codec: Codec) -> list[dict[str, Any]]:
        """The files of some rows, several calls at once.

        Args:
            wanted: Which files each row has.
            rows: The rows, decoded.
            codec: Reads their fields.

        Returns:
            For each row the files by the name of the attachment; None for one that a row doesn't have, or AFAS doesn't.

        Raises:
            afas_profit.AfasError: A call failed.
            ConfigurationError: The folder can't be written.
        """
        calls = [[self._pool.submit(self._one, one, row, codec) for one in wanted] for row in rows]
        try:
            return [{one.into: call.result() for one, call in zip(wanted, of_row, strict=True)} for of_row in calls]
        finally:
            for of_row in calls:
                for call in of_row:
                    call.cancel()

    def _one(self, one: Attachment, row: Any, codec: Codec) -> dict[str, Any] | None:
        identity = codec.value(row, one.id)
        if identity in (None, "", 0):
            return None
        name = codec.value(row, one.name) if one.name else None
        file: File | None
        if one.kind == "image":
            file = self._client.image(identity, one.size)
        elif one.kind == "file":
            file = self._client.file(str(identity), str(name or ""))
        else:
            subject = codec.value(row, one.subject or "")
            file = None if subject is None else self._client.subject_file(subject, str(identity))
        if file is None:
            return None
        return self._said(file, str(name) if name else file.filename or None)

    def _said(self, file: File, name: str | None) -> dict[str, Any]:
        fingerprint = hashlib.sha256(file.content).hexdigest()
        said: dict[str, Any] = {
            "filename": name,
            "mimetype": file.mimetype or None,
            "size": len(file.content),
            "sha256": fingerprint,
        }
        if self._folder is None:
            return said | {"data": base64.b64encode(file.content).decode()}
        ending = Path(name or "").suffix or mimetypes.guess_extension(file.mimetype) or ""
        safe = ending if ending[1:].isalnum() and len(ending) <= 10 else ""
        path = Path(fingerprint[:2]) / f"{fingerprint}{safe.lower()}"
        try:
            _keep(self._folder / path, file.content)
        except OSError as error:
            raise ConfigurationError(
                f"attachments_folder: {error.filename or self._folder} can't be written: {error.strerror}"
            ) from None
        return said | {"path": path.as_posix()}


def _keep(place: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; several records may have the same one at the same time."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{uuid4().hex}.new")
    fresh.write_bytes(content)
    fresh.replace(place)
