"""Everything that can go wrong, sorted by what the caller must do.

```
AfasError                 .message .call .number .log_reference .status .write
├── NotSent               nothing left this machine: repeat when the network is back
├── InDoubt               a write was sent, no usable answer came: look for it before repeating
├── Refused               AFAS answered and said no; nothing was written
│   ├── NotAuthorised     401, 403 or a refused token: stop, renew the token or the IP rule
│   ├── ConnectorDenied   this connector is not in the app connector, or the user may not use it
│   ├── ConnectorBlocked  AFAS or an administrator blocked this connector: stop this stream
│   ├── Invalid           this record (or this question) is wrong: hold it, go on with the others
│   ├── Locked            someone else holds the record: try again later
│   ├── AlreadyExists     a record with this key is there: look it up
│   └── BadRequest        400, 404, 413 and other answers that mean: we call it wrongly
├── Unavailable           AFAS can't answer now (maintenance, no usable answer to a read): come back later
└── FilterTooLong         the question doesn't fit in a URL: ask in parts (nothing was sent)
```

No error carries a query, a body, a key value or a token. `message` is AFAS's own text where there is one.
"""

from __future__ import annotations

from typing import Literal

WriteState = Literal["not_done", "done", "in_doubt"]
InvalidReason = Literal["unknown_value", "missing_value", "not_found", "unknown_field", "unexpected", "other"]


class AfasError(Exception):
    """Root of the tree.

    Attributes:
        message: what happened, for a person; AFAS's own words (in the client's language) where it gave any.
        call: verb and endpoint, such as `POST connectors/FbSales`.
        number: AFAS's `errorNumber`, or None. Not usable to tell causes apart.
        log_reference: AFAS's `profitLogReference`: with it an administrator finds the details in the environment log.
        status: HTTP status, or None when there was no answer.
        write: what is known about the write of this call; `not_done` for every read.
    """

    def __init__(
        self,
        message: str,
        *,
        call: str,
        number: int | None = None,
        log_reference: str | None = None,
        status: int | None = None,
        write: WriteState = "not_done",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.call = call
        self.number = number
        self.log_reference = log_reference
        self.status = status
        self.write: WriteState = write

    def __str__(self) -> str:
        """One line: the call, the message and, where known, the log reference."""
        log = f" (AFAS log {self.log_reference})" if self.log_reference else ""
        return f"{self.call}: {self.message}{log}"


class NotSent(AfasError):  # noqa: N818 - named after what happened
    """No connection: refused, unknown host, TLS. Nothing left this machine, so repeating is safe.

    Attributes:
        lasting: repeating won't help (the server's certificate is not trusted).
    """

    def __init__(self, message: str, *, call: str, lasting: bool = False) -> None:
        super().__init__(message, call=call)
        self.lasting = lasting


class InDoubt(AfasError):  # noqa: N818 - named after what happened
    """A write was sent and no usable answer came back.

    AFAS works on for up to 900 s after a client has gone (write-api 1.10): look the record up, and repeat only after
    that time. Never raised for a read.
    """

    def __init__(
        self,
        message: str,
        *,
        call: str,
        number: int | None = None,
        log_reference: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(
            message, call=call, number=number, log_reference=log_reference, status=status, write="in_doubt"
        )


class Refused(AfasError):  # noqa: N818 - named after what happened
    """AFAS answered and said no. One call is one transaction, so nothing was written."""


class NotAuthorised(Refused):
    """401, 403 or a token that was not given: stop the run and renew the credentials (or the IP rule)."""


class _OfConnector(Refused):
    def __init__(
        self,
        message: str,
        *,
        call: str,
        connector: str,
        number: int | None = None,
        log_reference: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, call=call, number=number, log_reference=log_reference, status=status)
        self.connector = connector


class ConnectorDenied(_OfConnector):
    """The app connector lacks this connector, or its user may not use it: ask the AFAS administrator to add it.

    Attributes:
        connector: id of the Get- or UpdateConnector.
    """


class ConnectorBlocked(_OfConnector):
    """This connector is blocked, by AFAS for heavy use or by an administrator: only a person can lift that.

    Attributes:
        connector: id of the Get- or UpdateConnector.
    """


class Invalid(Refused):
    """AFAS refuses this record, or this question, as it is. Don't repeat it unchanged; the others can go on.

    Attributes:
        reason: class of the message: `unknown_value` (a reference does not exist), `missing_value` (a mandatory field
            is empty), `not_found` (the record to change is not there), `unknown_field` (field id in a filter or sort),
            `unexpected` (AFAS itself does not say), `other`.
        label: label of the field that the message names, in the client's language, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        call: str,
        number: int | None = None,
        log_reference: str | None = None,
        status: int | None = None,
        reason: InvalidReason = "other",
        label: str | None = None,
    ) -> None:
        super().__init__(message, call=call, number=number, log_reference=log_reference, status=status)
        self.reason: InvalidReason = reason
        self.label = label


class Locked(Refused):
    """A lock or a deadlock: known not done, the same call may succeed later. The client has tried a few times."""


class AlreadyExists(Refused):
    """A record with this key, or this document number, is there already: look it up instead of inserting."""


class BadRequest(Refused):
    """400, 404, 413 and the like: the call itself is wrong (address, size, JSON). Repeating won't help."""


class Unavailable(AfasError):  # noqa: N818 - named after what happened
    """AFAS can't answer now: 503, 429, or a read that brought no usable answer after a few tries.

    `write` is `in_doubt` in one case: a 503 to a write that is not AFAS's own (neither JSON nor `Retry-After`), for a
    proxy can say so after it has passed the call on.

    Attributes:
        retry_after: seconds until AFAS wants to be asked again, or None when it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        call: str,
        retry_after: float | None = None,
        number: int | None = None,
        log_reference: str | None = None,
        status: int | None = None,
        write: WriteState = "not_done",
    ) -> None:
        super().__init__(message, call=call, number=number, log_reference=log_reference, status=status, write=write)
        self.retry_after = retry_after


class FilterTooLong(AfasError):  # noqa: N818 - named after what happened
    """The query string would be longer than AFAS takes; it would answer 404. Nothing was sent.

    Attributes:
        length: characters of the query string, with its `?`.
        limit: characters allowed, 2,049 (read-api 2.4).
    """

    def __init__(self, *, call: str, length: int, limit: int) -> None:
        super().__init__(f"the filter makes a query string of {length} characters, AFAS takes {limit}", call=call)
        self.length = length
        self.limit = limit
