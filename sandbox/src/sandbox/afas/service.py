"""AFAS Profit as a service: which path does what, in which order it is checked, and how answers and errors look."""

from __future__ import annotations

import base64
import random
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sandbox.afas import auth, books, control, file_set, volume
from sandbox.afas import seed as seeds
from sandbox.afas.commerce_set import COMMERCE
from sandbox.afas.goods_set import GOODS
from sandbox.afas.kinds import kinds
from sandbox.afas.messages import TEXTS, Problem
from sandbox.afas.reading import Engine
from sandbox.afas.record_set import RECORDS
from sandbox.afas.requests import Paths, answered_rows, asked, connectors_of
from sandbox.afas.schema import Lists, metainfo, update_connectors
from sandbox.afas.sources import SOURCES
from sandbox.afas.standard_set import standard
from sandbox.afas.switches import SWITCHES
from sandbox.afas.tables import Tables
from sandbox.afas.writing import Writer
from sandbox.faults import Fault, FaultKind, FaultView
from sandbox.http import Reply, Request
from sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.afas.definitions import Connector
    from sandbox.clock import SandboxClock
    from sandbox.store import Change

LONGEST_QUERY = 2_049
"""Characters of a query string with its question mark; longer is 404."""
VERSION = "22.22.5"
_NAMESPACE = UUID("9f0bb2c4-7a5c-4d3f-8f61-5b8f1a0a7e55")
_LISTED = ("Betalingsvoorwaarde", "Betaalwijze", "Btw-plicht", "Btw-tariefgroep", "Valuta", "Talen", "Vervoerder")
"""Reference lists whose codes metainfo/update shows."""


class AfasService:
    """The imitated API. Called from one thread at a time."""

    name = "afas"
    fault_kinds: Mapping[str, FaultKind] = {
        "locked": FaultKind("refusal", "500: a user has the record open"),
        "connector_blocked": FaultKind("refusal", "500: AFAS has blocked this connector"),
        "out_of_memory": FaultKind("refusal", "500: too many columns times rows"),
        "server_timeout": FaultKind("refusal", "500: the 900 seconds are over", {"after_work": False}),
        "too_many_calls": FaultKind("refusal", "more than 8 calls at once (status unknown)", {"status": 500}),
    }

    def __init__(self, clock: SandboxClock, seed: str = "small", switches: Mapping[str, Any] | None = None) -> None:
        """An environment filled from a seed.

        Args:
            clock: Time of every change and of the Date header.
            seed: "small", "large" or "empty".
            switches: Other values for switches of `sandbox.afas.switches`.

        Raises:
            ValueError: unknown seed or switch.
        """
        self.clock = clock
        self.switches = Switches(SWITCHES, switches)
        self.tables = Tables(clock.now)
        self.locks: dict[str, int] = {}
        self.engine = Engine(self.tables, SOURCES | file_set.FILE_SOURCES, random.Random(1))  # noqa: S311 - repeatable chance is the purpose
        self.builtin: dict[str, Connector] = {
            one.name: one for one in (*COMMERCE, *standard(), *file_set.FILES, *RECORDS, *GOODS)
        }
        self.writer = Writer(self.tables, self.switches, clock, self.locks)
        self._errors = self._calls = 0
        self._seed = seed
        self.reset(seed)

    # -- the box's side -----------------------------------------------------------------------------------------------

    def handle(self, request: Request, faults: FaultView) -> Reply:
        """Answer one call."""
        language = self.language(request)
        try:
            reply = self._answered(request, faults, language)
        except auth.NotAuthorised as refused:
            reply = self.unauthorised(bearer=refused.bearer)
        except Problem as problem:
            reply = self.error(problem, language)
        return self._dressed(reply)

    def endpoint(self, request: Request) -> str:
        """The call's name, spelled the same whatever case the caller uses."""
        return Paths(request).endpoint(self.connectors())

    def refusal(self, fault: Fault, request: Request) -> Reply:
        """The answer to a fault of sort refusal."""
        return self._dressed(self._refused(fault.name, fault.params, self.language(request), request))

    def control(self, path: str, request: Request) -> Reply | None:
        """Control paths below afas/."""
        return control.answer(self, path, request)

    def books(self) -> dict[str, Any]:
        """Every document and customer with its history."""
        return books.books(self.tables)

    def reset(self, name: str | None) -> None:
        """Back to a seed."""
        name = name or self._seed
        if name not in seeds.SEEDS:
            raise ValueError(f"unknown seed {name!r}; known: {', '.join(seeds.SEEDS)}")
        self.tables.clear()
        self.engine.forget()
        self.locks.clear()
        self._seed = name
        seeds.plant(self.tables, self.clock.now(), self.switches, name)

    def credentials(self) -> dict[str, Any]:
        """The demo credentials."""
        token = f"<token><version>1</version><data>{seeds.TOKEN}</data></token>"
        return {
            "environment": self.switches["envid"],
            "token": token,
            "client_id": seeds.CLIENT[0],
            "client_secret": seeds.CLIENT[1],
        }

    def changes(self) -> Iterable[Change]:
        """What to save."""
        return self.tables.changes()

    def restore(self, rows: Sequence[Change]) -> None:
        """Take saved rows in place of all data."""
        self.tables.restore(rows)
        self.engine.forget()
        self.locks.clear()

    # -- what others here need ----------------------------------------------------------------------------------------

    def language(self, request: Request) -> str:
        """The language of a call, "nl" or "en": Accept-Language, else the environment's base language."""
        asked_for = (request.headers.get("accept-language") or "").strip().lower()
        if not asked_for or asked_for.startswith("*"):
            return str(self.switches["base_language"])
        return "nl" if asked_for.startswith("nl") else "en"

    def connectors(self) -> dict[str, Connector]:
        """Every GetConnector by name: the built-in ones and those added through the control API."""
        return connectors_of(self.tables, self.builtin)

    def error(self, problem: Problem, language: str) -> Reply:
        """A refusal as AFAS writes it: 500 with three keys, or 400 with a message."""
        if problem.status == 400:
            return Reply.json(400, {"message": "Invalid json"})
        denied = problem.key in {"get_denied", "update_denied"}
        if denied and self.switches["denied_connector"] == 401:
            return self.unauthorised()
        text = problem.text(language, self.switches["messages"])
        return self._error(text, problem.number, problem.status)

    def unauthorised(self, *, bearer: bool = False) -> Reply:
        """401 as this environment answers it."""
        headers = {}
        if bearer:
            headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        elif self.switches["profit_version"] >= 9:
            headers["WWW-Authenticate"] = "Bearer, DPoP"
        return self._bare(401, "Ongeldige token", headers)

    # -- one call -----------------------------------------------------------------------------------------------------

    def _answered(self, request: Request, faults: FaultView, language: str) -> Reply:
        paths = Paths(request)
        if (request.query and len(request.query) + 1 > LONGEST_QUERY) or not paths.known:
            return Reply.empty(404, {"Content-Type": "application/xml; charset=utf-8"})
        if request.method == "OPTIONS":
            return Reply.empty(200, _CORS)
        if self.switches["ip_refused"]:
            return self._bare(403, "IP-adres niet toegestaan", {})
        if paths.kind == "oauth/token":
            with self.tables.change("POST oauth/token"):
                return auth.token(self.tables, request, self.clock.now(), self.switches)
        who = auth.caller(self.tables, request, self.clock.now())
        match request.method, paths.kind:
            case "GET", "metainfo":
                return Reply.json(200, self._metainfo(who, language))
            case "GET", "metainfo/get":
                return Reply.json(200, self._get_connector(who, paths.rest[0]).metainfo(language))
            case "GET", "metainfo/update":
                return Reply.json(200, self._update_metainfo(who, paths.rest[0], language))
            case "GET", "profitversion":
                return Reply.json(200, {"version": VERSION})
            case "GET", "connectors" if len(paths.rest) == 1:
                return self._rows(who, paths.rest[0], request, faults, language)
            case "GET", kind if kind in file_set.ENDPOINTS:
                return file_set.answer(self.tables, kind, paths.rest, request, who)
            case (("POST" | "PUT" | "DELETE"), "connectors"):
                return self.writer.answer(request, paths, who)
        return Reply.empty(404, {"Content-Type": "application/xml; charset=utf-8"})

    def _metainfo(self, who: auth.Caller, language: str) -> dict[str, Any]:
        return {
            "updateConnectors": [
                {"id": one.id, "description": one.description.of(language)}
                for one in update_connectors().values()
                if who.may_update(one.id)
            ],
            "getConnectors": [
                {"id": one.name, "description": one.description.of(language)}
                for one in self.connectors().values()
                if who.may_get(one.name)
            ],
            "info": {
                "envid": self.switches["envid"],
                "appName": who.app["name"],
                "group": who.app["group"],
                "tokenExpiry": self.switches["token_expiry"],
            },
        }

    def _get_connector(self, who: auth.Caller, name: str) -> Connector:
        known = {one.casefold(): found for one, found in self.connectors().items()}
        connector = known.get(name.casefold())
        if connector is None or not who.may_get(connector.name):
            raise Problem("get_denied")
        return connector

    def _update_metainfo(self, who: auth.Caller, name: str, language: str) -> dict[str, Any]:
        known = {one.casefold(): found for one, found in update_connectors().items()}
        connector = known.get(name.casefold())
        if connector is None or not who.may_update(connector.id):
            raise Problem("update_denied")
        values = {
            listed: [
                (str(row["code"]), str(row["nl" if language == "nl" else "en"]))
                for row in self.tables.find("codes", "list", listed)
                if not row["blocked"]
            ]
            for listed in _LISTED
        }
        manual = {"FbSales": ("OrNu",)} if self.switches["order_numbering"] == "manual" else {}
        keys = () if connector.root.own else kinds()[connector.id].key
        return metainfo(connector, language, Lists(values, seeds.free_fields(self.tables), manual), keys)

    def _rows(self, who: auth.Caller, name: str, request: Request, faults: FaultView, language: str) -> Reply:
        connector = self._get_connector(who, name)
        row = self.tables.get("connectors", connector.name)
        if row is not None and row["blocked"]:
            raise Problem("connector_blocked")
        question = asked(request, who.limits(connector.name), self.switches)
        if row is not None and connector.source == volume.SOURCE:
            return Reply(200, body=volume.page(row, question))
        return Reply(200, body=answered_rows(self, connector, question, faults, language))

    # -- how answers look ---------------------------------------------------------------------------------------------

    def _dressed(self, reply: Reply) -> Reply:
        now = self.clock.now()
        for header, value in _HEADERS:
            reply.headers.put(header, value)
        self._calls += 1
        reply.headers.put("X-Trace-Identifier", str(uuid5(_NAMESPACE, f"{self._calls}/{now.isoformat()}")))
        reply.headers.put("Date", format_datetime(now.astimezone(UTC), usegmt=True))
        if "content-type" not in reply.headers:
            kind = "application/json" if reply.body else "application/xml"
            reply.headers.put("Content-Type", f"{kind}; charset=utf-8")
        return reply

    def _error(self, text: str, number: int, status: int = 500) -> Reply:
        self._errors += 1
        reference = uuid5(_NAMESPACE, f"{self._errors}/{text}").hex.upper()
        body = {"externalMessage": text, "errorNumber": number, "profitLogReference": reference}
        headers = {}
        if self.switches["profit_error_header"]:
            headers["X-PROFIT-ERROR"] = base64.b64encode(text.encode("utf-8", "replace")).decode()
        return Reply.json(status, body, headers)

    def _bare(self, status: int, text: str, headers: dict[str, str]) -> Reply:
        if self.switches["refusal_body"] == "json":
            return Reply.json(status, {"message": text}, headers)
        return Reply.empty(status, headers)

    def _refused(self, name: str, params: Mapping[str, Any], language: str, request: Request) -> Reply:
        match name:
            case "status_429":
                headers = {"Retry-After": str(params["retry_after"])} if params["retry_after"] is not None else {}
                return Reply.empty(429, headers)
            case "status_503":
                after = params["retry_after"]
                text = "Service temporarily unavailable due to scheduled maintenance."
                body = {"error": {"code": "503", "message": f"{text} Please check afasstatus.nl for details."}}
                headers = {} if after is None else {"Retry-After": str(after)}
                return Reply.json(503, body | ({} if after is None else {"retry_after": after}), headers)
            case "temporary_404":
                return Reply.empty(404)
            case "expired_token":
                bearer = (request.headers.get("authorization") or "").lower().startswith("bearer")
                return self.unauthorised(bearer=bearer)
            case "denied":
                return self.error(Problem("get_denied" if request.method == "GET" else "update_denied"), language)
            case "too_many_calls" if params["status"] == 503:
                return Reply.json(503, {"error": {"code": "503", "message": "Too many calls"}, "retry_after": 5})
            case "status_500" | "error_200":
                status = 500 if name == "status_500" else 200
                if params["message"]:
                    return self._error(str(params["message"]), TEXTS["mandatory"].number, status)
                return self.error(Problem("unexpected", status=status), language)
        return self.error(Problem(name), language)


_HEADERS = (
    ("Cache-Control", "no-store, no-cache"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-AFAS-Proxy-Stats", "init(0ms), before response(0ms), complete(1ms)"),
    ("X-AFAS-Proxy-Version", "4.3.0.0"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "deny"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "Content-Type, Accept, Authorization, OnlineSessionId, Accept-Language"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Max-Age", "1728000"),
)
_CORS = dict(_HEADERS[6:])
