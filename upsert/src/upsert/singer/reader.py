"""Reading Singer messages: fast, exact (numbers are Decimal), and without ever showing a line's content."""

from __future__ import annotations

import re
import sys
from collections import Counter
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader

from upsert.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_TYPE = re.compile(r"[A-Z_]{1,30}")


class SafeReader(GenericSingerReader[bytes]):
    """A message reader for targets and mappers: set it as ``message_reader_class``.

    Faulty lines raise `BadInput` with the line's number; the SDK's own readers put the whole line, with whatever
    personal data is in it, into the message and the log.
    """

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input, as bytes."""
        # A replaced stdin (in tests) may be text only; lines of text are decoded just as well.
        stdin: Any = sys.stdin
        lines: IO[bytes] = getattr(stdin, "buffer", stdin)
        return lines

    def deserialize_json(self, line: bytes | str) -> dict[str, Any]:
        """One line as a message.

        Raises:
            BadInput: Not JSON, or not an object.
        """
        try:
            message = _decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            newline = b"\n" if isinstance(line, bytes) else "\n"
            cut = "" if line.endswith(newline) else "; it is cut off: the plugin before this one stopped while writing"  # type: ignore[arg-type] # both are of one kind
            what = str(error) if isinstance(error, msgspec.MsgspecError) else type(error).__name__
            raise BadInput(f"not JSON ({what}){cut}") from None
        if not isinstance(message, dict):
            raise BadInput("not a Singer message (no object)")
        return message

    @staticmethod
    def assert_line_requires(line_dict: dict[str, Any], requires: set[str]) -> None:
        """Check that a message has these members.

        Raises:
            BadInput: Some are missing; they are named.
        """
        if missing := requires - set(line_dict):
            raise BadInput(f"the message has no {', '.join(sorted(missing))}")

    def process_lines(
        self,
        file_input: IO[bytes] | None,
        callbacks: dict[str, Callable[[dict[str, Any]], None]],
    ) -> Counter[str]:
        """Hand every message to its callback; blank lines are passed over.

        Returns:
            How many messages of each type there were.

        Raises:
            BadInput: A line can't be read; with its number.
        """
        stats: Counter[str] = Counter()
        for number, line in enumerate(file_input or self.default_input, 1):
            if not line.strip():
                continue
            try:
                message = self.deserialize_json(line)
                self.assert_line_requires(message, {"type"})
                kind = message["type"]
                if not isinstance(kind, str) or kind not in callbacks:
                    shown = kind if isinstance(kind, str) and _TYPE.fullmatch(kind) else "that isn't one"
                    raise BadInput(f"message type {shown} is unknown")
                callbacks[kind](message)
            except BadInput as error:
                raise BadInput(f"input line {number}: {error.text}") from error.__cause__
            stats[kind] += 1
        return stats
