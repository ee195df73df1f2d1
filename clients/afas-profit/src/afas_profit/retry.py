"""When a call may be made again, and after how long: one pure decision.

Reads are repeated whenever that can help. Writes are repeated only when it is known that nothing was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afas_profit.errors import AfasError, InDoubt, Locked, NotSent, Unavailable

if TYPE_CHECKING:
    from afas_profit.call import Kind

NETWORK_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each repeat after a lost or missing connection."""
LOCK_PAUSES = (1.0, 3.0, 6.0)
"""Seconds before each repeat after a lock."""
MOST_UNAVAILABLE = 5
"""Repeats after an answer that says when to come back."""
READ_PATIENCE = 300.0
"""A read that took longer than this is not repeated: AFAS is still busy with the first one (read-api 2.11)."""

WRITE_PATIENCE = 25.0
"""Seconds after its first try within which a write may be begun again. AFAS may work for 900 s from the last one, and
a caller that dies meanwhile leaves only the time of the first to its successor."""


@dataclass(slots=True)
class Tries:
    """What has happened to one call so far."""

    lost: int = 0
    locked: int = 0
    unavailable: int = 0
    waited: float = 0.0


def pause(
    error: AfasError, kind: Kind, tries: Tries, *, took: float, longest_wait: float, jitter: float
) -> float | None:
    """Seconds to wait before the same call is made again.

    Args:
        error: how the last try ended.
        kind: of the call.
        tries: what happened before; counted up here.
        took: seconds since the first try began, without the pauses.
        longest_wait: most seconds to spend on waiting for an AFAS that says when it is back.
        jitter: 0 to 1; spreads callers that failed together.

    Returns:
        Seconds, or None: give up and raise.
    """
    match error:
        case InDoubt():
            return None
        case NotSent():
            return None if error.lasting else _step(NETWORK_PAUSES, tries, "lost", jitter)
        case Locked():
            return _step(LOCK_PAUSES, tries, "locked", jitter)
        case Unavailable(write="in_doubt"):
            return None
        case Unavailable(retry_after=None):
            if kind == "write" or took > READ_PATIENCE:
                return None
            return _step(NETWORK_PAUSES, tries, "lost", jitter)
        case Unavailable(retry_after=float() as told):
            wait = max(told, 1.0) + jitter
            if tries.unavailable >= MOST_UNAVAILABLE or tries.waited + told > longest_wait:
                return None
            tries.unavailable += 1
            tries.waited += wait
            return wait
        case _:
            return None


def _step(pauses: tuple[float, ...], tries: Tries, count: str, jitter: float) -> float | None:
    done: int = getattr(tries, count)
    if done >= len(pauses):
        return None
    setattr(tries, count, done + 1)
    return pauses[done] * (0.5 + jitter)
