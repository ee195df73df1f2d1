"""What a target system must offer to the kernel. Subclass `Port` (its defaults are inherited) or just look like it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from upsert.model import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upsert.model import Applied, Change, Create, Document, Hold, Outcome, Plan, Update, Verdict, Written

T = TypeVar("T")
E = TypeVar("E")


class Port(Protocol[T, E]):
    """One kind of document in one target system; `T` is our content, `E` what the target's look-up returns.

    Every method may be called from worker threads, `create` and `update` from several at once. They tell the kernel
    what happened by raising the classes of `upsert.errors`; any other exception is a defect, after which the kernel
    assumes that the write may have been done.

    Attributes:
        purpose: Name of this kind of document in the store (``sales_order``); never changed once used.
        in_doubt_for: How long the target system may still complete an unclear write, with a margin. One that works on
            for 900 s after the client has gone needs 930 s. Zero where repeating is harmless (upsert by key,
            idempotency key).
        workers: How many creates and updates may run at once.
        lookup: ``by_key`` or ``by_natural_key``; ``none`` when the target can't be asked: an unclear write is then held
            until a person releases it, and a changed document is held (unless `in_doubt_for` is zero).
        lookup_name: What a person knows the look-up by (the connector's name), for messages.
        visible_after: Waits in seconds before each try to see the first insert of a run through the look-up.
        confirms: Whether `confirm` reads back. When it does, a document without a verdict is held as ``unconfirmed``.
    """

    purpose: str
    in_doubt_for: timedelta = timedelta(seconds=930)
    workers: int = 1
    lookup: Literal["by_key", "by_natural_key", "none"] = "by_key"
    lookup_name: str = "look-up"
    visible_after: Sequence[float] = (0.0, 1.0, 3.0)
    confirms: bool = False

    def now(self) -> datetime:
        """The target system's own clock, UTC. The age of intents is measured on it. May make a call.

        Raises:
            Outage: It can't be reached.
        """
        ...

    def look_up(self, documents: Sequence[Document[T]]) -> Mapping[str, Sequence[E]]:
        """Everything that exists for these documents, in as few calls as possible.

        Returns:
            Document key to what exists; a missing key means nothing exists.

        Raises:
            Outage: It can't be answered now. Any other failure stops the run as well.
        """
        ...

    def ids(self, existing: E) -> Mapping[str, str]:
        """The target's ids of an existing document (and its revision, where there is one)."""
        ...

    def plan(self, document: Document[T], existing: E | None, applied: Applied | None) -> Plan:
        """Decide, purely: no I/O, no clock.

        Args:
            document: What the source says; ``document.released``: a person wants it loaded in spite of a hold.
            existing: What the target holds; None when nothing does.
            applied: What we last wrote; None when we never did, or don't know.

        Returns:
            `Create` only when `existing` is None; `Update` only when it isn't.

        Raises:
            Rejected: As good as returning a `Hold`.
        """
        ...

    def before_writes(self) -> None:
        """Called before the first intent of each batch that writes: the place for checks that take their time.

        Raises:
            Outage: Nothing may be written.
        """

    def create(self, document: Document[T], plan: Create) -> Mapping[str, str]:
        """Make it, with our key in it, in one write that happens as a whole or not at all.

        Returns:
            The target's ids; may be empty where the answer has none.

        Raises:
            Rejected, Busy, AlreadyExists: Known not done.
            InDoubt: Perhaps done.
            Outage: Known not done, and the run must stop.
        """
        ...

    def update(self, document: Document[T], existing: E, plan: Update) -> Mapping[str, str]:
        """Change it.

        Returns:
            The target's ids.

        Raises:
            Rejected, Busy: Known not done.
            InDoubt: Perhaps done, wholly or in part, or done later.
            Outage: Known not done, not even in part, and the run must stop.
        """
        ...

    def confirm(self, written: Sequence[Written[T]]) -> Mapping[str, Verdict[E]]:
        """Read back what was written in this batch, in as few calls as possible, and judge it.

        Returns:
            Document key to verdict. The default, with `confirms` false, is never called.
        """
        del written
        return {}

    # -- only for looking ahead ---------------------------------------------------------------------------------------

    def describe(self, document: Document[T], existing: E | None, plan: Create | Update) -> Sequence[Change]:
        """Every value that a planned write would change or take away, for a person to read. Pure.

        Args:
            document: What the source says.
            existing: What the target holds, as `plan` saw it.
            plan: What `plan` decided.

        Returns:
            Personal values as `upsert.model.HIDDEN`. The default says nothing: the plan then shows only that the
            document would be written.
        """
        del document, existing, plan
        return ()

    def cost(self, planned: Sequence[Outcome]) -> Cost:
        """What the writes of one batch would take; by default one call each and no mail.

        Args:
            planned: Outcomes with their plan.
        """
        return Cost(len(planned))

    def refuses(self, document: Document[T], existing: E | None, plan: Create | Update) -> Hold | None:
        """Plan mode: why the target would refuse a planned write, as far as `look_up` has seen it.

        Args:
            document: What the source says.
            existing: What the target holds, as `plan` saw it.
            plan: What `plan` decided.

        Returns:
            The hold that `create` or `update` would end in; None when it would be done.
        """
        del document, existing, plan
        return None

    def assume(self, document: Document[T], plan: Create | Update) -> Mapping[str, str]:
        """Plan mode: what is planned counts as done for the rest of the run. The place to note it for later look-ups.

        Returns:
            Ids that stand for it in this run, under the names that `create` would use; look-ups must know them.
            Called in plan mode only, never for a preview.
        """
        del document, plan
        return {}
