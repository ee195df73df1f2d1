"""UpdateConnector calls: from a request to a transaction to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas import delivery, documents, records, relations
from sandbox.afas.body import Node, parse
from sandbox.afas.checks import check
from sandbox.afas.messages import Problem
from sandbox.afas.requests import Paths, json_body
from sandbox.afas.schema import UpdateConnector, update_connectors
from sandbox.afas.seed import free_fields
from sandbox.afas.values import NotThatTypeError, written
from sandbox.afas.work import Work
from sandbox.http import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.afas.auth import Caller
    from sandbox.afas.tables import Tables
    from sandbox.clock import SandboxClock

_NO_PATH = {"Content-Type": "application/xml; charset=utf-8"}


class Writer:
    """Does the POST, PUT and DELETE calls below connectors/."""

    def __init__(self, tables: Tables, switches: Mapping[str, Any], clock: SandboxClock, locks: dict[str, int]) -> None:
        self._tables = tables
        self._switches = switches
        self._clock = clock
        self._locks = locks

    def work(self, *, by_user: bool = False) -> Work:
        """What a write at this moment works with."""
        return Work(self._tables, self._switches, self._clock.now(), self._locks, by_user)

    def answer(self, request: Request, paths: Paths, who: Caller) -> Reply:
        """One call.

        Raises:
            Problem: AFAS refuses it; nothing was stored.
        """
        if request.method == "DELETE":
            return self._delete(paths, who)
        value = json_body(request)
        connector = _allowed(paths.rest[0], who)
        sub = ""
        if len(paths.rest) == 2 and request.method == "POST":
            sub = {name.casefold(): name for name in connector.subs}.get(paths.rest[1].casefold(), "")
        if request.method not in connector.methods or (len(paths.rest) > 1 and not sub):
            return Reply.empty(404, _NO_PATH)
        answers = self.write(connector, value, request.method, sub)
        if not any(answers) or (request.method == "PUT" and self._switches["put_answer"] == "empty"):
            return Reply.empty(201)
        shown = answers[0] if len(answers) == 1 else answers
        return Reply.json(201, {"results": {connector.root.name: shown}})

    def write(
        self, connector: UpdateConnector, value: Any, verb: str, sub: str = "", *, user: str = ""
    ) -> list[dict[str, str]]:
        """Check and do one body; the keys of each root element.

        Args:
            connector: Where to.
            value: The body.
            verb: POST or PUT.
            sub: Sub-object of a POST path.
            user: A user does it in AFAS itself: what only connectors refuse is allowed.

        Raises:
            Problem: AFAS refuses it; nothing was stored.
        """
        nodes = parse(value, connector.root, verb, sub, ignore_unknown=self._switches["unknown_field"] == "ignore")
        if connector.id == "FiEntries" and len(nodes) > 1 and not self._switches["lenient_references"]:
            raise Problem("bad_body", value=connector.root.name)  # documented: one entry per call
        call = f"user {user}" if user else f"{verb} {connector.id}{'/' + sub if sub else ''}"
        groups = [nodes] if self._switches["multi_element_transaction"] else [[node] for node in nodes]
        answers: list[dict[str, str]] = []
        for group in groups:
            with self._tables.change(call):
                work = self.work(by_user=bool(user))
                check(work, group, free_fields(self._tables))
                answers += [_written(work, connector, node) for node in group]
        return answers

    def _delete(self, paths: Paths, who: Caller) -> Reply:
        connector = _allowed(paths.rest[0], who)
        kind = documents.KINDS.get(connector.id)
        if len(paths.rest) not in (4, 7) or paths.rest[1].casefold() != connector.root.name.casefold():
            return Reply.empty(404, _NO_PATH)
        if not connector.root.own:
            return self._delete_record(connector, paths.rest)
        if kind is None:
            return Reply.empty(404, _NO_PATH)
        number = _key(paths.rest[2], paths.rest[3], "OrNu")
        label = connector.root.label("OrNu")
        with self._tables.change(f"DELETE {connector.id}"):
            work = self.work()
            if len(paths.rest) == 4:
                documents.remove(work, kind, number, label)
            elif paths.rest[4].casefold() == kind.lines.casefold():
                guid = _guid(_key(paths.rest[5], paths.rest[6], "GuLi"))
                documents.remove_line(work, kind, number, guid, label)
            else:
                return Reply.empty(404, _NO_PATH)
        return Reply.empty(200)

    def _delete_record(self, connector: UpdateConnector, rest: list[str]) -> Reply:
        below = {name.casefold(): name for name in connector.root.children}
        name = below.get(rest[4].casefold(), "") if len(rest) == 7 else ""
        if "DELETE" not in connector.methods or (len(rest) == 7 and not name):
            return Reply.empty(404, _NO_PATH)
        with self._tables.change(f"DELETE {connector.id}"):
            main = _pairs(rest[2], rest[3])
            if name:
                records.delete_row(self.work(), connector, main, name, _pairs(rest[5], rest[6]))
            else:
                records.delete(self.work(), connector, main)
        return Reply.empty(200)


def _pairs(codes: str, values: str) -> list[tuple[str, str]]:
    """The keys of a delete path with their values.

    Raises:
        Problem: there are not as many of one as of the other.
    """
    names, texts = codes.split(","), values.split(",")
    if len(names) != len(texts):
        raise Problem("bad_body", value=codes)
    return [(name.removeprefix("@"), text) for name, text in zip(names, texts, strict=True)]


def _allowed(name: str, who: Caller) -> UpdateConnector:
    known = {one.casefold(): found for one, found in update_connectors().items()}
    connector = known.get(name.casefold())
    if connector is None or not who.may_update(connector.id):
        raise Problem("update_denied")
    return connector


def _key(codes: str, values: str, wanted: str) -> str:
    """The value of one key of a delete path; keys come with or without `@`, joined by commas."""
    pairs = zip(codes.split(","), values.split(","), strict=False)
    for code, value in pairs:
        if code.removeprefix("@").casefold() == wanted.casefold():
            return value
    raise Problem("bad_body", value=codes)


def _guid(text: str) -> str:
    try:
        return str(written("g", text))
    except NotThatTypeError as error:
        raise Problem("type_mismatch") from error


def _written(work: Work, connector: UpdateConnector, node: Node) -> dict[str, str]:
    name = node.spec.name
    if not node.spec.own:
        return records.write(work, connector, node)
    if name in documents.KINDS:
        return documents.write(work, node)
    if name in {"FbFreeOrder", "FbSettleOrder"}:
        return delivery.order_action(work, node)
    if name in {"KnSalesRelationOrg", "KnSalesRelationPer"}:
        return relations.write_relation(work, node)
    if name in {"KnOrganisation", "KnPerson"}:
        if node.action == "delete":
            raise Problem("bad_body", value="@Action")
        insert = node.action == "insert"
        row = relations.write_party(
            work, node, must_exist=not insert, needs_address=insert and name == "KnOrganisation"
        )
        return {"BcCo": row["bcco"], "BcId": str(row["bcid"])}
    if name == "KnContact":
        return relations.change_contact(work, node)
    return relations.add_address(work, node)
