"""Settings of the flow: Products, variants, texts, images and what describes them."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  pydantic reads the annotations at run time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from target_lightspeed.commerce.catalogue.ownership import FIELDS, Ownership, Preset
from target_lightspeed.commerce.guard_settings import CatalogueLimits
from target_lightspeed.commerce.section import Section

OnOff = Literal["hide", "delete", "ignore"]


def _names(value: Any) -> Any:
    """A list of names may be given as one text with commas, as environment variables have it."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class AttributeTarget(Section):
    """Where an attribute goes: exactly one of the two."""

    specification: str | None = Field(
        None, description="Title of a specification in the default language; made when the shop has none."
    )
    languages: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        (),
        description="Languages in which this attribute is the specification's value; left out: the shop's default. "
        "A number may count in several; a field with a translation is an attribute with the same specification in "
        "its own language.",
    )
    field: Literal["data01", "data02", "data03", "deliverydate", "additionalcost"] | None = Field(
        None,
        description="Field of the product; `deliverydate` is the delivery date of that name, made when missing, and "
        "`additionalcost` the shop's additional cost of that title (deposit, disposal fee), which the API can't make.",
    )

    @model_validator(mode="after")
    def _one(self) -> AttributeTarget:
        if (self.specification is None) == (self.field is None):
            raise ValueError("give either `specification` or `field`")
        if self.languages and self.specification is None:
            raise ValueError("`languages` are those of a specification")
        return self


class Initial(Section):
    """What a new variant gets once, because other flows own it afterwards; nothing by default."""

    price_excl: Decimal | None = Field(None, ge=0, description="Price excluding VAT, as a text.")
    stock_level: int | None = Field(None, ge=0, description="Stock level.")
    stock_tracking: Literal["disabled", "enabled", "indicator"] | None = Field(None, description="Stock tracking.")


class CatalogueSettings(Section):
    """Products, variants, texts, images and what describes them."""

    key_field: Literal["data01", "data02", "data03", "none"] = Field(
        "data01",
        description="Field of the product that holds our key, by which a product is found again. `none`: it has no "
        "such field, and a product whose creation had no answer is found by its title among the newest ones.",
    )
    sku_field: Literal["sku", "articleCode", "both"] = Field(
        "sku", description="Field of the variant that holds the SKU; with `both` it is found by `sku`."
    )
    sku_rename: Literal["hold", "follow"] = Field(
        "hold", description="The SKU of a variant that is in the shop changed in the source: hold it, or change it."
    )
    untick: OnOff = Field("hide", description="A product that is not meant for the shop any more.")
    vanished: OnOff = Field("hide", description="A product that was deleted or blocked in the source.")
    variant_gone: Literal["delete", "ignore"] = Field(
        "delete",
        description="A variant that was deleted or blocked in the source. The last one is never deleted: its product "
        "is hidden until it gets another.",
    )
    visible_as: Literal["visible", "auto"] = Field(
        "visible", description="How a product is shown; `auto`: the shop hides it while it is out of stock."
    )
    visible_needs: Literal["price", "nothing"] = Field(
        "price", description="`price`: a product is hidden until each of its variants has a price above zero."
    )
    preset: Preset = Field(
        "afas_leads",
        description="Who owns the fields: `afas_leads`: the source, always; `shop_leads_content`: texts, images, brand "
        "and specifications are written once and then only where the shop has none.",
    )
    fields: dict[str, Ownership] = Field(
        {}, description="Field -> `create` (always, never) and `update` (always, if_empty, never), over the preset."
    )
    languages: Annotated[tuple[str, ...], BeforeValidator(_names)] | None = Field(
        None, description="Languages whose texts are written beside the shop's default; left out: all that come."
    )
    axis_title: str = Field("{axis}: {value}", description="How a variant's title names one of its values.")
    axis_join: str = Field(", ", description="What stands between them.")
    attributes: dict[str, AttributeTarget] = Field(
        {},
        description="Attribute code -> `{specification: TITLE}` or `{field: data02}`. The product's own `unit`, "
        "`item_group`, `origin_country` and `manufacturer_number` go by these codes too.",
    )
    type: str | None = Field(
        None, description="Title of the type that brings the specifications to a product; made when the shop has none."
    )
    brand_aliases: dict[str, str] = Field(
        {}, description="Spelling of a brand in the source -> its title in the shop; capitals make no difference."
    )
    taxes: dict[str, int] = Field(
        {}, description="VAT code or rate in percent of the source -> id of the shop's tax, where the rate won't do."
    )
    categories: bool = Field(
        False, description="Whether products are put into the categories of the `categories` flow; others stay."
    )
    max_images: int | None = Field(
        None, ge=0, description="Most images per product. Left out: what the shop allows, or else as many as come."
    )
    resync: bool = Field(
        False,
        description="Compare every product that comes with the shop, whatever is known of it: for one run, together "
        "with a full refresh of the tap. With `mode: plan` it lists every value that differs.",
    )
    initial: Initial = Field(Initial(), description="What a new variant gets once.")
    limits: CatalogueLimits = Field(CatalogueLimits(), description="What one run may do before a person looks at it.")

    @property
    def specifications(self) -> list[str]:
        """Titles of the specifications that are written."""
        return list(dict.fromkeys(one.specification for one in self.attributes.values() if one.specification))

    @model_validator(mode="after")
    def _known(self) -> CatalogueSettings:
        if unknown := sorted(set(self.fields) - set(FIELDS)):
            raise ValueError(f"fields: {', '.join(unknown)}: no such field; known: {', '.join(FIELDS)}")
        taken = [one.field for one in self.attributes.values() if one.field]
        if self.key_field in taken:
            raise ValueError(f"attributes: {self.key_field} holds our key (`key_field`)")
        if twice := sorted({one for one in taken if taken.count(one) > 1}):
            raise ValueError(f"attributes: {', '.join(twice)} is given twice")
        if any(one.specification for one in self.attributes.values()) and not self.type:
            raise ValueError("attributes: a specification needs `type`, the type that brings it to the products")
        if "{value}" not in self.axis_title:
            raise ValueError("axis_title: must have {value} in it")
        return self
