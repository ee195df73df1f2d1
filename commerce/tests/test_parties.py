"""Buyers, addresses and customers."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from commerce.errors import MappingError
from commerce.mapping.lightspeed import Options, customer, order
from commerce.models import PartyKind


def test_buyer_and_addresses(shop: Any) -> None:
    """The parties are snapshots of the order: names in parts, both addresses as typed and parsed (B45)."""
    made = order(shop.order(shop.line(1, "10.00")), Options())
    buyer, billed, sent = made.buyer, made.bill_to, made.ship_to
    assert (buyer.kind, buyer.name, buyer.guest, buyer.language) == (PartyKind.PERSON, "Jo van der Jansen", False, "nl")
    assert (buyer.initials, buyer.first_name, buyer.infix, buyer.last_name) == ("J.", "Jo", "van der", "Jansen")
    assert (buyer.email, buyer.phone, buyer.mobile) == ("jo.jansen@example.nl", "+31201234567", "+31612345678")
    assert (buyer.gender, buyer.birth_date) == ("female", dt.date(1980, 2, 29))
    assert buyer.ref is not None
    assert buyer.ref.key == "lightspeed.shop1:77"
    assert billed is not None
    assert billed.address is not None
    assert billed.address.lines == ["Keizersgracht 313 a"]
    assert (billed.address.street, billed.address.house_number, billed.address.house_number_addition) == (
        "Keizersgracht",
        "313",
        "a",
    )
    assert (billed.address.postal_code, billed.address.country, billed.address.parsed_by) == ("1016 EE", "NL", "source")
    assert sent is not None
    assert sent.address is not None
    assert (sent.name, sent.address.street, sent.address.house_number_addition) == ("Buurman", "Kerkstraat", "bis")
    assert sent.address.parsed_by == "us"


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ({"isCompany": True, "companyName": "Bakkerij BV"}, "organisation", "Bakkerij BV"),
        ({"isCompany": False, "companyName": "Bakkerij BV"}, "organisation", "Bakkerij BV"),
        ({"isCompany": True, "companyName": ""}, "person", "Jo van der Jansen"),
        ({"isCompany": True, "companyName": "-"}, "person", "Jo van der Jansen"),
        ({"isCompany": True, "companyName": "n.v.t."}, "person", "Jo van der Jansen"),
    ],
)
def test_who_is_a_company(shop: Any, said: dict[str, Any], kind: str, name: str) -> None:
    """A company is who gives a company's name, whatever the box says (C5)."""
    buyer = order(shop.order(shop.line(1, "10.00"), **said), Options()).buyer
    assert (buyer.kind, buyer.name) == (kind, name)
    assert buyer.last_name == "Jansen", "the person stays known, as the company's contact"


@pytest.mark.parametrize(
    ("who", "guest"),
    [
        ({"id": 77, "type": "guest"}, True),
        ({"id": 77, "type": "registered"}, False),
        ({"id": 77}, None),
        (None, True),
    ],
)
def test_guests(shop: Any, who: Any, guest: bool | None) -> None:
    """A guest has a customer record of type guest, or none at all; a bare reference says nothing."""
    assert order(shop.order(shop.line(1, "10.00"), customer=who), Options()).buyer.guest is guest


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"Street": "Laan 1940-1945 3"}, ("Laan 1940-1945", "3", None, None)),
        ({"Street": "Kerkstraat", "Street2": "5 bis"}, ("Kerkstraat", "5", "bis", None)),
        ({"Street": "Kerkstraat", "Number": "5", "Street2": "Unit 1"}, ("Kerkstraat", "5", None, "Unit 1")),
        ({"Street": "Kerkstraat 5", "Number": "5"}, ("Kerkstraat", "5", None, None)),
        ({"Street": "Kerkstraat", "Number": "12", "Extension": "B 03"}, ("Kerkstraat", "12", "B 03", None)),
    ],
)
def test_where_shoppers_put_the_number(shop: Any, fields: dict[str, str], parts: tuple[str | None, ...]) -> None:
    """The number is found in its field, in the street or in the second line (P16); the lines stay as typed."""
    empty = dict.fromkeys(("Street", "Street2", "Number", "Extension"), "")
    record = shop.order(shop.line(1, "10.00"), **{f"addressShipping{n}": v for n, v in {**empty, **fields}.items()})
    sent = order(record, Options()).ship_to
    assert sent is not None
    assert sent.address is not None
    found = sent.address
    assert (found.street, found.house_number, found.house_number_addition, found.building) == parts
    assert all(value in " ".join(found.lines) for value in fields.values())


def test_attention_line(shop: Any) -> None:
    """A second line that names a person is not part of the building."""
    record = shop.order(shop.line(1, "10.00"), addressShippingStreet2="t.a.v. Mo")
    sent = order(record, Options()).ship_to
    assert sent is not None
    assert sent.address is not None
    assert (sent.address.attention, sent.address.building) == ("t.a.v. Mo", None)


def test_unknown_country_keeps_its_name(shop: Any) -> None:
    """A country that is no ISO code stays as the source calls it, for a person to see (P21)."""
    record = shop.order(shop.line(1, "10.00"), addressBillingCountry={"id": 1, "code": "zz", "title": "Atlantis"})
    billed = order(record, Options()).bill_to
    assert billed is not None
    assert billed.address is not None
    assert (billed.address.country, billed.address.country_raw) == (None, "Atlantis")


def test_no_order_is_lost_over_a_telephone_number_or_an_email(shop: Any) -> None:
    """What can't be read is kept as typed (telephone) or left out (e-mail); the order goes on (P21)."""
    record = shop.order(shop.line(1, "10.00"), phone="12", mobile="later", email="jo@gmail,com", birthDate="0000-00-00")
    buyer = order(record, Options()).buyer
    assert (buyer.phone, buyer.mobile, buyer.email, buyer.birth_date) == ("12", None, None, None)


@pytest.mark.parametrize("letters", ["Zoë 🎉 <b>&amp;", "a\u0000b", "x" * 5000])
def test_any_letters_survive(shop: Any, letters: str) -> None:
    """The contract cuts nothing and changes no letter: limits are the target's (P22)."""
    made = order(shop.order(shop.line(1, "10.00"), comment=letters, memo=letters), Options())
    assert (made.remark, made.internal_remark) == (letters, letters)


CUSTOMER: dict[str, Any] = {
    "id": 77,
    "_shop": "shop1",
    "_source_stream": "customers",
    "_source_key": "77",
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-03-01T10:00:00Z",
    "isConfirmed": True,
    "type": "registered",
    "email": "Jo@Example.nl",
    "firstname": "Jo",
    "middlename": "",
    "lastname": "de Vries",
    "phone": "",
    "mobile": None,
    "isCompany": True,
    "companyName": "Bakkerij BV",
    "companyCoCNumber": "01234567",
    "companyVatNumber": "nl 0012.34.567.b01",
    "addressBillingName": "Jo de Vries",
    "addressBillingStreet": "Keizersgracht",
    "addressBillingNumber": "313",
    "addressBillingZipcode": "1016EE",
    "addressBillingCity": "Amsterdam",
    "addressBillingCountry": {"id": 150, "code": "nl"},
    "memo": None,
    "language": None,
}


def test_company_customer() -> None:
    """A company with the person as its contact, each with a key of its own; leading zeros survive."""
    made = customer(CUSTOMER, Options())
    assert (made.key, made.kind, made.name) == ("lightspeed.shop1:77", "organisation", "Bakkerij BV")
    assert (made.coc_number, made.vat_number) == ("01234567", "NL001234567B01")
    assert [(one.key, one.name, one.infix, one.email) for one in made.contacts] == [
        ("lightspeed.shop1:77.contact", "Jo de Vries", "de", "jo@example.nl")
    ]
    assert [(one.key, one.role, one.default) for one in made.addresses] == [
        ("lightspeed.shop1:77.billing", "billing", True)
    ]
    assert "language" not in made.model_fields_set, "not said is not the same as none"


def test_person_customer() -> None:
    """A person has no contact; a delivery address of its own stands beside the billing address."""
    delivery = {name.replace("Billing", "Shipping"): value for name, value in CUSTOMER.items() if "Billing" in name}
    made = customer({**CUSTOMER, "companyName": "", "type": "guest", **delivery}, Options())
    assert (made.kind, made.name, made.guest, made.contacts) == ("person", "Jo de Vries", True, [])
    assert [one.role for one in made.addresses] == ["billing"]
    other = {**CUSTOMER, **delivery, "addressShippingNumber": "1"}
    assert [one.role for one in customer(other, Options()).addresses] == ["billing", "delivery"]


def test_a_customer_without_identity() -> None:
    """A customer that can't be named can't be mapped."""
    with pytest.raises(MappingError, match="invalid_record: id"):
        customer({**CUSTOMER, "id": None}, Options())


def test_recorded_customer(recorded: Path) -> None:
    """The recorded customer maps; its addresses are empty."""
    path = recorded / "pipedream-components" / "webhook_customers_created.json"
    row = json.loads(path.read_text(encoding="utf-8"))["customer"]
    made = customer({**row, "_shop": "us1"}, Options())
    assert (made.name, made.email, made.addresses) == ("John Doe", "customer@email.com", [])


def test_recorded_webhook_order(recorded: Path) -> None:
    """The one recorded order with its lines maps, with references resolved as the tap does."""
    path = recorded / "pipedream-components" / "webhook_orders_created.json"
    record = json.loads(path.read_text(encoding="utf-8"))["order"]
    for name in ("customer", "invoices", "shipments", "products", "metafields", "quote", "events"):
        record[name] = record[name]["resource"]["embedded"]
    made = order({**record, "_shop": "us1"}, Options(shop_country="US", currency="USD"))
    assert (made.number, made.totals.incl, len(made.lines), made.buyer.guest) == ("ORD00002", 0, 2, False)
