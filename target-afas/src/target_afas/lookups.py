"""What the target asks AFAS, always for a whole batch, and what it remembers of the answers within a run."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from target_afas.booking import Booked
from target_afas.connectors import DIMENSIONS, FIELDS, Reader
from target_afas.diff import BookedLine, item_type
from target_afas.failures import reading
from target_afas.lines import Item
from target_afas.parties import Relation, email_spellings, normal_email, relation_of
from target_afas.variants import heads_of, sku_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from afas_profit import Afas
    from target_afas.document_types import DocumentType
    from target_afas.settings import Settings

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

REMEMBERED_RELATIONS = 5_000
REMEMBERED_ITEMS = 20_000


class Remembered(Generic[K, V]):
    """A bounded memory: the least recently used goes first. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit, self._data, self._lock = limit, OrderedDict[K, V](), threading.Lock()

    def get(self, key: K) -> V | None:
        """What is remembered, or none."""
        with self._lock:
            if key not in self._data:
                return None
            self._data.move_to_end(key)
            return self._data[key]

    def put(self, key: K, value: V) -> None:
        """Remember."""
        with self._lock:
            self._data[key] = value
            self._data.move_to_end(key)
            if len(self._data) > self._limit:
                self._data.popitem(last=False)

    def forget(self, key: K) -> None:
        """Forget, because it changed."""
        with self._lock:
            self._data.pop(key, None)


def number(value: object) -> Decimal:
    """A number of a row as an exact decimal; nothing is 0."""
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def booked_line(row: Mapping[str, Any]) -> BookedLine:
    """A row of the order lines connector."""
    return BookedLine(
        guid=str(row.get("Guid") or ""),
        item_type=item_type(row.get("ItemType")),
        item=str(row.get("Item") or ""),
        quantity=number(row.get("Quantity")),
        price=number(row.get("Price")),
        group=str(row["VatGroup"]) if row.get("VatGroup") else None,
        percent=number(row.get("VatPercent")),
        dim1=str(row.get("Dim1") or ""),
        dim2=str(row.get("Dim2") or ""),
        excl=number(row.get("AmountExcl")),
        vat=number(row.get("AmountVat")),
        incl=number(row.get("AmountIncl")),
        discount=number(row.get("Discount")),
        description=row.get("Description") or None,
    )


class Lookups:
    """Questions to AFAS. Each takes many keys and asks as few times as the length of a URL allows.

    Args:
        client: The AFAS client.
        settings: All settings.
        connectors: Ids of the GetConnectors that the token may use.
    """

    def __init__(self, client: Afas, settings: Settings, connectors: Iterable[str]) -> None:
        self.client = client
        self.item_types = [item_type(code) for code in settings.orders.item_types]
        self.separator = settings.orders.sku_separator
        self.readers = {role: Reader(role, getattr(settings.connectors, role)) for role in FIELDS}
        self._document_types = tuple(settings.orders.document_types)
        self._connectors = {one.casefold() for one in connectors}
        self._no_variants: str | None = None
        self._relations: Remembered[str, list[Relation]] = Remembered(REMEMBERED_RELATIONS)
        self._items: Remembered[str, Item] = Remembered(REMEMBERED_ITEMS)

    def now(self) -> datetime:
        """AFAS's own clock."""
        with reading():
            return self.client.server_now()

    def rows(self, role: str, fields: str | tuple[str, ...], values: Iterable[str]) -> list[Mapping[str, Any]]:
        """Rows of a role whose field (any of several) equals any of the values, under our field names."""
        reader = self.readers[role]
        names = [reader.id_of(field) for field in ((fields,) if isinstance(fields, str) else fields)]
        wanted = sorted({value for value in values if value})
        if not wanted:
            return []
        with reading():
            found = self.client.rows_where_any(reader.name, names, wanted, order_by=reader.order_by)
            return [reader.read(row) for row in found]

    def look_for(self, kind: DocumentType) -> None:
        """Look for documents of this type too, from now on: the store knows one."""
        if kind not in self._document_types:
            self._document_types = (*self._document_types, kind)

    def order_rows(self, references: Iterable[str]) -> dict[str, list[Booked]]:
        """Documents without their lines, by reference (without case)."""
        wanted, kinds = set(references), self._document_types
        answers = at_once(*(partial(self.rows, kind.headers_role, "Ref", wanted) for kind in kinds))
        found: dict[str, list[Booked]] = {}
        for kind, rows in zip(kinds, answers, strict=True):
            for reference, mine in _grouped(rows, "Ref").items():
                found.setdefault(reference, []).extend(Booked(str(row["OrderNumber"]), row, type=kind) for row in mine)
        return found

    def order_lines(
        self, references: Iterable[str], kinds: Iterable[DocumentType]
    ) -> dict[str, list[Mapping[str, Any]]]:
        """Lines of documents of these types by reference (without case); each repeats its document's totals."""
        wanted = set(references)
        answers = at_once(*(partial(self.rows, kind.lines_role, "Ref", wanted) for kind in kinds))
        return _grouped((row for rows in answers for row in rows), "Ref")

    def booked(self, references: Iterable[str]) -> dict[str, list[Booked]]:
        """Documents with their lines, by reference (without case)."""
        found = self.order_rows(references)
        numbers: dict[DocumentType, set[str]] = {}
        for documents in found.values():
            for one in documents:
                numbers.setdefault(one.type, set()).add(one.number)
        answers = at_once(
            *(partial(self.rows, kind.lines_role, "OrderNumber", wanted) for kind, wanted in numbers.items())
        )
        lines = {kind: _grouped(rows, "OrderNumber") for kind, rows in zip(numbers, answers, strict=True)}
        return {
            reference: [
                replace(one, lines=[booked_line(row) for row in lines[one.type].get(one.number.casefold(), ())])
                for one in documents
            ]
            for reference, documents in found.items()
        }

    def relations(self, emails: Iterable[str], *, fresh: bool = False) -> dict[str, list[Relation]]:
        """CRM contacts by normalised e-mail address.

        Only answers with a debtor are remembered: what is missing now may exist in a moment.

        Args:
            emails: Normalised addresses.
            fresh: Ask again, also for remembered ones.
        """
        found: dict[str, list[Relation]] = {}
        ask: set[str] = set()
        for email in set(emails):
            known = None if fresh else self._relations.get(email)
            if known is None:
                ask.add(email)
            else:
                found[email] = known
        spellings = {spelling for email in ask for spelling in email_spellings(email)}
        for row in self.rows("relations", ("Mail", "Mail2"), spellings):
            relation = relation_of(row)
            for mail in {normal_email(row.get("Mail")), normal_email(row.get("Mail2"))}:
                if mail is not None and mail in ask:
                    found.setdefault(mail, []).append(relation)
        for email in ask & found.keys():
            if any(relation.debtor for relation in found[email]):
                self._relations.put(email, found[email])
        return found

    def forget_relation(self, email: str) -> None:
        """Ask again for this address the next time."""
        self._relations.forget(email)

    def relations_of_debtors(self, debtors: Iterable[str]) -> dict[str, Relation]:
        """The CRM contact that carries each debtor: organisation or person rather than a contact person."""
        found: dict[str, Relation] = {}
        for row in self.rows("relations", "Debtor", debtors):
            relation = relation_of(row)
            key = str(relation.debtor)
            if key not in found or found[key].contact_type == "PRS":
                found[key] = relation
        return found

    def addresses(self, debtors: Iterable[str]) -> dict[str, list[Mapping[str, Any]]]:
        """Addresses by debtor number."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.rows("addresses", "Debtor", debtors):
            found.setdefault(str(row["Debtor"]), []).append(row)
        return found

    def items(self, codes: Iterable[str]) -> dict[str, Item]:
        """Items by code in capitals; of several types the preferred one that isn't blocked."""
        found: dict[str, Item] = {}
        ask: dict[str, str] = {}
        for wanted in codes:
            known = self._items.get(wanted.upper())
            if known is None:
                ask[wanted.upper()] = wanted
            else:
                found[wanted.upper()] = known
        best: dict[str, tuple[bool, int]] = {}
        for row in self.rows("items", "Item", ask.values()):
            code, kind = str(row["Item"]), item_type(row.get("ItemType"))
            if kind not in self.item_types or code.upper() not in ask:
                continue
            unit = str(row["Unit"]) if row.get("Unit") else None
            demands = "no_dimension" if row.get("Dimension1") or row.get("Dimension2") else ""
            item = Item(kind, code, unit, bool(row.get("Blocked")), problem=demands)
            rank = (item.blocked, self.item_types.index(kind))
            if code.upper() not in best or rank < best[code.upper()]:
                best[code.upper()], found[code.upper()] = rank, item
        for key in ask.keys() & found.keys():
            if not found[key].blocked:
                self._items.put(key, found[key])
        return found

    def articles(self, codes: Iterable[str]) -> dict[str, Item]:
        """Items by code in capitals, and where there is no such item, variants of one by their SKU in capitals.

        Variants cost a question only when a code is no item and may be the SKU of one.
        """
        wanted = set(codes)
        found = self.items(wanted)
        return found | self._variants({code for code in wanted if code.upper() not in found})

    def no_variants(self) -> str:
        """What keeps variants of items with dimensions from being found, for a person to read; empty when nothing does.

        Without the connector they can't be found, and without the dimension codes on the lines a booked variant could
        not be told from another one.
        """
        if self._no_variants is None:
            self._no_variants = self._missing_for_variants()
        return self._no_variants

    def _missing_for_variants(self) -> str:
        variants = self.readers["variants"]
        if variants.name.casefold() not in self._connectors:
            return f"GetConnector {variants.name}"
        lines = [self.readers[kind.lines_role] for kind in self._document_types]
        needed = [(variants, list(variants.required()))]
        needed += [(reader, [reader.id_of(field) for field in DIMENSIONS]) for reader in lines]
        with reading():
            infos = at_once(*(partial(self.client.get_metainfo, reader.name) for reader, _ in needed))
        absent = []
        for (reader, names), info in zip(needed, infos, strict=True):
            there = {one.casefold() for one in info.field_ids}
            absent += [f"{reader.name}.{name}" for name in names if name.casefold() not in there]
        return ", ".join(absent)

    def _variants(self, codes: Iterable[str]) -> dict[str, Item]:
        """Variants by SKU in capitals; a SKU that fits two of them is ambiguous, one of a blocked item is blocked."""
        wanted = {code.upper() for code in codes}
        heads = {head for code in wanted for head in heads_of(code, self.separator)}
        if not heads or self.no_variants():
            return {}
        fitting: dict[str, list[Item]] = {}
        for row in self.rows("variants", "Item", heads):
            code, kind = str(row["Item"]), item_type(row.get("ItemType"))
            dim1, dim2 = (str(row.get(field) or "") for field in DIMENSIONS)
            sku = sku_of(code, dim1, dim2, self.separator).upper()
            if kind in self.item_types and sku in wanted:
                one = Item(kind, code, None, bool(row.get("BlockedSales")), dim1, dim2)
                fitting.setdefault(sku, []).append(one)
        parents = self.items({one.code for ones in fitting.values() for one in ones})
        found = {}
        for sku, ones in fitting.items():
            one = min(ones, key=lambda item: (item.blocked, self.item_types.index(item.item_type)))
            parent = parents.get(one.code.upper())
            if len({(other.code.upper(), other.dim1.upper(), other.dim2.upper()) for other in ones}) > 1:
                one = replace(one, blocked=False, problem="ambiguous_item")
            elif parent is not None and parent.item_type == one.item_type:
                one = replace(one, unit=parent.unit, blocked=one.blocked or parent.blocked)
            found[sku] = one
            if not (one.blocked or one.problem):
                self._items.put(sku, one)
        return found


def _grouped(rows: Iterable[Mapping[str, Any]], field: str) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row.get(field) or "").strip().casefold(), []).append(row)
    return groups


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run independent questions at once; results in their order. The client keeps to AFAS's five calls."""
    if len(tasks) < 2:
        return [task() for task in tasks]
    with ThreadPoolExecutor(max(1, len(tasks)), thread_name_prefix="afas-ask") as pool:
        return [running.result() for running in [pool.submit(task) for task in tasks]]
