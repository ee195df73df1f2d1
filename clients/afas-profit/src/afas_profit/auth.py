"""Credentials: the classic token and OAuth client credentials (read-api 1.2, 1.3). No calls are made here."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

_HEX = re.compile(r"[0-9A-Fa-f]{64}\Z")
_XML = re.compile(r"\s*<token>\s*<version>\s*(\d+)\s*</version>\s*<data>\s*([^<>\s]+)\s*</data>\s*</token>\s*\Z")


@dataclass(frozen=True, slots=True)
class ClassicToken:
    """A token of an app connector, in any form in which people have it.

    Args:
        token: the XML as issued, its base64, only the 64 hex characters, or the whole header value.

    Raises:
        ValueError: none of these. The message does not show the text.
    """

    token: str = field(repr=False)
    header: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        text = self.token.strip().removeprefix("AfasToken").strip()
        if _HEX.match(text):
            text = f"<token><version>1</version><data>{text}</data></token>"
        elif not text.startswith("<"):
            try:
                text = base64.b64decode(text, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                text = ""
        if not (found := _XML.match(text)):
            raise ValueError(
                "the AFAS token is neither <token>…</token>, nor its base64, nor the 64 hex characters within"
            )
        xml = f"<token><version>{found[1]}</version><data>{found[2]}</data></token>"
        object.__setattr__(self, "header", f"AfasToken {base64.b64encode(xml.encode()).decode()}")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth client credentials.

    Args:
        client_id: of the app connector.
        client_secret: shown once by Profit; valid for 180 days by default.
        basic: send them in a Basic header instead of the body (from Profit 9).
    """

    client_id: str
    client_secret: str = field(repr=False)
    basic: bool = False

    def __post_init__(self) -> None:
        if not self.client_id or not self.client_secret:
            raise ValueError("OAuth needs a client id and a client secret")

    def request(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of the token call."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        form = {"grant_type": "client_credentials"}
        if self.basic:
            pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        return headers, urlencode(form).encode()


Auth = ClassicToken | ClientCredentials


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the seconds it may be used."""

    header: str = field(repr=False)
    lifetime: float

    @classmethod
    def read(cls, answer: Any) -> Grant:
        """A token answer: Profit 8 sends `expires_in` as text and a null `refresh_token`, Profit 9 a number and none.

        Raises:
            ValueError: no access token in it.
        """
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise ValueError("the answer carries no access token")
        try:
            told = float(answer.get("expires_in") or 3600)
        except (TypeError, ValueError):
            told = 3600.0
        # Renewed a minute early, or a tenth for short-lived ones, so that none expires on its way.
        return cls(f"Bearer {token}", max(0.0, told - min(60.0, told / 10)))
