"""All keys of a stream, packed, and what is gone since the last time.

Keys are read all together now and then. A record that comes and goes between two such readings stands in neither, so
the keys that are sent meanwhile, and that the last reading doesn't have, are kept as well: those are *unlisted*.

A deletion must carry its record's key, so keys are kept as they are, not as digests: in the order of reading, a line
each, compressed. That takes 1 to 3 bytes a key for numbers that count up and about 20 for random ones (GUIDs); as text
in a state a quarter more. Meanwhile a reading keeps 8 bytes for each key.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import zlib
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_afas.settings import Deletes

logger = logging.getLogger("tap-afas")

_FILE = "file:"


class Digests:
    """Whether a key is among some; nothing else can be asked.

    Args:
        keys: The keys.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._digests = array("Q", map(_digest, keys))
        self._ordered = False

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, key: str) -> bool:
        if not self._ordered:
            self._digests = array("Q", sorted(self._digests))
            self._ordered = True
        wanted = _digest(key)
        at = bisect_left(self._digests, wanted)
        return at < len(self._digests) and self._digests[at] == wanted

    def add(self, key: str) -> None:
        """Note a key."""
        self._digests.append(_digest(key))
        self._ordered = False


class Packed:
    """Keys, packed as they come.

    Args:
        keys: The first ones.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._packer = zlib.compressobj(9)
        self._packed = bytearray()
        self._number = 0
        for key in keys:
            self.add(key)

    @classmethod
    def read(cls, text: str | None) -> Packed:
        """The keys behind the text of a state.

        Raises:
            ValueError: It can't be read.
        """
        try:
            return cls(unpacked(base64.b85decode(text or "")))
        except zlib.error as error:
            raise ValueError("no keys") from error

    def __len__(self) -> int:
        return self._number

    @property
    def size(self) -> int:
        """Bytes that they take, about."""
        return len(self._packed)

    def __iter__(self) -> Iterator[str]:
        return unpacked(self.pack())

    def add(self, key: str) -> None:
        """Note a key."""
        self._packed += self._packer.compress(_line(key) + b"\n")
        self._number += 1

    def pack(self) -> bytes:
        """All keys so far."""
        return bytes(self._packed + self._packer.copy().flush())

    def text(self) -> str:
        """All keys so far, as a state has them; empty for none."""
        return base64.b85encode(self.pack()).decode() if self._number else ""


class Keys:
    """The keys of one reading."""

    def __init__(self) -> None:
        self._packed, self._digests = Packed(), Digests()

    def __len__(self) -> int:
        return len(self._digests)

    def add(self, key: str) -> None:
        """Note a key."""
        self._packed.add(key)
        self._digests.add(key)

    def pack(self) -> bytes:
        """All keys, packed."""
        return self._packed.pack()

    def missing(self, known: Iterable[str]) -> Iterator[str]:
        """Those of some keys that this reading doesn't have."""
        return (key for key in known if key not in self._digests)


def unpacked(packed: bytes) -> Iterator[str]:
    """The keys of an earlier reading."""
    return (line.decode("utf-8", "surrogatepass") for line in _lines(packed))


def count(packed: bytes) -> int:
    """How many keys there are."""
    return sum(1 for _ in _lines(packed))


def most_gone(known: int, options: Deletes) -> int:
    """How many of the known keys may be gone before it is taken for a fault."""
    return max(options.at_least, int(known * options.most_percent / 100))


class Store:
    """Where the packed keys of a stream rest: in the state, or in a folder with the state naming the file.

    The state names the file that belongs to it, so that a state that was never loaded takes no deletion with it.

    Args:
        stream: Name of the stream.
        folder: The folder, or None for the state.
    """

    def __init__(self, stream: str, folder: str | None) -> None:
        self._stream = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in stream)
        self._folder = None if folder is None else Path(folder)

    def load(self, text: str | None) -> bytes | None:
        """The keys behind what the state says; None when there are none.

        Raises:
            ConfigurationError: The state's text can't be read.
        """
        if not text:
            return None
        if text.startswith(_FILE):
            try:
                return self._file(text.removeprefix(_FILE)).read_bytes()
            except FileNotFoundError:
                logger.warning(
                    "stream %s: the last time's keys are not in `snapshots_folder`; what vanished since is not seen",
                    self._stream,
                )
                return None
        try:
            packed = base64.b85decode(text)
            zlib.decompressobj().decompress(packed, 64)
        except (ValueError, zlib.error):
            raise ConfigurationError(
                f"state: bookmarks.{self._stream}.snapshot can't be read; restore the state from a copy"
            ) from None
        return packed

    def save(self, packed: bytes, before: str | None) -> str:
        """Keep keys; returns what the state is to say.

        Args:
            packed: The keys.
            before: What the state said before; its file is kept, as the new state may never be loaded.

        Raises:
            ConfigurationError: The folder can't be written.
        """
        if self._folder is None:
            return base64.b85encode(packed).decode()
        try:
            return _FILE + self._write(self._folder, packed, before)
        except OSError as error:
            raise ConfigurationError(
                f"snapshots_folder: {error.filename or self._folder} can't be written: {error.strerror}"
            ) from None

    def _write(self, folder: Path, packed: bytes, before: str | None) -> str:
        name = hashlib.sha256(packed).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        path = self._file(name)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        kept = {path, self._file((before or "").removeprefix(_FILE))}
        for old in folder.glob(f"{self._stream}.*.keys"):
            if old not in kept:
                old.unlink(missing_ok=True)
        return name

    def _file(self, name: str) -> Path:
        if self._folder is None:
            raise ConfigurationError(
                f"state: bookmarks.{self._stream}.snapshot names a file, but `snapshots_folder` is not set"
            )
        return self._folder / f"{self._stream}.{name}.keys"


def _lines(packed: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    rest = b""
    for at in range(0, len(packed), 1 << 12):
        *lines, rest = (rest + unpacker.decompress(packed[at : at + (1 << 12)])).split(b"\n")
        yield from lines
    *lines, _ = (rest + unpacker.flush()).split(b"\n")
    yield from lines


def _line(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(_line(key), digest_size=8).digest(), "big")
