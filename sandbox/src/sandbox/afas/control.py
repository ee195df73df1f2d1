"""Control paths below /_sandbox/afas/: what a user does by hand in AFAS, and what an administrator sets up.

Every path takes a JSON object by POST; a refusal of AFAS's own rules is 422 with its message, a bad order 400.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas import delivery, documents, file_set, goods, seed, volume
from sandbox.afas.finance import CLOSED_PERIODS, closed_period
from sandbox.afas.goods_control import GOODS_ACTIONS
from sandbox.afas.messages import Label, Problem
from sandbox.afas.schema import update_connectors
from sandbox.afas.sources import SOURCES
from sandbox.afas.work import item_key, item_type, put_code, put_item
from sandbox.http import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.afas.service import AfasService

Order = dict[str, Any]


def answer(service: AfasService, path: str, request: Request) -> Reply | None:
    """One control call; None when there is no such path.

    Raises:
        TypeError: the body is no JSON object.
        ValueError: the order makes no sense.
        KeyError: it lacks something, or names something unknown.
    """
    name = "steps" if path == "user" else path.removeprefix("afas/") if path.startswith("afas/") else ""
    action = ACTIONS.get(name)
    if action is None or request.method != "POST":
        return None
    order = json.loads(request.body, parse_float=Decimal) if request.body.strip() else {}
    if not isinstance(order, dict):
        raise TypeError("the body is a JSON object")
    try:
        with service.tables.change(f"user {order.get('user', 'control')}"):
            return Reply.json(200, action(service, order) or {})
    except Problem as problem:
        return Reply.json(422, {"error": problem.text("nl", service.switches["messages"])})


def _steps(service: AfasService, order: Order) -> Order:
    """{steps: [{do: NAME, ...}]}, or one such step by itself: what follows below, all of it or nothing."""
    results = []
    for step in order.get("steps", [order]):
        action = ACTIONS.get(str(step["do"]))
        if action is None or action is _steps:
            raise ValueError(f"unknown step {step['do']!r}")
        results.append(action(service, {name: value for name, value in step.items() if name != "do"}) or {})
    return {"done": results}


# -- orders -----------------------------------------------------------------------------------------------------------


def _edit_order(service: AfasService, order: Order) -> Order:
    """{order, fields, lines: [{guid | type, item, fields, action}]}: a user edits an order, whatever its status."""
    number = _order_number(service, order)
    lines = []
    for line in order.get("lines", []):
        fields = dict(line.get("fields", {}))
        if "guid" in line:
            fields["GuLi"] = line["guid"]
        if "item" in line:
            fields |= {"VaIt": line.get("type", "2"), "ItCd": line["item"]}
        lines.append({"Fields": fields | {"@Action": line.get("action", "update")}})
    element: Order = {"Fields": {"OrNu": number, **order.get("fields", {})}}
    if lines:
        element["Objects"] = {"FbSalesLines": {"Element": lines}}
    _write(service, "FbSales", element, "PUT", order)
    return {"order": number}


def _delete_order(service: AfasService, order: Order) -> Order:
    number = _order_number(service, order)
    label = update_connectors()["FbSales"].root.label("OrNu")
    documents.remove(service.writer.work(by_user=True), documents.KINDS["FbSales"], number, label)
    return {"order": number}


def _deliver_order(service: AfasService, order: Order) -> Order:
    """{order, lines: [{guid | item, quantity}]}: without lines all that is open."""
    number = _order_number(service, order)
    quantities: dict[str, Decimal] | None = None
    if "lines" in order:
        row = service.tables.get("orders", number) or {"lines": []}
        by_item = {line["f"]["ItCd"]: line["guid"] for line in reversed(row["lines"])}
        quantities = {one.get("guid") or by_item[one["item"]]: Decimal(one["quantity"]) for one in order["lines"]}
    delivery.deliver(service.writer.work(by_user=True), number, quantities)
    return {"order": number, "status": (service.tables.get("orders", number) or {})["status"]}


def _invoice_order(service: AfasService, order: Order) -> Order:
    number = _order_number(service, order)
    work = service.writer.work(by_user=True)
    delivery.deliver(work, number)
    delivery.set_status(work, number, "I")
    return {"order": number, "status": "I"}


def _settle_order(service: AfasService, order: Order) -> Order:
    number = _order_number(service, order)
    delivery.set_status(service.writer.work(by_user=True), number, "S")
    return {"order": number, "status": "S"}


def _order_number(service: AfasService, order: Order) -> str:
    """The order named by `order` (its number) or `reference`."""
    if "order" in order:
        number = str(order["order"])
        if service.tables.get("orders", number) is None:
            raise KeyError(f"no order {number}")
        return number
    for row in service.tables.all("orders"):
        if row["f"].get("RfCs") == order["reference"]:
            return str(row["number"])
    raise KeyError(f"no order with reference {order['reference']}")


def _write(service: AfasService, connector: str, element: Order, verb: str, order: Order) -> list[dict[str, str]]:
    user = str(order.get("user", "control"))
    body = {connector: {"Element": element}}
    return service.writer.write(update_connectors()[connector], body, verb, user=user)


# -- customers --------------------------------------------------------------------------------------------------------


def _relation(service: AfasService, order: Order) -> Order:
    """{kind: org | person, name | first, infix, last, email, address: {...}, fields: {...}, debtor, crm_only}."""
    person = order.get("kind", "org") == "person"
    party: Order = {"PadAdr": True, "AutoNum": True, "EmAd": order.get("email", ""), **order.get("party", {})}
    if person:
        party |= {"MatchPer": "7", "FiNm": order.get("first", ""), "Is": order.get("infix", ""), "LaNm": order["last"]}
        party = {"ViGe": "O", "SpNm": False, "EmA2": order.get("email", "")} | party
    else:
        party |= {"MatchOga": "6", "Nm": order["name"]}
    place = {
        "CoId": "NL",
        "PbAd": False,
        "Ad": "Dorpsstraat",
        "HmNr": 1,
        "ZpCd": "1234 AB",
        "Rs": "Plaats",
        "ResZip": False,
    }
    address = {"KnBasicAddressAdr": {"Element": {"Fields": place | order.get("address", {})}}}
    below = {"Fields": party, "Objects": address}
    if order.get("crm_only"):
        return _write(service, "KnPerson" if person else "KnOrganisation", below, "POST", order)[0]
    fields = {"IsDb": True, "CuId": "EUR", "PaCd": "14", "ColA": "1400", "VaDu": "1", **order.get("fields", {})}
    objects = {"KnPerson" if person else "KnOrganisation": {"Element": below}}
    element = {"@DbId": order.get("debtor", ""), "Fields": fields, "Objects": objects}
    return _write(service, "KnSalesRelationPer" if person else "KnSalesRelationOrg", element, "POST", order)[0]


def _edit_relation(service: AfasService, order: Order) -> Order:
    """{debtor, fields, party}: a user edits a sales relation, and its organisation or person."""
    row = service.tables.get("debtors", str(order["debtor"]))
    if row is None:
        raise KeyError(f"no debtor {order['debtor']}")
    kind, match = ("KnPerson", "MatchPer") if row["kind"] == "PER" else ("KnOrganisation", "MatchOga")
    below = {"Fields": {match: "0", "BcCo": row["bcco"], **order.get("party", {})}}
    connector = "KnSalesRelationPer" if row["kind"] == "PER" else "KnSalesRelationOrg"
    element = {"@DbId": row["number"], "Fields": order.get("fields", {}), "Objects": {kind: {"Element": below}}}
    return _write(service, connector, element, "PUT", order)[0]


# -- set-up -----------------------------------------------------------------------------------------------------------


def _item(service: AfasService, order: Order) -> Order:
    """{action: add, change, rename, block, unblock or delete; type, item, to, description, unit, vat_group, price}."""
    action, kind, code = order.get("action", "add"), item_type(str(order.get("type", "2"))), str(order["item"])
    now, key = service.clock.now(), item_key(kind, code)
    row = service.tables.get("items", key)
    if action == "add":
        price = order.get("price")
        made = put_item(
            service.tables,
            now,
            kind,
            code,
            description=order.get("description", ""),
            unit=order.get("unit", ""),
            group=order.get("vat_group", "1"),
            price=None if price is None else Decimal(str(price)),
            blocked=bool(order.get("blocked", False)),
        )
        return {"type": kind, "item": made["code"]}
    if row is None:
        raise KeyError(f"no item {kind} {code}")
    if action == "delete":
        service.tables.delete("items", key)
    elif action == "rename":
        service.tables.delete("items", key)
        service.tables.put("items", item_key(kind, str(order["to"])), row | {"code": str(order["to"]), "modified": now})
    elif action in {"block", "unblock", "change"}:
        changes: Order = {} if action == "change" else {"Bl": action == "block"}
        for name, field in (("description", "Ds"), ("vat_group", "VaRc"), ("price", "SaPrice")):
            if name in order:
                changes[field] = Decimal(str(order[name])) if field == "SaPrice" else order[name]
        service.tables.put("items", key, row | {"f": {**row["f"], **changes}, "modified": now})
    else:
        raise ValueError(f"unknown action {action!r}")
    return {"type": kind, "item": str(order.get("to", code))}


def _journal(service: AfasService, order: Order) -> Order:
    """{administration, journal, blocked, description, type}: add or change a journal.

    Types: V sales (default), I purchase, B bank, K cash, M memo.
    """
    unit, code = int(order["administration"]), str(order["journal"])
    key = f"{unit}|{code.casefold()}"
    known = service.tables.get("journals", key) or {
        "unit": unit,
        "code": code,
        "nl": code,
        "type": "V",
        "blocked": False,
    }
    names = (("blocked", "blocked"), ("description", "nl"), ("type", "type"))
    changes = {name: order[given] for given, name in names if given in order}
    service.tables.put("journals", key, known | changes)
    return {}


def _period(service: AfasService, order: Order) -> Order:
    """{administration, year, period, blocked}: close a period for entries, or open it again."""
    code = closed_period(int(order["administration"]), int(order["year"]), int(order["period"]))
    put_code(service.tables, CLOSED_PERIODS, code, blocked=not order.get("blocked", True))
    return {}


def _administration(service: AfasService, order: Order) -> Order:
    """{id, name}, or {id, delete: true}."""
    number = int(order["id"])
    if order.get("delete"):
        service.tables.delete("administrations", number)
    else:
        row = {"id": number, "nl": order["name"], "code": f"ADM{number}"}
        service.tables.put("administrations", number, row)
    return {}


def _project(service: AfasService, order: Order) -> Order:
    """{project, description, closed}."""
    code, now = str(order["project"]), service.clock.now()
    row = {
        "code": code,
        "nl": order.get("description", code),
        "unit": 1,
        "group": "WEB",
        "closed": bool(order.get("closed")),
    }
    service.tables.put("projects", code.casefold(), row | {"created": now, "modified": now})
    return {}


def _warehouse(service: AfasService, order: Order) -> Order:
    """{warehouse, description, blocked, default}."""
    code, now = str(order["warehouse"]), service.clock.now()
    row = {"code": code, "nl": order.get("description", code), "unit": 1, "blocked": bool(order.get("blocked"))}
    row |= {"default": bool(order.get("default")), "created": now, "modified": now}
    service.tables.put("warehouses", code, row)
    return {}


def _code(service: AfasService, order: Order) -> Order:
    """{list, code, nl, en, blocked}: a code of any list, by its Dutch reference name ("Betaalwijze", ...)."""
    put_code(
        service.tables,
        order["list"],
        str(order["code"]),
        order.get("nl", ""),
        order.get("en", ""),
        blocked=bool(order.get("blocked")),
    )
    return {}


def _vat(service: AfasService, order: Order) -> Order:
    """{duty, group, percentage}."""
    seed.put_vat(service.tables, str(order["duty"]), str(order["group"]), Decimal(str(order["percentage"])))
    return {}


def _free_field(service: AfasService, order: Order) -> Order:
    """{object: "FbSales", code: "U...", label, kind: s | f | b | n | i | d, length}: add or change one.

    {name: "Brand", label} gives a field of the items' E-commerce tab another label, {name, delete: true} takes it away.
    """
    if "name" in order:
        _tab_field(service, order)
        return {}
    name = str(order.get("label", order["code"]))
    kind, length = order.get("kind", "s"), int(order.get("length", 255))
    label = Label(name, name)
    seed.put_free_field(service.tables, order["object"], order["code"], label, kind=kind, length=length)
    return {}


def _tab_field(service: AfasService, order: Order) -> None:
    found = [(key, row) for key, row in service.tables.items("free_fields") if row["name"] == order["name"]]
    if not found:
        raise KeyError(f"no field {order['name']}")
    for key, row in found:
        if order.get("delete"):
            service.tables.delete("free_fields", key)
        else:
            service.tables.put("free_fields", key, row | {"nl": order["label"], "en": order["label"]})


def _environment(service: AfasService, order: Order) -> Order:
    """{id}: the environment behind this address is another one now; the E-commerce tab's fields have other codes."""
    service.switches.set({"envid": order["id"]})
    goods.move_tab(service.tables, str(order["id"]))
    return {"id": order["id"]}


def _lock(service: AfasService, order: Order) -> Order:
    """{order | debtor | party | item | record, calls}: a user has it open; the next calls that change it are refused.

    An item is an article; a record is named by connector and key: "KnSubject|90001".
    """
    tables = {"order": "orders", "debtor": "debtors", "party": "parties", "item": "items", "record": "records"}
    for name, table in tables.items():
        if name in order:
            key = item_key("2", str(order[name])) if name == "item" else order[name]
            service.locks[f"{table}|{key}"] = int(order.get("calls", 1))
            return {}
    raise KeyError("order, debtor, party, item or record")


def _app(service: AfasService, order: Order) -> Order:
    """{app, get, update, remove: [...], add: [...], data_filters, blocked}: rights of an app connector.

    `get` and `update` are whole lists (null: all). `remove` and `add` name connectors of either sort. `data_filters`
    has per GetConnector a list of groups of {field, operator, value}.
    """
    name = order.get("app", seed.APP)
    known = service.tables.get("apps", name) or {"name": name, "group": name, "get": None, "update": None}
    row: Order = {"data_filters": {}, "blocked": False} | known
    for field in ("get", "update", "data_filters", "blocked", "group"):
        if field in order:
            row[field] = order[field]
    every = {"get": list(service.connectors()), "update": list(update_connectors())}
    for connector in (*order.get("remove", []), *order.get("add", [])):
        side = next((side for side, names in every.items() if connector in names), None)
        if side is None:
            raise KeyError(f"no connector {connector}")
        kept = every[side] if row[side] is None else row[side]
        kept = [one for one in kept if one != connector]
        row[side] = [*kept, connector] if connector in order.get("add", []) else kept
    service.tables.put("apps", name, row)
    return {"app": name}


def _token(service: AfasService, order: Order) -> Order:
    """{token, app, revoked, expires}: add or change a classic token (default: the demo token)."""
    data = str(order.get("token", seed.TOKEN)).upper()
    known = service.tables.get("tokens", data) or {"data": data, "app": seed.APP, "revoked": False, "expires": None}
    row = dict(known) | {name: order[name] for name in ("app", "revoked") if name in order}
    if "expires" in order:
        row["expires"] = datetime.fromisoformat(order["expires"]) if order["expires"] else None
    service.tables.put("tokens", data, row)
    return {}


def _client(service: AfasService, order: Order) -> Order:
    """{client_id, client_secret, app, blocked, drop_tokens}: add or change an OAuth client; end its bearer tokens."""
    identity = order.get("client_id", seed.CLIENT[0])
    known = service.tables.get("clients", identity) or {"id": identity, "secret": "", "app": seed.APP, "blocked": False}
    row = dict(known) | {name: order[name] for name in ("app", "blocked") if name in order}
    if "client_secret" in order:
        row["secret"] = order["client_secret"]
    service.tables.put("clients", identity, row)
    if order.get("drop_tokens"):
        for bearer in list(service.tables.all("bearers")):
            service.tables.delete("bearers", bearer["token"])
    return {}


def _connector(service: AfasService, order: Order) -> Order:
    """{name, blocked} blocks a GetConnector; {name, source, nl, en, fields: [...]} defines one.

    A field is {id, kind, nl, en, column, length, decimals}; columns are those of the source, see `sources.py`.
    """
    name = order["name"]
    known = service.tables.get("connectors", name)
    if "fields" in order:
        if order["source"] not in SOURCES:
            plain = [name for name in SOURCES if not name.startswith("records/")]
            raise KeyError(f"no source {order['source']}; known: {', '.join(plain)}, records/<UpdateConnector>")
        fields = [
            [
                one["id"],
                one.get("kind", "s"),
                [one.get("nl", one["id"]), one.get("en", one.get("nl", one["id"]))],
                one.get("column", ""),
                one.get("length", 0),
                one.get("decimals", 0),
            ]
            for one in order["fields"]
        ]
        labels = {"nl": order.get("nl", name), "en": order.get("en", name)}
        known = {"name": name, "blocked": False, "source": order["source"], "fields": fields, **labels}
    if known is None:
        raise KeyError(f"no connector {name}")
    service.tables.put("connectors", name, known | {"blocked": bool(order.get("blocked", known["blocked"]))})
    return {"name": name}


def _file(service: AfasService, order: Order) -> Order:
    """{number, name, mimetype, text | content, item, subject}: a file of an item or dossier item; {number, delete}."""
    number = int(order["number"])
    if order.get("delete"):
        service.tables.delete("files", number)
        return {}
    content = base64.b64decode(order["content"]) if "content" in order else str(order.get("text", "")).encode()
    item = item_key(item_type(str(order.get("type", "2"))), str(order["item"])) if "item" in order else None
    name, mimetype = str(order["name"]), str(order.get("mimetype", "text/plain"))
    row = file_set.put_file(service.tables, number, name, mimetype, content, item=item, subject=order.get("subject"))
    return {"file": row["file"]}


def _volume(service: AfasService, order: Order) -> Order:
    """{name, rows, columns}: a GetConnector of that many computed rows, see `volume.py`."""
    volume.put(service.tables, str(order["name"]), int(order.get("rows", 150_000)), int(order.get("columns", 30)))
    return {"name": order["name"]}


ACTIONS: Mapping[str, Callable[[AfasService, Order], Order]] = {
    "edit-order": _edit_order,
    "delete-order": _delete_order,
    "deliver-order": _deliver_order,
    "invoice-order": _invoice_order,
    "settle-order": _settle_order,
    "relation": _relation,
    "edit-relation": _edit_relation,
    "item": _item,
    "journal": _journal,
    "period": _period,
    "administration": _administration,
    "project": _project,
    "warehouse": _warehouse,
    "code": _code,
    "vat": _vat,
    "free-field": _free_field,
    "environment": _environment,
    "lock": _lock,
    "app": _app,
    "token": _token,
    "client": _client,
    "connector": _connector,
    "file": _file,
    "volume": _volume,
    **GOODS_ACTIONS,
    "steps": _steps,
}
"""Every control path by its name below afas/."""
