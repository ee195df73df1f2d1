"""Images and files: what is uploaded, and whether the shop has it already (reference §10). Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upsert.model import Applied

_MAGIC = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"%PDF", "pdf"))
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_BRACKETS = str.maketrans("", "", "[](){}")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to upload.

    Attributes:
        attachment: Base64 text, or an http(s) address; "" where a record only names a file that is there.
        filename: Its name with extension.
        digest: Hash of its content; of the address where the content isn't known.
        size: In bytes; None where it isn't known.
    """

    attachment: str
    filename: str
    digest: str
    size: int | None

    @property
    def title(self) -> str:
        """What the shop makes of the file name, in a form that compares."""
        return slug(PurePosixPath(self.filename).stem)

    def same(self, shown: Mapping[str, Any], identity: int, hashed: str, applied: Applied | None, *, one: bool) -> bool:
        """Whether the shop shows this very content.

        What we uploaded is known by its hash, and by the id that it got; of anything else only the size can tell.

        Args:
            shown: The image or file as the shop shows it.
            identity: Its id.
            hashed: Salted hash of the digest.
            applied: What was last written.
            one: The owner has just one image, so that its id says nothing.
        """
        if shown.get("src") == self.attachment:
            return True
        if self.size is not None and shown.get("size") != self.size:
            return False
        if applied is None:
            return True
        before, unclear = applied.hashes.get("attachment"), applied.hashes.pending.get("attachment", ())
        ours = applied.ids.get("id") == str(identity)
        possible = {before, *unclear} if one else {before} if ours else set(unclear)
        return possible <= {None} or possible == {hashed}


def slug(name: str) -> str:
    """A name in small letters and digits, everything else a dash."""
    return _NOT_WORD.sub("-", name.lower()).strip("-")


def read_upload(record: Mapping[str, Any]) -> Upload | None:
    """The file of a record: `attachment` (base64 or address), else the address in `src`; None when it names none.

    `filename` names it, else `title`, the address, or the content's hash. `_hash` says when the content changed where
    only the source can know (an address that stays the same).

    Raises:
        ValueError: The name of the field that is wrong.
    """
    attachment = record.get("attachment") or record.get("src")
    if not attachment:
        name = str(record.get("filename") or record.get("title") or "").translate(_BRACKETS)
        return Upload("", name, "", None) if name else None
    if not isinstance(attachment, str):
        raise ValueError("attachment")  # noqa: TRY004 - the caller asks for the field's name
    attachment = attachment.strip()
    told = record.get("_hash")
    if attachment.startswith(("http://", "https://")):
        name = unquote(PurePosixPath(urlsplit(attachment).path).name)
        digest, size, ending = f"address {attachment}", None, PurePosixPath(name).suffix.lstrip(".")
    else:
        if attachment.startswith("data:"):
            attachment = attachment.partition(",")[2]
        try:
            content = base64.b64decode(attachment, validate=True)
        except ValueError:
            raise ValueError("attachment") from None
        name, digest, size = "", hashlib.sha256(content).hexdigest(), len(content)
        ending = next((ending for magic, ending in _MAGIC if content.startswith(magic)), "")
    title = record.get("filename") or record.get("title") or name or digest[:16]
    ending = str(record.get("extension") or ending)
    # The client cuts brackets out of file names; what the shop makes of the rest is how the file is found again.
    filename = str(title).translate(_BRACKETS)
    if ending and not _EXTENSION.fullmatch(PurePosixPath(filename).suffix):
        filename = f"{filename}.{ending}"
    return Upload(attachment, filename, f"told {told}" if told else digest, size)
