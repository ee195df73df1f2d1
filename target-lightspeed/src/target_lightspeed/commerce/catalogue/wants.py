"""What a product of the contract wants of the shop, field by field. Pure.

A field that the record doesn't have says nothing, one that is null or empty clears, and a list that is there is all
there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commerce.goods import Product, ProductKind
from target_lightspeed.commerce.catalogue import convert
from target_lightspeed.commerce.catalogue.convert import Unfit
from target_lightspeed.commerce.stock.levels import rules_of
from target_lightspeed.fields import By
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from commerce.goods import Image, Placement
    from target_lightspeed.commerce.catalogue.ownership import Rules
    from target_lightspeed.commerce.catalogue.settings import CatalogueSettings
    from target_lightspeed.commerce.stock.settings import StockSettings

ROLES = {"title": "title", "long_title": "fulltitle", "short": "description", "long": "content", "slug": "url"}
"""Role of a text -> field of the product. The API has no place for the other roles."""

NOT_TAKEN = (
    "supplier",
    "discontinued",
    "available_from",
    "available_until",
    "content_quantity",
    "quantity_step",
    "backorder",
    "extra",
)
"""Fields of a product that the shop has no place for, or that this flow doesn't write; named once when they come."""

OF_PRODUCTS = ("texts", "images", "attributes", "brand", "categories")
"""Fields that only a product has in the shop: a variant that is an item of its own says them in vain."""

SIZES = {"width": "sizeX", "height": "sizeY", "length": "sizeZ"}

OFF = frozenset({"untick", "vanished"})


@dataclass(frozen=True, slots=True)
class Value:
    """What one field of the shop must hold.

    Attributes:
        value: As it is written, or a `By`: a record of the shop meant by its title or rate.
        rule: Name under which the ownership of the field is set; "" is always written.
    """

    value: Any
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Wants:
    """What one record wants.

    Attributes:
        product: The record.
        state: ``wanted``, ``untick`` or ``vanished``.
        problem: Why it can't be loaded.
        own: Fields of the product.
        variant: Fields of its variant (of a parent: of all its variants).
        texts: Language -> fields of the product.
        titles: Language -> title of its variant.
        specifications: Language ("" for the default) -> title -> value.
        images: In order; None when the record says nothing of them.
        placements: Categories; None when the record says nothing of them.
        left_out: Words of a warning -> names of what has no place in the shop.
    """

    product: Product
    state: str
    problem: Hold | None = None
    own: Mapping[str, Value] = field(default_factory=dict)
    variant: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    titles: Mapping[str, Value] = field(default_factory=dict)
    specifications: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    images: tuple[Image, ...] | None = None
    placements: tuple[Placement, ...] | None = None
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Our key."""
        return self.product.key

    @property
    def sku(self) -> str:
        """The SKU, as it stands in the shop."""
        return self.product.sku.strip()

    @property
    def is_variant(self) -> bool:
        """Whether it is one of a parent's variants."""
        return self.product.kind is ProductKind.VARIANT

    @property
    def is_parent(self) -> bool:
        """Whether its variants are records of their own."""
        return self.product.kind is ProductKind.VARIANT_PARENT

    @property
    def parent(self) -> str:
        """Key of the parent, or ""."""
        return (self.product.parent.key or "") if self.product.parent else ""


class Reader:
    """Reads products.

    Args:
        settings: Of the flow.
        rules: Ownership.
        language: The shop's default.
        stock: Settings of the stock flow: what becomes of items whose stock is not kept.

    Attributes:
        axes: Code of an axis -> its label, as parents say it.
    """

    def __init__(self, settings: CatalogueSettings, rules: Rules, language: str, stock: StockSettings) -> None:
        self.settings, self.rules, self.language, self.stock = settings, rules, language, stock
        self.axes: dict[str, str] = {}

    def read(self, product: Product) -> Wants:
        """What a record wants; never raises for what is in it."""
        state = "wanted"
        if not product.active or product.deleted_at is not None:
            state = "vanished"
        elif not product.web_enabled:
            state = "untick"
        if state in OFF:
            return Wants(product, state)
        try:
            return self._wanted(product)
        except Unfit as unfit:
            return Wants(product, state, Hold(unfit.reason, unfit.subject))

    def _wanted(self, product: Product) -> Wants:
        said = product.model_fields_set
        left_out: dict[str, list[str]] = {}

        def drop(words: str, name: str) -> None:
            left_out.setdefault(words, []).append(name)

        by_language = self._texts(product, drop) if "texts" in said else {}
        base = by_language.pop(self.language, {})
        is_variant = product.kind is ProductKind.VARIANT
        own: dict[str, Value] = {}
        specifications: dict[str, dict[str, Value]] = {}
        if not is_variant:
            own |= {name: Value(text, name) for name, text in base.items()}
            if "texts" in said and not base.get("title"):
                raise Unfit("missing_field", f"title: no text in {self.language}")
            specifications = self._described(product, own, drop)
        variant = self._variant(product, drop)
        for name in NOT_TAKEN:
            if getattr(product, name):
                drop("have no place in the shop and are left out", name)
        for name in OF_PRODUCTS if is_variant else ():
            if getattr(product, name):
                drop("are the product's in the shop, and are left out of variants", name)
        titles: dict[str, Value] = {}
        if is_variant:
            title = convert.variant_title(
                product.axis_values, self.axes, self.settings.axis_title, self.settings.axis_join
            )
            if "axis_values" in said or title:
                if not title:
                    raise Unfit("missing_field", "axis_values: no value")
                variant["title"] = Value(convert.line("title", title), "variant_title")
        elif product.kind is not ProductKind.VARIANT_PARENT and "title" in base:
            variant["title"] = Value(base["title"], "variant_title")
            titles = {
                code: Value(found["title"], "variant_title")
                for code, found in by_language.items()
                if found.get("title")
            }
        if not product.sku.strip() and product.kind is not ProductKind.VARIANT_PARENT:
            raise Unfit("missing_field", "sku")
        return Wants(
            product,
            "wanted",
            own=self._allowed(own),
            variant=self._allowed(variant),
            texts={}
            if is_variant
            else {
                code: self._allowed({name: Value(text, name) for name, text in found.items()})
                for code, found in by_language.items()
            },
            titles=titles if self.rules.ever("variant_title") else {},
            specifications=specifications if self.rules.ever("specifications") else {},
            images=self._images(product, drop) if "images" in said and self.rules.ever("images") else None,
            placements=tuple(product.categories)
            if "categories" in said and self.settings.categories and self.rules.ever("categories")
            else None,
            left_out={words: tuple(names) for words, names in left_out.items()},
        )

    def _allowed(self, values: Mapping[str, Value]) -> dict[str, Value]:
        # Nothing can be made without a title, whoever owns it.
        return {
            name: value
            for name, value in values.items()
            if name == "title" or not value.rule or self.rules.ever(value.rule)
        }

    def _texts(self, product: Product, drop: Callable[[str, str], None]) -> dict[str, dict[str, str]]:
        """Language -> field -> text: empty where the source's is empty, absent where the source has no such text."""
        found: dict[str, dict[str, str]] = {}
        for text in product.texts:
            if text.role not in ROLES:
                drop("have no place in the shop and are left out", f"texts.{text.role}")
                continue
            wanted = self.settings.languages
            if text.language != self.language and wanted is not None and text.language not in wanted:
                continue
            name = ROLES[text.role]
            value = convert.markup(text) if name == "content" else convert.plain(text)
            found.setdefault(text.language, {})[name] = convert.line(name, value) if name != "content" else value
        # Without a slug of its own the shop makes one of the title; without a title the language isn't written.
        for texts in found.values():
            for name in ("url", "title"):
                if not texts.get(name):
                    texts.pop(name, None)
        return found

    def _described(
        self, product: Product, own: dict[str, Value], drop: Callable[[str, str], None]
    ) -> dict[str, dict[str, Value]]:
        """Brand, attributes and what the attribute map makes of them; returns the specifications."""
        said = product.model_fields_set
        if "brand" in said:
            name = (product.brand.name or product.brand.code or "").strip() if product.brand else ""
            own["brand"] = Value(By("title", self._brand(name)) if name else False, "brand")
        values = dict(_pseudo(product))
        if "attributes" in said:
            # All there is: what the map names and the record doesn't have is cleared.
            gone = {code: "" for code in self.settings.attributes if code not in _PSEUDO}
            values |= gone | {one.code: _shown(one.values, one.unit) for one in product.attributes}
        specifications: dict[str, dict[str, Value]] = {}
        for code, text in values.items():
            target = self.settings.attributes.get(code)
            if target is None:
                if code not in _PSEUDO:
                    drop("have no place in the setting `catalogue.attributes` and are left out", code)
            elif target.specification is not None:
                value = Value(convert.line("specification", text), "specifications")
                for language in target.languages or (self.language,):
                    written = "" if language == self.language else language
                    specifications.setdefault(written, {})[target.specification] = value
            elif target.field == "deliverydate":
                own["deliverydate"] = Value(By("name", convert.line("title", text)) if text else False, "deliverydate")
            elif target.field is not None and target.field != "additionalcost":
                own[target.field] = Value(convert.line(target.field, text), target.field)
        if specifications and self.settings.type and self.rules.ever("specifications"):
            own["type"] = Value(By("title", self.settings.type), "specifications")
        return specifications

    def _brand(self, name: str) -> str:
        folded = name.casefold()
        return next((title for one, title in self.settings.brand_aliases.items() if one.casefold() == folded), name)

    def _variant(self, product: Product, drop: Callable[[str, str], None]) -> dict[str, Value]:
        said = product.model_fields_set
        found: dict[str, Value] = {}
        if product.kind is not ProductKind.VARIANT_PARENT:
            sku = convert.sku(product.sku)
            fields = ("sku", "articleCode") if self.settings.sku_field == "both" else (self.settings.sku_field,)
            found |= {name: Value(sku) for name in fields}
            if "gtins" in said:
                found["ean"] = Value(convert.ean(product.gtins), "ean")
                if any(one.kind == "other" and one.value.strip("0 ") for one in product.gtins):
                    drop("have no place in the shop and are left out", "gtins of kind other")
            if product.position is not None:
                found["sortOrder"] = Value(convert.whole("position", Decimal(product.position)), "position")
        if "hs_code" in said:
            found["hs"] = Value((product.hs_code or "").strip(), "hs")
        if "weight" in said:
            found["weight"] = Value(convert.grams("weight", product.weight), "weight")
        if "volume" in said:
            found["volume"] = Value(convert.millilitres("volume", product.volume), "volume")
        for name, wanted in SIZES.items():
            if name in said:
                found[wanted] = Value(convert.centimetres(name, getattr(product, name)), "size")
        if "minimum_quantity" in said:
            least = product.minimum_quantity
            found["stockBuyMinimum"] = Value(
                convert.whole("minimum_quantity", least, least=1) if least else 1, "minimum"
            )
        if "maximum_quantity" in said:
            most = product.maximum_quantity
            value = convert.whole("maximum_quantity", most, least=1) if most else 10_000
            found["stockBuyMaximum"] = Value(value, "maximum")
        # The stock of a bundle is that of its parts, whatever it says itself.
        own = product.kind is not ProductKind.BUNDLE
        if own and product.stock_tracked is False and (tracking := self._untracked(product)) != "keep":
            found["stockTracking"] = Value(tracking, "tracking")
        if (title := self._additional_cost(product)) is not None:
            found["additionalcost"] = Value(By("title", title) if title else False, "additionalcost")
        if "cost_price" in said:
            found["priceCost"] = Value(product.cost_price or Decimal(0), "cost")
        if product.vat is not None and (product.vat.rate is not None or product.vat.code is not None):
            rate = f"{product.vat.rate.normalize():f}" if product.vat.rate is not None else ""
            found["tax"] = Value(By("rate", f"{product.vat.code or ''}|{rate}"), "tax")
        return found

    def _additional_cost(self, product: Product) -> str | None:
        """Title of the additional cost of a product; None when no attribute names one."""
        codes = [code for code, one in self.settings.attributes.items() if one.field == "additionalcost"]
        if not codes or "attributes" not in product.model_fields_set or product.kind is ProductKind.VARIANT:
            return None
        texts = (_shown(one.values, one.unit) for one in product.attributes if one.code in codes)
        return convert.line("title", next(texts, ""))

    def _untracked(self, product: Product) -> str:
        """Stock tracking of an item without stock: no stock level ever comes for it, so this flow must say it."""
        group = product.item_group
        named = (group.code or group.name or "") if group else ""
        return rules_of(self.stock, product.sku.strip(), named).tracking or self.stock.untracked

    def _images(self, product: Product, drop: Callable[[str, str], None]) -> tuple[Image, ...] | None:
        """The images in their order, each content once; None when the source sends none of the contents."""
        there = [image for image in product.images if image.content or image.url]
        if product.images and not there:
            drop("come without their content and are left out", "images")
            return None
        if len(there) < len(product.images):
            raise Unfit("missing_field", f"images: {len(product.images) - len(there)} without content")
        found: dict[str, Image] = {}
        for image in sorted(product.images, key=lambda one: (one.position, one.key)):
            if image.alt:
                drop("have no place in the shop and are left out", "images.alt")
            found.setdefault(convert.digest(image), image)
        return tuple(found.values())


_PSEUDO = ("unit", "item_group", "origin_country", "manufacturer_number")


def _pseudo(product: Product) -> Iterator[tuple[str, str]]:
    """Fields of the product that an attribute map may name too."""
    said = product.model_fields_set
    if "unit" in said:
        yield "unit", (product.unit.title or product.unit.code) if product.unit else ""
    if "item_group" in said:
        yield "item_group", (product.item_group.name or product.item_group.code or "") if product.item_group else ""
    for name in ("origin_country", "manufacturer_number"):
        if name in said:
            yield name, getattr(product, name) or ""


def _shown(values: list[str], unit: str | None) -> str:
    """Values as a person reads them."""
    text = ", ".join(one.strip() for one in values if one.strip())
    return f"{text} {unit}" if text and unit else text
