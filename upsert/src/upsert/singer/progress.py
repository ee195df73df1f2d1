"""Which STATE of the tap is true by now, when a run ends before its input does. No I/O."""

from __future__ import annotations

from collections import deque
from typing import Any

_MOST = 256


class Progress:
    """Counts what each sink has taken and loaded, and remembers which STATE stood behind it.

    A STATE is true as soon as every record before it is loaded or held. A run that drains all sinks at a checkpoint
    needs none of this; one that stops in between has loaded whole batches since, and their STATE may go out.
    """

    def __init__(self) -> None:
        self.done: dict[str, Any] | None = None
        self._taken: dict[int, int] = {}
        self._loaded: dict[int, int] = {}
        self._missed = 0
        self._marks: deque[tuple[dict[str, Any], dict[int, int]]] = deque()

    def take(self, sink: object) -> None:
        """A record came in."""
        self._taken[id(sink)] = self._taken.get(id(sink), 0) + 1

    def miss(self) -> None:
        """A record came in after the end, and is left to the next run."""
        self._missed += 1

    @property
    def unfinished(self) -> int:
        """Records that are neither loaded nor held: those of a batch that stopped within, and all that came later."""
        return self._missed + sum(taken - self._loaded.get(sink, 0) for sink, taken in self._taken.items())

    def taken(self, sink: object) -> int:
        """How many records a sink has taken so far."""
        return self._taken.get(id(sink), 0)

    def load(self, sink: object, taken: int | None = None) -> None:
        """What a sink had taken is loaded or held.

        Args:
            sink: The sink.
            taken: So many of its records, from the first on; left out: all so far.
        """
        self._loaded[id(sink)] = self.taken(sink) if taken is None else taken
        self._advance()

    def state(self, value: dict[str, Any]) -> None:
        """A STATE came in."""
        if len(self._marks) >= _MOST:
            # Any of them may be left out: the run then goes on a little earlier.
            self._marks = deque(one for n, one in enumerate(self._marks) if n % 2 == 0)
        self._marks.append((value, dict(self._taken)))
        self._advance()

    def _advance(self) -> None:
        while self._marks and all(self._loaded.get(sink, 0) >= taken for sink, taken in self._marks[0][1].items()):
            self.done = self._marks.popleft()[0]
