"""What images and categories of products have in common as ports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from target_lightspeed.failures import reading
from upsert.port import Port

if TYPE_CHECKING:
    from datetime import datetime

    from target_lightspeed.commerce.catalogue.step import Context

T = TypeVar("T")
E = TypeVar("E")


class BelowProducts(Port[T, E]):
    """Something that hangs below products, and is found by their ids.

    Args:
        context: Of the run.
    """

    def __init__(self, context: Context) -> None:
        self.context, self.memory, self.client = context, context.memory, context.session.client
        self.session, self.hasher = context.session, context.session.store.hasher
        self.workers = context.session.settings.workers
        self.in_doubt_for = timedelta(seconds=context.session.settings.in_doubt_seconds)

    def now(self) -> datetime:
        """The shop's own clock."""
        with reading():
            return self.client.server_now()

    def before_writes(self) -> None:
        """Nothing to check: the key's rights show at the first write, and a 403 stops the run."""
