"""Run tasks in a few threads, stop at the first failure, and never write anything after a kill."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SPARE = 2
"""Threads more than turns: they record what was written and make the next write ready while others wait for answers."""


class Stopped(BaseException):
    """Raised inside a task after the run was killed: it ends without recording anything."""


class Crew:
    """A few threads for one batch.

    Args:
        workers: How many turns there are at once; one means in the calling thread.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._turns = threading.BoundedSemaphore(workers)
        self._stop = threading.Event()
        self._dead = threading.Event()

    def check(self) -> None:
        """To be called by a task before it records anything.

        Raises:
            Stopped: The run was killed (SystemExit, KeyboardInterrupt or the like): leave everything as it is.
        """
        if self._dead.is_set():
            raise Stopped

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Around one write and its intent: as many at once as there are workers.

        Raises:
            Stopped: While this task waited for its turn, another one failed; nothing further is begun.
        """
        with self._turns:
            if self._stop.is_set():
                raise Stopped
            try:
                yield
            except BaseException:
                self._stop.set()  # before the next one gets its turn
                raise

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run all tasks. After a failure no further one is begun, those in flight are finished, then it is raised.

        A signal in the calling thread leaves at once: threads are daemons, so a call that hangs can't delay the exit.

        Raises:
            BaseException: What a task raised; a kill goes before a failure.
        """
        if self.workers <= 1 or len(tasks) <= 1:
            for task in tasks:
                task()
            return
        queue = deque(tasks)
        raised: list[BaseException] = []

        def work() -> None:
            while not self._stop.is_set():
                try:
                    task = queue.popleft()
                except IndexError:
                    return
                try:
                    task()
                except Stopped:
                    return
                except BaseException as error:  # noqa: BLE001 - carried to the calling thread and raised there
                    if not isinstance(error, Exception):
                        self._dead.set()
                    raised.append(error)
                    self._stop.set()

        threads = [
            threading.Thread(target=work, name=f"upsert-{n}", daemon=True)
            for n in range(min(self.workers + SPARE, len(tasks)))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            self._dead.set()
            self._stop.set()
            raise
        if raised:
            raise next((error for error in raised if not isinstance(error, Exception)), raised[0])
