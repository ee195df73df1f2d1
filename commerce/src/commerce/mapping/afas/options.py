"""What an integrator decides about one AFAS environment."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from commerce.errors import MappingError
from commerce.goods import Language, RelationType
from commerce.mapping.afas.roles import ROLES
from commerce.models import VatCategory

TextRole = Literal["title", "long_title", "short", "long", "receipt", "seo_title", "seo_description", "slug", "other"]
AttributeType = Literal["string", "integer", "decimal", "boolean", "date", "choice", "multi_choice"]


class Section(BaseModel):
    """Nothing unknown; settings never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[str], BeforeValidator(_listed)]


class Connector(Section):
    """Which GetConnector serves a role, and how its fields are called."""

    id: str | None = Field(default=None, description="Id of the GetConnector; null turns the role off.")
    fields: dict[str, str | None] = Field(
        default={}, description="Our name for a column -> its field id or Dutch label there; null: not there."
    )


def _connector(value: Any) -> Any:
    return {"id": value} if value is None or isinstance(value, str) else value


class Choice(Section):
    """A field of the connector, chosen by its Dutch label or by its id."""

    label: str | None = Field(default=None, description="The field's Dutch label in AFAS.")
    field: str | None = Field(default=None, description="The field's id in the GetConnector, instead of `label`.")
    code: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="What it is called in the contract.")
    title: str | None = Field(default=None, description="What people read; default: the label.")
    optional: bool = Field(default=False, description="Go on, with a warning, when the connector has no such field.")
    values: dict[str, str] = Field(default={}, description="Value in AFAS -> value in the shop; none: as they are.")
    unmapped: Literal["hold", "keep", "clear"] = Field(
        default="hold",
        description="A value that `values` does not have, where it has any: the record is held, the value stays as it "
        "is, or it is left out.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.label is None) == (self.field is None):
            raise ValueError("give either `label` or `field`")
        return self

    @property
    def name(self) -> str:
        """The label or the field."""
        return self.label or self.field or ""

    def mapped(self, value: str, column: str) -> str | None:
        """The shop's word for a value; None when it is to be left out.

        Args:
            value: The value in AFAS.
            column: Where it stands.

        Raises:
            MappingError: ``unmapped_value`` with the column, when every value has to be mapped.
        """
        if not self.values or value in self.values or self.unmapped == "keep":
            return self.values.get(value, value)
        if self.unmapped == "hold":
            raise MappingError("unmapped_value", column)
        return None


class AttributeChoice(Choice):
    """A characteristic of a product."""

    type: AttributeType = Field(default="string", description="Type of its values.")
    unit: str | None = Field(default=None, description="Unit of its values.")
    separator: str = Field(default=";", min_length=1, description="Between the values of a `multi_choice`.")


class AxisChoice(Choice):
    """A column by which own items are variants of a parent item."""


class VatGroup(Section):
    """What a VAT tariff group means at home."""

    category: VatCategory = VatCategory.STANDARD
    rate: Decimal | None = Field(default=None, ge=0, le=100, description="Percentage; default: the connector's.")


def _default(label: str, code: str) -> AttributeChoice:
    return AttributeChoice(label=label, code=code, optional=True)


class Options(BaseModel):
    """Settings of one AFAS environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance: str = Field(
        default="main",
        pattern=r"^[A-Za-z0-9_-]{1,20}$",
        description="The environment's name in every key (`afas.<instance>:...`), such as its member number. Another "
        "one makes every record a new one.",
    )
    connectors: dict[str, Annotated[Connector, BeforeValidator(_connector)]] = Field(
        default={},
        description="Per role the id of the GetConnector that serves it, null to turn it off, or "
        "`{id: ..., fields: {Brand: Merk}}` with our name for a column and its field id or Dutch label there. Roles: "
        + ", ".join(f"`{name}`" for name in ROLES)
        + ".",
    )
    publish: Literal["ticked", "all"] = Field(
        default="ticked",
        description="Which items are wanted in the shop: those with `WebEnabled` ticked, or `all` of the connector.",
    )
    languages: dict[Language, dict[TextRole, Columns]] = Field(
        default={
            "nl": {"title": ["WebTitle", "Description"], "short": ["WebShort"], "long": ["WebLong"]},
            "en": {"title": ["WebTitleEn", "DescriptionEn"], "short": ["WebShortEn"], "long": ["WebLongEn"]},
            "de": {"title": ["DescriptionDe"]},
            "fr": {"title": ["DescriptionFr"]},
        },
        min_length=1,
        description="Per language (the shop's main one first) and text role the columns that hold it, the first that "
        "is filled counts. A column is our name, a field id or a Dutch label.",
    )
    html_roles: list[TextRole] = Field(
        default=["long"],
        description="Text roles in which HTML stays (cleaned); in others HTML becomes plain text. RTF always does.",
    )
    attributes: list[AttributeChoice] = Field(
        default=[
            _default("Materiaal", "material"),
            _default("Wasvoorschrift", "washing"),
            _default("Levertijd", "lead_time"),
            _default("Energielabel", "energy_label"),
            _default("Garantie", "warranty"),
        ],
        description="Fields that become characteristics, by Dutch label: `{label: Materiaal, code: material, type: "
        "string, unit: null, optional: false}`. A label that is gone stops the run.",
    )
    axes: list[AxisChoice] = Field(
        default=[
            AxisChoice(label="Kleur", code="colour", optional=True),
            AxisChoice(label="Maat", code="size", optional=True),
        ],
        description="Columns by which items with a `ParentItem` are variants of it, in order; same form as "
        "`attributes`, with `values` (AFAS -> shop) and `unmapped` (hold, keep, clear).",
    )
    axis_labels: dict[str, str] = Field(
        default={},
        description="Article dimension (`KLEUR`) -> what people read (`Kleur`); default: the code with one capital.",
    )
    sku_separator: str = Field(
        default="-",
        min_length=1,
        max_length=3,
        description="Between item code and dimension codes in the SKU of a variant.",
    )
    gift_card_groups: list[str] = Field(default=[], description="Item groups whose items are gift cards.")
    weight: Literal["gross", "net"] = Field(
        default="gross", description="Which weight counts; the other where it is empty."
    )
    size_unit: Literal["mm", "cm", "m"] = Field(default="cm", description="Unit of length, width and height in AFAS.")
    standard_rate: Decimal = Field(
        default=Decimal(21), ge=0, le=100, description="The standard VAT rate, by which percentages are told apart."
    )
    vat_groups: dict[str, VatGroup] = Field(
        default={},
        description="VAT tariff group -> `{category: standard, rate: 21}` (`standard`, `reduced`, `zero`, `exempt`); "
        "others are told by the percentage that the connector gives.",
    )
    backorder: dict[str, Literal["no", "yes", "notify", "other"]] = Field(
        default={"0": "no", "1": "no", "2": "yes", "3": "yes"},
        description="Stock control code (0 free stock, 1 economic stock, 2 free stock at packing, 3 none) -> whether "
        "an item may be sold without stock: `no`, `yes`, `notify`.",
    )
    relation_types: dict[str, RelationType] = Field(
        default={
            "cross": RelationType.CROSS_SELL,
            "up": RelationType.UP_SELL,
            "related": RelationType.RELATED,
            "accessory": RelationType.ACCESSORY,
            "sparepart": RelationType.SPARE_PART,
            "replaces": RelationType.REPLACES,
            "similar": RelationType.SIMILAR,
        },
        description="Kind of relation in AFAS -> the contract's type; others become `other`.",
    )
    customer_groups: list[Literal["group", "price_list"]] = Field(
        default=["group"],
        description="What puts a customer into a group: the customer group (`group`), the preferred price list "
        "(`price_list`), or both.",
    )
    stock_read_margin: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="Where a stock record doesn't say when AFAS was asked for it (`read_at: ReadAt` of tap-afas): "
        "seconds before it was sent at which its figures may have been read. Larger is safe, smaller may "
        "bring a sold piece back.",
    )

    @field_validator("connectors")
    @classmethod
    def _roles(cls, value: dict[str, Connector]) -> dict[str, Connector]:
        if unknown := sorted(set(value) - set(ROLES)):
            raise ValueError(f"there is no role '{unknown[0]}'; known are {', '.join(ROLES)}")
        return value

    @model_validator(mode="after")
    def _once(self) -> Self:
        for name, choices in (("attributes", self.attributes), ("axes", self.axes)):
            codes = [one.code for one in choices]
            if twice := [code for code in codes if codes.count(code) > 1]:
                raise ValueError(f"{name}: the code '{twice[0]}' is there twice")
        served = [self.connector(role) for role in ROLES if self.connector(role)]
        if doubled := [one for one in served if served.count(one) > 1]:
            raise ValueError(f"connectors: {doubled[0]} serves two roles")
        return self

    def connector(self, role: str) -> str | None:
        """The id of the GetConnector that serves a role; None when it is turned off."""
        given = self.connectors.get(role)
        if given is None:
            return ROLES[role].connector
        return given.id if given.id is not None or "id" in given.model_fields_set else ROLES[role].connector

    def fields(self, role: str) -> dict[str, str | None]:
        """Our names for columns that are called otherwise in the role's connector."""
        given = self.connectors.get(role)
        return {} if given is None else given.fields
