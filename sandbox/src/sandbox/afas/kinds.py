"""UpdateConnectors without logic of their own, one row each: what says which record it is, and who numbers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sandbox.afas.messages import Label
from sandbox.afas.schema import UpdateConnector, update_connectors

NEVER_GIVEN = frozenset({"EnNo"})
"""Numbers that a caller may not choose."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table.

    Attributes:
        connector: The UpdateConnector.
        key: Fields that say which record it is; none: each insert is one more record that nothing changes.
        optional: Those of the key that may be empty.
        numbers: Fields that AFAS numbers when the caller leaves them out.
        first: First number.
        thing: What messages call it.
        table: Where its records are.
        says_exists: A double is told as "... bestaat reeds" whatever the switch says, as was seen live.
        grows: An insert of what exists adds its rows to it.
    """

    connector: UpdateConnector
    key: tuple[str, ...]
    optional: frozenset[str]
    numbers: tuple[str, ...]
    first: int
    thing: Label
    table: str = "records"
    says_exists: bool = False
    grows: bool = False


# connector | key (? may be empty, # numbered by AFAS) | first number | thing in Dutch | in English
_TABLE = """
FbAssembly | OrNu# | 91000001 | Assemblage | Assembly
FbAssemblyPrep | OrNu# | 92000001 | Assemblage | Assembly
FbBitVatTarifGroup | VaIt ItCd CoLa | 1 | Btw-tariefgroep | VAT rate group
FbComposition | ItCd | 1 | Samenstelling | Composition
FbConfrontation | InId | 1 | Confrontatie | Confrontation
FbCostPrice | VaIt ItCd DaBg | 1 | Prijs | Price
FbExtraBarcode | VaIt ItCd BaCo | 1 | Barcode | Barcode
FbGoodsReceived | OrNu# | 95000001 | Ontvangst | Goods received
FbInstalment | PrId | 1 | Termijn | Instalment
FbItemArticle | ItCd# | 100001 | Artikel | Item
FbItemCodeCustomer | VaIt ItCd DbId | 1 | Itemcode | Item code
FbItemCodeSupplier | VaIt ItCd CrId | 1 | Itemcode | Item code
FbItemCodeWarehouse | VaIt ItCd War | 1 | Itemcode | Item code
FbProductGroupLines | PrGr ItCd | 1 | Productgroepregel | Product group line
FbPurch | OrNu# | 80000001 | Inkooporder | Purchase order
FbPurchPrice | VaIt ItCd? SuCo? BiUn PrLi? CrId? StL1? StL2? CuId DaBg Am? | 1 | Prijs | Price
FbPurchQuotation | OrNu# | 81000001 | Inkoopofferte | Purchase quotation
FbPurchaseSales | GuLP GuLS | 1 | Koppeling | Link
FbSalesPrice | VaIt ItCd? CuCo? BaCo? BiUn PrLi? DbId? StL1? StL2? CuId DaBg Am? | 1 | Prijs | Price
FbStandardPrice | | 1 | Prijs | Price
FbStockMutation | | 1 | Voorraadmutatie | Stock mutation
FbSubscription | SuNr# | 30001 | Abonnement | Subscription
FbUnitBasicItem | VaIt ItCd BiUn | 1 | Eenheid | Unit
FbUpdateStocktaking | | 1 | Telling | Stocktaking
FbWarTransferIn | OrNu# | 96000001 | Magazijnverplaatsing | Warehouse transfer
FbWarTransferOut | OrNu# | 97000001 | Magazijnverplaatsing | Warehouse transfer
FbWarTransferPrep | OrNu# | 98000001 | Magazijnverplaatsing | Warehouse transfer
FiElectronicInvoicePurchase | | 1 | Factuur | Invoice
FiEntries | UnId EnNo# | 50001 | Journaalpost | Entry
FiInvoice | UnId VaAd DcNr InId | 1 | Factuur | Invoice
FiSepaDirectDebit | UnId PaId | 1 | Machtiging | Mandate
HrAbsence | Id# | 1 | Verlof | Leave
HrIllness | GUID# | 1 | Verzuim | Illness
HrIllnessGUID | GUID# | 1 | Verzuim | Illness
KnAppointment | ApId# | 1001 | Afspraak | Appointment
KnBankTransaction | TrCd | 1 | Banktransactie | Bank transaction
KnCourseEvent | Id# | 1001 | Evenement | Event
KnCourseMember | CrId CdId | 1 | Deelnemer | Participant
KnCurrencyRates | Cu Sn# | 1 | Valutakoers | Exchange rate
KnPurchaseRelationOrg | CrId# | 50001 | Inkooprelatie | Purchase contact
KnPurchaseRelationPer | CrId# | 50001 | Inkooprelatie | Purchase contact
KnRelationship | CnId# | 1001 | Relatie | Relationship
KnSubject | SbId# | 90001 | Dossieritem | Dossier item
KnSubjectReaction | Id# | 1 | Reactie | Reaction
KnSubjectWorkflowReaction | | 1 | Reactie | Reaction
KnUser | UsId | 1 | Gebruiker | User
PtProject | PrId# | 10001 | Project | Project
PtRealization | Id# | 1 | Nacalculatie | Realization
"""
_TABLES = {"FbItemArticle": "items", "FbComposition": "items", "PtProject": "projects"}
_GROWING = {"FbInstalment", "FbSubscription"}
_SHARED = {"KnPurchaseRelationPer": "KnPurchaseRelationOrg"}
"""Connectors whose records and numbers are those of another."""


@cache
def kinds() -> dict[str, Kind]:
    """Every UpdateConnector without logic of its own, by id."""
    told = {cells[0]: cells[1:] for cells in ([cell.strip() for cell in row.split("|")] for row in _rows())}
    return {
        one.id: _kind(one, told[one.id]) if one.id in told else _derived(one)
        for one in update_connectors().values()
        if not one.root.own
    }


def home(connector: str) -> str:
    """The connector under whose name the records are kept."""
    return _SHARED.get(connector, connector)


def _rows() -> list[str]:
    return _TABLE.strip().splitlines()


def _kind(connector: UpdateConnector, cells: list[str]) -> Kind:
    words = cells[0].split()
    return Kind(
        connector,
        tuple(word.rstrip("?#") for word in words),
        frozenset(word[:-1] for word in words if word.endswith("?")),
        tuple(word[:-1] for word in words if word.endswith("#")),
        int(cells[1]),
        Label(cells[2], cells[3]),
        _TABLES.get(connector.id, "records"),
        says_exists=connector.id == "FbSalesPrice",
        grows=connector.id in _GROWING,
    )


def _derived(connector: UpdateConnector) -> Kind:
    """From the specification alone: the keys of its delete path, of an update, or of an answer.

    A key that an insert need not hold is AFAS's to number.
    """
    key = connector.delete or connector.root.put or connector.answer
    if not key and "PUT" in connector.methods:
        key = tuple(code for code in connector.root.fields if code in connector.root.mandatory)
    free = [code for code in key if code not in connector.root.mandatory]
    answered = [code for code in key if code in connector.answer]
    numbers = tuple(dict.fromkeys(free or answered[-1:]))
    return Kind(connector, tuple(dict.fromkeys(key)), frozenset(), numbers, 1, connector.description)


_PRICE = ("VaIt", "BiUn", "CuId", "DaBg")
_LINE = ("VaIt", "ItCd", "QuUn")
_ITEM = ("ItCd", "Grp", "BiUn", "VaRc")
MINIMUM: dict[str, tuple[str, ...]] = {
    "FbPurch": ("CrId", "War"),
    "FbPurch/FbPurchLines": _LINE,
    "FbPurchQuotation": ("CrId",),
    "FbPurchQuotation/FbPurchQuotationLines": _LINE,
    "FbGoodsReceived": ("CrId", "War|SoOr"),
    "FbGoodsReceived/FbGoodsReceivedLines": _LINE,
    "FbItemArticle": _ITEM,
    "FbComposition": (*_ITEM, "VaCt", "CrId"),
    "FbComposition/FbCompositionPart": _LINE,
    "FbSalesPrice": (*_PRICE, "ItCd|CuCo|BaCo", "PrLi|DbId", "Pric|CaPr"),
    "FbPurchPrice": (*_PRICE, "ItCd|SuCo", "PrLi|CrId", "Pric|CaPr"),
    "FbCostPrice": ("VaIt", "ItCd", "DaBg"),
    "FbUnitBasicItem": ("VaIt", "ItCd", "BiUn", "Qu"),
    "FbExtraBarcode": ("VaIt", "ItCd", "BaCo", "VaBu"),
    "FbBitVatTarifGroup": ("VaIt", "ItCd", "CoLa", "VaRc"),
    "FbStockMutation": ("VaOt", "ReId", "VaIt", "ItCd", "War", "Loc", "BiUn", "QuUn"),
    "FiEntryPar": ("Year", "Peri", "JoCo"),
    "FiEntryPar/FiEntries": ("VaAs", "AcNr", "EnDa", "BpDa"),
    "KnPurchaseRelationOrg": ("CuId",),
    "KnPurchaseRelationPer": ("CuId",),
    "KnCourseMember": ("BcCo", "CrId", "CdId"),
    "KnSubject": ("StId", "Ds"),
    "KnUser": ("MtCd", "UsId", "Nm"),
    "KnDimCode": ("AxId", "VbCo", "Ds"),
    "PtProject": ("PrGp",),
}
"""By object path: what an insert must hold, one of several where there is a bar.

It is what the official smallest examples hold, not the metainfo's mandatory flag: that is also on fields that a call
must leave out."""
