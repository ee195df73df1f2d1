"""What a tap needs for the held protocol: a checked state, the due keys, a first STATE with the lists."""

from __future__ import annotations

import io
import json
from typing import IO, TYPE_CHECKING, Any, NoReturn

from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError

from upsert.errors import ConfigurationError
from upsert.held import DUE_LIMIT, Entry, check_bookmark, due, held_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import FrameType

_WAY_OUT = (
    "restore it from a copy (`meltano state get` shows what Meltano has), or run without a state only if everything "
    "since start_date may be read again"
)


class TapMixin(Tap):
    """A tap that keeps held records: ``class TapX(TapMixin, Tap)``; implement `held_sources`.

    The SDK writes ``self.state`` as the tap's first message; this class sees to it that the held lists are in it.
    """

    def held_sources(self) -> Mapping[str, str]:
        """The selected streams that can re-read single keys, with the source that each reads now.

        Returns:
            Stream name to source (``shop.shop1``); the source is written into the bookmark, and a bookmark of another
            source is refused.
        """
        return {}

    def due_entries(self, stream: str, now: datetime, limit: int = DUE_LIMIT) -> list[Entry]:
        """The held records of a stream that this run must read again, the longest due first."""
        return due(held_of(self.state, stream) or [], now, limit)

    def _reset_state_progress_markers(self) -> None:
        # The first thing that sync_all (final in the SDK) does; right after it the state is written.
        super()._reset_state_progress_markers()
        for stream, source in self.held_sources().items():
            bookmark: dict[str, Any] = check_bookmark(self.state, stream, source)
            self._state.setdefault("bookmarks", {})[stream] = bookmark

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the input state.

        Raises:
            ConfigurationError: It is not a state of this kind.
        """
        bookmarks = state.get("bookmarks", {})
        if not isinstance(bookmarks, dict) or not all(isinstance(value, dict) for value in bookmarks.values()):
            raise ConfigurationError(f"state: `bookmarks` is not an object of objects; {_WAY_OUT}")
        super().load_state(state)

    @classmethod
    def invoke(cls, *, state: IO[str] | None = None, **options: Any) -> None:
        """Run; an unreadable state file is refused with a way out, never taken for "begin anew".

        Raises:
            ConfigurationError: The state file is empty, cut off or not a state.
        """
        super().invoke(state=None if state is None else _checked(state), **options)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        try:
            return super()._validate_config(raise_errors=raise_errors)
        except ConfigValidationError as error:
            from upsert.singer.settings import refuse  # noqa: PLC0415 - only when something is wrong

            raise refuse(error.schema or self.config_jsonschema, self._config) from None

    def _handle_termination(self, signum: int, frame: FrameType | None) -> NoReturn:
        """Leave with 128 + signal; the SDK's own handler exits 0 with half the data."""
        del frame
        raise SystemExit(128 + signum)


def _checked(file: IO[str]) -> IO[str]:
    name = getattr(file, "name", "the state file")
    text = file.read()
    if not text.strip():
        raise ConfigurationError(f"state: {name} is empty; {_WAY_OUT}")
    try:
        state = json.loads(text)
    except ValueError:
        raise ConfigurationError(f"state: {name} is not JSON, perhaps half-written; {_WAY_OUT}") from None
    if not isinstance(state, dict):
        raise ConfigurationError(f"state: {name} is not a JSON object; {_WAY_OUT}")
    if "bookmarks" not in state and "singer_state" in state:
        raise ConfigurationError(f"state: {name} is Meltano's own form; give the tap what stands under `singer_state`")
    if state and "bookmarks" not in state:
        raise ConfigurationError(f"state: {name} has no `bookmarks`; {_WAY_OUT}")
    return io.StringIO(text)
