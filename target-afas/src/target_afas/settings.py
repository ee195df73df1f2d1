"""The settings of target-afas: typed, described, validated before the first call.

A setting that may depend on the document (administration, sales book, project, …) is a `Choice`: a plain value, or
rules by country, payment, shipping, customer kind and VAT treatment. A code list is a `Table`: each says what a
missing entry does.
"""

from __future__ import annotations

import re
import string
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from target_afas.connectors import Connectors
from target_afas.document_types import DOCUMENT_TYPES, ORDER, DocumentType, in_use
from target_afas.raw.settings import RawStream  # noqa: TC001  (pydantic needs it at run time)
from target_afas.reasons import CannotLoad
from target_afas.rules import Choice, Section, Table, Text, VatTable, When
from upsert.errors import ConfigurationError
from upsert.singer.declared import problems

ACCOUNT_FIELDS = re.compile(r"^(U[0-9A-Fa-f]{32}|[A-Za-z0-9]{2,10})$")


def _template(value: str) -> str:
    names = {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
    if "number" not in names or names - {"system", "instance", "number"}:
        raise ValueError("a reference template holds {number} and may hold {instance} and {system}")
    return value


Template = Annotated[str, AfterValidator(_template)]


def _code(value: object) -> object:
    if isinstance(value, str) and not ACCOUNT_FIELDS.match(value):
        raise ValueError("an AFAS field code, such as U followed by 32 hex digits")
    return value


FieldCode = Annotated[str, BeforeValidator(_code)]

Own = Literal["always", "if_empty", "never"]


class CostItems(Section):
    """The AFAS item codes of lines that are no article: each kind on its own code."""

    discount: Text | None = Field(None, description="Item code of discounts.")
    shipping: Text | None = Field(None, description="Item code of shipping costs.")
    payment_cost: Text | None = Field(None, description="Item code of payment costs.")
    gift_wrap: Text | None = Field(None, description="Item code of gift wrap.")
    rounding: Text | None = Field(None, description="Item code of rounding differences (VAT group of 0 %).")
    gift_card: Text | None = Field(None, description="Item code of gift cards that were sold or used as a line.")
    deposit: Text | None = Field(None, description="Item code of deposits and disposal fees.")
    service: Text | None = Field(None, description="Item code of services without a SKU.")
    other: Text | None = Field(None, description="Item code of lines of any other kind.")
    item_type: Text = Field("6", description="AFAS item type of these codes: 6 is costs.")
    unit: Text = Field("*****", description="Unit of these codes; ***** for items without unit.")
    text: Text | None = Field(None, description="Item code of text lines; without it, text lines are left out.")
    text_type: Text = Field("3", description="AFAS item type of the text item.")
    rounding_group: Text | None = Field(
        None,
        description="VAT tariff group of 0 % for the rounding line; default: what the VAT table says about rate 0.",
    )

    def of(self, role: str) -> str:
        """The code of a kind of line.

        Raises:
            CannotLoad: None is set.
        """
        code = getattr(self, role, None) if role in COST_ROLES else self.other
        if not code:
            raise CannotLoad("no_cost_item", role)
        return str(code)

    def codes(self) -> dict[str, str]:
        """Role -> code, of all that are set."""
        return {role: str(code) for role in COST_ROLES if (code := getattr(self, role))}


COST_ROLES = (
    "discount",
    "shipping",
    "payment_cost",
    "gift_wrap",
    "rounding",
    "gift_card",
    "deposit",
    "service",
    "other",
)


class ShippingMethod(Section):
    """What a shipping method of the shop is in AFAS."""

    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "integer"]},)
    carrier: Text | None = Field(None, description="Carrier (vervoerder).")
    service: Text | None = Field(None, description="Service of the carrier (dienst).")
    delivery_condition: Text | None = Field(None, description="Delivery condition (leveringsconditie).")
    warehouse: Text | None = Field(None, description="Warehouse that this method is delivered from.")

    @model_validator(mode="before")
    @classmethod
    def _plain_carrier(cls, value: object) -> object:
        return {"carrier": value} if isinstance(value, str | int) else value


class DefaultDebtor(When):
    """Orders that fit go to one debtor; no relation is made for them."""

    debtor: Text = Field(description="Debtor number.")


class OrderSettings(Section):
    """How orders are booked."""

    document_type: Choice = Field(
        Choice(default=ORDER.name),
        description="What an order becomes in AFAS: order (sales order) or direct_invoice. "
        "Chosen once per order: one that is booked stays what it is.",
    )
    earlier_document_types: list[Literal["order", "direct_invoice"]] = Field(
        [], description="Types that orders were booked as before `document_type` was changed: they are looked for too."
    )
    on_existing: Literal["update", "skip", "hold"] = Field(
        "update",
        description="An order that exists in AFAS already and changed in the shop: change it, leave it, or hold it.",
    )
    on_cancel: Literal["block", "delete", "settle", "hold"] = Field(
        "block",
        description="A booked, open order that is "
        "cancelled in the shop: block, delete or settle it "
        "in AFAS, or hold it for a person.",
    )
    cannot_change: Literal["hold", "ignore"] = Field(
        "hold",
        description="The shop changed a field that AFAS does not "
        "allow to be changed: hold the order, or leave the field.",
    )
    open_statuses: list[Text] = Field(["A"], description="Status codes in which an AFAS order may still be changed.")
    order_number: Literal["afas", "shop"] = Field(
        "afas",
        description="Who numbers the order: AFAS (auto-numbering on) "
        "or the shop's number, so that AFAS itself refuses a double.",
    )
    vat_rounding: Literal["line", "rate", "document"] = Field(
        "rate", description="Where AFAS rounds VAT on orders with prices excluding VAT."
    )
    max_rounding: Decimal = Field(
        Decimal("0.05"),
        ge=0,
        le=1,
        description="Largest difference of a total that goes on the rounding item; above it the order is held.",
    )
    basis_mismatch: Literal["hold", "send"] = Field(
        "hold",
        description="The debtor's prices are incl. VAT and the "
        "order's are not, or the reverse: hold, or send the order's basis.",
    )
    free_shipping: Literal["omit", "line"] = Field("omit", description="Free shipping: no line, or a line of 0.")
    line_discount: Literal["net", "item"] = Field(
        "net", description="Discounts of one line: in its price, or as a line of their own on the discount item."
    )
    line_text: Literal["source", "afas"] = Field("source", description="Line description: the shop's, or AFAS's own.")
    remark: bool = Field(True, description="Send the customer's comment as the order's remark.")
    cut_texts: bool = Field(True, description="Cut texts that are too long for AFAS; false holds the order.")
    items: CostItems = Field(CostItems(), description="Item codes of everything that is no article.")
    item_types: list[Text] = Field(
        ["2", "7"], description="AFAS item types that a SKU may be, the preferred one first."
    )
    item_code_from: Literal["sku", "code", "gtin"] = Field("sku", description="Which code of the line names the item.")
    item_codes: dict[str, Text] = Field({}, description="Shop code -> AFAS item code, where they differ.")
    sku_separator: str = Field(
        "-",
        min_length=1,
        description="Between item code and dimension codes in the SKU of a variant, as the catalogue flow writes it.",
    )
    vat: VatTable = Field(VatTable(), description="Country x rate x customer kind x treatment -> VAT duty and group.")
    payment_conditions: Table[Text] = Field(Table[Text](), description="Payment method -> AFAS payment condition.")
    payment_methods: Table[Text] = Field(Table[Text](), description="Payment method -> AFAS payment method.")
    shipping_methods: Table[ShippingMethod] = Field(
        Table[ShippingMethod](), description="Shipping method -> carrier, service, delivery condition, warehouse."
    )
    warehouses: Table[Text] = Field(Table[Text](), description="Location of a line -> AFAS warehouse.")
    warehouse: Choice = Field(Choice(), description="Warehouse of the order; default: AFAS decides.")
    sales_book: Choice = Field(Choice(), description="Sales book (dagboek) of the invoice; default: AFAS decides.")
    project: Choice = Field(Choice(), description="Project of the orders.")
    project_stage: Choice = Field(Choice(), description="Stage of that project.")
    sales_channel: Choice = Field(Choice(), description="Sales channel (verkoopkanaal).")
    pickup_condition: Text | None = Field(
        None, description="Delivery condition of orders that are picked up, when the shipping table has none."
    )
    pickup_method: ShippingMethod | None = Field(
        None, description="What orders that are picked up get when their method is not in the shipping table."
    )
    default_debtors: list[DefaultDebtor] = Field(
        [], description="Orders that fit the first of these rules go to its debtor; no relation is looked for or made."
    )
    default_debtor_address: Literal["remark", "fields", "none"] = Field(
        "remark", description="Where the address of such an order goes."
    )
    default_debtor_fields: dict[
        Literal["name", "street", "postal_code", "city", "country", "email", "phone"], FieldCode
    ] = Field({}, description="Free field codes for `fields`.")
    header_fields: dict[str, FieldCode] = Field({}, description="Extra value of the record -> AFAS field of the order.")
    line_fields: dict[str, FieldCode] = Field({}, description="Extra value of a line -> AFAS field of the order line.")
    known_references: list[Template] = Field(
        [], description="Reference templates of an earlier coupling: orders found under them are not booked again."
    )
    address_names: bool = Field(True, description="Give the delivery address's description with the order.")

    @field_validator("document_type")
    @classmethod
    def _known_types(cls, value: Choice) -> Choice:
        if not value.values() or value.values() - DOCUMENT_TYPES.keys():
            raise ValueError(f"a document type is one of {', '.join(DOCUMENT_TYPES)}")
        return value

    @property
    def document_types(self) -> tuple[DocumentType, ...]:
        """The document types that are looked for."""
        return in_use({*self.document_type.values(), *self.earlier_document_types})


class Ownership(Section):
    """Which fields of an existing sales relation are ours to change: always, only when empty in AFAS, or never."""

    name: Own = Field("never", description="Name of the company or person.")
    phone: Own = Field("if_empty", description="Phone number.")
    mobile: Own = Field("if_empty", description="Mobile number.")
    vat_number: Own = Field("if_empty", description="VAT identification number.")
    coc_number: Own = Field("if_empty", description="Number of the chamber of commerce.")
    language: Own = Field("never", description="Language.")
    price_list: Own = Field("never", description="Price list.")
    payment_condition: Own = Field("never", description="Payment condition; finance owns it (never reset by an order).")
    vat_duty: Own = Field("never", description="VAT duty.")
    address: Own = Field(
        "never",
        description="Visiting address. Never: another address of the customer becomes a "
        "delivery address. Only the stream `customers` changes it.",
    )


class RelationSettings(Section):
    """How sales relations are found, created and changed."""

    create: bool = Field(True, description="Create a sales relation for an unknown e-mail address; false holds.")
    update_on_orders: bool = Field(True, description="Let new orders fill the owned fields of the relation.")
    control_account: Choice = Field(
        Choice(), description="Control account of debtors (verzamelrekening); on create only."
    )
    payment_condition: Choice = Field(Choice(), description="Payment condition of a new debtor.")
    issue_method: Text = Field("E", description="How documents are issued (verstrekkingswijze): E is e-mail with PDF.")
    currency: Text = Field("EUR", description="Currency of a new debtor.")
    vat_duty: Choice = Field(Choice(), description="VAT duty of a new debtor, by country and customer kind.")
    price_includes_vat: Literal["order", "incl", "excl"] = Field(
        "order",
        description="Whether a new debtor's prices "
        "include VAT; order: as its first order. For the "
        "stream `customers`, order means: persons incl.",
    )
    price_list: Choice = Field(Choice(), description="Price list of a new debtor.")
    profile: Choice = Field(Choice(), description="Sales relation profile of a new debtor.")
    delivery_condition: Text | None = Field(None, description="Delivery condition of a new debtor.")
    languages: Table[Text] = Field(Table[Text](missing="default"), description="Language -> AFAS language code.")
    free_fields: dict[str, FieldCode] = Field({}, description="Extra value of a customer record -> AFAS field.")
    own: Ownership = Field(Ownership(), description="Which fields of an existing relation may be changed.")
    delivery_addresses: bool = Field(
        True, description="Stream `customers`: add further addresses as delivery addresses."
    )


class Settings(Section):
    """All settings of target-afas (those of the Singer base stand beside them)."""

    environment: str | None = Field(None, description="AFAS environment code, e.g. O12345AA (live) or T12345AA (test).")
    base_url: str | None = Field(
        None, description="Address of the REST services, instead of the one that follows from the environment code."
    )
    token: SecretStr | None = Field(
        None,
        description="Token of the app connector: the raw XML, its base64, or only the 64 hex characters.",
        json_schema_extra={"secret": True},
    )
    client_id: str | None = Field(None, description="OAuth client id, instead of a token.")
    client_secret: SecretStr | None = Field(
        None, description="OAuth client secret.", json_schema_extra={"secret": True}
    )
    oauth_basic: bool = Field(
        False, description="Send the OAuth client's credentials in a Basic header (from Profit 9) instead of the body."
    )
    language: str = Field("nl-nl", description="Language of AFAS's messages.")
    integration_id: str | None = Field(None, description="AFAS partner integration id, sent as a header.")
    administration: Choice = Field(Choice(), description="Administration the documents go to.")
    reference_template: Template = Field(
        "{instance}-{number}",
        description="Reference of the order in AFAS; {instance} is the shop, {number} its order number.",
    )
    shared_administration: bool = Field(
        True,
        description="More than one shop writes into this environment: the "
        "reference template must then hold {instance}.",
    )
    workers: int = Field(5, ge=1, le=5, description="Writes at once; AFAS allows 5.")
    orders: OrderSettings = Field(OrderSettings(), description="How orders are booked.")
    relations: RelationSettings = Field(RelationSettings(), description="How sales relations are found and made.")
    connectors: Connectors = Field(Connectors(), description="Names and field ids of the GetConnectors.")
    raw: dict[str, RawStream] = Field(
        {}, description="Raw streams: stream -> how its records are written to an UpdateConnector; see the README."
    )
    preflight: bool = Field(True, description="Check connectors, rights and master data before the first write.")
    unknown_stream: Literal["ignore", "hold", "fail"] = Field(
        "fail",
        description="A stream that is neither orders, customers nor an UpdateConnector: leave it, hold its records, or "
        "stop.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.shared_administration and "{instance}" not in self.reference_template:
            raise ValueError(
                "reference_template must hold {instance}, or two shops could use the same reference; "
                "set shared_administration to false when only one shop writes into this environment"
            )
        if taken := {"orders", "customers"} & {name.casefold() for name in self.raw}:
            raise ValueError(f"raw.{min(taken)}: that is a commerce stream; give the stream another name in the tap")
        costs = self.orders.items.codes()
        rounding = costs.pop("rounding", "").upper()
        if rounding and rounding in {code.upper() for code in costs.values()}:
            raise ValueError("orders.items.rounding must be an item of its own: its lines are changed by the coupling")
        if self.orders.default_debtor_address == "fields" and not self.orders.default_debtor_fields:
            raise ValueError("orders.default_debtor_address is 'fields', but orders.default_debtor_fields names none")
        return self


def read_settings(config: dict[str, Any]) -> Settings:
    """Settings from a plugin's config; keys of the Singer base are left to it.

    Raises:
        ConfigurationError: One line that names the settings and what is wrong with them, never a value.
    """
    try:
        return Settings.model_validate({name: config[name] for name in Settings.model_fields if name in config})
    except ValidationError as error:
        raise ConfigurationError(f"settings: {problems(error)}") from None
