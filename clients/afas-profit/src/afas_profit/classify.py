"""What an answer means: pure functions from status, headers and body to a result or an error of the tree.

AFAS answers 500 to every record it doesn't like, so the status alone decides nothing. A 500 that carries
`externalMessage` is a refusal, known not done. A 500, 502 or 504 without it comes from something on the way: a write
may have been done.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from afas_profit.errors import (
    AfasError,
    AlreadyExists,
    BadRequest,
    ConnectorBlocked,
    ConnectorDenied,
    InDoubt,
    Invalid,
    InvalidReason,
    Locked,
    NotAuthorised,
    Unavailable,
)
from afas_profit.values import load, mended

if TYPE_CHECKING:
    from collections.abc import Callable

    from afas_profit.call import Answer, Call


def result(call: Call, answer: Answer, now: Callable[[], datetime], parse: Callable[[bytes], Any] | None = None) -> Any:
    """The JSON of a good answer; `None` for an empty one.

    Args:
        call: what was asked.
        answer: what came.
        now: gives the present instant; asked only for a `Retry-After` that is a date, when the answer has no `Date`.
        parse: reads the bytes of a good answer; a ValueError says that they are none.

    Raises:
        AfasError: any other answer. `NotAuthorised` for a 401 is provisional, see `session`.
    """
    status = answer.status
    if parse is not None and status < 300 and _old_header(answer) is None:
        for content in (answer.content, None):
            try:
                return parse(mended(answer.content) if content is None else content)
            except ValueError:
                continue
    body, readable = _body(answer)
    if answer.status < 300:
        said = _error_inside(body) or _old_header(answer)
        if said is None:
            odd = call.kind == "write" and not isinstance(body, dict) and body not in (None, "", [])
            if odd or not readable or parse is not None:
                raise no_answer(call, "the answer is cut off or not JSON", status)
            return body
        status, body = said
    raise _error(call, status, body, answer, now)


def no_answer(call: Call, reason: str, status: int | None = None) -> AfasError:
    """The error for a call that was sent and brought no usable answer: a write is in doubt, a read can't be had now."""
    if call.kind == "write":
        return InDoubt(f"no usable answer ({reason}); AFAS may have done it", call=call.name, status=status)
    return Unavailable(f"no usable answer ({reason})", call=call.name, status=status)


def retry_after(header: str | None, body: Any, now: Callable[[], datetime]) -> float | None:
    """Seconds to wait: from `Retry-After` (seconds, HTTP date or ISO date) or from the body's `retry_after`."""
    for told in (header, body.get("retry_after") if isinstance(body, dict) else None):
        if (seconds := _seconds(told, now)) is not None:
            return seconds
    return None


def refusal(
    call: Call, message: str, *, number: int | None = None, log_reference: str | None = None, status: int = 500
) -> AfasError:
    """The error for a text of AFAS (write-api 1.8, read-api 2.9; Dutch and English)."""
    said: dict[str, Any] = {
        "call": call.name,
        "number": number,
        "log_reference": log_reference,
        "status": status,
    }
    if _DENIED.search(message):
        return ConnectorDenied(message, connector=call.connector, **said)
    if _BLOCKED.search(message):
        return ConnectorBlocked(message, connector=call.connector, **said)
    if _LOCKED.search(message):
        return Locked(message, **said)
    if _EXISTS.search(message):
        return AlreadyExists(message, **said)
    if _TIMED_OUT.search(message):
        # AFAS gave up after its own 900 s; whether the work was undone it does not say.
        return InDoubt(message, **said) if call.kind == "write" else Unavailable(message, **said)
    for reason, pattern in _INVALID:
        if found := pattern.search(message):
            return Invalid(message, reason=reason, label=found.groupdict().get("label"), **said)
    return Invalid(message, **said)


_DENIED = re.compile(
    r"connector wordt niet ondersteund|gebruiker is niet geautoriseerd"
    r"|connector (is )?not supported|user is not authori[sz]ed",
    re.IGNORECASE,
)
_BLOCKED = re.compile(r"connector\b[^.]*\b(is|has been|wordt|werd) (blocked|geblokkeerd)", re.IGNORECASE)
# The texts for locks are not recorded; these are SQL Server's, and the words Profit uses on its screens.
_LOCKED = re.compile(
    r"deadlock|\block(s|ed)?\b|vergrendeld|door een andere gebruiker|by another (user|process)"
    r"|(in gebruik|geblokkeerd) door|(in use|blocked) by\b",
    re.IGNORECASE,
)
_EXISTS = re.compile(
    r"primary key already exists|bestaat (reeds|al)\b|already exists|duplicate key"
    r"|wordt al gebruikt in financieel|already used in finance",
    re.IGNORECASE,
)
_TIMED_OUT = re.compile(
    r"maximale tijdsduur|maximum duration for performing|command time-?out|time-?out (is )?expired", re.IGNORECASE
)
_INVALID: tuple[tuple[InvalidReason, re.Pattern[str]], ...] = (
    ("unknown_value", re.compile(r"ingevulde waarde bij '(?P<label>.+?)' bestaat niet", re.IGNORECASE)),
    ("unknown_value", re.compile(r"entered value for '(?P<label>.+?)' does not exist", re.IGNORECASE)),
    ("unknown_value", re.compile(r"foreignkey does not exist[^=]*FieldId=(?P<label>[^,]+)", re.IGNORECASE)),
    ("missing_value", re.compile(r"(vul een waarde in bij|enter a value for) '(?P<label>.+?)'", re.IGNORECASE)),
    ("missing_value", re.compile(r"no value entered in mandatory field '(?P<label>.+?)'", re.IGNORECASE)),
    ("unknown_field", re.compile(r"connector ?(field|veld) '(?P<label>.+?)' (not found|niet gevonden)", re.IGNORECASE)),
    ("unknown_field", re.compile(r"invalid index field", re.IGNORECASE)),
    ("unexpected", re.compile(r"onverwachte fout opgetreden|an unexpected error has occurred", re.IGNORECASE)),
    (
        "unknown_value",
        # One word: of "Jan Jansen bestaat niet" nobody knows whether it is a field or somebody's name.
        re.compile(r"^(general message: )?(?P<label>[\w-]+) (bestaat niet|does not exist)", re.IGNORECASE),
    ),
    ("not_found", re.compile(r"niet gevonden|not found|\bgeen .*gevonden\b|\bno .*found\b", re.IGNORECASE)),
)


def _error(call: Call, status: int, body: Any, answer: Answer, now: Callable[[], datetime]) -> AfasError:
    message, number, log_reference = _details(body, answer)
    said: dict[str, Any] = {"call": call.name, "status": status, "number": number, "log_reference": log_reference}
    if status in (429, 503):
        told = retry_after(answer.headers.get("retry-after"), body, _moment(answer, now))
        own_words = told is not None or isinstance(body, dict) or status == 429
        return Unavailable(
            message or "AFAS is not available now",
            retry_after=told,
            write="in_doubt" if call.kind == "write" and not own_words else "not_done",
            **said,
        )
    if call.kind == "token" and status in (400, 401, 403):
        return NotAuthorised(f"AFAS gives no access token: {message or f'HTTP {status}'}{_token_hint(body)}", **said)
    if status == 401:
        return NotAuthorised(message or "AFAS refuses the credentials", **said)
    if status == 403:
        return NotAuthorised(
            message or "AFAS refuses the sender (403): check the IP rules of the app connector", **said
        )
    if status >= 500 and message and _is_profits(body, answer):
        return refusal(call, message, number=number, log_reference=log_reference, status=status)
    if status >= 500 or status == 408:
        return no_answer(call, f"HTTP {status} without words of AFAS", status)
    return BadRequest(_with_meaning(status, message), **said)


def _with_meaning(status: int, message: str | None) -> str:
    meaning = {
        400: "AFAS calls this request malformed",
        404: "AFAS does not know this address",
        413: "the body is larger than AFAS takes",
    }.get(status, f"AFAS answers HTTP {status}; is the address right?")
    return f"{meaning}: {message}" if message else meaning


def _details(body: Any, answer: Answer) -> tuple[str | None, int | None, str | None]:
    """Message, number and log reference, wherever this answer has them."""
    found = body if isinstance(body, dict) else {}
    nested = found.get("error")
    message = found.get("externalMessage") or found.get("message")
    if isinstance(nested, dict):
        message = message or nested.get("message")
    elif isinstance(nested, str):
        message = message or ": ".join(filter(None, (nested, _words(found.get("error_description")))))
    if not _words(message) and (old := _old_header(answer)):
        message = old[1]["externalMessage"]
    number = found.get("errorNumber")
    reference = found.get("profitLogReference") or answer.headers.get("x-profit-log-reference")
    return _words(message), number if isinstance(number, int) else None, _words(reference)


def _is_profits(body: Any, answer: Answer) -> bool:
    """Whether Profit itself speaks, and not something in front of it."""
    return (isinstance(body, dict) and bool(_words(body.get("externalMessage")))) or _old_header(answer) is not None


def _words(value: Any) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _token_hint(body: Any) -> str:
    match body.get("error") if isinstance(body, dict) else None:
        case "invalid_client":
            return "; renew the client secret, or unblock the client"
        case "unauthorized_client":
            return (
                "; the app connector may not use this flow, or the environment's kind (O, T, A) does not match the host"
            )
        case _:
            return ""


def _body(answer: Answer) -> tuple[Any, bool]:
    """The JSON, and whether it could be read. AFAS says XML above JSON, so nobody asks the type (read-api 1.6)."""
    if not answer.content.strip():
        return None, True
    try:
        return load(answer.content), True
    except (ValueError, RecursionError):
        return None, False


def _error_inside(body: Any) -> tuple[int, dict[str, Any]] | None:
    """The error that a 2xx answer carries in its body, as status and body, or None."""
    if not isinstance(body, dict) or "rows" in body or "results" in body:
        return None
    if "externalMessage" in body:
        return 500, body
    if isinstance(nested := body.get("error"), dict):
        code = str(nested.get("code", ""))
        return (int(code) if code.isdigit() and 400 <= int(code) <= 599 else 500), body
    return None


def _old_header(answer: Answer) -> tuple[int, dict[str, Any]] | None:
    """The obsolete `X-PROFIT-ERROR`: base64 of the text (read-api 1.6)."""
    if (told := answer.headers.get("x-profit-error")) is None:
        return None
    try:
        text = base64.b64decode(told, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = told
    return (500, {"externalMessage": text}) if text.strip() else None


def _moment(answer: Answer, now: Callable[[], datetime]) -> Callable[[], datetime]:
    """A `Retry-After` date is on the server's clock, so it is measured from the answer's own date."""
    return lambda: http_date(answer.headers.get("date")) or now()


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as an instant in UTC, or None when it is none."""
    if not text:
        return None
    try:
        read = parsedate_to_datetime(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _seconds(told: Any, now: Callable[[], datetime]) -> float | None:
    if told is None or isinstance(told, bool):
        return None
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        moment = http_date(told) or _iso_date(told) if isinstance(told, str) else None
        return None if moment is None else max(0.0, (moment - now()).total_seconds())
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _iso_date(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
