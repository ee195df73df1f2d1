"""Settings that depend on the document: tables that translate a code, and rules that choose a value.

Pure: everything here takes a document's facts and gives a value, or raises `CannotLoad` / `ConfigurationError` by what
the table says about a missing entry.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  (pydantic needs it at run time)
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)

from target_afas.reasons import CannotLoad
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from commerce.models import Code, Order

Missing = Literal["hold", "default", "fail"]
"""What a missing entry does: hold the record, use the table's default, or stop the run (exit 2)."""


class Section(BaseModel):
    """Base of all settings: unknown names are refused, so that a typing error can't be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ()
    """JSON schemas of the shorter forms that a validator of the class also takes."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema of the class, or of one of its short forms."""
        schema = handler(core_schema)
        return {"anyOf": [*cls.short_forms, schema]} if cls.short_forms else schema


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at. Pure data, made once per document."""

    country: str | None
    payment: str | None
    shipping: str | None
    customer: Literal["person", "organisation"]
    treatment: str
    guest: bool = False


def facts_of(order: Order) -> Facts:
    """The facts of an order: country it ships to (else of the invoice address), payment, shipping, customer kind."""
    country = None
    for party in (order.ship_to, order.bill_to, order.buyer):
        if party is not None and party.address is not None and party.address.country:
            country = party.address.country
            break
    method = order.delivery.method if order.delivery else None
    return Facts(
        country=country,
        payment=order.payment_method.code if order.payment_method else None,
        shipping=method.code if method else None,
        customer=order.buyer.kind.value,
        treatment=order.vat_treatment.value,
        guest=bool(order.buyer.guest),
    )


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[
    list[str], BeforeValidator(_as_list), WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}})
]


class When(Section):
    """The conditions of a rule; a condition that is left out fits everything."""

    country: Names | None = Field(None, description="ISO 3166 codes of the country the order ships to.")
    payment: Names | None = Field(None, description="Codes of the shop's payment method.")
    shipping: Names | None = Field(None, description="Codes of the shop's shipping method.")
    customer: Literal["person", "organisation"] | None = Field(None, description="Kind of customer.")
    treatment: Names | None = Field(None, description="VAT treatments of the commerce contract.")
    guest: bool | None = Field(None, description="Whether the customer ordered without an account.")

    def fits(self, facts: Facts) -> bool:
        """Whether all conditions hold."""
        return (
            (self.country is None or facts.country in self.country)
            and (self.payment is None or facts.payment in self.payment)
            and (self.shipping is None or facts.shipping in self.shipping)
            and (self.customer is None or facts.customer == self.customer)
            and (self.treatment is None or facts.treatment in self.treatment)
            and (self.guest is None or facts.guest == self.guest)
        )


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "integer"]})]
"""A code: also a number in YAML is meant as text."""


class Rule(When):
    """A value and when it holds."""

    value: Text | None = Field(description="The value; null sends nothing.")


class Choice(Section):
    """A value that may depend on the document: the first rule that fits, else the default."""

    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "integer"]},)
    rules: list[Rule] = Field([], description="Tried from top to bottom; the first that fits wins.")
    default: Text | None = Field(None, description="The value when no rule fits; null sends nothing.")
    missing: Literal["default", "hold", "fail"] = Field("default", description="What to do when no rule fits.")

    @model_validator(mode="before")
    @classmethod
    def _plain_value(cls, value: object) -> object:
        """A plain value is a choice without rules."""
        return {"default": value} if isinstance(value, str | int) and not isinstance(value, bool) else value

    def pick(self, facts: Facts, name: str) -> str | None:
        """The value for these facts.

        Args:
            facts: What the document says.
            name: Name of the setting, for the message.

        Raises:
            CannotLoad: No rule fits and the setting says to hold.
            ConfigurationError: No rule fits and the setting says to fail.
        """
        for rule in self.rules:
            if rule.fits(facts):
                return rule.value
        if self.missing == "hold":
            raise CannotLoad("unmapped_setting", name)
        if self.missing == "fail":
            raise ConfigurationError(f"No rule of the setting '{name}' fits {facts}: add one.")
        return self.default

    def values(self) -> set[str]:
        """Every value that may come out."""
        return {value for value in [self.default, *(rule.value for rule in self.rules)] if value is not None}


ValueT = TypeVar("ValueT")


class Table(Section, Generic[ValueT]):
    """A mapping table: the shop's code -> ours, and what a missing entry does."""

    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "object"},)
    entries: dict[str, ValueT] = Field({}, description="The shop's code (or title) -> the value in AFAS.")
    missing: Missing = Field(
        "hold", description="A code that is not in the table: hold the record, use `default`, or stop the run."
    )
    default: ValueT | None = Field(None, description="The value for `missing: default`; null sends nothing.")

    @model_validator(mode="before")
    @classmethod
    def _plain_entries(cls, value: object) -> object:
        """A plain mapping is a table with nothing but entries."""
        if isinstance(value, dict) and not value.keys() & {"entries", "missing", "default"}:
            return {"entries": value}
        return value

    def entry(self, code: Code | str) -> ValueT | None:
        """The table's own entry for a code; none when it has none, whatever `missing` says."""
        names = [code] if isinstance(code, str) else [code.mapped, code.code, code.title]
        folded = {key.casefold(): value for key, value in self.entries.items()}
        return next((folded[name.casefold()] for name in names if name is not None and name.casefold() in folded), None)

    def look_up(self, code: Code | str | None, *, reason: str, table: str) -> ValueT | None:
        """The value of a code: by what the mapper made of it, the raw code, or its title, without regard to case.

        Args:
            code: The source's value; none gives the default, whatever `missing` says, because nothing was named.
            reason: Reason code of a hold.
            table: The table's name, for the message.
        """
        if code is None:
            return self.default
        if (found := self.entry(code)) is not None:
            return found
        raw = code if isinstance(code, str) else code.code
        if self.missing == "hold":
            raise CannotLoad(reason, raw)
        if self.missing == "fail":
            raise ConfigurationError(f"'{raw}' is not in the table '{table}': add it, or set its `missing` to hold.")
        return self.default


class VatRow(Section):
    """One row of the VAT table. The first row that fits wins; a condition left out fits everything."""

    country: Names | None = Field(None, description="ISO 3166 codes of the country the order ships to.")
    treatment: Names | None = Field(
        None, description="VAT treatments: domestic, oss, intra_eu_reverse_charge, export, …"
    )
    customer: Literal["person", "organisation"] | None = Field(None, description="Kind of customer.")
    rate: Decimal | None = Field(None, description="Percentage of the line, e.g. 21; null fits every rate.")
    category: Names | None = Field(None, description="VAT categories of the line: standard, zero, exempt, …")
    valid_from: dt.date | None = Field(None, description="First document date that the row holds for.")
    valid_until: dt.date | None = Field(None, description="Last document date that the row holds for.")
    duty: Text = Field(description="AFAS VAT duty of the order (btw-plicht).")
    group: Text = Field(description="AFAS VAT tariff group of the line (btw-tariefgroep).")
    percent: Decimal | None = Field(
        None, description="What AFAS computes under this group and duty; default: `rate`, or the line's own rate."
    )

    def fits(self, facts: Facts, rate: Decimal | None, category: str, date: dt.date) -> bool:
        """Whether the row holds for a line."""
        return (
            (self.country is None or facts.country in self.country)
            and (self.treatment is None or facts.treatment in self.treatment)
            and (self.customer is None or self.customer == facts.customer)
            and (self.rate is None or rate == self.rate)
            and (self.category is None or category in self.category)
            and (self.valid_from is None or date >= self.valid_from)
            and (self.valid_until is None or date <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class VatChoice:
    """What a line's VAT becomes in AFAS. ``percent`` is what AFAS will compute."""

    duty: str
    group: str
    percent: Decimal


class VatTable(Section):
    """Country x rate x customer kind x treatment -> VAT duty and VAT tariff group."""

    short_forms: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "array"},)
    rows: list[VatRow] = Field([], description="Tried from top to bottom; the first that fits wins.")
    missing: Literal["hold", "fail"] = Field("hold", description="No row fits: hold the record or stop the run.")

    @model_validator(mode="before")
    @classmethod
    def _plain_rows(cls, value: object) -> object:
        return {"rows": value} if isinstance(value, list) else value

    def find(self, facts: Facts, rate: Decimal | None, category: str, date: dt.date) -> VatChoice:
        """Duty and group of a line.

        Raises:
            CannotLoad: No row fits; the subject is ``country/rate/customer/treatment``.
            ConfigurationError: No row fits and `missing` says to fail.
        """
        for row in self.rows:
            if row.fits(facts, rate, category, date):
                percent = row.percent if row.percent is not None else row.rate
                return VatChoice(row.duty, row.group, percent if percent is not None else rate or Decimal(0))
        subject = f"{facts.country or '-'}/{'-' if rate is None else rate}/{facts.customer}/{facts.treatment}"
        if self.missing == "fail":
            raise ConfigurationError(f"The VAT table has no row for {subject}: add one.")
        raise CannotLoad("unmapped_vat", subject)
