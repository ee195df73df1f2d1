"""Requests as the service reads them: paths in any case, and the query of a GetConnector call."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sandbox.afas import filters
from sandbox.afas.definitions import Connector, Field
from sandbox.afas.file_set import ENDPOINTS
from sandbox.afas.filters import EQUAL
from sandbox.afas.goods import TAB
from sandbox.afas.goods_set import FREE_FIELDS, PRODUCTS
from sandbox.afas.goods_sources import debtor_prices
from sandbox.afas.messages import Label, Problem
from sandbox.afas.reading import Question, body, page
from sandbox.afas.rowset import Line
from sandbox.afas.schema import update_connectors
from sandbox.afas.values import NotThatTypeError, filter_value, local, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.afas.service import AfasService
    from sandbox.afas.tables import Reader, Tables
    from sandbox.faults import FaultView
    from sandbox.http import Request

BASE = "profitrestservices"
_SINGLE = {"metainfo", "profitversion"}
_SPELLED = {"metainfo": "metainfo", "profitversion": "ProfitVersion", "oauth/token": "oauth/token"}
_NUMBER = re.compile(r"-?\d+")


class Paths:
    """A path in parts.

    Attributes:
        kind: "connectors", "metainfo", "metainfo/get", "metainfo/update", "profitversion", "oauth/token" or "".
        rest: What follows, decoded, spelled as sent.
    """

    __slots__ = ("_method", "kind", "rest")

    def __init__(self, request: Request) -> None:
        sent = request.raw_path or request.path
        parts = [unquote(part) if request.raw_path else part for part in sent.strip("/").split("/")]
        self._method = request.method
        self.kind, self.rest = "", list[str]()
        if len(parts) < 2 or parts[0].casefold() != BASE:
            return
        first, after = parts[1].casefold(), parts[2:]
        if first in _SINGLE and not after:
            self.kind = first
        elif first == "connectors" and after and after[0]:
            self.kind, self.rest = first, after
        elif first in ENDPOINTS and len(after) == (1 if first == "imageconnector" else len(after) and 2):
            self.kind, self.rest = first, after  # without further parts: the form with a query
        elif first == "metainfo" and len(after) == 2 and after[0].casefold() in {"get", "update"}:
            self.kind, self.rest = f"metainfo/{after[0].casefold()}", after[1:]
        elif first == "oauth" and [part.casefold() for part in after] == ["token"]:
            self.kind = "oauth/token"

    @property
    def known(self) -> bool:
        """Whether the service has such a path."""
        return bool(self.kind)

    def endpoint(self, connectors: Mapping[str, Connector]) -> str:
        """The call's name: verb, path without values, connector ids in their own spelling."""
        if not self.kind:
            return f"{self._method} ?"
        if self.kind in ENDPOINTS:
            return f"{self._method} {ENDPOINTS[self.kind]}"
        if not self.rest:
            return f"{self._method} {_SPELLED[self.kind]}"
        names = {name.casefold(): name for name in (*connectors, *update_connectors())}
        shown = [names.get(self.rest[0].casefold(), self.rest[0])]
        if self._method == "DELETE":
            shown += self.rest[1::3]
        elif len(self.rest) == 2:
            shown.append(self.rest[1])
        return f"{self._method} {self.kind}/{'/'.join(shown)}"


def connectors_of(tables: Tables, builtin: Mapping[str, Connector]) -> dict[str, Connector]:
    """Every GetConnector that the environment has; fields of the E-commerce tab with the labels that they have now."""
    found = {}
    for row in tables.all("connectors"):
        if row["fields"] is None:
            found[row["name"]] = builtin[row["name"]]
            if row["name"] == PRODUCTS:
                found[PRODUCTS] = _labelled(tables, builtin[PRODUCTS])
        else:
            fields = tuple(
                Field(name, kind, Label(*label), column, length, decimals)
                for name, kind, label, column, length, decimals in row["fields"]
            )
            found[row["name"]] = Connector(row["name"], Label(row["nl"], row["en"]), row["source"], fields)
    return found


def _labelled(tables: Tables, connector: Connector) -> Connector:
    tab = {row["name"]: Label(row["nl"], row["en"]) for row in tables.find("free_fields", "path", TAB) if row["name"]}
    if all(tab.get(one.id) == one.label for one in FREE_FIELDS):
        return connector
    free = {one.id for one in FREE_FIELDS}
    shown = [one for one in connector.fields if one.id in tab or one.id not in free]
    return replace(connector, fields=tuple(replace(one, label=tab.get(one.id, one.label)) for one in shown))


def style(switches: Mapping[str, Any]) -> filters.Style:
    """How this environment answers open questions about filters."""
    return filters.Style(
        switches["like_wildcards"] == "strip",
        switches["like_underscore"],
        switches["not_equal_matches_empty"],
        switches["zulu_in_filter"] == "accept",
    )


def asked(request: Request, limits: Sequence[filters.Groups], switches: Mapping[str, Any]) -> Question:
    """The query of a GetConnector call.

    Raises:
        Problem: it can't be understood.
    """
    given = {name.casefold(): value for name, value in request.params()}
    skip, take = _page(given.get("skip"), given.get("take"))
    groups: filters.Groups = []
    if given.get("filterjson"):
        groups = filters.from_json(given["filterjson"])
    elif given.get("filterfieldids"):
        groups = filters.simple(
            given["filterfieldids"],
            given.get("filtervalues", ""),
            given.get("operatortypes", ""),
            mixed=switches["mixed_filter"],
        )
    order = []
    for part in given.get("orderbyfieldids", "").split(","):
        name = part.strip()
        if name:
            order.append((name.removeprefix("-"), name.startswith("-")))
    return Question(groups, limits, order, skip, take, take or int(switches["take_zero"]))


def _page(skip: str | None, take: str | None) -> tuple[int, int]:
    first = int(skip) if skip is not None and _NUMBER.fullmatch(skip.strip()) else 0
    rows = int(take) if take is not None and _NUMBER.fullmatch(take.strip()) else 100
    if first < -1:
        first = 0
    if first >= 0 and rows < 0:
        raise Problem("unexpected")
    return first, rows


def answered_rows(
    service: AfasService, connector: Connector, question: Question, faults: FaultView, language: str
) -> bytes:
    """The body of a GetConnector call.

    Raises:
        Problem: an unknown field, a value that does not fit, or too much at once.
    """
    switches = service.switches
    how = style(switches)
    exact = switches["filter_field_case"] == "exact"
    sort_error = "field_not_found" if switches["sort_error"] == "field" else "invalid_index"

    def find(past: Any = None) -> list[Line]:
        given = None
        if connector.source == "debtor_prices":
            given = _of_debtor(service, connector, question, past or service.tables)
        return service.engine.found(
            connector, question, language, how, exact_case=exact, sort_error=sort_error, past=past, given=given
        )

    lines = find()
    if stale := faults.active("lookup_stale"):
        then = service.clock.now() - timedelta(seconds=float(stale.params["seconds"]))
        old = find(service.tables.before(then))
        if sorted(map(_text, old)) != sorted(map(_text, lines)):
            stale.fire()
            lines = old
    if hiding := faults.active("lookup_filtered"):
        kept = [line for line in lines if not _hidden(connector, line, hiding.params)]
        if len(kept) < len(lines):
            hiding.fire()
            lines = kept
    if not question.order and switches["shuffle"]:
        lines = service.engine.shuffled(lines)
    lines = page(lines, question)
    limit = switches["cell_limit"]
    if limit and len(connector.fields) * len(lines) > limit:
        raise Problem("out_of_memory")
    return body(connector, lines, question.skip, question.take, old=switches["profit_version"] == 6)


def _of_debtor(service: AfasService, connector: Connector, question: Question, reader: Reader) -> list[Line]:
    """Rows of a connector whose filter is its parameters: what a sales relation pays; none without a sales relation."""
    kinds = {one.id.casefold(): one for one in connector.fields}
    asked: dict[str, Any] = {}
    for term in question.groups[0] if question.groups else ():
        one = kinds.get(term.field.casefold())
        if one is not None and term.operator == EQUAL:
            try:
                text = str(term.value)
                asked[one.id] = text if one.kind == "s" else filter_value(one.kind, text, zulu=False)
            except NotThatTypeError as error:
                raise Problem("unexpected") from error
    if not asked.get("Debtor"):
        return []
    asked.setdefault("Date", datetime.combine(local(service.clock.now()).date(), time()))
    values = connector.reader()
    return [Line("", values(columns)) for columns in debtor_prices(reader, asked)]


def _text(line: Line) -> str:
    return ",".join(map(rendered, line.values))


def _hidden(connector: Connector, line: Line, params: Mapping[str, Any]) -> bool:
    wanted, pattern = str(params["field"]).casefold(), str(params["pattern"]).casefold()
    return any(
        fnmatchcase(filters.as_text(value) if value is not None else "", pattern)
        for field, value in zip(connector.fields, line.values, strict=True)
        if wanted in ("*", field.id.casefold())
    )


def json_body(request: Request) -> Any:
    """The JSON of a write, whatever its content type says.

    Raises:
        Problem: it is no JSON (400).
    """
    try:
        return request.json()
    except (ValueError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Problem("bad_json", status=400) from error
