"""What happens when AFAS, or the way to it, fails: no double, nothing lost, an honest exit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from target_afas_builders import CONFIG, address, cancelled, line, order, person
from target_afas_world import World, results

from afas_profit import Element
from target_afas.ports.relations import RelationPort
from upsert.errors import ConfigurationError, Outage

if TYPE_CHECKING:
    from upsert.kernel import Kernel

SALES = "POST connectors/FbSales"


def test_a_write_whose_answer_was_lost_is_found_again() -> None:
    """AFAS booked it, the answer timed out: it is found by its reference and adopted; no second order (X1, P1, P2)."""
    world = World()
    world.fault(name="timeout_after_work", endpoint=SALES, times=1)
    (outcome,) = world.run(order())
    assert outcome.action == "adopted"
    assert len(world.orders()) == 1
    assert results(world.run(order())) == [("skipped", "unchanged", "")]


def test_a_write_that_arrives_late_is_not_repeated() -> None:
    """AFAS does the work after our look-up: the order is held until 930 s have passed, then adopted (X1, N2)."""
    world = World()
    world.fault(name="late_work", endpoint=SALES, times=1, params={"after": 300})
    (outcome,) = world.run(order())
    assert (outcome.action, outcome.reason) == ("held", "in_doubt")
    world.clock.advance(100)
    (outcome,) = world.run(order())
    assert (outcome.action, outcome.reason) == ("held", "in_doubt")
    world.clock.advance(400)
    assert world.run(order())[0].action in {"adopted", "held"}
    world.clock.advance(900)
    world.run(order())
    assert len(world.orders()) == 1
    assert world.writes() == 0


def test_a_deletion_whose_answer_was_lost_is_settled() -> None:
    """A cancelled order was deleted in AFAS without an answer: once nothing more can come, it is done with (X1, R5)."""
    deletes = {"orders": {**CONFIG["orders"], "on_cancel": "delete"}}
    world = World(**deletes)
    world.run(order())
    world.fault(name="timeout_after_work", endpoint="DELETE connectors/FbSales/FbSales", times=1)
    assert results(world.run(cancelled(order()))) == [("held", "in_doubt", "")]
    world.clock.advance(931)
    assert world.run(cancelled(order()))[0].action == "skipped"
    assert world.orders() == []


def test_a_lost_store_s_last_write_is_seen_although_it_arrives_while_customers_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A young store beside a bookmark: what was not there before the customers were made is looked for again (R1)."""
    world = World()
    plain = world.kernel

    def kernel(stream: str, scope: str) -> Kernel:
        made = plain(stream, scope)
        made.beside_bookmark = True
        return made

    def create(port: RelationPort, document: Any, plan: Any) -> Any:
        made = make(port, document, plan)
        line = Element({"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1})
        fields = {"DbId": made["debtor"], "RfCs": "shop1-ORD00001"}
        world.client.insert("FbSales", Element(fields, objects={"FbSalesLines": [line]}))
        world.clock.advance(60)
        return made

    make = RelationPort.create
    monkeypatch.setattr(RelationPort, "create", create)
    monkeypatch.setattr(RelationPort, "in_doubt_for", timedelta(seconds=60))
    monkeypatch.setattr(world, "kernel", kernel)
    one = order(buyer=person(email="new@x.nl"))
    assert results(world.run(one)) == [("held", "new_store", "")]
    world.clock.advance(900)
    assert world.run(one)[0].reason == "differs_from_afas"
    assert len(world.orders()) == 1


def test_a_write_that_never_arrived_is_repeated_once() -> None:
    """The connection broke before AFAS began: after 930 s one repeat books it (X2)."""
    world = World()
    world.fault(name="timeout_before_work", endpoint=SALES, times=1)
    assert world.run(order())[0].reason == "in_doubt"
    world.clock.advance(930)
    assert results(world.run(order())) == [("created", "", "")]
    assert len(world.orders()) == 1


@pytest.mark.parametrize("connector", ["KnSalesRelationPer", "FbSales"])
def test_a_lost_answer_makes_no_second_customer(connector: str) -> None:
    """Whichever write loses its answer, there is one customer and one order (N2, P7)."""
    world = World()
    before = len(world.service.books()["relations"])
    world.fault(name="reset_after", endpoint=f"POST connectors/{connector}", times=1)
    for _ in range(3):
        world.run(order(buyer=person(email="once@x.nl")))
        world.clock.advance(931)
    assert len(world.service.books()["relations"]) == before + 1
    assert len(world.orders()) == 1


def test_a_lost_answer_makes_no_second_delivery_address() -> None:
    """A delivery address whose answer was lost is found, not made again."""
    world = World()
    there = person(address=address(street="Elders", house_number="7", postal_code="9999 ZZ"))
    world.fault(name="timeout_after_work", endpoint="PUT connectors/KnPerson", times=1)
    for _ in range(2):
        world.run(order(ship_to=there))
        world.clock.advance(931)
    assert len(world.orders()) == 1
    rows = world.session.lookups.addresses([world.order()["debtor"]])[world.order()["debtor"]]
    assert len([row for row in rows if row["Kind"] == "AFL"]) == 1


def test_a_refusal_holds_that_order_only() -> None:
    """AFAS refuses one order: it is held with the field AFAS named, the others are booked (X5, P9)."""
    config = {
        "orders": {
            **CONFIG["orders"],
            "payment_methods": {"ideal": "01", "bad": "99"},
            "payment_conditions": {"missing": "default", "default": "0"},
        }
    }
    world = World(**config)
    from commerce.models import Code

    outcomes = world.run(order(), order(number="ORD00002", payment_method=Code(code="bad")))
    assert results(outcomes) == [("created", "", ""), ("held", "refused_by_afas", "Betaalwijze")]


def test_a_lock_is_tried_again_and_then_held() -> None:
    """A record that a user has open is tried a few times, then held until the next run (X6)."""
    world = World()
    world.run(order())
    world.user("lock", order=world.order()["number"], calls=50)
    changed = order([line(quantity="2", total="24.20")])
    (outcome,) = world.run(changed)
    assert (outcome.action, outcome.reason) == ("held", "busy")
    world.user("lock", order=world.order()["number"], calls=0)
    assert results(world.run(changed)) == [("updated", "", "")]


def test_maintenance_stops_the_run_with_the_time_to_come_back() -> None:
    """503 with retry_after stops the run with exit 3 and says when to come back (X7)."""
    world = World()
    world.fault(name="status_503", endpoint=SALES, params={"retry_after": 7200})
    with pytest.raises(Outage) as stopped:
        world.run(order())
    assert stopped.value.exit_code == 3
    assert "not available" in stopped.value.text


def test_a_refused_token_stops_at_once() -> None:
    """A revoked token stops the run with exit 2, names the setting, and is not hammered (X20)."""
    world = World()
    world.user("token", revoked=True)
    with pytest.raises(ConfigurationError, match="Renew the setting `token`"):
        world.run(order())
    assert sum(world.client.calls.values()) <= 2


def test_an_empty_answer_is_confirmed_by_reading_back() -> None:
    """An empty answer to a write is no failure: number and total are read back (X10)."""
    world = World(switches={"put_answer": "empty"})
    world.run(order())
    assert results(world.run(order([line(quantity="2", total="24.20")]))) == [("updated", "", "")]


def test_a_filtered_lookup_stops_before_the_second_order() -> None:
    """A data filter that hides what we write stops the run after one order, exit 2, naming the connector (R1)."""
    world = World()
    world.run(order(number="ORD00009"))
    world.user("app", data_filters={"Commerce_Orders": [[{"field": "OrderNumber", "operator": 1, "value": "nothing"}]]})
    many = [order(number=f"ORD0000{n}") for n in (1, 2, 3)]
    with pytest.raises(ConfigurationError, match="Commerce_Orders can't see what we write"):
        world.run(*many)
    assert len(world.orders()) == 2


def test_another_environment_is_refused_before_anything_is_believed() -> None:
    """A store that belongs to another environment stops the run before the first look-up (X27)."""
    world = World()
    world.run(order())
    world.user("environment", id="O99999AA")
    with pytest.raises(ConfigurationError, match="T12345AA"):
        world.run(order(number="ORD00002"))
    assert set(world.client.calls) == {"GET metainfo"}


# -- the check before the first write ---------------------------------------------------------------------------------


def orders(**changes: Any) -> dict[str, Any]:
    return {"orders": {**CONFIG["orders"], **changes}}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"administration": 7}, "Administration 7 does not exist in AFAS (there are 1, 2)"),
        (orders(sales_book="99"), "Sales book 99 does not exist in administration 1"),
        (orders(sales_book="79"), "Sales book 79 is blocked"),
        (orders(project="OLD"), "Project OLD is closed"),
        (orders(project="NEW"), "Project NEW does not exist"),
        (orders(warehouse="99"), "Warehouse 99 does not exist"),
        (orders(items={**CONFIG["orders"]["items"], "rounding": "ROND"}), "no item ROND of type 6"),
        (orders(header_fields={"x": "U" + "0" * 32}), "FbSales has no field U0000"),
        ({"connectors": {"items": "Our_Items"}}, "The app connector lacks GetConnector Our_Items"),
        ({"connectors": {"items": {"name": "Commerce_Items", "fields": {"Unit": "Eenheid"}}}}, "'Eenheid'"),
    ],
)
def test_a_wrong_setting_is_found_before_the_first_write(config: dict[str, Any], words: str) -> None:
    """What the settings name must exist: one line that says what is missing and what to do, exit 2 (A12, B15, B16)."""
    world = World(**config)
    with pytest.raises(ConfigurationError) as stopped:
        world.run(order())
    assert words.replace("'Eenheid'", "Eenheid") in stopped.value.text
    assert "\n" not in stopped.value.text
    assert stopped.value.exit_code == 2
    assert world.orders() == []


def test_numbering_by_hand_is_found_before_the_first_write() -> None:
    """Without automatic numbering the check names the menu; with the shop's numbers it passes (B2)."""
    world = World(switches={"order_numbering": "manual"})
    with pytest.raises(ConfigurationError, match="automatic numbering of sales orders"):
        world.run(order())
    assert results(world.run(order(), **orders(order_number="shop"))) == [("created", "", "")]


def test_missing_rights_are_named() -> None:
    """Each connector that the app connector lacks is named in one line (X21)."""
    world = World()
    world.user("app", remove=["FbSales", "Commerce_Addresses"])
    with pytest.raises(ConfigurationError) as stopped:
        world.run(order())
    assert "GetConnector Commerce_Addresses" in stopped.value.text
    assert "UpdateConnector FbSales" in stopped.value.text


def test_nothing_is_checked_when_nothing_is_written() -> None:
    """A run that writes nothing asks for no metainfo but the environment's name."""
    world = World()
    world.run(order())
    world.run(order())
    assert set(world.client.calls) == {"GET metainfo"}
