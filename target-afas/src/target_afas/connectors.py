"""Our GetConnectors: which roles and fields they have, under which names an administrator built them.

The standard Profit_* connectors are too thin (no VAT group and no amounts on order lines, no second e-mail address, no
address ids); `docs/afas-connectors.md` describes these field by field. Names and field ids are settings, because a
customer may have chosen others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, field_validator

from target_afas.rules import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIELDS: dict[str, tuple[str, ...]] = {
    "orders": (
        "OrderNumber",
        "Ref",
        "OrderDate",
        "Debtor",
        "Unit",
        "Currency",
        "InclVat",
        "PayCondition",
        "PayMethod",
        "Address",
        "AddressNote",
        "Warehouse",
        "Remark",
        "Contact",
        "Project",
        "ProjectStage",
        "Journal",
        "VatDuty",
        "Carrier",
        "Service",
        "SalesChannel",
        "DeliveryCondition",
        "DeliveryDate",
        "Blocked",
        "StatusCode",
        "AmountExcl",
        "AmountVat",
        "AmountIncl",
        "Created",
        "Modified",
    ),
    "order_lines": (
        "OrderNumber",
        "Ref",
        "Guid",
        "Seq",
        "ItemType",
        "Item",
        "Dim1",
        "Dim2",
        "Description",
        "Unit",
        "Quantity",
        "Price",
        "Discount",
        "VatGroup",
        "VatPercent",
        "AmountExcl",
        "AmountVat",
        "AmountIncl",
        "Delivered",
        "StatusCode",
        "OrderExcl",
        "OrderVat",
        "OrderIncl",
        "Modified",
    ),
    "relations": (
        "Contact",
        "ContactType",
        "Mail",
        "Mail2",
        "BcCo",
        "PersonBcCo",
        "Name",
        "FirstName",
        "Infix",
        "LastName",
        "Initials",
        "Phone",
        "Mobile",
        "Debtor",
        "InclVat",
        "Blocked",
        "VatDuty",
        "VatNumber",
        "Coc",
        "PayCondition",
        "Currency",
        "ControlAccount",
        "PriceList",
        "Language",
        "AddressId",
        "Street",
        "Number",
        "NumberAdd",
        "StreetAdd",
        "ZipCode",
        "City",
        "Country",
        "Created",
        "Modified",
    ),
    "addresses": (
        "Debtor",
        "BcCo",
        "AddressId",
        "Kind",
        "Name",
        "Street",
        "Number",
        "NumberAdd",
        "StreetAdd",
        "ZipCode",
        "City",
        "Country",
    ),
    "items": (
        "ItemType",
        "Item",
        "Description",
        "Unit",
        "VatGroup",
        "Blocked",
        "Dimension1",
        "Dimension2",
        "Modified",
    ),
    "variants": ("ItemType", "Item", "Dim1", "Dim2", "BlockedSales"),
}
_NOT_ON_INVOICES = {"Carrier", "Service", "Blocked", "Delivered"}
_INVOICES = {"direct_invoices": "orders", "direct_invoice_lines": "order_lines"}
"""Direct invoices have the fields of orders but a few, and their own number beside that of the packing slip."""

FIELDS: Final[dict[str, tuple[str, ...]]] = _FIELDS | {
    role: (*(name for name in _FIELDS[like] if name not in _NOT_ON_INVOICES), "InvoiceNumber")
    for role, like in _INVOICES.items()
}
"""Role -> the field names this target works with, which are also the default field ids."""

_OPTIONAL: dict[str, frozenset[str]] = {
    "orders": frozenset({"AddressNote", "Contact", "Created", "Modified", "AmountExcl", "AmountVat"}),
    "order_lines": frozenset(
        {"Dim1", "Dim2", "Seq", "Unit", "Delivered", "Modified", "AmountExcl", "AmountVat", "AmountIncl"}
    ),
    "relations": frozenset({"Created", "Modified", "ControlAccount", "StreetAdd", "Initials", "PriceList", "Language"}),
    "addresses": frozenset({"StreetAdd", "Name"}),
    "items": frozenset({"Description", "Modified", "VatGroup", "Dimension1", "Dimension2"}),
    "variants": frozenset(),
}
OPTIONAL: Final[dict[str, frozenset[str]]] = _OPTIONAL | {
    role: _OPTIONAL[like] - _NOT_ON_INVOICES | {"InvoiceNumber"} for role, like in _INVOICES.items()
}
"""Fields without which the target still works; all others must be there (checked at the start)."""

_ORDER_BY: dict[str, tuple[str, ...]] = {
    "orders": ("OrderNumber",),
    "order_lines": ("OrderNumber", "Guid"),
    "relations": ("Contact",),
    "addresses": ("Debtor", "AddressId", "Kind"),
    "items": ("ItemType", "Item"),
    "variants": ("ItemType", "Item", "Dim1", "Dim2"),
}
ORDER_BY: Final[dict[str, tuple[str, ...]]] = _ORDER_BY | {role: _ORDER_BY[like] for role, like in _INVOICES.items()}
"""A unique order per connector, which paging needs (read-api 2.3)."""

SHARED: Final = frozenset({"variants"})
"""Roles of connectors that the catalogue flow reads too; without them the target still works."""

DIMENSIONS: Final = ("Dim1", "Dim2")
"""Fields of the lines without which a variant can't be told from its item."""

UPDATE_CONNECTORS: Final[tuple[str, ...]] = (
    "FbSales",
    "KnSalesRelationOrg",
    "KnSalesRelationPer",
    "KnOrganisation",
    "KnPerson",
)
"""UpdateConnectors that the app connector must hold; those of other document types than sales orders come on top."""

STANDARD: Final[dict[str, str]] = {
    "administrations": "Profit_Administrations",
    "journals": "Profit_Journals",
    "warehouses": "Profit_Warehouses",
    "projects": "Profit_Projects",
}
"""Standard connectors that the check at the start reads, if the settings name such a thing."""


class Connector(Section):
    """One GetConnector as it was built in an environment."""

    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string"},)
    name: str = Field(description="Name of the GetConnector.")
    fields: dict[str, str] = Field({}, description="Our field name -> its field id, where the two differ.")
    order_by: list[str] = Field([], description="Our field names that are unique together; default: see the docs.")


def _default(role: str, name: str) -> Any:
    return Field(Connector(name=name), description=f"GetConnector of the role `{role}`.", validate_default=True)


class Connectors(Section):
    """The GetConnectors by role."""

    orders: Connector = _default("orders", "Commerce_Orders")
    order_lines: Connector = _default("order_lines", "Commerce_OrderLines")
    relations: Connector = _default("relations", "Commerce_Relations")
    addresses: Connector = _default("addresses", "Commerce_Addresses")
    items: Connector = _default("items", "Commerce_Items")
    variants: Connector = _default("variants", "Commerce_Variants")
    direct_invoices: Connector = _default("direct_invoices", "Commerce_DirectInvoices")
    direct_invoice_lines: Connector = _default("direct_invoice_lines", "Commerce_DirectInvoiceLines")
    administrations: str = Field(STANDARD["administrations"], description="Connector of administrations.")
    journals: str = Field(STANDARD["journals"], description="Connector of sales books.")
    warehouses: str = Field(STANDARD["warehouses"], description="Connector of warehouses.")
    projects: str = Field(STANDARD["projects"], description="Connector of projects.")

    @field_validator(*FIELDS, mode="before")
    @classmethod
    def _plain_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Reader:
    """Translates between our field names and the ids of one connector, in both directions."""

    def __init__(self, role: str, connector: Connector) -> None:
        self.role, self.name = role, connector.name
        self._ids = {field: connector.fields.get(field, field) for field in FIELDS[role]}
        self.order_by = [self._ids[field] for field in connector.order_by or ORDER_BY[role]]
        self._same = all(field == id_ for field, id_ in self._ids.items())

    def id_of(self, field: str) -> str:
        """The field id of one of our names."""
        return self._ids[field]

    def required(self) -> Iterable[str]:
        """Field ids without which the target can't work."""
        return [id_ for field, id_ in self._ids.items() if field not in OPTIONAL[self.role]]

    def read(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row under our names; fields that the connector lacks are none."""
        if self._same:
            return row
        return {field: row.get(id_) for field, id_ in self._ids.items()}
