"""What must happen to a document, before its contents are looked at. Pure: the table of design §3 as one function."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

from upsert.model import Hold
from upsert.store import State, StoredRow

NOTHING = timedelta()


class Step(Enum):
    """The next step for a document that isn't held."""

    PLAN_NEW = "nothing exists, and nothing can still appear: plan as new"
    PLAN_EXISTING = "it exists: plan against it"
    ADOPT = "it exists by a write of ours whose outcome was lost: take it over, then plan against it"
    COMPARE = "an update of ours may still arrive: only if all of it is there already, it has"


def time_left(row: StoredRow | None, in_doubt_for: timedelta, age: timedelta) -> timedelta:
    """How long an open write may still take effect at the target; zero when none is open.

    Args:
        row: What the store knows.
        in_doubt_for: How long the target may go on working.
        age: Time since the row's state, on the target's clock, up to the moment *before* the look-up. A clock that was
            set back makes it negative, and the wait no longer than `in_doubt_for`.
    """
    if row is None or row.state not in {State.INTENT, State.UPDATING}:
        return NOTHING
    return min(max(in_doubt_for - age, NOTHING), in_doubt_for)


def decide(
    row: StoredRow | None,
    found: int,
    *,
    same: bool,
    left: timedelta,
    store_left: timedelta,
    released: bool,
    unwanted: bool = False,
) -> Step | Hold:
    """Decide from the store and from the number of documents that the look-up found.

    Args:
        row: What the store knows; None when nothing.
        found: How many documents in the target carry this key.
        same: The source says still what it said at the time of the row.
        left: How long an open write may still take effect (see `time_left`).
        store_left: How long a lost predecessor of this store may still have writes under way.
        released: A person said to load it all the same. That never shortens a wait: no person can see a write that the
            target has not finished.
        unwanted: The source wants it gone: the removal whose answer was lost has arrived.
    """
    if found > 1:
        return Hold("ambiguous")
    if found == 1:
        if row is not None and row.state is State.INTENT:
            return Step.ADOPT
        if left <= NOTHING:
            return Step.PLAN_EXISTING
        # With another content since, a late arrival of the older one must not be followed by anything yet.
        return Step.COMPARE if same else Hold("in_doubt", retry_after=left)
    if left > NOTHING:
        return Hold("in_doubt", retry_after=left)
    if row is None:
        return Hold("new_store", retry_after=store_left) if store_left > NOTHING else Step.PLAN_NEW
    if row.state is State.INTENT or released or (unwanted and same and row.state is State.UPDATING):
        return Step.PLAN_NEW
    return Hold("vanished")


def decide_blind(row: StoredRow | None, *, repeatable: bool, released: bool) -> Step | Hold:
    """Decide for a target that can't be asked what exists.

    Args:
        row: What the store knows; a document that is done and unchanged never comes here.
        repeatable: Writing it again ends the same as writing it once (upsert by key, idempotency key).
        released: A person has looked in the target and says that it isn't there.
    """
    if row is None or repeatable or released:
        return Step.PLAN_NEW
    return Hold("in_doubt" if row.state is State.INTENT else "changed_blind")
