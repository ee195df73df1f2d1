"""Singer messages of a tap on standard output: fast, exact, and written whole or not at all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.helpers._state import StateWriter
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage, StateMessage

from upsert.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")


class Output(GenericSingerWriter[bytes, Message]):
    """Writes messages; numbers keep their digits.

    A signal that arrives while a message is written waits until the message is out, so that the reader never gets half
    a line. Records are buffered until the next other message.
    """

    def __init__(self) -> None:
        super().__init__()
        self._writing = False
        self._signal: int | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Return a message as one line."""
        if isinstance(message, StateMessage):
            # The general way copies the whole state first.
            return _encoder.encode({"type": "STATE", "value": message.value}) + b"\n"
        return _encoder.encode(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Write one message of the SDK."""
        self._write(self.serialize_message(message), flush=not isinstance(message, RecordMessage))

    def schema(self, stream: str, schema: Mapping[str, Any], keys: Sequence[str], replication_key: str | None) -> None:
        """Write a SCHEMA as it is."""
        message = {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": list(keys)}
        if replication_key:
            message["bookmark_properties"] = [replication_key]
        self._write(_encoder.encode(message) + b"\n", flush=True)

    def records(self, stream: str, rows: Iterable[dict[str, Any]], extracted: str) -> None:
        """Write records as they are.

        Args:
            stream: Name of the stream.
            rows: The records.
            extracted: When they were read, UTC.
        """
        self.encoded(stream, map(_encoder.encode, rows), extracted)

    def encoded(self, stream: str, records: Iterable[bytes], extracted: str) -> None:
        """Write records that are JSON objects already, without line breaks; otherwise as `records`."""
        head = b'{"type":"RECORD","stream":%s,"record":' % _encoder.encode(stream)
        tail = b',"time_extracted":%s}\n' % _encoder.encode(extracted)
        lines = (tail + head).join(records)
        if lines:
            self._write(b"".join((head, lines, tail)))

    def state(self, value: Mapping[str, Any]) -> None:
        """Write a STATE, and send everything on its way."""
        self._write(_encoder.encode({"type": "STATE", "value": value}) + b"\n", flush=True)

    def _write(self, line: bytes, *, flush: bool = False) -> None:
        self._writing = True
        try:
            sys.stdout.buffer.write(line)
            if flush:
                sys.stdout.flush()
        except BrokenPipeError:
            # Said here, because click would end the program with 1 and without a word.
            raise Outage("the plugin after this one has gone; its own last line says why") from None
        finally:
            self._writing = False
        if self._signal is not None:
            raise SystemExit(128 + self._signal)

    def terminate(self, signum: int) -> None:
        """Stop the program for a signal: now, or after the message in hand; a second signal doesn't wait.

        Raises:
            SystemExit: With 128 + the signal's number.
        """
        if self._writing and self._signal is None:
            self._signal = signum
            return
        raise SystemExit(128 + signum)


class PlainStates(StateWriter):
    """Writes each STATE it is given, without keeping a copy to compare.

    Args:
        output: Where to.
    """

    def __init__(self, output: Output) -> None:
        super().__init__(output)
        self._output = output

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write a STATE."""
        self._output.state(state)
