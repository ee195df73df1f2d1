from __future__ import annotations

from typing import Any

import pytest
from target_afas_builders import company, customer, order, person, settings

from commerce.models import PartyKind
from target_afas.parties import (
    choose,
    email_spellings,
    normal_email,
    owned_values,
    relation_of,
    vat_number,
    wanted_of_customer,
    wanted_of_order,
)
from target_afas.reasons import CannotLoad


def contact(kind: str, debtor: str | None, bcco: str = "1", **more: Any):
    return relation_of({"ContactType": kind, "Debtor": debtor, "BcCo": bcco, "Contact": 5, **more})


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Jan@X.nl ", "jan@x.nl"),
        ("jan@x.nl", "jan@x.nl"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("", None),
        ("not an address", None),
        (None, None),
    ],
)
def test_emails_are_normalised(typed: str | None, normal: str | None) -> None:
    """Case, blanks and international domains don't make two customers of one (B3)."""
    assert normal_email(typed) == normal


def test_an_international_domain_is_looked_for_in_both_spellings() -> None:
    """AFAS may hold the domain in ASCII or in letters."""
    assert email_spellings("info@xn--bcher-kva.example") == {"info@xn--bcher-kva.example", "info@bücher.example"}


def test_one_debtor_is_used() -> None:
    """One hit with a debtor is the customer, also when the hit is a contact person of an organisation."""
    assert choose("person", [contact("PER", "10")]).use.debtor == "10"
    assert choose("person", [contact("PRS", "20"), contact("ORG", "20")]).use.contact_type == "PRS"


def test_a_company_does_not_become_a_persons_debtor() -> None:
    """A company that orders with the address of a person debtor gets an organisation of its own (C6)."""
    match = choose("organisation", [contact("PER", "10")])
    assert match.use is None
    assert "10" in match.note


def test_several_debtors_are_told_apart_by_kind_or_held() -> None:
    """Of several debtors the one whose kind fits is taken; if that isn't exactly one, the order is held (B3)."""
    rows = [contact("PER", "10"), contact("ORG", "20", "2")]
    assert choose("person", rows).use.debtor == "10"
    assert choose("organisation", rows).use.debtor == "20"
    with pytest.raises(CannotLoad) as held:
        choose("person", [contact("PER", "11"), contact("PER", "10", "2")])
    assert (held.value.reason, held.value.subject) == ("ambiguous_customer", "10, 11")


def test_a_crm_contact_without_debtor_becomes_one() -> None:
    """A person known in CRM is made a debtor instead of doubled; several of them hold the order."""
    assert choose("person", [contact("PER", None, "7")]).crm.bcco == "7"
    assert choose("organisation", [contact("PER", None, "7")]).crm is None
    with pytest.raises(CannotLoad, match="ambiguous_customer"):
        choose("person", [contact("PER", None, "7"), contact("PER", None, "8")])


def test_nobody_gives_a_new_relation() -> None:
    """Without hits a new relation is made."""
    match = choose("person", [])
    assert (match.use, match.crm, match.note) == (None, None, "")


def test_a_customer_without_email_is_held() -> None:
    """An order without e-mail address can't be matched, so it is held."""
    with pytest.raises(CannotLoad, match="no_email"):
        wanted_of_order(order(buyer=person(email=" ")))


def test_the_invoice_address_makes_the_relation() -> None:
    """The relation gets the invoice address, never the delivery address (C7)."""
    bill = person(address=person().address.model_copy(update={"city": "Elders"}))
    assert wanted_of_order(order(bill_to=bill)).address.city == "Elders"


def test_a_new_relation_takes_its_price_basis_from_its_kind() -> None:
    """Without an order to tell, persons pay prices including VAT and companies excluding."""
    assert wanted_of_customer(customer(), "order").incl_vat
    assert not wanted_of_customer(customer(kind=PartyKind.ORGANISATION, company="X"), "order").incl_vat


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("nl 1234.56.782 B01", "NL123456782B01"),
        ("none", None),
        ("NL123456789B01", None),
        ("NL000099998B57", "NL000099998B57"),
        ("DE123456789", "DE123456789"),
        (None, None),
    ],
)
def test_a_vat_number_is_sent_only_if_it_can_be_one(typed: str | None, sent: str | None) -> None:
    """A VAT number needs its country prefix and a likely length; rubbish is left out, the order goes on (P21)."""
    assert vat_number(typed) == sent


def test_only_owned_fields_are_compared() -> None:
    """Fields that AFAS owns, such as the payment condition, are never even looked at (B21)."""
    wanted = wanted_of_order(order(buyer=company()))
    assert owned_values(wanted, settings().relations) == {
        "phone": "+31201234567",
        "vat_number": "NL123456782B01",
        "coc_number": "12345678",
    }
