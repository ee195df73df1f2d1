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


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of the API as a stream.

    Attributes:
        name: Name of the stream.
        path: Path of the list.
        schema: JSON schema of the records; names, times, booleans and numbers are converted after it.
        listed: Fields to ask of the list when each record is then read by its id; empty: the rows of the list are the
            records.
        replication_key: The time of the last change, or ``None``: everything is read in every run.
        start_setting: The setting that holds the earliest change to read; ``start_date`` when it is empty.
        cut_over: Records created before the start never come, whatever changes in them later.
        wanted: Whether a record passes the settings' filter; asked of the row of the list and of the record itself.
        complete: Adds what one answer may have cut off.
    """

    name: str
    path: str
    schema: Schema
    listed: tuple[str, ...] = ()
    replication_key: str | None = "updatedAt"
    start_setting: str = "start_date"
    cut_over: bool = False
    wanted: Callable[[Row, Settings], bool] | None = None
    complete: Callable[[Lightspeed, Row, Shape], Row] | None = None
