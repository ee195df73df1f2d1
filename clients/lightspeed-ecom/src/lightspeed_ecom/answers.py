"""What an answer means. Pure: an answer goes in, an error or nothing comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import errors, retry
from lightspeed_ecom.shapes import decode

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")
_TEXT_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Call:
    """One request: verb, path without language and ``.json``, and the language."""

    verb: str
    path: str
    language: str

    @property
    def endpoint(self) -> str:
        """The call without ids, as calls are counted: ``GET orders/{id}``."""
        return f"{self.verb} {_NUMBER.sub('{id}', self.path)}"

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (any case), body, and the monotonic moment."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: float


def read(call: Call, answer: Answer, now: dt.datetime) -> Any:
    """Return the decoded body of a good answer; ``None`` for an empty one.

    Args:
        call: What was asked.
        answer: What came back.
        now: The shop's own instant, for a ``Retry-After`` that is a date.

    Raises:
        errors.LightspeedError: Everything else, also an ``error`` body under status 200.
    """
    payload, broken = _decoded(answer.body)
    told = payload.get("error") if isinstance(payload, dict) else None
    if 200 <= answer.status < 300 and told is None and not broken:
        if payload is None and call.verb == "GET":
            raise errors.Unavailable("empty answer", request=str(call), status=answer.status)
        return payload
    status = _told_status(told) or answer.status
    message = _told_text(told) or ("no usable answer" if broken else "no reason given")
    if status < 400:
        # A redirect, or a success whose body can't be read.
        raise _lost(call, f"HTTP {status}, {message}", status)
    error = _error(call, status, message)
    if isinstance(error, errors.Unavailable):
        error.retry_after = retry.retry_after(answer.headers.get("retry-after"), now)
    raise error


def _decoded(body: bytes) -> tuple[Any, bool]:
    """Return the payload and whether the body is unreadable."""
    if not body.strip():
        return None, False
    try:
        return decode(body), False
    except ValueError:
        return None, True


def _told_status(told: object) -> int | None:
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _told_text(told: object) -> str:
    text = told.get("message") if isinstance(told, dict) else told
    return text[:_TEXT_LIMIT] if isinstance(text, str) else ""


def _error(call: Call, status: int, message: str) -> errors.LightspeedError:
    request = str(call)
    if status in (401, 403):
        return errors.NotAuthorised(message, request=request, status=status)
    if status == 404:
        # "Unknown or inactive language.": the only 404 that is not about one record (recorded).
        if "language" in message.lower():
            return errors.UnknownLanguage(f"{message} ({call.language})", request=request, status=status)
        return errors.NotFound(message, request=request, status=status)
    if status == 429:
        return errors.RateLimited(message, request=request, status=status)
    if status < 500:
        return errors.Invalid(message, request=request, status=status)
    return _lost(call, f"HTTP {status}, {message}", status)


def _lost(call: Call, message: str, status: int | None) -> errors.LightspeedError:
    """The work may have been done, or the call was a read."""
    if call.verb == "GET":
        return errors.Unavailable(message, request=str(call), status=status)
    return errors.InDoubt(message, request=str(call), status=status)


def silence(call: Call, reason: str, *, sent: bool) -> errors.LightspeedError:
    """Return the error of a call that got no answer.

    Args:
        call: The call.
        reason: The name of the fault, without any part of the request.
        sent: Whether the request may have left this machine.
    """
    if not sent:
        return errors.NotSent(f"no connection ({reason})", request=str(call))
    return _lost(call, f"no answer ({reason})", None)
