"""A tap of ours and the peer, in turns on the same server."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from benchmarks.measure import lines, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Command
    from benchmarks.world import World


Found = TypeVar("Found")


@dataclass(frozen=True)
class Beside:
    """Medians of pairs of runs.

    Attributes:
        ratio: Records per CPU-second of our tap against those of the peer, of each pair.
        ours: Records per CPU-second of our tap.
        peer: Those of the peer.
    """

    ratio: float
    ours: float
    peer: float


def beside(
    shop: World, stream: str, records: int, runs: int, *, ours: Command, peer: Command, first: bool = True
) -> Beside:
    """Run two commands in turns.

    Args:
        shop: Where files may go.
        stream: The stream that is measured.
        records: How many records each must find at least.
        runs: How often.
        ours: The command of our tap.
        peer: The command of the peer.
        first: Begin with a run of each that isn't counted and leaves bytecode compiled.

    Raises:
        RuntimeError: One of them did not find all records.
    """
    out = shop.file("check.raw")

    def rate(command: Command) -> float:
        cost = run(command, stdout=out)
        found = sum(b'"stream":"%s"' % stream.encode() in line[:80] for line in lines(out, b"RECORD"))
        out.unlink()
        if found < records:
            raise RuntimeError(f"{command} found {found} {stream} instead of {records}")
        return found / cost.cpu

    if first:
        rate(ours)
        rate(peer)
    rates = list(in_turns(rate, ours, peer, runs))
    return Beside(
        median(own / other for own, other in rates),
        median(own for own, _ in rates),
        median(other for _, other in rates),
    )


def in_turns(
    measure: Callable[[Command], Found], one: Command, two: Command, runs: int
) -> Iterator[tuple[Found, Found]]:
    """What is measured of two commands, in turns."""
    for number in range(runs):
        if number % 2:
            second, first = measure(two), measure(one)
        else:
            first, second = measure(one), measure(two)
        yield first, second
