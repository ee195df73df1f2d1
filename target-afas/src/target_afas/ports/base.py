"""What the three ports have in common: the clock, AFAS's 900 seconds, and the check before the first write."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from target_afas.failures import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from afas_profit import Element, WriteResult
    from target_afas.lookups import Lookups
    from target_afas.settings import Settings

logger = logging.getLogger(__name__)

NEW = "new"
"""Stands for the number of what a run in plan mode would make; AFAS is never asked about it."""

IN_DOUBT_FOR = timedelta(seconds=930)
"""AFAS works on for up to 900 s after a client has gone (write-api 1.10), with a margin."""


class AfasWrites:
    """Base of the ports.

    Args:
        lookups: Questions to AFAS.
        settings: All settings.
        hasher: Salted hash of the store.
        check: Raises when the environment is not fit to be written to; asks once per run.
    """

    in_doubt_for = IN_DOUBT_FOR

    def __init__(
        self, lookups: Lookups, settings: Settings, hasher: Callable[[str], str], check: Callable[[], None]
    ) -> None:
        self.lookups, self.settings, self.hasher = lookups, settings, hasher
        self.client = lookups.client
        self.workers = settings.workers
        self._check = check

    def now(self) -> datetime:
        """AFAS's own clock."""
        return self.lookups.now()

    def before_writes(self) -> None:
        """The check before the first write, and before its intent: that tells when the write can have begun."""
        self._check()

    def tell(self, who: str, notes: Iterable[str]) -> None:
        """One log line for each thing that is written otherwise than the source has it: field and rule, no value."""
        for one in notes:
            logger.info("%s: %s", who, one)

    def insert(self, connector: str, element: Element) -> WriteResult:
        """Insert one record."""
        with writing():
            return self.client.insert(connector, element)

    def put(self, connector: str, element: Element) -> WriteResult:
        """Change one record."""
        with writing():
            return self.client.update(connector, element)

    def remove(self, connector: str, keys: dict[str, str]) -> None:
        """Delete one record."""
        with writing():
            self.client.delete(connector, keys)
