"""Who calls: classic tokens, bearer tokens and the token endpoint, each bound to an app connector with its rights."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid5

from sandbox.afas.filters import Groups, Term
from sandbox.afas.messages import Problem
from sandbox.http import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.afas.tables import Row, Tables

_TOKEN = re.compile(r"\s*<token>\s*<version>\s*\d+\s*</version>\s*<data>\s*([0-9A-Fa-f]+)\s*</data>\s*</token>\s*")
_NAMESPACE = UUID("0c3f6c59-5b65-4a94-8a3e-0b7cf5b6a5f1")


class NotAuthorised(Exception):  # noqa: N818 - an answer of the imitated API
    """401; `bearer` when a bearer token was sent."""

    def __init__(self, *, bearer: bool = False) -> None:
        super().__init__("401")
        self.bearer = bearer


@dataclass(frozen=True, slots=True)
class Caller:
    """An app connector as a call sees it."""

    app: Row

    def may_get(self, connector: str) -> bool:
        """Whether a GetConnector is in the app connector."""
        return _allowed(self.app["get"], connector)

    def may_update(self, connector: str) -> bool:
        """Whether an UpdateConnector is in the app connector."""
        return _allowed(self.app["update"], connector)

    def limits(self, connector: str) -> list[Groups]:
        """Data filters that cut the rows of a connector, without a word."""
        for name, groups in self.app["data_filters"].items():
            if name.casefold() == connector.casefold():
                return [[[Term(one["field"], int(one["operator"]), str(one["value"])) for one in g] for g in groups]]
        return []


def _allowed(names: list[str] | None, connector: str) -> bool:
    return names is None or connector.casefold() in {name.casefold() for name in names}


def caller(tables: Tables, request: Request, now: datetime) -> Caller:
    """The app connector behind a call.

    Raises:
        NotAuthorised: no, wrong, expired or revoked credentials.
        Problem: a classic token that is not base64 (HTTP 500 since the end of 2025).
    """
    scheme, _, value = (request.headers.get("authorization") or "").strip().partition(" ")
    if scheme.casefold() == "afastoken":
        return Caller(_classic(tables, value.strip(), now))
    if scheme.casefold() == "bearer":
        row = tables.get("bearers", value.strip())
        if row is None or row["expires"] <= now:
            raise NotAuthorised(bearer=True)
        return Caller(_app(tables, row["app"], bearer=True))
    raise NotAuthorised


def _classic(tables: Tables, value: str, now: datetime) -> Row:
    if value.lstrip().startswith("<"):
        raise Problem("unexpected")
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise NotAuthorised from error
    found = _TOKEN.fullmatch(text)
    row = tables.get("tokens", found[1].upper()) if found else None
    if row is None or row["revoked"] or (row["expires"] is not None and row["expires"] <= now):
        raise NotAuthorised
    return _app(tables, row["app"])


def _app(tables: Tables, name: str, *, bearer: bool = False) -> Row:
    row = tables.get("apps", name)
    if row is None or row["blocked"]:
        raise NotAuthorised(bearer=bearer)
    return row


def token(tables: Tables, request: Request, now: datetime, switches: Mapping[str, Any]) -> Reply:
    """POST /oauth/token with grant type client_credentials."""
    try:
        client = _client(tables, request, switches)
    except _Refused as refused:
        headers = {"WWW-Authenticate": 'Basic realm="AFAS"'} if refused.status == 401 else {}
        body = {"error": refused.error}
        if refused.text:
            body["error_description"] = refused.text
        return Reply.json(refused.status, body, headers)
    number = tables.next_number("bearers", 1)
    value = "eyJ" + uuid5(_NAMESPACE, f"{client['id']}/{number}/{now.isoformat()}").hex
    life = int(switches["oauth_lifetime"])
    row = {"token": value, "app": client["app"], "expires": now + timedelta(seconds=life)}
    tables.put("bearers", value, row)
    answer: dict[str, Any] = {"access_token": value, "token_type": "Bearer", "expires_in": life}
    if switches["profit_version"] < 9:
        answer |= {"expires_in": str(life), "refresh_token": None}
    return Reply.json(200, answer, {"Cache-Control": "no-store"})


class _Refused(Exception):  # noqa: N818 - an answer of the imitated API
    def __init__(self, error: str, text: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.text, self.status = error, text, status


def _client(tables: Tables, request: Request, switches: Mapping[str, Any]) -> Row:
    if request.method != "POST" or request.headers.media_type != "application/x-www-form-urlencoded":
        raise _Refused("invalid_request", "Invalid HTTP request for token endpoint")
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) < len(pairs) or "grant_type" not in form:
        raise _Refused("invalid_request", "Missing or repeated parameter")
    if form["grant_type"] != "client_credentials":
        raise _Refused("unsupported_grant_type")
    basic = _basic(request) if switches["oauth_basic"] or switches["profit_version"] >= 9 else None
    if basic is not None and ("client_id" in form or "client_secret" in form):
        raise _Refused("invalid_request", "Client authentication given twice")
    identity, secret = basic or (form.get("client_id"), form.get("client_secret"))
    if identity is None or secret is None:
        raise _Refused("invalid_request", "Missing or repeated parameter")
    row = tables.get("clients", identity)
    if row is None or row["secret"] != secret or row["blocked"]:
        raise _Refused("invalid_client", "Invalid client credentials", 401 if basic is not None else 400)
    return row


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = (request.headers.get("authorization") or "").partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        identity, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return identity, secret
