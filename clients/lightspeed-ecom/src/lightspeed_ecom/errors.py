"""What can go wrong, sorted by what the caller must do.

LightspeedError
├── NotSent             nothing left this machine (no route, DNS, TLS): repeat later, nothing was done
├── InDoubt             a write was sent and no usable answer came back: look before you repeat
├── Unavailable         a read found nobody home, also after retries: come back later
│   ├── RateLimited     still refused for its rate after the waits the shop asked for
│   └── BudgetSpent     the next rate window opens later than we are willing to wait: see `until`
└── Refused             the shop answered and said no
    ├── NotAuthorised   401, 403: wrong key or missing permission group, stop the run
    ├── UnknownLanguage 404 for the language in the path, stop the run
    ├── NotFound        404: this record is gone
    └── Invalid         400, 405, 413, 422: this request is wrong, repeating it is useless
"""

# ruff: noqa: N818  the names say what happened, as they are read in an except clause

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt

WriteState = Literal["not_done", "done", "in_doubt"]


class LightspeedError(Exception):
    """Base of everything this client raises.

    Attributes:
        message: What happened, in the shop's own words where it spoke.
        request: Verb and path without language and query (a query may hold an e-mail address).
        status: HTTP status, or ``None`` when no answer came.
        write: Whether the write behind the error was done; ``not_done`` for every read.
    """

    def __init__(
        self, message: str, *, request: str = "", status: int | None = None, write: WriteState = "not_done"
    ) -> None:
        super().__init__(f"{request}: {message}" if request else message)
        self.message = message
        self.request = request
        self.status = status
        self.write = write


class NotSent(LightspeedError):
    """No connection could be made, so nothing was done: any verb may be repeated."""


class InDoubt(LightspeedError):
    """A write was sent, and what became of it is unknown. Look the object up before you send it again."""

    def __init__(self, message: str, *, request: str = "", status: int | None = None) -> None:
        super().__init__(message, request=request, status=status, write="in_doubt")


class Unavailable(LightspeedError):
    """The shop gives no usable answer (5xx, an HTML page, half a body, silence).

    Attributes:
        retry_after: Seconds after which the shop asked to be called again, or ``None``.
    """

    def __init__(
        self,
        message: str,
        *,
        request: str = "",
        status: int | None = None,
        write: WriteState = "not_done",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, request=request, status=status, write=write)
        self.retry_after = retry_after


class RateLimited(Unavailable):
    """429 again, after waiting as long as the shop asked. Nothing was done."""


class BudgetSpent(Unavailable):
    """The rate window that is used up opens later than ``longest_wait``. Nothing was sent.

    Attributes:
        until: The instant (UTC, by the shop's clock) from which calls are possible again.
    """

    def __init__(self, message: str, *, until: dt.datetime, retry_after: float, request: str = "") -> None:
        super().__init__(message, request=request, retry_after=retry_after)
        self.until = until


class Refused(LightspeedError):
    """The shop answered and said no. Nothing was done."""


class NotAuthorised(Refused):
    """401 or 403: the key, its secret or its permission groups are wrong. Stop, repeating is useless."""


class UnknownLanguage(Refused):
    """The language of the path is not active in this shop."""


class NotFound(Refused):
    """There is no such record (any more)."""


class Invalid(Refused):
    """The request itself is wrong: body, field or verb."""
