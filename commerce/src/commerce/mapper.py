"""mapper-commerce: the Singer inline mapper that turns a source's streams into commerce streams.

Messages of other streams, and STATE, pass through untouched and in their place. One bad record never stops a run: it
travels on with ``_error``, and the target holds it.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import click
import msgspec
from pydantic import ValidationError
from singer_sdk.contrib.msgspec import MsgSpecReader, MsgSpecWriter, decoder
from singer_sdk.helpers.capabilities import PluginCapabilities
from singer_sdk.mapper_base import InlineMapper
from singer_sdk.singerlib.messages import Message

from commerce.errors import CommerceError, MappingError, SettingsError
from commerce.expressions import Overrides
from commerce.mapping import SOURCES
from commerce.schemas import MODELS, schema
from commerce.settings import MapperSettings, config_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

_CONFIGURATION, _OTHER_SIDE, _OUR_BUG = 2, 3, 4
_UNKNOWN_KEY = "unknown"


class ProtocolError(CommerceError):
    """What comes in is no Singer message; the tap's end is named by its line, never by what stands there."""


class PipeClosedError(CommerceError):
    """The next program in the pipeline reads no more."""


class Forwarded(Message):
    """A message as a dictionary."""

    __slots__ = ("message",)

    def __init__(self, message: dict[str, Any]) -> None:
        self.message = message

    def to_dict(self) -> dict[str, Any]:
        """The message."""
        return self.message


class Reader(MsgSpecReader):
    """Reads messages; never prints a line of data."""

    line = 0

    def deserialize_json(self, line: str) -> dict[str, Any]:
        """Parse one line.

        Raises:
            ProtocolError: When it is no JSON object with a type.
        """
        self.line += 1
        try:
            message = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise ProtocolError(
                f"line {self.line} of the input is no JSON; did the tap stop half-way? Its own log tells more"
            ) from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise ProtocolError(f"line {self.line} of the input is no Singer message")
        return message

    def _process_unknown_message(self, message_dict: dict[str, Any]) -> None:  # noqa: ARG002  the SDK's signature
        raise ProtocolError(f"line {self.line} of the input is a message of unknown type")


class MapperCommerce(InlineMapper):
    """Turns the orders and customers of a shop into the commerce contract, for any commerce target."""

    name = "mapper-commerce"
    config_jsonschema: ClassVar[dict[str, Any]] = config_schema()
    # Stream maps and flattening of the SDK are not applied here: `overrides` is what takes their place.
    capabilities: ClassVar[list[Any]] = [PluginCapabilities.ABOUT, PluginCapabilities.STRUCTURED_LOGGING]
    message_reader_class = Reader
    message_writer_class = MsgSpecWriter

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.settings = MapperSettings.read(self.config)
        self._source = SOURCES[self.settings.source]
        unknown = sorted(set(self.settings.overrides) - set(self._source.streams))
        if unknown:
            known = ", ".join(sorted(self._source.streams))
            raise SettingsError(f"overrides: there is no commerce stream '{unknown[0]}'; known are {known}")
        self._overrides = {
            stream: Overrides(MODELS[stream], self.settings.overrides.get(stream, {}))
            for stream in self._source.streams
        }
        self._mapped = self._failed = 0

    @classmethod
    def invoke(cls, **arguments: Any) -> None:
        """Run the command line.

        Raises:
            PipeClosedError: When the next program has stopped; click would end the process with its own exit code.
        """
        try:
            super().invoke(**arguments)
        except BrokenPipeError:
            raise PipeClosedError("the next program in the pipeline has stopped; its own log tells why") from None

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:  # noqa: ARG002  the SDK's signature
        """Settings are checked by their model, which also refuses names that do not exist."""
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002  the SDK's signature
        # The SDK would exit 0, and Meltano would take half of the data for all of it.
        raise SystemExit(128 + signum)

    def process_endofpipe(self) -> None:
        """Say what was done, in one line."""
        super().process_endofpipe()
        failed = f", {self._failed} passed on with an error" if self._failed else ""
        self.logger.info("mapped %d records%s", self._mapped, failed)

    def map_schema_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The schema of the commerce stream in place of the source's."""
        stream = str(message_dict.get("stream"))
        if stream not in self._source.streams:
            yield Forwarded(message_dict)
            return
        bookmark = ["changed_at"] if message_dict.get("bookmark_properties") else []
        made = {"type": "SCHEMA", "stream": stream, "schema": schema(stream), "key_properties": ["key"]}
        yield Forwarded({**made, "bookmark_properties": bookmark} if bookmark else made)

    def map_record_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The mapped record, or the record's key with ``_error`` or ``_gone``."""
        stream = str(message_dict.get("stream"))
        if stream not in self._source.streams:
            yield Forwarded(message_dict)
            return
        record = message_dict.get("record")
        made = self.map_record(stream, record if isinstance(record, dict) else {})
        self._mapped += 1
        self._failed += made["_error"] is not None
        # The envelope stays: time_extracted and version belong to the message.
        yield Forwarded({**message_dict, "record": made})

    def map_state_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The state as it is: bookmarks and held keys belong to tap and target."""
        yield Forwarded(message_dict)

    def map_activate_version_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The message as it is: streams keep their names."""
        yield Forwarded(message_dict)

    def map_batch_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The message as it is; a batch of a stream that is mapped would slip past the mapping, so it is refused."""
        if message_dict.get("stream") in self._source.streams:
            raise SettingsError("the tap sends batch files, which can't be mapped: remove its `batch_config`")
        yield Forwarded(message_dict)

    def map_record(self, stream: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Map one record; never raises.

        Args:
            stream: A stream that the source has a mapping for.
            record: The source record.

        Returns:
            The fields of the contract that the source has a word on, with ``_source_stream``, ``_source_key``,
            ``_gone`` and ``_error``; for a record that is gone or can't be mapped only those and ``key``.
        """
        gone = record.get("_gone") is True
        try:
            if gone:
                made: dict[str, Any] = {"key": self._source.key_of(record)}
            else:
                made = self._map(stream, record)
            error = None
        except MappingError as problem:
            made, error = {"key": self._key(record)}, str(problem)
        except ValidationError as problem:
            where = problem.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
            path = ".".join(str(step) for step in where)
            made, error = {"key": self._key(record)}, str(MappingError("invalid_value", path))
        except Exception as problem:  # noqa: BLE001  one record must not stop the others; the place is logged
            place = traceback.extract_tb(problem.__traceback__)[-1]
            self.logger.warning(
                "a record of %s can't be mapped: %s at %s:%s",
                stream,
                type(problem).__name__,
                Path(place.filename).name,
                place.lineno,
            )
            made, error = {"key": self._key(record)}, "mapping_failed"
        source_key = record.get("_source_key")
        made["_source_stream"] = record["_source_stream"] if isinstance(record.get("_source_stream"), str) else stream
        made["_source_key"] = source_key if isinstance(source_key, str) else self._native_id(record)
        made["_gone"] = True if gone else None
        made["_error"] = error
        return made

    def _map(self, stream: str, record: Mapping[str, Any]) -> dict[str, Any]:
        document = self._source.streams[stream](record, self.settings)
        if overrides := self._overrides[stream]:
            document = overrides.apply(document, record, self._source.source_line)
        return document.model_dump(mode="json", exclude_unset=True)

    def _key(self, record: Mapping[str, Any]) -> str:
        """The key of a record that can't be mapped; one that can't even be named still says which source it is of."""
        try:
            return self._source.key_of(record)
        except MappingError:
            return f"{self.settings.source}.{_UNKNOWN_KEY}:{_UNKNOWN_KEY}"

    @staticmethod
    def _native_id(record: Mapping[str, Any]) -> str | None:
        value = record.get("id")
        return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def main() -> NoReturn:
    """Run the plugin: 0 done, 2 settings or broken input, 3 the next program has gone, 4 our bug, 143 on SIGTERM."""
    sys.exit(_run())


def _run() -> int:
    """The command line with one line per failure; a traceback only with debug logging."""
    log = logging.getLogger(MapperCommerce.name)
    try:
        outcome = MapperCommerce.cli.main(standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except SettingsError as problem:
        return _failed(log, f"settings: {problem}", _CONFIGURATION)
    except click.ClickException as problem:
        return _failed(log, f"settings: {problem.format_message()}", _CONFIGURATION)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as problem:
        where = f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem)
        return _failed(log, f"settings: {where}", _CONFIGURATION)
    except PipeClosedError as problem:
        # Python would report the same pipe again when it flushes at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _failed(log, str(problem), _OTHER_SIDE)
    except ProtocolError as problem:
        # Most often the tap was stopped half-way: no bug of ours, and target-afas says 2 to such input as well.
        return _failed(log, str(problem), _CONFIGURATION)
    except click.exceptions.Abort:
        return 130
    except Exception as problem:  # noqa: BLE001  the last line of defence
        if type(problem).__name__ == "JSONDecodeError":
            # The SDK reads the file with a parser of its own kind of error.
            line = getattr(problem, "lineno", "?")
            return _failed(log, f"settings: a file given with --config is not JSON (line {line})", _CONFIGURATION)
        return _failed(log, f"unexpected {type(problem).__name__}; run with log level debug for more", _OUR_BUG)


def _failed(log: logging.Logger, text: str, code: int) -> int:
    log.error("%s (exit %d)", text, code, exc_info=log.isEnabledFor(logging.DEBUG))
    return code


if __name__ == "__main__":
    main()
