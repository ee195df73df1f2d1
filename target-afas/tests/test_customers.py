"""The stream `customers`: create or change by ownership, addresses, no ping-pong."""

from __future__ import annotations

from typing import Any

import pytest
from target_afas_builders import CONFIG, address, customer
from target_afas_world import World, results

from commerce.models import CustomerAddress, PartyKind

RELATIONS = CONFIG["relations"]


def place(role: str, **changes: Any) -> CustomerAddress:
    return CustomerAddress(role=role, **address(**changes).model_dump())


def row(world: World, email: str = "jan@example.com") -> dict[str, Any]:
    found = world.session.lookups.relations([email], fresh=True)[email]
    return dict(next(one for one in found if one.debtor).row)


def test_a_customer_is_created_once() -> None:
    """A new customer becomes a sales relation with settings of its country; a second run writes nothing (B36, C9)."""
    world = World()
    assert results(world.run_customers(customer())) == [("created", "", "")]
    made = row(world)
    assert (made["ContactType"], made["VatDuty"], made["PayCondition"], made["ControlAccount"]) == (
        "PER",
        "1",
        "14",
        "1300",
    )
    assert (made["InclVat"], made["Mail"], made["Mail2"]) == (True, "jan@example.com", "jan@example.com")
    assert results(world.run_customers(customer())) == [("skipped", "unchanged", "")]
    assert world.writes() == 0


@pytest.mark.parametrize("addresses", [[], [CustomerAddress(role="billing", country="NL")]])
def test_a_customer_without_an_address_leaves_that_of_afas(addresses: list[CustomerAddress]) -> None:
    """An account without (a whole) address changes no address, also where the shop owns it, and stops nobody (C7)."""
    world = World(relations={**RELATIONS, "own": {"address": "always"}})
    world.run_customers(customer())
    assert results(world.run_customers(customer(addresses=addresses))) == [("skipped", "same_in_afas", "")]
    assert row(world)["Street"] == "Dorpsstraat"


def test_a_language_that_is_not_in_the_table_holds_that_customer_only() -> None:
    """A table that says to hold, holds the record that needs it; the others go on (P9)."""
    world = World(relations={**RELATIONS, "own": {"language": "always"}, "languages": {"nl": "nl"}})
    outcomes = world.run_customers(
        customer(language="fr"), customer(key="lightspeed.shop1:78", email="piet@example.com", language="nl")
    )
    assert results(outcomes) == [("held", "unmapped_setting", "fr"), ("created", "", "")]


def test_a_company_becomes_an_organisation() -> None:
    """A company is an organisation with a contact, prices excluding VAT and its registrations (C5)."""
    world = World()
    one = customer(
        kind=PartyKind.ORGANISATION,
        company="Zaak B.V.",
        name="Zaak B.V.",
        vat_number="NL123456782B01",
        coc_number="123",
    )
    assert results(world.run_customers(one)) == [("created", "", "")]
    made = row(world)
    assert (made["InclVat"], made["VatNumber"], made["Coc"]) == (False, "NL123456782B01", "123")


def test_ten_runs_after_one_edit_make_one_write() -> None:
    """An owned field that changed is written once; it never bounces (C8)."""
    config = {"relations": {**RELATIONS, "own": {"phone": "always"}}}
    world = World(**config)
    world.run_customers(customer(phone="+31101111111"))
    writes = 0
    for _ in range(10):
        world.run_customers(customer(phone="+31102222222"))
        writes += world.writes()
    assert writes == 1
    assert row(world)["Phone"] == "+31102222222"


def test_what_afas_owns_is_left() -> None:
    """Fields that AFAS owns stay when both differ: payment term, name, address (B21, C7)."""
    world = World()
    world.run_customers(customer())
    debtor = row(world)["Debtor"]
    world.user("edit-relation", debtor=debtor, fields={"PaCd": "30"})
    moved = customer(name="Jan Jansen", last_name="Jansen", addresses=[place("billing", city="Elders")])
    world.run_customers(moved)
    assert world.writes() == 0
    assert (row(world)["PayCondition"], row(world)["City"]) == ("30", "Plaats")


def test_an_owned_address_follows_the_shop() -> None:
    """With ownership of the address, a moved customer moves in AFAS."""
    world = World(relations={**RELATIONS, "own": {"address": "always"}})
    world.run_customers(customer())
    assert results(world.run_customers(customer(addresses=[place("billing", house_number="99")]))) == [
        ("updated", "", "")
    ]
    assert row(world)["Number"] == 99


def test_delivery_addresses_are_added_once() -> None:
    """Further delivery addresses become delivery addresses in AFAS; the invoice address stays (C7, N26)."""
    world = World()
    one = customer(addresses=[place("billing"), place("delivery", street="Elders", house_number="3")])
    assert [outcome.action for outcome in world.run_customers(one)] == ["created", "created"]
    world.run_customers(one)
    assert world.writes() == 0
    kinds = [found["Kind"] for found in world.session.lookups.addresses([row(world)["Debtor"]])[row(world)["Debtor"]]]
    assert kinds.count("AFL") == 1


def test_customers_that_are_gone_or_unknown_are_left() -> None:
    """A deactivated customer is left alone; by setting, unknown ones are not made."""
    world = World()
    assert results(world.run_customers(customer(active=False))) == [("skipped", "customer_inactive", "")]
    assert results(world.run_customers(customer(active=False, email=None))) == [("skipped", "customer_inactive", "")]
    none = {"relations": {**RELATIONS, "create": False}}
    assert results(world.run_customers(customer(), **none)) == [("skipped", "not_created", "")]
    assert results(world.run_customers(customer(email=None))) == [("held", "no_email", "")]
    assert world.writes() == 0


def test_a_customer_without_a_name_is_held() -> None:
    """AFAS needs a last name, and a first name or initials; one word serves as both."""
    world = World()
    assert results(world.run_customers(customer(name="Madonna", first_name=None, infix=None, last_name=None))) == [
        ("created", "", "")
    ]
    assert (row(world)["LastName"], row(world)["Initials"]) == ("Madonna", "M.")
