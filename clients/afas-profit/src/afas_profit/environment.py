"""From an environment code, or an override, to the base URL (read-api 1.1)."""

from __future__ import annotations

import re
from typing import Literal

import httpx

EnvironmentKind = Literal["production", "test", "accept", "course"]

_HOSTS: dict[EnvironmentKind, str] = {
    "production": "rest",
    "test": "resttest",
    "accept": "restaccept",
    "course": "restcursus",
}
_PREFIXES: dict[str, EnvironmentKind] = {"O": "production", "T": "test", "A": "accept"}
_CODE = re.compile(r"([OTA]?)(\d{5,6})[A-Z]{0,2}\Z", re.IGNORECASE)
_SERVICE = "/ProfitRestServices"


def base_url_of(code: str, kind: EnvironmentKind | None = None) -> str:
    """The base URL of an environment of AFAS Online.

    Args:
        code: `O12345AA`, `T12345AA`, `A12345AA`, or only the digits.
        kind: needed for bare digits unless it is production, and for course environments.

    Raises:
        ValueError: not a code, or its prefix says another kind.
    """
    if not (found := _CODE.match(code.strip())):
        raise ValueError("an environment code looks like O12345AA, or is its digits only")
    told = _PREFIXES.get(found[1].upper())
    if told and kind and told != kind:
        raise ValueError(f"environment codes with {found[1].upper()} are of kind {told}, not {kind}")
    return f"https://{found[2]}.{_HOSTS[kind or told or 'production']}.afas.online{_SERVICE}"


def checked_base_url(text: str) -> str:
    """A base URL without its last slash; `/ProfitRestServices` is added when it has no path.

    Raises:
        ValueError: not an http(s) address, one with credentials or a query, or plain http to another machine's name.
    """
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise ValueError("the base URL is not an address") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise ValueError("the base URL must be http(s)://host/path, without user, query or fragment")
    # The token travels in a header. Plain http is for a sandbox on this machine or beside it in a container network.
    near = url.host == "localhost" or url.host.startswith("127.") or url.host == "::1" or "." not in url.host
    if url.scheme == "http" and not near:
        raise ValueError("the base URL must be https")
    path = url.path.rstrip("/") or _SERVICE
    return f"{url.scheme}://{url.netloc.decode()}{path}"
