"""What is cut or left out is told: by the key of the record and the field, never by the value."""

from __future__ import annotations

import logging

import pytest
from target_afas_builders import address, company, customer, line, order, person
from target_afas_world import World, results

from commerce.models import CustomerAddress

LONG = "Zeer lange tekst " * 30


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the target's ports said."""
    return [record.getMessage() for record in caplog.records if record.name == "target_afas.ports.base"]


@pytest.fixture
def world(caplog: pytest.LogCaptureFixture) -> World:
    """An AFAS, and a log that shows everything."""
    caplog.set_level(logging.INFO)
    return World()


def test_a_cut_text_is_told_once_and_stands_in_the_log_of_outcomes(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """One line when the order is written, with key and field; a run that writes nothing says nothing (P22)."""
    one = order([line(description=LONG), line("SKU-0002", description=LONG, key="2", position=2)])
    assert results(world.run(one)) == [("created", "adjusted", "")]
    assert told(caplog) == ["lightspeed.shop1:1: Ds cut to 255 characters"]
    assert "adjusted" in {row.reason for row in world.store.outcomes()}
    caplog.clear()
    world.run(one)
    assert told(caplog) == []


@pytest.mark.parametrize("number", ["NL123456789B99", "123", "onbekend"])
def test_a_bad_vat_number_is_left_out_and_told(world: World, caplog: pytest.LogCaptureFixture, number: str) -> None:
    """The order is booked without it, and the log names the field (P20, P21)."""
    assert results(world.run(order(buyer=company(vat_number=number)))) == [("created", "adjusted", "")]
    assert told(caplog) == ["lightspeed.shop1:1: VaId left out: not a possible VAT number"]
    assert number not in caplog.text


def test_a_customer_is_told_by_its_record(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A hash finds nobody, so the line has the key of the source's record; values stay out (P21, P22)."""
    far = CustomerAddress(role="delivery", **address(street="Laan " * 20, postal_code="9999 ZZ").model_dump())
    billing = CustomerAddress(role="billing", **address().model_dump())
    one = customer(
        first_name="Jan " * 20, vat_number="fout", coc_number="1" * 31, phone="0" * 300, addresses=[billing, far]
    )
    world.run_customers(one)
    assert told(caplog) == [
        "customers 77, its customer: VaId left out: not a possible VAT number",
        "customers 77, its customer: TeNr cut to 255 characters",
        "customers 77, its customer: FiNm cut to 50 characters",
        "customers 77, its customer: CcNr left out: longer than 30 characters",
        "customers 77: Ad cut to 60 characters",
    ]


def test_the_delivery_address_of_an_order_is_told_with_the_order(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A street that is too long is cut, and stands in full in the addition to the address (P16, P22)."""
    there = person(address=address(street="Laan van de zeer lange namen " * 4, postal_code="9999 ZZ"))
    assert results(world.run(order(ship_to=there))) == [("created", "adjusted", "")]
    assert told(caplog) == ["lightspeed.shop1:1: Ad cut to 60 characters (delivery address)"]


def test_what_fits_is_not_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """An ordinary order leaves no note."""
    assert results(world.run(order(buyer=company()))) == [("created", "", "")]
    assert told(caplog) == []
