"""What was sent of a list that can't tell its changes: a fingerprint per key, small enough for the STATE. Pure.

Written as text of zlib and base 64: some 11 bytes a record.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

LIMIT = 100_000
"""Most records of one stream that are remembered; beyond it (the STATE would weigh a megabyte) each run sends all."""

SURE = 25
"""Up to so many vanished records are each asked for; more are believed after a second look at the list."""

_encoder = msgspec.json.Encoder(decimal_format="number")
_PRINT = 6


def fingerprint(record: dict[str, Any]) -> str:
    """Return a short text that differs when the record does (chance of an overlooked change: 1 to 10^14)."""
    digest = hashlib.blake2b(_encoder.encode(record), digest_size=_PRINT).digest()
    return base64.b64encode(digest).decode("ascii")


@dataclass(slots=True)
class Snapshot:
    """Keys and fingerprints of what was sent.

    Attributes:
        known: Of the runs before.
        now: Of this run.
        too_many: The list has more records than can be remembered.
    """

    known: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)
    too_many: bool = False

    @classmethod
    def read(cls, packed: str) -> Snapshot:
        """Read a snapshot from a STATE.

        Raises:
            ValueError: It is none.
        """
        if not packed:
            return cls()
        try:
            lines = zlib.decompress(base64.b64decode(packed, validate=True)).decode("utf-8").split("\n")
            known = {key: mark for key, _, mark in (line.partition("\t") for line in lines)}
        except (zlib.error, UnicodeDecodeError) as error:
            raise ValueError("no snapshot") from error
        return cls(known)

    def write(self) -> str:
        """Return the text for a STATE; what this run has not come to yet stays as it was."""
        if self.too_many:
            return ""
        lines = "\n".join(f"{key}\t{mark}" for key, mark in (self.known | self.now).items())
        return base64.b64encode(zlib.compress(lines.encode("utf-8"))).decode("ascii") if lines else ""

    def is_news(self, key: str, mark: str) -> bool:
        """Return whether a record was not sent like this before."""
        return self.now.get(key, self.known.get(key)) != mark

    def keep(self, key: str, mark: str) -> None:
        """Remember a record of this run."""
        if self.too_many:
            return
        self.now[key] = mark
        if len(self.now) > LIMIT:
            self.too_many = True
            self.now.clear()
            self.known.clear()

    def vanished(self) -> list[str]:
        """Return the keys that were there before and are not in this run; only sense once all was read."""
        return [key for key in self.known if key not in self.now]

    def close(self, deleted: set[str]) -> None:
        """End the run: forget what is deleted; what vanished but isn't believed to be deleted stays.

        Args:
            deleted: The keys that were reported as deleted.
        """
        kept = {key: mark for key, mark in self.known.items() if key not in self.now and key not in deleted}
        self.known, self.now = kept | self.now, {}


def believable(vanished: int, known: int, percent: int) -> bool:
    """Return whether so many records can have been deleted at once: a sudden empty answer must not empty a target.

    Args:
        vanished: Records that are not there any more.
        known: Records that were there before.
        percent: The largest share that is believed.
    """
    return vanished <= SURE or vanished * 100 <= known * percent
