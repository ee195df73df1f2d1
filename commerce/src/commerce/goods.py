"""The commerce contract for master data: products, stock, prices, categories, relations, customer groups.

The rules are those of `commerce.models`. A product, a variant and a bundle are records of one stream, told apart by
``kind``; whatever belongs to one is referenced by key, SKU or code, never by a target's number. Texts, images and
attributes come whole: a list that is there is all there is, an absent one says nothing.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  pydantic reads the annotations at run time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, StringConstraints

from commerce.models import Basis, Code, Currency, Identifier, MasterRecord, Model, Number, Record, Ref, VatCategory

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a content, in hexadecimal."""


class ProductKind(StrEnum):
    """What a product is."""

    SIMPLE = "simple"
    VARIANT_PARENT = "variant_parent"
    VARIANT = "variant"
    BUNDLE = "bundle"
    SERVICE = "service"
    GIFT_CARD = "gift_card"
    OTHER = "other"


class Text(Model):
    """A text in one language; ``plain`` has to be escaped where it is shown, ``html`` has not."""

    language: Language
    role: Literal["title", "long_title", "short", "long", "receipt", "seo_title", "seo_description", "slug", "other"]
    value: str | None
    format: Literal["plain", "html"] = "plain"


class Gtin(Model):
    """A barcode number of a trade item, and how many pieces are in the pack that carries it."""

    value: str
    kind: Literal["ean8", "ean13", "upc", "ean14", "other"] = "other"
    pack_quantity: Number | None = None
    unit: Code | None = None
    primary: bool = True


class AxisValue(Model):
    """One value of an axis."""

    code: str
    label: str | None = None
    position: int | None = None


class Axis(Model):
    """What variants of one parent differ in, such as colour; axes are ordered, and there may be any number."""

    code: str
    label: str | None = None
    values: list[AxisValue] = []


class Chosen(Model):
    """A variant's value on one axis."""

    axis: str
    value: AxisValue


class Attribute(Model):
    """A characteristic (origin, material, lead time); apart from the axes, by which variants are chosen.

    Values are text as a person reads it; several for a multiple choice, none when it is empty.
    """

    code: str
    label: str | None = None
    type: Literal["string", "integer", "decimal", "boolean", "date", "choice", "multi_choice"] = "string"
    values: list[str] = []
    unit: str | None = None


class Image(Model):
    """An image of a product.

    ``position`` counts from 1 in the order of the source; the first is the main one. ``content`` is base64 and may be
    absent where only ``url`` is known; ``sha256`` and ``size`` (bytes) are those of the content.
    """

    key: str
    position: int
    role: Literal["main", "extra", "swatch", "other"] = "extra"
    filename: str | None = None
    mime: str | None = None
    sha256: Digest | None = None
    size: int | None = None
    url: str | None = None
    content: str | None = None
    alt: str | None = None


class Measure(Model):
    """An amount with its unit: ``g``, ``kg``, ``ml``, ``l``, ``mm``, ``cm``, ``m``."""

    value: Number
    unit: str


class ProductVat(Model):
    """Under which rate a product falls; ``rate`` is a percentage, ``code`` what the source calls the group."""

    category: VatCategory
    rate: Number | None = None
    code: str | None = None


class Placement(Model):
    """A category that a product stands in."""

    category: Ref
    position: int | None = None
    primary: bool = False


class Product(MasterRecord):
    """A product, a variant of one, a bundle or a service. ``sku`` is as the merchant writes it, not the identity.

    ``web_enabled``: the merchant wants it in the shop. ``active``: it exists and may be sold at all.
    """

    ids: list[Identifier] = []
    source_version: str | None = None
    deleted_at: AwareDatetime | None = None
    kind: ProductKind
    parent: Ref | None = None
    sku: str
    web_enabled: bool = True
    discontinued: bool | None = None
    available_from: dt.date | None = None
    available_until: dt.date | None = None
    texts: list[Text] = []
    brand: Ref | None = None
    supplier: Ref | None = None
    item_group: Ref | None = None
    gtins: list[Gtin] = []
    manufacturer_number: str | None = None
    axes: list[Axis] = []
    axis_values: list[Chosen] = []
    position: int | None = None
    attributes: list[Attribute] = []
    images: list[Image] = []
    categories: list[Placement] = []
    unit: Code | None = None
    content_quantity: Measure | None = None
    minimum_quantity: Number | None = None
    maximum_quantity: Number | None = None
    quantity_step: Number | None = None
    weight: Measure | None = None
    width: Measure | None = None
    height: Measure | None = None
    length: Measure | None = None
    volume: Measure | None = None
    vat: ProductVat | None = None
    cost_price: Number | None = None
    stock_tracked: bool | None = None
    backorder: Literal["no", "yes", "notify", "other"] | None = None
    hs_code: str | None = None
    origin_country: str | None = None


class Incoming(Model):
    """Goods on their way."""

    quantity: Number
    expected_date: dt.date | None = None


class StockLevel(Record):
    """Quantities of an item at one location. Absolute, never a difference; what the source has no word on is absent.

    ``available`` and ``economic`` are the source's own figures; which of all these a shop shows is the target's
    setting, by a formula over them. ``read_at`` is a moment at which they were true.
    """

    item: Ref
    location: Ref
    unit: Code | None = None
    on_hand: Number | None = None
    reserved: Number | None = None
    backordered: Number | None = None
    reserved_on_purchase: Number | None = None
    incoming: Number | None = None
    incoming_lots: list[Incoming] = []
    available: Number | None = None
    economic: Number | None = None
    safety: Number | None = None
    read_at: AwareDatetime | None = None
    active: bool = True


class PriceScope(StrEnum):
    """For whom a price holds."""

    BASE = "base"
    PRICE_LIST = "price_list"
    CUSTOMER_GROUP = "customer_group"
    CUSTOMER = "customer"
    LOCATION = "location"
    CHANNEL = "channel"


class ItemPrice(MasterRecord):
    """A price of an item or an item group, for somebody, from some quantity, in some period.

    ``kind``: ``fixed`` is the price itself, ``percent_off`` and ``amount_off`` come off the base price. ``tiers``:
    with ``range`` the price of the tier reached holds for all pieces, with ``slab`` only for those in the tier.
    ``valid_from`` and ``valid_until`` are calendar days where the merchant is, both included.
    """

    source_version: str | None = None
    item: Ref | None = None
    item_group: Ref | None = None
    scope: PriceScope
    scope_ref: Ref | None = None
    kind: Literal["fixed", "percent_off", "amount_off"] = "fixed"
    amount: Number
    basis: Basis
    currency: Currency
    unit: Code | None = None
    per_quantity: Number | None = None
    min_quantity: Number | None = None
    tiers: Literal["range", "slab"] = "range"
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    compare_at: Number | None = None
    vat: ProductVat | None = None


class PriceList(MasterRecord):
    """A price list, which prices refer to by its code."""

    code: str
    name: str | None = None
    currency: Currency | None = None
    basis: Basis | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    standard: bool = False


class CustomerGroup(MasterRecord):
    """A group of customers with a price list or conditions of its own."""

    code: str
    name: str
    price_list: Ref | None = None
    discount_percent: Number | None = None


class Category(MasterRecord):
    """A node of a category tree; parents come before their children."""

    deleted_at: AwareDatetime | None = None
    tree: str | None = None
    code: str
    parent: Ref | None = None
    position: int | None = None
    texts: list[Text] = []
    image: Image | None = None


class RelationType(StrEnum):
    """How one product points to another."""

    RELATED = "related"
    CROSS_SELL = "cross_sell"
    UP_SELL = "up_sell"
    ACCESSORY = "accessory"
    SPARE_PART = "spare_part"
    REPLACES = "replaces"
    SIMILAR = "similar"
    ADD_ON = "add_on"
    BUNDLE_PART = "bundle_part"
    OTHER = "other"


class ProductRelation(MasterRecord):
    """One product pointing to another; ``bundle_part``: ``related`` is in ``item``, ``quantity`` times."""

    deleted_at: AwareDatetime | None = None
    item: Ref
    related: Ref
    type: RelationType = RelationType.RELATED
    type_raw: str | None = None
    quantity: Number | None = None
    position: int | None = None
    both_ways: bool = False
    required: bool = False
