"""Row sources over the records of any UpdateConnector, and the GetConnectors of our own that show some of them.

A source `records/KnSubject` has a row per record, `records/KnSubject/KnSubjectLink` a row per row of that sub-object.
Their columns: `doc` (number, created, modified), `h` the record's fields by code, and below an object `l` the row's
fields and `line` (seq, created, modified).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas.definitions import Columns, Connector, Source, table
from sandbox.afas.finance import ACCOUNTS
from sandbox.afas.kinds import home, kinds
from sandbox.afas.messages import Label
from sandbox.afas.work import code_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.afas.schema import WriteObject
    from sandbox.afas.tables import Key, Reader, Row

_PRICES = """
ItemType | !s10 | h.VaIt | Type item | Item type
Item | !s40 | h.ItCd | Itemcode | Itemcode
Unit | !s15 | h.BiUn | Eenheid | Unit
PriceList | !s5 | h.PrLi | Prijslijst | Price list
Debtor | !s16 | h.DbId | Debiteur | Debtor
Currency | !s3 | h.CuId | Valuta | Currency
From | d | h.DaBg | Begindatum | Start date
Until | d | h.DaEn | Einddatum | End date
Quantity | n16,5 | h.Am | Hoeveelheid | Quantity
Price | n26,10 | h.Pric | Verkoopprijs | Sales price
Modified | d | doc.modified | Gewijzigd op | Changed on
"""
_MUTATIONS = """
Mutation | !s12 | doc.number | Nummer | Number
Kind | !s20 | h.VaOt | Boekingssoort | Entry sort
Reason | !s12 | h.ReId | Reden | Reason
ItemType | !s10 | h.VaIt | Type item | Item type
Item | !s40 | h.ItCd | Itemcode | Itemcode
Warehouse | !s15 | h.War | Magazijn | Warehouse
Location | !s15 | h.Loc | Locatie | Location
Unit | !s15 | h.BiUn | Eenheid | Unit
Quantity | n16,5 | h.QuUn | Aantal eenheden | Number of units
Description | s80 | h.Ds | Omschrijving | Description
Created | d | doc.created | Aangemaakt op | Created on
"""
_MEMBERS = """
Event | !s15 | h.CrId | Evenement | Event
Contact | !i | h.CdId | Deelnemer | Participant
Party | !s15 | h.BcCo | Nummer | Number
Registered | d | h.SuDa | Inschrijfdatum | Registration date
Reference | s100 | h.RfCs | Referentie | Reference
Remark | f | h.Rm | Opmerking | Remark
Modified | d | doc.modified | Gewijzigd op | Changed on
"""
RECORDS = (
    Connector(
        "Items_SalesPrices", Label("Verkoopprijzen webshop", "Web shop sales prices"), "records/FbSalesPrice",
        table(_PRICES),
    ),
    Connector(
        "Items_StockMutations", Label("Voorraadmutaties webshop", "Web shop stock mutations"),
        "records/FbStockMutation", table(_MUTATIONS),
    ),
    Connector(
        "Course_Members", Label("Deelnemers webshop", "Web shop participants"), "records/KnCourseMember",
        table(_MEMBERS),
    ),
)  # fmt: skip
"""Such connectors as customers make, where no standard one shows what was written."""


def _expand(connector: str, path: tuple[str, ...]) -> Callable[[Reader, Row, str], Iterable[Columns]]:
    wanted = home(connector)

    def rows(_: Reader, row: Row, __: str) -> Iterator[Columns]:
        if row["connector"] == wanted:
            yield from _below({"doc": row, "h": row["f"]}, row, path)

    return rows


def _below(columns: dict[str, Any], row: Row, path: tuple[str, ...]) -> Iterator[Columns]:
    if not path:
        yield columns
        return
    for one in row["rows"].get(path[0], ()):
        yield from _below(columns | {"line": one, "l": one["f"]}, one, path[1:])


def _accounts(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    if row["list"] == ACCOUNTS:
        record = reader.get("records", f"KnAccount|{str(row['code']).casefold()}")
        yield {"r": row, "f": record["f"] if record else None, "t": {"name": row[language]}}


def _account(_: Reader, row: Row) -> Iterable[Key]:
    return (code_key(ACCOUNTS, str(row["f"]["AcNr"])),) if row["connector"] == "KnAccount" else ()


def record_sources() -> dict[str, Source]:
    """Every source by name."""
    found = {"accounts": Source("codes", _accounts, {"records": _account}, by_language=True)}
    for name, kind in kinds().items():
        waiting: list[tuple[tuple[str, ...], WriteObject]] = [((), kind.connector.root)]
        while waiting:
            path, spec = waiting.pop()
            found["/".join(("records", name, *path))] = Source("records", _expand(name, path), {})
            waiting += [((*path, child.name), child) for child in spec.children.values()]
    return found
