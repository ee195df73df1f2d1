"""What the tap must know of a resource to make a stream of it. A new stream is one of these, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightspeed_ecom import Lightspeed
    from tap_lightspeed.convert import Shape
    from tap_lightspeed.schema import Schema
    from tap_lightspeed.settings import Settings

Row = dict[str, Any]

PARENT_ID = "_parent_id"
PARENT_CHANGED = "_parent_updated_at"
LANGUAGE = "_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of the API as a stream.

    Attributes:
        name: Name of the stream: its path with ``_``.
        path: Path of the list; ``{}`` stands for the id of the record above, ``products/{}/images``.
        schema: JSON schema of the records; names, times, booleans and numbers are converted after it.
        keys: Fields that identify a record.
        listed: Fields to ask of the list when each record is then read by its id; empty: the rows of the list are the
            records.
        replication_key: The time of the last change, or ``None``: everything is read in every run.
        start_setting: The setting that holds the earliest change to read; ``start_date`` when it is empty.
        cut_over: Records created before the start never come, whatever changes in them later.
        wanted: Whether a record passes the settings' filter; asked of the row of the list and of the record itself.
        complete: Adds what one answer may have cut off.
        texts: Texts differ per language: a record per language.
        selected: Whether the stream is read when nobody chose.
        single: One record, not a list.
        parent: Name of the resource under whose records these stand; it is read to find them.
        inside: Takes the rows out of a record of the parent; ``None`` from it: the answer doesn't hold them. Without
            it each changed parent costs a call.
        asked: Name of the parent when the setting ``product_children`` says that each is to be asked for its own.
        text_id: The id is text.
        dropped: Fields that never leave the tap.
    """

    name: str
    path: str
    schema: Schema
    keys: tuple[str, ...] = ("id",)
    listed: tuple[str, ...] = ()
    replication_key: str | None = "updatedAt"
    start_setting: str = "history_start_date"
    cut_over: bool = False
    wanted: Callable[[Row, Settings], bool] | None = None
    complete: Callable[[Lightspeed, Row, Shape], Row] | None = None
    texts: bool = False
    selected: bool = True
    single: bool = False
    parent: str = ""
    inside: Callable[[Row], list[Row] | None] | None = None
    asked: str = ""
    text_id: bool = False
    dropped: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a record is, in one line."""
        return str(self.schema.get("description", ""))

    @property
    def comparable(self) -> bool:
        """Whether its ids can be compared to find what was deleted. Orders can't be deleted in a shop."""
        return self.replication_key == "updatedAt" and not self.parent and not self.listed

    def parent_under(self, settings: Settings) -> str:
        """Return the name of the resource that is read to find these rows; "" when they have a list of their own."""
        return self.asked if self.asked and settings.product_children == "products" else self.parent

    def called_under(self, settings: Settings) -> bool:
        """Return whether each changed parent costs a call."""
        return bool(self.parent) and (
            self.inside is None or (bool(self.asked) and settings.product_children != "catalog")
        )
