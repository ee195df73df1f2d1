"""VAT regimes and categories."""

from decimal import Decimal
from typing import Any

import pytest

from commerce.mapping.lightspeed import Options, order
from commerce.models import VatCategory, VatTreatment

SHIFTED = [{"id": 1, "number": "INV1", "isVatShifted": True}]
COMPANY = {"companyName": "Muster GmbH", "companyVatNumber": "DE 123.456.789"}


@pytest.mark.parametrize(
    ("to", "rate", "more", "oss", "expected"),
    [
        ("nl", "0.21", {}, "auto", ("domestic", "standard", "NL")),
        ("nl", "0.09", {}, "auto", ("domestic", "reduced", "NL")),
        ("nl", "0", {}, "auto", ("domestic", "zero", "NL")),
        ("nl", "0.17", {}, "auto", ("domestic", "unknown", "NL")),
        ("nl", "0", {"invoices": SHIFTED}, "auto", ("domestic_reverse_charge", "reverse_charge", "NL")),
        ("de", "0", {"invoices": SHIFTED, **COMPANY}, "auto", ("intra_eu_reverse_charge", "reverse_charge", "DE")),
        ("de", "0.19", {}, "auto", ("oss", "standard", "DE")),
        ("de", "0.07", {}, "auto", ("oss", "reduced", "DE")),
        ("de", "0.21", {}, "auto", ("domestic", "standard", "NL")),
        ("be", "0.21", {}, "auto", ("unknown", "unknown", None)),
        ("be", "0.21", {}, "registered", ("oss", "standard", "BE")),
        ("be", "0.21", {}, "not_registered", ("domestic", "standard", "NL")),
        ("de", "0.21", {}, "registered", ("domestic", "standard", "NL")),
        ("de", "0.18", {}, "registered", ("oss", "unknown", "DE")),
        ("be", "0.06", {}, "not_registered", ("unknown", "unknown", None)),
        ("be", "0.06", {}, "auto", ("oss", "reduced", "BE")),
        ("de", "0.21", COMPANY, "registered", ("domestic", "standard", "NL")),
        ("de", "0.19", COMPANY, "registered", ("unknown", "unknown", None)),
        ("de", "0", {}, "registered", ("unknown", "zero", None)),
        ("ch", "0", {}, "auto", ("export", "zero", "CH")),
        ("ch", "0.21", {}, "auto", ("unknown", "unknown", None)),
        ("ch", "0", {"invoices": SHIFTED}, "auto", ("export", "zero", "CH")),
        ("de", "0.21", {"shipmentIsPickup": True}, "auto", ("domestic", "standard", "NL")),
    ],
)
def test_regimes(  # noqa: PLR0917  one row of the table each
    shop: Any, to: str, rate: str, more: dict[str, Any], oss: Any, expected: tuple[str, str, str | None]
) -> None:
    """Regime, category and country follow from destination, rate and buyer; what is unclear stays unknown (P20)."""
    made = order(shop.order(shop.line(1, "10.00", rate=rate), to=to, **more), Options(oss=oss))
    vat = made.lines[0].vat
    assert (made.vat_treatment.value, vat.category.value, vat.country) == expected


def test_shipping_costs_tell_whose_vat_it_is(shop: Any) -> None:
    """Goods at 0 % with taxed shipping costs fall under the regime of that tax: one order has one regime (P20)."""
    record = shop.order(shop.line(1, "10.00", rate="0"), shipping="6.95", shipping_rate="0.19", to="de")
    made = order(record, Options())
    assert made.vat_treatment is VatTreatment.OSS
    assert [(line.vat.rate, line.vat.country) for line in made.lines] == [(0, "DE"), (19, "DE")]


def test_exempt_by_its_name(shop: Any) -> None:
    """Zero that the shop calls exempt is exempt, not the zero rate."""
    taxes = [{"name": "Vrijgesteld", "rate": 0, "amount": 0}]
    made = order(shop.order(shop.line(1, "10.00", rate="0", taxRates=taxes)), Options())
    assert made.lines[0].vat.category is VatCategory.EXEMPT


def test_no_country_is_unknown(shop: Any) -> None:
    """Without a country nothing is assumed."""
    record = shop.order(shop.line(1, "10.00"))
    record |= {"addressShippingCountry": None, "addressBillingCountry": None}
    assert order(record, Options()).vat_treatment is VatTreatment.UNKNOWN


def test_a_rate_that_is_not_stated(shop: Any) -> None:
    """A line without a rate keeps none; the target holds what it can't book."""
    record = shop.order(shop.line(1, "10.00", rate="0"))
    record["products"][0] |= {"taxRate": None, "taxRates": None}
    vat = order(record, Options()).lines[0].vat
    assert (vat.rate, vat.category) == (None, VatCategory.UNKNOWN)


def test_several_taxes_on_one_line(shop: Any) -> None:
    """Their rates add up and their names are joined; float noise of the source is gone."""
    taxes = [
        {"name": "QST", "rate": Decimal("0.09974999999999999"), "amount": Decimal("0.19451249999999998")},
        {"name": "GST", "rate": Decimal("0.05"), "amount": Decimal("0.0975")},
    ]
    record = shop.order(shop.line(1, "2.24", rate="0.14975", taxRates=taxes), taxRates=taxes, to="ca")
    made = order(record, Options(shop_country="CA"))
    assert (made.lines[0].vat.rate, made.lines[0].vat.code) == (Decimal("14.975"), "GST+QST")
    assert [(row.rate, row.code, row.base) for row in made.totals.per_vat] == [
        (Decimal("9.975"), "QST", Decimal("1.95")),
        (Decimal(5), "GST", Decimal("1.95")),
    ]


def test_shipping_and_goods_are_one_rate(shop: Any) -> None:
    """The VAT per rate covers goods, shipping and payment costs together."""
    made = order(shop.order(shop.line(1, "12.10"), shipping="6.05", cost="1.21"), Options())
    assert [(row.rate, row.base, row.vat) for row in made.totals.per_vat] == [
        (Decimal(21), Decimal("16.00"), Decimal("3.36"))
    ]
