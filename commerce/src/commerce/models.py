"""The commerce contract: what a document, a party and a customer can say, whatever system they come from.

Three states of a field are told apart: absent from the record (don't touch), ``None`` (clear it) and a value; use
``model_fields_set`` to see the first. Money and quantities are ``Decimal`` and travel as strings. ``*_date`` is a
calendar day, ``*_at`` an instant in UTC. No limit of any target (length, digits, number of lines) stands here: those
live in the target's capability file.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations at run time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

CONTRACT_VERSION = "1.0"

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
"""``<system>.<instance>:<native id>``: unique without regard to case, never reused."""

Number = Annotated[
    Decimal,
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    Field(json_schema_extra={"format": "x-singer.decimal"}),
]
"""Money or a quantity: an exact decimal, written as text."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Model(BaseModel):
    """Base of every contract model: unknown fields are refused, so that a typing error can't lose data."""

    # Built at first use: of all the contract a run needs one or two records.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Kind(StrEnum):
    """What a document is."""

    QUOTATION = "quotation"
    ORDER = "order"
    DIRECT_ORDER = "direct_order"
    INVOICE = "invoice"
    DIRECT_INVOICE = "direct_invoice"
    PREPAYMENT_INVOICE = "prepayment_invoice"
    REPEATING_INVOICE = "repeating_invoice"
    RECEIPT = "receipt"
    CREDIT = "credit"
    RETURN = "return"
    FINANCIAL_ENTRY = "financial_entry"
    OTHER = "other"


class LineKind(StrEnum):
    """What a line stands for."""

    ITEM = "item"
    SHIPPING = "shipping"
    PAYMENT_COST = "payment_cost"
    DISCOUNT = "discount"
    GIFT_WRAP = "gift_wrap"
    GIFT_CARD = "gift_card"
    DEPOSIT = "deposit"
    ROUNDING = "rounding"
    SERVICE = "service"
    BUNDLE = "bundle"
    BUNDLE_PART = "bundle_part"
    OPTION = "option"
    TEXT = "text"
    OTHER = "other"


class Lifecycle(StrEnum):
    """Where a document stands in its life."""

    DRAFT = "draft"
    OPEN = "open"
    CONFIRMED = "confirmed"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    OTHER = "other"


class PaymentState(StrEnum):
    """How far a document is paid."""

    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CREDIT = "credit"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    OTHER = "other"


class Progress(StrEnum):
    """How far delivery, or cancellation, has come."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    OTHER = "other"


class Basis(StrEnum):
    """Whether prices are stated including or excluding VAT."""

    INCL = "incl"
    EXCL = "excl"


class VatTreatment(StrEnum):
    """Under which VAT regime a document falls."""

    DOMESTIC = "domestic"
    OSS = "oss"
    INTRA_EU_REVERSE_CHARGE = "intra_eu_reverse_charge"
    DOMESTIC_REVERSE_CHARGE = "domestic_reverse_charge"
    EXPORT = "export"
    MARGIN = "margin"
    EXEMPT = "exempt"
    NONE = "none"
    UNKNOWN = "unknown"
    OTHER = "other"


class VatCategory(StrEnum):
    """What kind of rate applies to a line."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    NONE = "none"
    UNKNOWN = "unknown"
    OTHER = "other"


class PartyKind(StrEnum):
    """A natural person or an organisation."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Identifier(Model):
    """One identifier that some system knows a record by; always text, leading zeros kept."""

    system: str
    instance: str | None = None
    kind: str
    value: str


class Ref(Model):
    """A reference to another record: a target resolves it by the first part that it can."""

    key: Key | None = None
    ids: list[Identifier] = []
    code: str | None = None
    sku: str | None = None
    gtin: str | None = None
    name: str | None = None


class Code(Model):
    """A value of the source's code list, with what it was mapped to; the raw value always stays."""

    code: str
    title: str | None = None
    mapped: str | None = None


StateT = TypeVar("StateT", bound=StrEnum)


class State(Model, Generic[StateT]):
    """A state in the contract's terms, and as the source words it."""

    value: StateT
    raw: str | None = None


class Source(Model):
    """Where a record comes from."""

    system: str
    instance: str
    channel: Literal["web", "pos", "crm", "edi", "marketplace", "phone", "manual", "other"] = "other"


class Extra(Model):
    """A typed custom value."""

    type: Literal["string", "integer", "decimal", "boolean", "date", "datetime", "choice", "multi_choice"]
    value: str | int | bool | list[str] | None


class Record(Model):
    """What every record of a commerce stream is known by, with room for what the contract has no field for."""

    key: Key
    source: Source
    extra: dict[str, Extra] = {}


class MasterRecord(Record):
    """A record that lives on and changes; ``active``: it counts at all."""

    changed_at: AwareDatetime | None = None
    active: bool = True


class Reachable(Model):
    """A name with its parts, and where it is reached."""

    name: str
    initials: str | None = None
    first_name: str | None = None
    infix: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None


class Profile(Reachable):
    """What is known of a person or a company, whether as a customer or on a document."""

    kind: PartyKind
    company: str | None = None
    gender: Literal["male", "female", "other"] | None = None
    birth_date: dt.date | None = None
    vat_number: str | None = None
    coc_number: str | None = None
    language: str | None = None


class Address(Model):
    """A postal address, as typed (``lines``) and parsed."""

    key: Key | None = None
    lines: list[str] = []
    name: str | None = None
    company: str | None = None
    attention: str | None = None
    street: str | None = None
    house_number: str | None = None
    house_number_addition: str | None = None
    building: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: Country | None = None
    country_raw: str | None = None
    parsed_by: Literal["source", "us", "none"] = "none"


class Party(Profile):
    """A snapshot of a person or company as it stood on a document."""

    ref: Ref | None = None
    guest: bool | None = None
    address: Address | None = None


class Vat(Model):
    """VAT of a line: what the source says, and what could be told from it.

    ``rate`` is a percentage (``21`` is 21 %), the sum where several taxes apply to one line; a null rate is legal.
    ``code`` is what the source calls it, ``country`` the country whose VAT it is, ``amount`` that of the whole line.
    """

    category: VatCategory
    rate: Number | None = None
    code: str | None = None
    country: Country | None = None
    amount: Number | None = None


class VatTotal(Model):
    """Base and VAT of one rate (a percentage), as the source states them."""

    category: VatCategory
    rate: Number | None = None
    code: str | None = None
    base: Number | None = None
    vat: Number | None = None


class Totals(Model):
    """Totals as the source states them, also when they do not add up: the difference is a fact, not corrected."""

    excl: Number | None = None
    vat: Number | None = None
    incl: Number | None = None
    rounding: Number | None = None
    per_vat: list[VatTotal] = []


class Price(Model):
    """A unit price and its basis."""

    amount: Number
    basis: Basis


class Discount(Model):
    """A discount on a line, on the document or on shipping.

    ``amount`` is positive: what came off, of the whole line; ``percent`` is a percentage (``10`` is 10 %).
    """

    level: Literal["line", "document", "shipping"]
    kind: Literal[
        "percent", "amount", "coupon", "price_group", "customer", "promotion", "employee", "external", "other"
    ]
    percent: Number | None = None
    amount: Number | None = None
    basis: Basis | None = None
    code: str | None = None
    title: str | None = None


class Line(Model):
    """One line of a document.

    ``total_excl`` and ``total_incl`` are of the whole line, **after** its own discounts (``discounts``, level line) and
    **before** document discounts, which stand as lines of kind ``discount`` or in ``Order.discounts``.
    """

    key: str
    position: int
    parent_key: str | None = None
    kind: LineKind
    item: Ref | None = None
    description: str | None = None
    quantity: Number
    unit: Code | None = None
    unit_price: Price | None = None
    list_price: Price | None = None
    cost_price: Number | None = None
    discounts: list[Discount] = []
    vat: Vat
    total_excl: Number | None = None
    total_incl: Number | None = None
    quantity_delivered: Number | None = None
    quantity_cancelled: Number | None = None
    quantity_invoiced: Number | None = None
    quantity_refunded: Number | None = None
    quantity_returned: Number | None = None
    location: Ref | None = None
    requested_delivery_date: dt.date | None = None
    ledger_account: str | None = None
    cost_centre: str | None = None
    project: str | None = None
    remark: str | None = None
    extra: dict[str, Extra] = {}


class Payment(Model):
    """A payment, refund or other settlement of a document."""

    key: str
    kind: Literal["payment", "refund", "deposit", "gift_card", "on_account", "cash_rounding", "other"]
    method: Code
    amount: Number | None = None
    reference: str | None = None
    paid_at: AwareDatetime | None = None
    state: str | None = None


class Delivery(Model):
    """How a document is to be delivered."""

    method: Code | None = None
    carrier: Code | None = None
    pickup: bool = False
    pickup_location: Ref | None = None
    partial_allowed: bool | None = None
    requested_date: dt.date | None = None
    instructions: str | None = None


class Link(Model):
    """A link to another document."""

    type: Literal[
        "quotation", "order", "invoice", "credited_invoice", "shipment", "receipt", "replaces", "session", "other"
    ]
    ref: Ref


class Order(Record):
    """A document: order, quotation, invoice, receipt, credit, return or financial entry, told apart by ``kind``."""

    ids: list[Identifier] = []
    source_version: str | None = None
    source_revision: str | None = None
    changed_at: AwareDatetime | None = None
    kind: Kind
    number: str
    reference: str | None = None
    title: str | None = None
    links: list[Link] = []
    lifecycle: State[Lifecycle]
    payment_state: State[PaymentState]
    delivery_state: State[Progress]
    cancel_state: State[Progress]
    placed_at: AwareDatetime
    document_date: dt.date | None = None
    book_date: dt.date | None = None
    currency: Currency
    price_basis: Basis
    vat_treatment: VatTreatment
    buyer: Party
    bill_to: Party | None = None
    ship_to: Party | None = None
    payer: Party | None = None
    lines: list[Line]
    discounts: list[Discount] = []
    payments: list[Payment] = []
    payment_method: Code | None = None
    delivery: Delivery | None = None
    totals: Totals
    remark: str | None = None
    internal_remark: str | None = None
    administration: str | None = None
    sales_person: str | None = None
    price_list: Ref | None = None
    project: str | None = None
    cost_centre: str | None = None


class Contact(Reachable):
    """A person at an organisation."""

    key: Key | None = None


class CustomerAddress(Address):
    """An address of a customer and what it is used for."""

    role: Literal["billing", "delivery", "visiting", "postal", "other"]
    default: bool = False


class Blocks(Model):
    """What is blocked for a customer."""

    orders: bool = False
    deliveries: bool = False
    everything: bool = False
    reason: str | None = None


class Customer(MasterRecord, Profile):
    """One legal party: a person or an organisation, with its contacts and addresses."""

    ids: list[Identifier] = []
    source_version: str | None = None
    deleted_at: AwareDatetime | None = None
    currency: Currency | None = None
    guest: bool = False
    contacts: list[Contact] = []
    addresses: list[CustomerAddress] = []
    groups: list[Ref] = []
    price_list: Ref | None = None
    payment_terms: Code | None = None
    payment_method: Code | None = None
    vat_treatment: VatTreatment = VatTreatment.UNKNOWN
    ledger_account: str | None = None
    blocked: Blocks | None = None
    remark: str | None = None
