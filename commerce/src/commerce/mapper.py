"""mapper-commerce: the Singer inline mapper that turns a source's streams into commerce streams.

Several streams of a source may feed one commerce stream: its SCHEMA goes out for each of them, always with the same
text. Messages of other streams, and STATE, pass through untouched and in their place. One bad record never stops a run:
it travels on with ``_error``, and the target holds it.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import click
import msgspec
from pydantic import BaseModel, ValidationError
from singer_sdk.contrib.msgspec import MsgSpecReader, MsgSpecWriter, decoder
from singer_sdk.helpers.capabilities import PluginCapabilities
from singer_sdk.mapper_base import InlineMapper
from singer_sdk.singerlib.messages import Message

from commerce.errors import CommerceError, FieldError, MappingError, SettingsError
from commerce.expressions import Overrides, with_own
from commerce.mapping.labels import Known
from commerce.places import line_of, project_file
from commerce.schemas import MODELS, schema
from commerce.settings import config_schema, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

    from commerce.mapping.feed import Feed

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


class _LateSchema:
    """The JSON schema of the settings, for who asks for it; an ordinary run checks them with their model."""

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        return config_schema()


class MapperCommerce(InlineMapper):
    """Turns the streams of a shop or a bookkeeping package into the commerce contract, for any commerce target.

    Attributes:
        settings: The settings.
        settings_file: Where they are written down, for the lines that messages name; None when that isn't known.
    """

    name = "mapper-commerce"
    config_jsonschema: ClassVar[dict[str, Any]] = _LateSchema()  # type: ignore[assignment]  # made when asked for
    # Stream maps and flattening of the SDK are not applied here: `overrides` is what takes their place.
    capabilities: ClassVar[list[Any]] = [PluginCapabilities.ABOUT, PluginCapabilities.STRUCTURED_LOGGING]
    message_reader_class = Reader
    message_writer_class = MsgSpecWriter

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.settings = read(self.config)
        feeds = self.settings.feeds()
        if unknown := sorted(set(self.settings.overrides) - {one.role for one in feeds}):
            known = ", ".join(sorted(one.role for one in feeds))
            raise SettingsError(f"overrides: there is no commerce stream '{unknown[0]}'; known are {known}")
        functions = with_own(self.settings.functions)
        self._feeds = {one.source_stream: one for one in feeds}
        self._overrides = {
            one.source_stream: Overrides(
                MODELS[one.stream], self.settings.overrides.get(one.role, {}), one.document, functions
            )
            for one in feeds
        }
        self.settings_file = project_file()
        self._labels: dict[str, dict[str, str]] = {}
        self._announced: dict[str, dict[str, Any]] = {}
        self._unversioned: set[str] = set()
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
        """The schema of the commerce stream in place of the source's.

        Raises:
            SettingsError: The settings name a field or a label that the source's stream doesn't have.
        """
        feed = self._feeds.get(str(message_dict.get("stream")))
        if feed is None:
            yield Forwarded(message_dict)
            return
        given = message_dict.get("schema")
        for line in self.learn(feed.source_stream, given if isinstance(given, dict) else {}):
            self.logger.warning(line)
        if feed.stream not in self._announced:
            published = schema(feed.stream)
            made: dict[str, Any] = {"type": "SCHEMA", "stream": feed.stream, "schema": published}
            made["key_properties"] = ["key"]
            if message_dict.get("bookmark_properties") and "changed_at" in published["properties"]:
                made["bookmark_properties"] = ["changed_at"]
            self._announced[feed.stream] = made
        # A second one that differed in anything would make a target begin the stream anew.
        yield Forwarded(self._announced[feed.stream])

    def learn(self, stream: str, given: Mapping[str, Any]) -> tuple[str, ...]:
        """Find the fields that settings and expressions name.

        Args:
            stream: A stream of the source that is mapped.
            given: Its schema.

        Returns:
            What a person should know, one line each.

        Raises:
            SettingsError: The settings name a field or a label that the source's stream doesn't have.
        """
        feed = self._feeds[stream]
        try:
            lines = feed.learn(given)
            known = Known(feed.source_stream, given)
            overrides = self._overrides[feed.source_stream]
            named = {label: fields[0] for label, fields in known.labels.items()}
            for label, path in overrides.labels.items():
                named[label] = known.get(label, f"overrides.{feed.role}.{path}")
            for field, path in overrides.fields.items():
                known.check(field, f"overrides.{feed.role}.{path}")
        except FieldError as problem:
            raise SettingsError(problem.placed(line_of(self.settings_file, problem.setting, problem.name))) from None
        self._labels[feed.source_stream] = named
        return lines

    def map_record_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The mapped record, or the record's key with ``_error`` or ``_gone``."""
        stream = str(message_dict.get("stream"))
        feed = self._feeds.get(stream)
        if feed is None:
            yield Forwarded(message_dict)
            return
        record = message_dict.get("record")
        extracted = message_dict.get("time_extracted")
        made = self.map_record(
            stream, record if isinstance(record, dict) else {}, extracted if isinstance(extracted, str) else None
        )
        self._mapped += 1
        self._failed += made["_error"] is not None
        # The envelope stays: time_extracted and version belong to the message.
        yield Forwarded({**message_dict, "stream": feed.stream, "record": made})

    def map_state_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The state as it is: bookmarks and held keys belong to tap and target."""
        yield Forwarded(message_dict)

    def map_activate_version_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The message under the commerce stream's name; none for a stream that several feed.

        A version says "what is older is gone", which one of several feeds can't say for the others.
        """
        feed = self._feeds.get(str(message_dict.get("stream")))
        if feed is None:
            yield Forwarded(message_dict)
        elif sum(one.stream == feed.stream for one in self._feeds.values()) == 1:
            yield Forwarded({**message_dict, "stream": feed.stream})
        elif feed.source_stream not in self._unversioned:
            self._unversioned.add(feed.source_stream)
            self.logger.warning(
                "stream %s: ACTIVATE_VERSION is left out, because other streams feed %s too",
                feed.source_stream,
                feed.stream,
            )

    def map_batch_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        """The message as it is; a batch of a stream that is mapped would slip past the mapping, so it is refused."""
        if message_dict.get("stream") in self._feeds:
            raise SettingsError("the tap sends batch files, which can't be mapped: remove its `batch_config`")
        yield Forwarded(message_dict)

    @property
    def source_streams(self) -> list[str]:
        """The streams of the source that are mapped."""
        return list(self._feeds)

    def knows(self, stream: str) -> bool:
        """Whether a stream of the source is mapped."""
        return stream in self._feeds

    def map_record(self, stream: str, record: Mapping[str, Any], extracted: str | None = None) -> dict[str, Any]:
        """Map one record; never raises.

        Args:
            stream: A stream of the source that is mapped.
            record: The source record.
            extracted: When the tap sent it, as its message says.

        Returns:
            The fields of the contract that the source has a word on, with ``_source_stream``, ``_source_key``,
            ``_gone`` and ``_error``; for a record that is gone or can't be mapped only those and ``key``.
        """
        feed = self._feeds[stream]
        gone = record.get("_gone") is True
        try:
            mapped = None if gone else self._map(feed, record, extracted)
            gone = mapped is None
            made: dict[str, Any] = {"key": feed.key_of(record)} if mapped is None else mapped
            error = None
        except MappingError as problem:
            made, error = {"key": self._key(feed, record)}, str(problem)
        except ValidationError as problem:
            where = problem.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
            path = ".".join(str(step) for step in where)
            made, error = {"key": self._key(feed, record)}, str(MappingError("invalid_value", path))
        except Exception as problem:  # noqa: BLE001  one record must not stop the others; the place is logged
            place = traceback.extract_tb(problem.__traceback__)[-1]
            self.logger.warning(
                "a record of %s can't be mapped: %s at %s:%s",
                stream,
                type(problem).__name__,
                Path(place.filename).name,
                place.lineno,
            )
            made, error = {"key": self._key(feed, record)}, "mapping_failed"
        source_key = record.get("_source_key")
        made["_source_stream"] = record["_source_stream"] if isinstance(record.get("_source_stream"), str) else stream
        made["_source_key"] = source_key if isinstance(source_key, str) else self._native_id(record)
        made["_gone"] = True if gone else None
        made["_error"] = error
        return made

    def _map(self, feed: Feed, record: Mapping[str, Any], extracted: str | None) -> dict[str, Any] | None:
        """The mapped record; None when nothing but its key is known of it any more."""
        document = feed.convert(record, _instant(extracted))
        if not isinstance(document, BaseModel):
            return None
        overrides = self._overrides[feed.source_stream]
        # What was deleted has no fields left that an expression could look at.
        if overrides and record.get("_sdc_deleted_at") is None:
            labelled: dict[str, Any] = {}
            if overrides.labels:
                labels = self._labels.get(feed.source_stream, {})
                labelled = {label: record.get(field) for label, field in labels.items()}
            document = overrides.apply(document, record, feed.source_line, labelled)
        return document.model_dump(mode="json", exclude_unset=True)

    def _key(self, feed: Feed, record: Mapping[str, Any]) -> str:
        """The key of a record that can't be mapped; one that can't even be named still says which source it is of."""
        try:
            return feed.key_of(record)
        except MappingError:
            return f"{self.settings.source}.{_UNKNOWN_KEY}:{_UNKNOWN_KEY}"

    @staticmethod
    def _native_id(record: Mapping[str, Any]) -> str | None:
        value = record.get("id")
        return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def _instant(text: str | None) -> dt.datetime | None:
    """An instant as a message states it; None when it states none."""
    try:
        found = None if text is None else dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(dt.UTC) if found is not None and found.tzinfo is not None else None


def main() -> NoReturn:
    """Run the plugin: 0 done, 2 settings or broken input, 3 the next program has gone, 4 our bug, 143 on SIGTERM."""
    sys.exit(_run())


def _run() -> int:
    """The command line with one line per failure; a traceback only with debug logging."""
    log = logging.getLogger(MapperCommerce.name)
    try:
        if sys.argv[1:2] == ["test"]:
            from commerce.rehearsal import test  # noqa: PLC0415 - only here, and it imports this module

            outcome = test.main(sys.argv[2:], standalone_mode=False)
        else:
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
