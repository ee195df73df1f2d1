"""Records of UpdateConnectors without logic of their own: kept as they are sent, with numbers, rows and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas import effects, shelves
from sandbox.afas.documents import LINE, new_guid
from sandbox.afas.kinds import NEVER_GIVEN, Kind, kinds
from sandbox.afas.messages import Problem
from sandbox.afas.shelves import folded, part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.afas.body import Node
    from sandbox.afas.schema import UpdateConnector, WriteObject
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

LINE_GUID = "GuLi"


def write(work: Work, connector: UpdateConnector, node: Node) -> dict[str, str]:
    """Insert, change or delete one record; returns the keys to answer.

    Raises:
        Problem: AFAS refuses it.
    """
    kind = kinds()[connector.id]
    if connector.id == "FiEntriesCustom":
        effects.change_entry_line(work, node)
        return {}
    if node.action == "insert":
        return _insert(work, kind, node)
    row = _existing(work, kind, node)
    if node.action == "delete":
        _remove(work, kind, row)
        return {}
    return _update(work, kind, node, row)


def delete(work: Work, connector: UpdateConnector, pairs: Sequence[tuple[str, str]]) -> None:
    """Delete the record that a path names.

    Args:
        work: Where.
        connector: Its connector.
        pairs: Codes and values, as texts.

    Raises:
        Problem: there is none, or more than one.
    """
    kind = kinds()[connector.id]
    hits = [row for row in shelves.every(work, kind) if all(_holds(row, code, text) for code, text in pairs)]
    row = _only(work, kind, hits, {code for code, _ in pairs})
    work.unlocked(kind.table, shelves.key_of(kind, row))
    _remove(work, kind, row)


def delete_row(
    work: Work, connector: UpdateConnector, main: Sequence[tuple[str, str]], name: str, below: Sequence[tuple[str, str]]
) -> None:
    """Delete one row of a record; of an entry, whose lines are nothing by themselves, the whole of it.

    Raises:
        Problem: there is no such record or row, or more than one.
    """
    if connector.id == "FiEntries":
        delete(work, connector, [*main, *below])
        return
    kind = kinds()[connector.id]
    hits = [row for row in shelves.every(work, kind) if all(_holds(row, code, text) for code, text in main)]
    row = _only(work, kind, hits, {code for code, _ in main})
    work.unlocked(kind.table, shelves.key_of(kind, row))
    rows = row["rows"].get(name, [])
    found = [one for one in rows if all(part(one["f"].get(code)) == folded(code, text) for code, text in below)]
    if len(found) != 1:
        raise work.missing(LINE, LINE)
    kept = {**row["rows"], name: [one for one in rows if one is not found[0]]}
    shelves.put(work, kind, row | {"rows": kept, "modified": work.now})


# -- the record -------------------------------------------------------------------------------------------------------


def _insert(work: Work, kind: Kind, node: Node) -> dict[str, str]:
    f = _kept(node)
    effects.before(work, kind.connector.id, node, f)
    _number(work, kind, node, f)
    for code in kind.key:
        if f.get(code) is None and code not in kind.optional:
            raise Problem("mandatory", node.spec.label(code))
    row: Row = {
        "connector": kind.connector.id,
        "number": ",".join(part(f.get(code), fold=False) for code in kind.key),
        "f": f,
        "rows": {},
        "created": work.now,
        "modified": work.now,
    }
    known = shelves.get(work, kind, f) if kind.key else None
    if known is not None and kind.grows:
        return _update(work, kind, node, known)
    if known is not None:
        label = node.spec.label(kind.key[0])
        raise Problem("exists", thing=kind.thing) if kind.says_exists else work.taken(kind.thing, label)
    for code in kind.connector.answer:
        # Answered, but no field: a number of the connector's own.
        if f.get(code) is None and code not in node.spec.fields and kind.connector.id != "FiEntries":
            f[code] = work.tables.next_number(f"records.{kind.connector.id}.{code}", 1)
    if not kind.key:
        row["number"] = str(work.tables.next_number(f"records.{kind.connector.id}", 1))
    _rows_of(work, node, row)
    effects.check(work, kind.connector.id, node, row, None)
    shelves.put(work, kind, row)
    effects.after(work, kind.connector.id, node, row)
    return _answer(kind, row)


def _number(work: Work, kind: Kind, node: Node, f: dict[str, Any]) -> None:
    """Give the record its numbers, unless the caller did."""
    name = kind.connector.id
    for code in kind.numbers:
        given = f.get(code) is not None and code not in NEVER_GIVEN and name != "KnSubject"
        if given or (name == "FbItemArticle" and not f.get("AuId")):
            continue
        known = node.spec.fields.get(code)
        if (known and known.kind == "g") or code in {"GUID", LINE_GUID}:
            f[code] = new_guid(work)
            continue
        own = shelves.series(kind) if code == kind.numbers[-1] else f"{shelves.series(kind)}.{code}"
        while True:
            number = work.tables.next_number(f"records.{own}", kind.first)
            f[code] = number if known is None or known.kind == "i" else str(number)
            if code != kind.numbers[-1] or shelves.get(work, kind, f) is None:
                break


def _existing(work: Work, kind: Kind, node: Node) -> Row:
    given = {code: value for code, value in node.values.items() if code in kind.key and value is not None}
    for code in kind.key:
        # An invoice is found by its number alone too, as official examples do it.
        if code not in given and code not in kind.optional and kind.connector.id != "FiInvoice":
            raise Problem("mandatory", node.spec.label(code))
    if not given:
        raise Problem("bad_body", value=kind.connector.id)
    if kind.connector.id == "FiInvoice":
        hits = [row for row in shelves.every(work, kind) if all(row["f"].get(c) == v for c, v in given.items())]
        row = hits[0] if len(hits) == 1 else None
    else:
        row = shelves.get(work, kind, given)
    if row is None and work.lenient:
        f = {**given, **effects.lenient(kind.connector.id)}
        row = {"connector": kind.connector.id, "number": ",".join(part(f.get(code), fold=False) for code in kind.key)}
        row |= {"f": f, "rows": {}, "created": work.now, "modified": work.now}
        shelves.put(work, kind, row)
    if row is None:
        raise work.missing(kind.thing, node.spec.label(kind.key[0]))
    work.unlocked(kind.table, shelves.key_of(kind, row))
    return row


def _update(work: Work, kind: Kind, node: Node, row: Row) -> dict[str, str]:
    new = {code: value for code, value in _given(node).items() if code not in kind.key}
    changed: Row = row | {"f": row["f"] | new, "rows": dict(row["rows"]), "modified": work.now}
    _change_rows(work, node, changed)
    effects.check(work, kind.connector.id, node, changed, row)
    shelves.put(work, kind, changed)
    effects.after(work, kind.connector.id, node, changed)
    return _answer(kind, changed)


def _remove(work: Work, kind: Kind, row: Row) -> None:
    effects.removed(work, kind.connector.id, row)
    shelves.drop(work, kind, row)


def _only(work: Work, kind: Kind, hits: list[Row], given: set[str]) -> Row:
    root = kind.connector.root
    if not hits:
        raise work.missing(kind.thing, root.label(kind.key[0] if kind.key else ""))
    if len(hits) > 1:
        lacking = next((code for code in kind.key if code not in given), "")
        raise Problem("mandatory", root.label(lacking)) if lacking else Problem("bad_body", value=kind.connector.id)
    return hits[0]


def _answer(kind: Kind, row: Row) -> dict[str, str]:
    """The documented keys as texts."""
    answer = effects.answer(kind.connector.id, row)
    if answer is not None:
        return answer
    return {code: part(row["f"].get(code), fold=False) for code in kind.connector.answer}


# -- rows below it ----------------------------------------------------------------------------------------------------


def _rows_of(work: Work, node: Node, row: Row) -> None:
    for name, nodes in node.children.items():
        if any(one.action == "delete" for one in nodes):
            raise work.missing(LINE, LINE)
        rows: list[Row] = []
        for one in nodes:
            rows.append(_new_row(work, one, rows))
        row["rows"] = {**row["rows"], name: rows}


def _new_row(work: Work, node: Node, beside: list[Row]) -> Row:
    f = _kept(node)
    seq = max((one["seq"] for one in beside), default=0) + 1
    if LINE_GUID in node.spec.fields and LINE_GUID not in node.spec.mandatory:
        f[LINE_GUID] = new_guid(work)
    for code in node.spec.put:
        if f.get(code) is None and code in node.spec.fields and node.spec.fields[code].kind == "i":
            f[code] = seq
    row: Row = {"seq": seq, "f": f, "rows": {}, "created": work.now, "modified": work.now}
    _rows_of(work, node, row)
    return row


def _given(node: Node) -> dict[str, Any]:
    """What an element says of a record; the bytes of a file are kept with the files."""
    return {code: value for code, value in node.values.items() if not code.startswith("FileStream")}


def _kept(node: Node) -> dict[str, Any]:
    return {code: value for code, value in _given(node).items() if value is not None}


def _change_rows(work: Work, node: Node, row: Row) -> None:
    for name, nodes in node.children.items():
        rows = list(row["rows"].get(name, []))
        for one in nodes:
            _change_row(work, one, rows)
        row["rows"] = {**row["rows"], name: rows}


def _change_row(work: Work, node: Node, rows: list[Row]) -> None:
    at = None if node.action == "insert" else _matching(node, rows)
    if at is None:
        strict = (node.given and node.action != "insert") or node.values.get(LINE_GUID) is not None
        if strict and not work.lenient:
            raise work.missing(LINE, LINE)
        if node.action == "update" and work.switches["unmatched_line"] == "error":
            raise work.missing(LINE, LINE)
        if node.action != "delete":
            rows.append(_new_row(work, node, rows))
        return
    if node.action == "delete":
        del rows[at]
        return
    changed: Row = rows[at] | {"f": rows[at]["f"] | _given(node), "modified": work.now}
    _change_rows(work, node, changed)
    rows[at] = changed


def _matching(node: Node, rows: list[Row]) -> int | None:
    """The row that an update means: by the first set of key fields that it gives; without any, the only one."""
    for key in row_keys(node.spec):
        if all(node.values.get(code) is not None for code in key):
            wanted = [part(node.values[code]) for code in key]
            return next((at for at, row in enumerate(rows) if [part(row["f"].get(c)) for c in key] == wanted), None)
    return 0 if len(rows) == 1 else None


def row_keys(spec: WriteObject) -> Iterable[tuple[str, ...]]:
    """Sets of fields that may say which row of a sub-object is meant, the surest first."""
    fields = spec.fields
    if LINE_GUID in fields:
        yield (LINE_GUID,)
    if spec.put:
        yield tuple(code for code in spec.put if code in fields)
    # Live, AFAS matched a part of a composition by its place alone (September 2026).
    for key in (("PrSe",), ("VaIt", "ItCd"), ("FileName",)):
        if all(code in fields for code in key):
            yield key
    needed = tuple(code for code in fields if code in spec.mandatory)
    if needed:
        yield needed


# -- what a path names -------------------------------------------------------------------------------------------------


def _holds(row: Row, code: str, text: str) -> bool:
    """Whether a record, or one of its rows, has a value."""
    known = {name.casefold(): name for name in row["f"]}
    own = known.get(code.casefold())
    if own is not None:
        return part(row["f"][own]) == folded(own, text)
    below: Iterable[Mapping[str, Any]] = (one["f"] for rows in row["rows"].values() for one in rows)
    return any(part(f.get(code)) == folded(code, text) for f in below if f.get(code) is not None)
