"""What planned writes would change in AFAS, value by value, for a person to read; personal values are hidden. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_afas.header import HEADER, row_text
from target_afas.money import plain
from target_afas.raw.facts import STEERING
from target_afas.raw.values import plain_text
from upsert.model import HIDDEN, Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from target_afas.booking import Booked, OrderChange, OrderJob
    from target_afas.diff import BookedLine, LineChange
    from target_afas.lines import WantedLine
    from target_afas.raw.checker import Row
    from target_afas.raw.lookup import Found
    from target_afas.raw.planner import RawChange

PERSONAL_HEADER = frozenset({"remark", "address_note"})
"""Header fields that may hold a name or an address."""

OPEN_RELATION = frozenset({"language", "price_list", "payment_condition", "vat_duty"})
"""Owned fields of a relation that say nothing about a person."""

GOODS = ("FbBit", "FbComposition", "FbExtraBarcode", "FbItem", "FbPurchPrice", "FbSalesPrice", "FbStock", "FbUnit")
"""Beginnings of the connectors that hold no personal data; of others, values are hidden."""


def of_order(job: OrderJob, existing: Booked | None, change: OrderChange | None) -> Iterator[Change]:
    """An order that would be made (no change), or changed.

    Args:
        job: The order.
        existing: What AFAS holds.
        change: What would be changed.
    """
    if change is None or existing is None:
        wanted = job.wanted
        yield Change("debtor", None, job.debtor)
        if wanted is not None:
            for name, value in wanted.header.items():
                if value != "":
                    yield _header(name, None, value)
            for code, text in wanted.extra.items():
                yield Change(code, None, HIDDEN if text else None)
            for line in wanted.lines:
                yield Change(f"line {_named(line)}", None, _line(line))
            yield Change("total", None, wanted.total)
    elif change.reaction == "delete":
        yield Change("order", existing.number, None)
        for booked in existing.lines:
            yield Change(f"line {_named(booked)}", _line(booked), None)
    elif change.reaction:
        yield Change("order", existing.number, "blocked" if change.reaction == "block" else "settled")
    else:
        names = {spec.code: name for name, spec in HEADER.items()}
        for code, value in change.header.items():
            if code in names:
                yield _header(names[code], row_text(names[code], existing.row) or None, value)
            else:
                yield Change(code, HIDDEN, HIDDEN)
        yield from _lines(change.lines, existing)


def _header(name: str, old: Any, new: Any) -> Change:
    new = None if new == "" else new
    if name in PERSONAL_HEADER:
        old, new = (None if one is None else HIDDEN for one in (old, new))
    return Change(name, old, new)


def _lines(changes: Iterable[LineChange], existing: Booked) -> Iterator[Change]:
    booked = {line.guid: line for line in existing.lines}
    for number, one in enumerate(changes, 1):
        old = booked.get(one.guid or "")
        shown = one.line or old
        item = _named(shown) if shown else ""
        # One item may stand on several lines: the number keeps their changes apart.
        yield Change(f"line {item} ({number})", _line(old) if old else None, _line(one.line) if one.line else None)


def _named(line: WantedLine | BookedLine) -> str:
    return " ".join(part for part in (line.item, line.dim1, line.dim2) if part)


def _line(line: WantedLine | BookedLine) -> str:
    return f"{plain(line.quantity):f} x {plain(line.price):f}"


def of_relation(names: Iterable[str], held: Mapping[str, str] | None) -> Iterator[Change]:
    """A relation that would be made or changed: which fields, not what is in them.

    Args:
        names: Fields that would be written.
        held: What AFAS holds in them; None for a new relation.
    """
    for name in sorted(names):
        old = (held or {}).get(name) or None
        if name in OPEN_RELATION:
            yield Change(name, old, "as the source says")
        else:
            yield Change(name, HIDDEN if old else None, HIDDEN)


def of_raw(connector: str, row: Row, existing: Found | None, change: RawChange | None) -> Iterator[Change]:
    """A record of any UpdateConnector.

    Args:
        connector: Id of the UpdateConnector.
        row: What an insert would send.
        existing: What AFAS holds.
        change: What an update would do; None for an insert.
    """
    shows = connector.startswith(GOODS)
    if change is not None and change.delete and existing is not None:
        yield Change("record", "/".join(existing.ids.values()), None)
        for code, value in existing.values.items():
            yield _raw(code, value, None, shows=shows)
        return
    sent = row if change is None or change.make else change.row
    ids = existing.ids if existing is not None else {}
    held = existing.values if existing is not None else {}
    for code, value in {**sent.fields, **sent.keys}.items():
        if change is None or change.make or (code not in STEERING and code not in ids):
            yield _raw(code, held.get(code), value, shows=shows)
    for name, rows in sent.objects.items():
        yield Change(name, None, f"{len(rows)} rows")


def _raw(code: str, old: Any, new: Any, *, shows: bool) -> Change:
    before, after = (plain_text(value) or None for value in (old, new))
    if not shows:
        before, after = (None if one is None else HIDDEN for one in (before, after))
    return Change(code, before, after)
