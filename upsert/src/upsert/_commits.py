"""One commit for what several threads want to write at once.

A commit that must be on the disk takes longer than all else in it. So while one is under way, whoever comes next waits
in a queue, and the first of them commits for all. Nobody goes on before their own change is durable.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from upsert.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class _Wish(Generic[T, R]):
    """What one thread wants, and what came of it."""

    change: T
    done: bool = False
    result: R | None = None
    error: str | None = None


class Commits(Generic[T, R]):
    """Lets threads commit together.

    Args:
        commit: Does some changes in one transaction, and gives the result of each in their order. What it raises, none
            of them was done.
    """

    def __init__(self, commit: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._commit = commit
        self._queue: list[_Wish[T, R]] = []
        self._queued, self._turn = threading.Lock(), threading.Lock()

    def make(self, change: T) -> R:
        """Do a change durably.

        Returns:
            Its result.

        Raises:
            StoreError: It was not done.
        """
        mine: _Wish[T, R] = _Wish(change)
        with self._queued:
            self._queue.append(mine)
        with self._turn:
            if not mine.done:
                with self._queued:
                    wishes, self._queue = self._queue, []
                self._serve(wishes)
        if mine.error is not None:
            raise StoreError(mine.error)
        return mine.result  # type: ignore[return-value]  # it is done, so there is one

    def _serve(self, wishes: Sequence[_Wish[T, R]]) -> None:
        """Commit for all of them; a failure is everybody's."""
        for one in wishes:
            one.done, one.error = True, "store: a change was not done, because another one beside it failed"
        try:
            results = self._commit([one.change for one in wishes])
        except StoreError as error:
            for one in wishes:
                one.error = str(error)
            return
        for one, result in zip(wishes, results, strict=True):
            one.error, one.result = None, result
