"""What is known of UpdateConnectors beyond their metainfo: verbs, own keys, keys with `@`, and the real minimum."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from target_afas.diff import item_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

VERBS = {"insert": "POST", "update": "PUT", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class Operations:
    """Verbs and own key of an UpdateConnector (official specification 6.6.9); empty where not known."""

    verbs: frozenset[str]
    key: tuple[str, ...]


@cache
def operations() -> Mapping[str, Operations]:
    """Every documented UpdateConnector, by its id in lower case."""
    text = resources.files("target_afas.raw").joinpath("data/operations.json").read_text("utf-8")
    return {
        name.casefold(): Operations(frozenset(verbs.split()), tuple(key.split()))
        for name, (verbs, key) in json.loads(text).items()
    }


ELEMENT_KEYS: Mapping[str, frozenset[str]] = {
    name: frozenset(keys.split())
    for name, keys in {
        "KnSalesRelationOrg": "DbId",
        "KnSalesRelationPer": "DbId",
        "KnPurchaseRelationOrg": "CrId",
        "KnPurchaseRelationPer": "CrId",
        "KnSubject": "SbId",
        "KnSubjectLink": "SbId",
        "KnWorkflow": "SbId",
        "KnReactionLabel": "SLId",
        "KnReactionEmoji": "EmNa",
        "KnUser": "UsId",
        "KnCurrencyRates": "Cu",
        "KnDimCode": "AxId VbCo",
        "FiEntriesCustom": "UnId EnNo SeNo",
        "FiReservation": "UnId SeNo",
        "FiCommitment": "UnId SeNo",
        "KnCourseMember": "CrId CdId",
        "PtTariff": "Id",
        "FiIVY": "Id",
        "AfasEmployee": "EmId",
        "AfasBankInfo": "AcId NoBk",
    }.items()
}
"""Object -> codes that stand beside the fields with an `@` (write-api 1.3). Metainfo lists them without it."""

MATCHING: Mapping[str, str] = {"MatchOga": "6", "MatchPer": "7"}
"""Field that says how an existing organisation or person is found -> its value "always add a new one"."""

OF_RELATION: Mapping[str, tuple[str, str]] = {
    f"Kn{side}Relation{kind}": (name, code)
    for side in ("Sales", "Purchase")
    for kind, name, code in (("Org", "KnOrganisation", "MatchOga"), ("Per", "KnPerson", "MatchPer"))
}
"""Connector -> the object that each of its updates must carry, and its matching field (write-api 2.7)."""

THAT_OF_THE_RELATION = "9"
"""Value of a matching field: the organisation or person that the relation has; for updates only."""

STEERING = frozenset({*MATCHING, "VaIt"})
"""Fields that belong to the key of their object and go with every update."""

SUB_DELETE: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "FiEntries": (("UnId", "JoCo"), "FiEntries", ("EnNo",)),
}
"""Connectors whose record is deleted as a sub-record: keys of the main record, sub-object, its keys (write-api 1.1)."""


@dataclass(frozen=True, slots=True)
class Need:
    """What an insert must hold: any one of these codes, as long as `when` says yes to the codes and texts given."""

    codes: tuple[str, ...]
    when: Callable[[Mapping[str, str]], bool] = lambda _: True


def _needs(text: str) -> list[Need]:
    return [Need(tuple(word.split("|"))) for word in text.split()]


def _amount_line(given: Mapping[str, str]) -> bool:
    # Text and subtotal lines carry no quantity (write-api 2.18).
    return item_type(given.get("VaIt")) not in {"3", "4"}


def _is(code: str, *values: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda given: given.get(code, "").casefold() in values


_LINE = [*_needs("VaIt ItCd"), Need(("QuUn",), _amount_line)]

MINIMUM: Mapping[str, Sequence[Need]] = {
    "FbSales": _needs("DbId|SoQu"),
    "FbSalesLines": _LINE,
    "FbSalesQuotation": _needs("DbId"),
    "FbSalesQuotationLines": _LINE,
    "FbDirectInvoice": _needs("DbId|SoOr"),
    "FbDirectInvoiceLines": _LINE,
    "FbDeliveryNote": _needs("DbId|SoOr"),
    "FbDeliveryNoteLines": _LINE,
    "FbPurch": _needs("CrId War"),
    "FbPurchLines": _LINE,
    "FbGoodsReceived": _needs("CrId War"),
    "FbGoodsReceivedLines": _LINE,
    "FbItemArticle": _needs("ItCd Grp BiUn VaRc"),
    "FbSalesPrice": _needs("VaIt ItCd PrLi|DbId BiUn Pric CuId DaBg"),
    "FbUnitBasicItem": _needs("VaIt ItCd BiUn Qu"),
    "FbExtraBarcode": _needs("VaIt ItCd BaCo VaBu"),
    "FbBitVatTarifGroup": _needs("VaIt ItCd CoLa VaRc"),
    "FbStockMutation": _needs("VaOt ReId VaIt ItCd War Loc BiUn QuUn"),
    "FbComposition": _needs("ItCd Grp BiUn VaCt VaRc CrId"),
    "FbCompositionPart": _needs("VaIt ItCd QuUn"),
    "KnSalesRelationOrg": [
        *_needs("CuId InPv"),
        *(Need((code,), _is("IsDb", "true", "1")) for code in ("PaCd", "ColA")),
    ],
    "KnSalesRelationPer": [
        *_needs("CuId InPv"),
        *(Need((code,), _is("IsDb", "true", "1")) for code in ("PaCd", "ColA")),
    ],
    "KnOrganisation": [
        *_needs("MatchOga"),
        Need(("BcCo",), _is("MatchOga", "0")),
        *(Need(codes, _is("MatchOga", "6")) for codes in (("Nm",), ("AutoNum", "BcCo"))),
    ],
    "KnPerson": [
        *_needs("MatchPer"),
        Need(("BcCo",), _is("MatchPer", "0")),
        *(Need(codes, _is("MatchPer", "7")) for codes in (("LaNm",), ("AutoNum", "BcCo"), ("ViGe",))),
    ],
    "FiEntryPar": _needs("Year Peri UnId JoCo"),
    "FiEntries": _needs("VaAs AcNr EnDa BpDa AmDe|AmCr"),
    "KnSubject": _needs("StId Ds"),
    "KnUser": _needs("MtCd UsId Nm"),
    "PtProject": _needs("PrGp Ds"),
}
"""Object -> what an insert must hold at least: the official minimal calls (write-api 1.9), not the metainfo's flag,
which is also set on fields that a call must leave out. Objects that don't stand here are left to AFAS."""
