"""Orders that change, are cancelled, or were changed in AFAS."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from target_afas_builders import CONFIG, address, cancelled, line, order, person
from target_afas_world import World, results

from commerce.models import Code
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store


def own(**changes: Any) -> dict[str, Any]:
    """Settings with other values in `orders`."""
    return {"orders": {**CONFIG["orders"], **changes}}


def booked(*args: Any, **more: Any) -> World:
    """A world in which the order stands in AFAS."""
    world = World(**more)
    assert results(world.run(order(*args))) == [("created", "", "")]
    return world


def items(world: World) -> list[tuple[str, Decimal, Decimal]]:
    return sorted((one["item"], one["quantity"], one["price"]) for one in world.order()["lines"])


def test_lines_are_added_changed_and_deleted_in_one_call() -> None:
    """A quantity changes, a line goes, a line comes: one PUT, and the total is the shop's again (B8)."""
    world = booked([line("SKU-0001", "10.00"), line("SKU-0002", "20.00", key="b")])
    guids = {one["item"]: one["guid"] for one in world.order()["lines"]}
    changed = order([line("SKU-0001", "30.00", "3"), line("SKU-0003", "5.05", key="c")])
    assert results(world.run(changed)) == [("updated", "", "")]
    assert world.client.calls["PUT connectors/FbSales"] == 1
    assert items(world) == [("SKU-0001", 3, Decimal(10)), ("SKU-0003", 1, Decimal("5.05"))]
    assert {one["item"]: one["guid"] for one in world.order()["lines"]}["SKU-0001"] == guids["SKU-0001"]
    assert world.total() == Decimal("35.05")
    assert results(world.run(changed)) == [("skipped", "unchanged", "")]


def test_header_fields_follow_the_shop() -> None:
    """Another payment method changes condition and method, and nothing else (B8)."""
    world = booked()
    before = items(world)
    assert results(world.run(order(payment_method=Code(code="invoice")))) == [("updated", "", "")]
    fields = world.order()["fields"]
    assert (fields["PaCd"], fields["PaTp"]) == ("14", "08")
    assert items(world) == before


def test_a_new_delivery_address_follows_the_shop() -> None:
    """A changed ship-to becomes a delivery address of the order's debtor; moving it back gives its own address (B8)."""
    world = booked()
    there = person(address=address(street="Elders", house_number="7", postal_code="9999 ZZ"))
    assert results(world.run(order(ship_to=there))) == [("updated", "", "")]
    moved = world.order()["fields"]["DlAd"]
    assert results(world.run(order())) == [("updated", "", "")]
    assert world.order()["fields"]["DlAd"] != moved
    debtor = world.order()["debtor"]
    row = world.session.lookups.relations_of_debtors([debtor])[debtor].row
    assert world.order()["fields"]["DlAd"] == row["AddressId"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"remark": "Bel aan"}, "remark"), ({"buyer": person(email="other@x.nl")}, "customer")],
)
def test_what_afas_refuses_to_change_is_held_or_left(change: dict[str, Any], field: str) -> None:
    """A changed remark or customer can't be carried over: held with the field's name, or left by setting (PL5)."""
    world = booked()
    assert results(world.run(order(**change))) == [("held", "cannot_change_field", field)]
    assert world.writes() == 0
    left = world.run(order(**change), **own(cannot_change="ignore"))
    assert results(left) == [("skipped", "same_in_afas", "")]


@pytest.mark.parametrize("step", ["deliver-order", "invoice-order"])
def test_a_processed_order_is_not_changed(step: str) -> None:
    """A delivered or invoiced order that changed in the shop is held; one that did not is left (B8, N5)."""
    world = booked()
    world.user(step, reference="shop1-ORD00001")
    assert results(world.run(order())) == [("skipped", "unchanged", "")]
    (outcome,) = world.run(order([line(quantity="2", total="24.20")]))
    assert (outcome.action, outcome.reason) == ("held", "order_delivered")
    assert world.writes() == 0


def test_refunds_never_change_the_order() -> None:
    """Refunded and returned quantities are another document's matter."""
    world = booked()
    refunded = order([line(quantity_refunded=Decimal(1), quantity_returned=Decimal(1))])
    assert results(world.run(refunded)) == [("skipped", "unchanged", "")]


def test_a_users_change_stays() -> None:
    """What a user changed in AFAS stays when the shop did not change it, also when the shop changes something else."""
    world = booked([line("SKU-0001", "10.00"), line("SKU-0002", "20.00", key="b")])
    world.user("edit-order", reference="shop1-ORD00001", lines=[{"item": "SKU-0001", "fields": {"QuUn": 5}}])
    same = order([line("SKU-0001", "10.00"), line("SKU-0002", "20.00", key="b")], payment_method=Code(code="invoice"))
    assert results(world.run(same)) == [("updated", "", "")]
    assert [quantity for _, quantity, _ in items(world)] == [5, 1]
    assert world.order()["fields"]["PaTp"] == "08"


def test_a_change_on_both_sides_is_held_until_a_person_decides() -> None:
    """Both sides changed the lines: held with the field; a person's release lets the shop win (P23)."""
    world = booked()
    world.user("edit-order", reference="shop1-ORD00001", lines=[{"item": "SKU-0001", "fields": {"QuUn": 5}}])
    changed = order([line(quantity="2", total="24.20")])
    assert results(world.run(changed)) == [("held", "changed_on_both_sides", "lines, total")]
    world.store.decide("shop1", SourceKey("orders", "1"), DecisionKind.RELEASE, who="anna", at=world.clock.now())
    assert results(world.run(changed)) == [("updated", "", "")]
    assert world.total() == Decimal("24.20")


@pytest.mark.parametrize(
    ("setting", "outcome"),
    [("skip", ("skipped", "order_exists", "")), ("hold", ("held", "order_exists", "lines, total"))],
)
def test_existing_orders_may_be_left_or_held(setting: str, outcome: tuple[str, str, str]) -> None:
    """`on_existing` says whether a changed order is changed, left or held (B10)."""
    world = booked()
    assert results(world.run(order([line(quantity="2", total="24.20")]), **own(on_existing=setting))) == [outcome]
    assert world.writes() == 0


# -- cancellations ----------------------------------------------------------------------------------------------------


def test_an_order_cancelled_before_booking_is_left_out() -> None:
    """Nothing is made for an order that was cancelled before it was seen (N5)."""
    world = World()
    assert results(world.run(cancelled(order()))) == [("skipped", "cancelled_before_booking", "")]
    assert world.writes() == 0


def test_a_cancelled_order_is_blocked_and_comes_back() -> None:
    """A booked order that is cancelled is blocked; reopened in the shop, it is unblocked (N5)."""
    world = booked()
    assert results(world.run(cancelled(order()))) == [("updated", "", "")]
    assert world.order()["fields"]["FxBl"] is True
    assert results(world.run(cancelled(order()))) == [("skipped", "unchanged", "")]
    assert results(world.run(order())) == [("updated", "", "")]
    assert world.order()["fields"]["FxBl"] is False


def test_a_cancelled_order_may_be_deleted() -> None:
    """By setting a cancelled order is deleted, once (N5)."""
    world = booked(**own(on_cancel="delete"))
    assert results(world.run(cancelled(order()))) == [("updated", "", "")]
    assert world.orders() == []
    assert results(world.run(cancelled(order()))) == [("skipped", "unchanged", "")]


def test_a_cancelled_order_may_be_settled_or_held() -> None:
    """By setting a cancelled order is settled, or held for a person (N5)."""
    world = booked(**own(on_cancel="settle"))
    assert results(world.run(cancelled(order()))) == [("updated", "", "")]
    assert world.order()["status"] == "S"
    other = booked(**own(on_cancel="hold"))
    (outcome,) = other.run(cancelled(order()))
    assert (outcome.action, outcome.reason) == ("held", "order_cancelled")


def test_a_cancellation_after_delivery_is_held_with_advice() -> None:
    """A delivered order that is cancelled needs a credit or return by hand (N5)."""
    world = booked()
    world.user("deliver-order", reference="shop1-ORD00001")
    (outcome,) = world.run(cancelled(order()))
    assert (outcome.action, outcome.reason) == ("held", "cancelled_after_delivery")


# -- any sequence -----------------------------------------------------------------------------------------------------

rows = st.lists(
    st.tuples(st.sampled_from(["SKU-0001", "SKU-0002", "SKU-0003"]), st.integers(1, 4), st.integers(1, 9999)),
    min_size=1,
    max_size=5,
)


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(rows, min_size=2, max_size=4), st.integers(-4, 4))
def test_any_sequence_of_edits_ends_as_the_shop_has_it(steps: list[list[tuple[str, int, int]]], off: int) -> None:
    """After each edit AFAS's lines and total are the shop's, and a second run over the same order writes nothing."""
    world = World()
    for step in steps:
        lines = [
            line(sku, str(Decimal(total) / 100), str(count), key=str(n)) for n, (sku, count, total) in enumerate(step)
        ]
        total = sum((one.total_incl for one in lines), Decimal(off) / 100)
        one = order(lines, str(total))
        (outcome,) = world.run(one)
        assert outcome.action in {"created", "updated", "skipped"}
        assert world.total() == total
        assert results(world.run(one)) == [("skipped", "unchanged", "")]
        assert world.writes() == 0


def test_a_lost_base_with_a_changed_header_is_held() -> None:
    """Without a known base, any difference is a person's matter."""
    world = booked()
    world.store = Store.open("sqlite://")
    assert results(world.run(order(payment_method=Code(code="invoice")))) == [
        ("held", "differs_from_afas", "payment_condition, payment_method")
    ]
