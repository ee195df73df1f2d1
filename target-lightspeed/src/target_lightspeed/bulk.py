"""Many variants in one call: writes that come one by one are gathered, sent together, checked, and repaired singly.

The kernel writes each document by itself, behind its own intent; here those that run at the same time meet.
How the shop treats a bad item in a bulk, and what it answers, is unknown (reference §11), so both are provided for: a
refused bulk is halved until the bad item is alone, and what a bulk has brought about is read back.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from lightspeed_ecom import PAGE_SIZE
from target_lightspeed.resources.catalogue import BULK_FIELDS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from lightspeed_ecom import Lightspeed

logger = logging.getLogger("target-lightspeed")

IDLE = 1.0
"""Seconds (of real time) without a new write after which those that are there go off."""

_CLOCK_MARGIN = timedelta(seconds=5)
_CHECK_PAGES = 2

Body = dict[str, Any]
Write = tuple[int, Body]
Result = BaseException | None


class Gather:
    """Lets writes of several threads meet.

    Args:
        size: Most that go together.
        send: Sends some writes; the result of each in their order, None being done.
        idle: See `IDLE`.
    """

    def __init__(
        self, size: int, send: Callable[[Sequence[Write]], Sequence[Result]], idle: float | None = None
    ) -> None:
        self._size, self._send, self._idle = size, send, IDLE if idle is None else idle
        self._meet = threading.Condition()
        self._waiting: dict[int, Write] = {}
        self._done: dict[int, Result] = {}
        self._tickets = self._expected = self._arrived = 0

    def expect_none(self) -> None:
        """A new batch begins."""
        with self._meet:
            self._expected = self._arrived = 0

    def expect_one(self) -> None:
        """One more write was planned."""
        with self._meet:
            self._expected += 1

    def put(self, identity: int, body: Body) -> None:
        """Send one write together with others; returns when it is done.

        Raises:
            BaseException: What became of it.
        """
        with self._meet:
            ticket = self._tickets = self._tickets + 1
            self._waiting[ticket] = identity, body
            self._arrived += 1
        while (chunk := self._turn(ticket)) is not None:
            try:
                results = self._send(list(chunk.values()))
            except BaseException as error:  # noqa: BLE001 - it is raised in every thread whose write was in it
                results = [error] * len(chunk)
            with self._meet:
                self._done.update(zip(chunk, results, strict=True))
                self._meet.notify_all()
        with self._meet:
            result = self._done.pop(ticket)
        if result is not None:
            raise result

    def _turn(self, ticket: int) -> dict[int, Write] | None:
        """Wait until it is time to send what is there (then that), or the own write is done (then None)."""
        with self._meet:
            quiet = False
            while ticket not in self._done:
                full = len(self._waiting) >= self._size or self._arrived >= self._expected
                if ticket in self._waiting and (full or quiet):
                    chunk = dict(list(self._waiting.items())[: self._size])
                    for taken in chunk:
                        del self._waiting[taken]
                    return chunk
                before = self._arrived
                told = self._meet.wait(self._idle)
                quiet = not told and self._arrived == before
            return None


class VariantBulk:
    """Sends stock and prices of variants.

    Args:
        client: The client.
        size: Most variants of one call.
        sample: How many of those that the list doesn't show are read one by one.
        single: Writes one variant by itself; raises what becomes of it.
        slot: Around each write: as many at once as the settings allow.
    """

    def __init__(
        self,
        client: Lightspeed,
        size: int,
        sample: int,
        single: Callable[[int, Body], None],
        slot: AbstractContextManager[Any],
    ) -> None:
        self.client, self.size, self.sample, self._single, self._slot = client, size, sample, single, slot
        self.off = self._works = False

    @property
    def together(self) -> int:
        """How many writes should be sent together: as many whole calls as one page of the list shows afterwards."""
        return self.size * max(1, PAGE_SIZE // self.size)

    @staticmethod
    def fits(body: Mapping[str, Any]) -> bool:
        """Whether a change is one for the bulk call."""
        return bool(body) and body.keys() <= BULK_FIELDS

    def send(self, writes: Sequence[Write]) -> list[Result]:
        """Send some writes, as few calls as possible; the result of each."""
        results: list[Result] = []
        sent: list[int] = []
        since: datetime | None = None
        stopped: Result = None
        for start in range(0, len(writes), self.size):
            part = writes[start : start + self.size]
            if stopped is not None:
                results += [stopped] * len(part)
            elif self.off or len(part) == 1:
                results += map(self._alone, part)
            else:
                error, asked = self._bulk(part)
                since = since or asked
                if error is None:
                    sent += range(start, start + len(part))
                    results += [None] * len(part)
                elif isinstance(error, lightspeed_ecom.Refused) and not isinstance(
                    error, lightspeed_ecom.NotAuthorised
                ):
                    results += self._halved(part, error)
                else:
                    # Where nobody knows whether it was done, the others may be; anything else meets all of them.
                    stopped = None if isinstance(error, lightspeed_ecom.InDoubt) else error
                    results += [error] * len(part)
        if sent and since is not None:
            self._check(writes, sent, since, results)
        return results

    def _bulk(self, part: Sequence[Write]) -> tuple[lightspeed_ecom.LightspeedError | None, datetime | None]:
        """One call: what became of it, and from when on its effect can be seen."""
        since = None
        try:
            with self._slot:
                since = self.client.server_now() - _CLOCK_MARGIN
                self.client.bulk("variants/bulk", "variant", [{"id": identity, **body} for identity, body in part])
        except lightspeed_ecom.LightspeedError as error:
            return error, since
        self._works = True
        return None, since

    def _check(self, writes: Sequence[Write], sent: Sequence[int], since: datetime, results: list[Result]) -> None:
        """Look what has arrived of the writes at some positions, and write singly what has not."""
        try:
            lost = self._lost([writes[n] for n in sent], since)
        except lightspeed_ecom.LightspeedError as error:
            unproven = lightspeed_ecom.InDoubt(f"a bulk can't be read back: {error.message}", request=error.request)
            for n in sent:
                results[n] = unproven
            return
        for place in lost:
            results[sent[place]] = self._alone(writes[sent[place]])

    def _halved(self, writes: Sequence[Write], error: lightspeed_ecom.Refused) -> list[Result]:
        """Send the halves of a refused bulk by themselves."""
        logger.warning("the shop refused a bulk of %d variants (%s): it is halved", len(writes), error.message)
        middle = len(writes) // 2
        results = [*self.send(writes[:middle]), *self.send(writes[middle:])]
        if not self._works and not self.off and not any(results):
            logger.warning("the shop takes each variant, but none in bulk: they are written singly in this run")
            self.off = True
        return results

    def _alone(self, write: Write) -> Result:
        try:
            self._single(*write)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that it concerns
            return error
        return None

    def _lost(self, writes: Sequence[Write], since: datetime) -> set[int]:
        """Positions of the writes that have not arrived, as far as one list and a sample can tell."""
        fields = ["id", *sorted({name for _, body in writes for name in body})]
        wanted = {identity for identity, _ in writes}
        rows: dict[int, Mapping[str, Any]] = {}
        # Where writes come in the order of their ids (as the flows send them), those just before stay out of the list.
        for page in self.client.pages("variants", fields=fields, since=since, since_id=min(wanted) - 1):
            rows.update((row["id"], row) for row in page.rows if row.get("id") in wanted)
            if len(rows) == len(wanted) or page.number == _CHECK_PAGES:
                break
        lost = {n for n, (identity, body) in enumerate(writes) if identity in rows and not _holds(rows[identity], body)}
        unseen = [n for n, (identity, _) in enumerate(writes) if identity not in rows]
        for n in unseen[: self.sample]:
            identity, body = writes[n]
            try:
                row = self.client.get(f"variants/{identity}", fields=fields)
            except lightspeed_ecom.NotFound:
                row = {}
            if not _holds(row, body):
                logger.warning("a bulk of %d variants has not arrived wholly: the rest is written singly", len(writes))
                return lost | set(unseen)
        return lost


def _holds(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a row shows what was written."""
    named = VARIANTS.named
    return all(named[name].of(row) == named[name].kind.normal(value) for name, value in body.items())
