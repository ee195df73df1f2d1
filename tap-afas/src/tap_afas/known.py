"""What metainfo doesn't say: keys of the standard connectors, and which date fields say when a row changed.

The keys follow from the field lists of the standard GetConnectors (read-api 6.1); a connector of which they don't show
for sure what identifies a row isn't here. Connectors that somebody made get their keys from the settings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afas_profit import GetField

KEYS: dict[str, tuple[str, ...]] = {
    "ProfitCodeTableValue": ("SyId", "CtId", "VaIi"),
    "ProfitCountries": ("CoId",),
    "ProfitGetConnectoren": ("Naam",),
    "Profit_Address": ("AddressId",),
    "Profit_Administrations": ("AdminId",),
    "Profit_Article": ("ItemCode",),
    "Profit_ArticleGroups": ("Artikelgroep",),
    "Profit_Article_Basic": ("ItemCode",),
    "Profit_Article_image": ("ItemType", "ItemCodeId"),
    "Profit_Contacts": ("ContactId",),
    "Profit_Debtor": ("DebtorId",),
    "Profit_Debtor_Invoices": ("UnitId", "DebtorId", "InvoiceNr"),
    "Profit_Deliverynotelines": ("Nummer_pakbon", "Volgnummer"),
    "Profit_Deliverynotes": ("Pakbonnummer",),
    "Profit_Journals": ("UnitId", "JournalId"),
    "Profit_Languages": ("Taalcode",),
    "Profit_OrgPer": ("BcCo",),
    "Profit_Projects": ("ProjectId",),
    "Profit_SalesorderLines": ("LineGuid",),
    "Profit_Salesorders": ("OrderNumber",),
    "Profit_Subject_Attachments": ("attachment_id",),
    "Profit_Subject_Reaction_Attachments": ("attachment_id",),
    "Profit_Subscriptions": ("SubscriptionNr", "Indentity"),
    "Profit_Unit_per_Item": ("ItemType", "ItemCode", "UnitId"),
    "Profit_VAT_code": ("VatCode",),
    "Profit_Warehouses": ("Warehouse",),
    "Profit_Worktype": ("ItemCode",),
}

_CHANGED = re.compile(
    r"(date_?)?(last_?)?(modified|changed|gewijzigd|updated)(_?(date|on|op|at))?|mutatiedatum|datum[ _]?gewijzigd"
    r"|last_?(stock_?)?update"
)
_CREATED = re.compile(r"(date_?)?(created|create|aangemaakt)(_?(date|on|op|at))?|datum[ _]?aangemaakt")
_TIME = re.compile(r"tijd|time|moment")
_NUMBERED = re.compile(r"_\d+$")


def keys(connector: str, fields: Sequence[GetField]) -> tuple[str, ...]:
    """The key fields of a standard connector, or none."""
    found = KEYS.get(connector, ())
    have = {field.id for field in fields}
    return found if have.issuperset(found) else ()


def changed_fields(fields: Sequence[GetField]) -> tuple[str, ...]:
    """The date fields that tell when a row changed, the best first; none when no field says that it does.

    A joined table has its own field, and a row that was never changed may have a date of creation only; so all of them
    are given. A date of creation alone doesn't tell of changes.
    """
    changed = [field.id for field in fields if _says(field, _CHANGED)]
    return (*changed, *(field.id for field in fields if _says(field, _CREATED))) if changed else ()


def is_moment(field: GetField) -> bool:
    """Whether a date field's name or label says that it has a time of day."""
    return _says(field, _CHANGED) or _says(field, _CREATED) or bool(_TIME.search(f"{field.id} {field.label}".lower()))


def _says(field: GetField, pattern: re.Pattern[str]) -> bool:
    if field.data_type != "date" or "dummy" in field.label.lower():
        return False
    names = (_NUMBERED.sub("", field.id), field.label.replace(" ", "_"))
    return any(pattern.fullmatch(name.lower()) for name in names)
