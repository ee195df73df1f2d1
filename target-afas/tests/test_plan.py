"""Plan mode on AFAS: everything that a run would do is listed, nothing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_afas_builders import address, line, order, person
from target_afas_raw_world import RawPlugin, messages
from target_afas_world import World, results

from upsert.model import SourceKey
from upsert.plans import Plans

if TYPE_CHECKING:
    from upsert.kernel import Kernel


class Planning(World):
    """A world whose runs only plan, when it is told so."""

    plans: Plans | None = None

    def kernel(self, stream: str, scope: str) -> Kernel:
        made = super().kernel(stream, scope)
        made.plans = self.plans
        return made

    def plan(self, *orders: Any, **config: Any) -> Plans:
        self.plans = Plans()
        self.outcomes = self.run(*orders, **config)
        found, self.plans = self.plans, None
        assert self.writes() == 0
        return found


def listed(plans: Plans) -> dict[str, list[tuple[str, Any, Any]]]:
    return {
        f"{one.action} {one.purpose}": [(change.field, change.old, change.new) for change in one.changes]
        for one in plans
    }


def test_an_order_of_a_new_customer_is_planned_with_all_that_it_needs() -> None:
    """Customer, delivery address and order; personal values hidden; as many calls as the run then makes (N8)."""
    world = Planning()
    elsewhere = person(name="Piet Jansen", address=address(street="Elders", house_number="7", postal_code="9999 ZZ"))
    wanted = order(buyer=person(email="planned@x.nl"), ship_to=elsewhere)
    plans = world.plan(wanted)
    assert results(world.outcomes) == [("planned", "", "")]
    found = listed(plans)
    assert list(found) == ["create sales_relation", "create delivery_address", "create sales_order"]
    assert ("debtor", None, "new") in found["create sales_order"]
    assert found["create delivery_address"] == [("delivery address of new", None, "***")]
    assert "Jansen" not in str(found)
    assert "planned@x.nl" not in str(found)
    assert world.orders() == []
    world.run(wanted)
    assert world.writes() == plans.calls
    assert listed(world.plan(wanted)) == {}


def test_two_orders_of_one_new_customer_plan_it_once() -> None:
    """Also when they come in two batches of one run."""
    world = Planning()
    plans = world.plans = Plans()
    session = world.begin()
    for number in ("ORD00001", "ORD00002"):
        one = order(number=number, buyer=person(email="planned@x.nl"))
        flow = session.orders("orders")
        assert results(flow.load([(SourceKey("orders", number), one)])) == [("planned", "", "")]
    assert sorted(one.purpose for one in plans) == ["sales_order", "sales_order", "sales_relation"]


def test_a_changed_order_lists_its_lines() -> None:
    """Old and new quantity of the line; nothing else."""
    world = Planning()
    world.run(order())
    before = world.order()
    plans = world.plan(order(lines=[line(quantity=3)]))
    ((field, old, new),) = [one for one in listed(plans)["update sales_order"] if one[0].startswith("line")]
    assert field.endswith("(1)")
    assert (old.split(" x ")[0], new.split(" x ")[0]) != (new.split(" x ")[0], "")
    assert world.order() == before


def test_values_of_goods_are_shown_and_others_hidden(tmp_path: Any) -> None:
    """What a connector of persons takes may be personal, whatever the field."""
    plugin = RawPlugin(tmp_path, FbItemArticle={"mode": "insert"}, KnOrganisation={"mode": "insert"})
    plugin.config |= {"mode": "plan"}
    item = {"ItCd": "NEW-1", "Ds": "Chair", "Grp": "1", "BiUn": "STK", "VaRc": "1"}
    person_like = {"MatchOga": "6", "AutoNum": True, "SeNm": "SECRET", "Nm": "Secret Ltd", "PadAdr": True}
    text = messages("FbItemArticle", item, key=("ItCd",), held=[])
    text += messages("KnOrganisation", person_like, key=("SeNm",), held=[])
    assert plugin.run(text) == {}
    assert plugin.target is not None
    found = listed(plugin.target.plans or Plans())
    assert ("Ds", None, "Chair") in found["create raw.FbItemArticle"]
    assert ("Nm", None, "***") in found["create raw.KnOrganisation"]
    assert "Secret" not in str(found)
