"""A set of record ids that takes little memory and little room in a STATE. Pure.

Lists are newest first, so ids come falling: four bytes each, their distance from the first, in an array. What comes out
of order goes into a set.
"""

from __future__ import annotations

import base64
import zlib
from array import array
from bisect import bisect_left
from heapq import merge
from itertools import chain, islice
from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FARTHEST = 2**32 - 1
_SOME = 4_096


_SMALL = [bytes([number]) for number in range(128)]


def _packed(number: int) -> bytes:
    """A number as a variable-length integer; most are small."""
    if number < 128:
        return _SMALL[number]
    packed = bytearray()
    while number > 127:
        packed.append(number & 127 | 128)
        number >>= 7
    packed.append(number)
    return bytes(packed)


class Ids:
    """A set of positive whole numbers.

    Args:
        ids: What it holds at first.
    """

    __slots__ = ("_falling", "_first", "_others")

    def __init__(self, ids: Iterable[int] = ()) -> None:
        # Distances rise where ids fall, as bisect wants them.
        self._first = 0
        self._falling = array("I")
        self._others: set[int] = set()
        for one in ids:
            self.add(one)

    def add(self, number: int) -> None:
        """Add an id; nothing happens when it is there."""
        if not self._falling:
            self._first = number
        distance = self._first - number
        if not self._falling or self._falling[-1] < distance <= _FARTHEST:
            self._falling.append(distance)
        elif number not in self:
            self._others.add(number)

    def __contains__(self, number: int) -> bool:
        falling, distance = self._falling, self._first - number
        if not falling or distance > falling[-1]:
            return number in self._others
        return falling[bisect_left(falling, distance)] == distance or number in self._others

    def __len__(self) -> int:
        return len(self._falling) + len(self._others)

    def __iter__(self) -> Iterator[int]:
        yield from map(self._first.__sub__, self._falling)
        yield from self._others

    def pack(self) -> str:
        """Return the ids as text: differences, zlib, base 64; one to three characters an id."""
        if not len(self):
            return ""
        rising: Iterator[int] = map(self._first.__sub__, reversed(self._falling))
        if self._others:
            rising = merge(rising, sorted(self._others))
        before = next(rising)
        packed = bytearray(_packed(before))
        # A few at a time: a million ids as a list would take more memory than all the rest.
        while some := list(islice(rising, _SOME)):
            steps = list(map(sub, some, chain([before], some)))
            before = some[-1]
            # Ids of one list stand close together: then each step is a byte as it is.
            packed += bytes(steps) if max(steps) < 128 else b"".join([_packed(step) for step in steps])
        return base64.b64encode(zlib.compress(packed)).decode("ascii")

    @classmethod
    def unpack(cls, text: str) -> Ids:
        """Read ids that `pack` has written.

        Raises:
            ValueError: It has not.
        """
        if not text:
            return cls()
        try:
            packed = zlib.decompress(base64.b64decode(text, validate=True))
        except zlib.error as error:
            raise ValueError("no ids") from error
        found = array("q")
        number = step = shift = 0
        for byte in packed:
            step |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                number += step
                found.append(number)
                step = shift = 0
        return cls(reversed(found))
