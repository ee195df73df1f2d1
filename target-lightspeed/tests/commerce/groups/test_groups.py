"""Customer groups and their members, against the sandbox."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from target_lightspeed_world import messages

from upsert.errors import ConfigurationError
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World

SOURCE = {"system": "afas", "instance": "T1"}


@pytest.fixture(autouse=True)
def _commerce(world: World) -> None:
    world.config["streams"] = {"customers": {"kind": "commerce"}, "customer_groups": {"kind": "commerce"}}


def group(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {"_source_key": code, "key": f"afas.T1:{code}", "source": SOURCE, "code": code, "name": name, **more}


def customer(code: str, email: str | None, *groups: str, **more: Any) -> dict[str, Any]:
    refs = [{"code": one} for one in groups]
    own = {"kind": "organisation", "name": "Bedrijf", "email": email, "groups": refs, **more}
    return {"_source_key": code, "key": f"afas.T1:{code}", "source": SOURCE, **own}


def group_id(world: World, title: str) -> int:
    (found,) = [one["id"] for one in world.rows("groups") if one["title"] == title]
    return int(found)


def emails(world: World) -> list[str]:
    return sorted(one["email"] for one in world.rows("customers") if "@" in str(one["email"]))


def member_of(world: World, email: str) -> set[str]:
    titles = {one["id"]: one["title"] for one in world.rows("groups")}
    (who,) = [one["id"] for one in world.rows("customers") if one["email"] == email]
    return {titles[one["group"]["id"]] for one in world.rows("groups/customers") if one["customer"]["id"] == who}


def outsider(world: World, n: int = 0) -> str:
    """E-mail of a customer who is in no group."""
    return [one for one in emails(world) if not member_of(world, one)][n]


def test_groups_are_made_once(world: World) -> None:
    """By title; later runs leave them alone, also when their name changes."""
    records = [group("A", "Dealers"), group("B", "Oud", active=False), group("C", "Horeca")]
    settings = {"titles": {"C": "Restaurants"}}
    assert world.load("customer_groups", *records, groups=settings) == []
    assert world.writes() == {"POST groups": 2}
    assert group_id(world, "Dealers")
    assert group_id(world, "Restaurants")
    renamed = [group("A", "Grossiers"), *records[1:]]
    assert world.load("customer_groups", *renamed, groups=settings) == []
    assert world.writes() == {}


def test_a_group_made_by_hand_is_taken_over(world: World) -> None:
    """One of that title stands there: no second one is made."""
    world.client.create("groups", "group", {"title": "Dealers"})
    world.load("customer_groups", group("A", "Dealers"))
    assert world.writes() == {}
    assert group_id(world, "Dealers")


def test_a_percentage_for_a_whole_group_is_listed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The API's discount rules are unknown: it is said, and not written."""
    with caplog.at_level(logging.WARNING):
        world.load("customer_groups", group("A", "Dealers", discount_percent="10"))
    assert "1 groups have a percentage off everything" in caplog.text


def test_a_customer_moves_and_other_groups_stay(world: World) -> None:
    """Out of the group that we put them into, into the new one; what was made by hand is not touched."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    email = outsider(world)
    (who,) = [one["id"] for one in world.rows("customers") if one["email"] == email]
    world.client.create("groups", "group", {"title": "Vrienden"})
    world.client.create("groups/customers", "groupsCustomer", {"group": group_id(world, "Vrienden"), "customer": who})
    assert world.load("customers", customer("1", email.upper(), "A")) == []
    assert member_of(world, email) == {"Dealers", "Vrienden"}
    assert world.load("customers", customer("1", email, "B")) == []
    assert world.writes() == {"DELETE groups/customers/{id}": 1, "POST groups/customers": 1}
    assert member_of(world, email) == {"Horeca", "Vrienden"}
    assert world.load("customers", customer("1", email)) == []
    assert member_of(world, email) == {"Vrienden"}
    assert world.mails() == []


def test_ten_runs_cost_nothing(world: World) -> None:
    """Customers whose groups did not change are not even looked for."""
    world.load("customer_groups", group("A", "Dealers"))
    records = [customer(str(n), email, "A") for n, email in enumerate(emails(world)[:12])]
    records.append(customer("99", "niemand@example.com", "A"))
    world.load("customers", *records)
    assert world.reads().get("GET customers/{id}", 0) == 0
    for _ in range(10):
        assert world.load("customers", *records) == []
        assert world.writes() == {}
        assert set(world.reads()) <= {"GET customers"}
        assert world.reads().get("GET customers", 0) <= 1


def test_customers_without_groups_are_not_looked_for(world: World) -> None:
    """Every new shopper comes back from AFAS as a customer who is in no group: that costs no call."""
    world.load("customer_groups", group("A", "Dealers"))
    newcomers = [customer(str(n), email) for n, email in enumerate(emails(world)[:12])]
    assert world.load("customers", *newcomers) == []
    assert world.reads() == {}
    assert world.done() == {"no_groups": 12}


def test_who_was_put_into_one_of_two_groups_leaves_it_again(world: World) -> None:
    """The second one was refused, so the record was held; when it names no group any more, the first one ends too."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    email = outsider(world)
    world.fault(name="status_500", endpoint="POST groups/customers", nth=2, times=9, message="Invalid")
    held = world.load("customers", customer("1", email, "A", "B"), workers=1)
    assert len(held) == 1
    assert len(member_of(world, email)) == 1
    world.user("DELETE", "faults", {})
    assert world.load("customers", customer("1", email)) == []
    assert member_of(world, email) == set()


def test_a_membership_made_by_hand_is_never_ended(world: World) -> None:
    """It stood there before us, so it isn't ours to take away."""
    world.load("customer_groups", group("A", "Dealers"))
    email = outsider(world)
    (who,) = [one["id"] for one in world.rows("customers") if one["email"] == email]
    world.client.create("groups/customers", "groupsCustomer", {"group": group_id(world, "Dealers"), "customer": who})
    world.load("customers", customer("1", email, "A"))
    world.load("customers", customer("1", email))
    assert member_of(world, email) == {"Dealers"}


def test_an_account_made_later_gets_its_group(world: World) -> None:
    """Nobody makes the account; when it comes, its group follows with the next run, at one call."""
    world.load("customer_groups", group("A", "Dealers"))
    other = customer("2", outsider(world), "A")
    world.load("customers", customer("1", "nieuw@example.com", "A"), other)
    assert world.done()["no_account"] == 1
    world.clock.advance(3600)
    new = {"email": "nieuw@example.com", "firstname": "N", "lastname": "Ieuw"}
    world.client.create("customers", "customer", new)
    world.load("customers", other)
    assert member_of(world, "nieuw@example.com") == {"Dealers"}
    world.load("customers", customer("1", "nieuw@example.com"), other)
    assert member_of(world, "nieuw@example.com") == set()


def test_unknown_groups_are_one_error(world: World) -> None:
    """Named once, with what to do; nothing is written before."""
    world.load("customer_groups", group("A", "Dealers"))
    records = [customer(str(n), email, "A", "X") for n, email in enumerate(emails(world)[:5])]
    with pytest.raises(ConfigurationError, match=r"not one customer group for X:"):
        world.load("customers", *records)
    assert world.writes() == {}
    assert world.load("customers", *records, groups={"titles": {"X": "ignore"}}) == []


def test_two_relations_with_one_address(world: World) -> None:
    """With the same groups they are one; with different ones nobody can say which counts."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    email = outsider(world)
    assert world.load("customers", customer("1", email, "A"), customer("2", email, "A")) == []
    held = world.load("customers", customer("1", email, "A"), customer("2", email, "B"))
    assert [entry["reason"] for entry in held] == ["email_twice", "email_twice"]
    assert member_of(world, email) == {"Dealers"}


def test_a_new_address_leaves_no_membership_behind(world: World) -> None:
    """The relation's old account leaves the group, the new one enters it."""
    world.load("customer_groups", group("A", "Dealers"))
    one, two = outsider(world), outsider(world, 1)
    world.load("customers", customer("1", one, "A"))
    world.load("customers", customer("1", two, "A"))
    assert (member_of(world, one), member_of(world, two)) == (set(), {"Dealers"})


def test_no_address_stands_in_store_or_log(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """E-mail addresses are hashed wherever they are kept."""
    world.load("customer_groups", group("A", "Dealers"))
    email = outsider(world)
    with caplog.at_level(logging.DEBUG):
        world.load("customers", customer("1", email, "A"), customer("2", "nieuw@example.com", "A"))
    with sqlite3.connect(tmp_path / "store.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    for address in (email, "nieuw@example.com"):
        assert address not in dump
        assert address not in caplog.text


def test_a_lost_answer_puts_nobody_in_twice(world: World) -> None:
    """The membership is found, known as ours, and ended when the customer leaves."""
    world.load("customer_groups", group("A", "Dealers"))
    email = outsider(world)
    world.fault(name="timeout_after_work", endpoint="POST groups/customers", times=1)
    assert world.load("customers", customer("1", email, "A")) == []
    assert len([one for one in world.rows("groups/customers") if one["group"]["id"] == group_id(world, "Dealers")]) == 1
    world.load("customers", customer("1", email))
    assert member_of(world, email) == set()


def test_a_plan_of_groups_and_members(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever would be put into a group that would be made: both are listed, and nothing is done or remembered."""
    email = outsider(world)
    lines = messages("customer_groups", group("A", "Dealers"), held=[]) + messages(
        "customers", customer("1", email, "A"), held=[]
    )
    with caplog.at_level(logging.INFO):
        world.run(lines, mode="plan")
    assert world.writes() == {}
    assert email not in caplog.text
    world.run(lines)
    assert world.writes() == {"POST groups": 1, "POST groups/customers": 1}


def test_a_plan_knows_the_groups_that_the_shop_has(world: World) -> None:
    """A plan before the first run leaves nothing in the store, and yet the customers' groups are found."""
    email = outsider(world)
    world.client.create("groups", "group", {"title": "Dealers"})
    lines = messages("customer_groups", group("A", "Dealers"), held=[]) + messages(
        "customers", customer("1", email, "A"), held=[]
    )
    world.run(lines, mode="plan")
    assert world.done() == {"unchanged": 1, "planned": 1}


def test_a_person_and_their_place_at_an_organisation(world: World) -> None:
    """Two records of one address: the one without a group says nothing against the other, in whatever run it comes."""
    world.load("customer_groups", group("A", "Dealers"))
    email = outsider(world)
    own, work = customer("1", email), customer("2", email, "A")
    for records in ([own, work], [work, own], [own], [work], [own, work]):
        assert world.load("customers", *records) == []
        assert member_of(world, email) == {"Dealers"}
    assert world.writes() == {}
    assert world.load("customers", {**work, "groups": []}) == []
    assert member_of(world, email) == set()


def test_two_relations_in_two_runs(world: World) -> None:
    """What the first one said is not forgotten when only the second comes; they agree when the first one changes."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    email = outsider(world)
    assert world.load("customers", customer("1", email, "A")) == []
    assert [one["reason"] for one in world.load("customers", customer("2", email, "B"))] == ["email_twice"]
    assert member_of(world, email) == {"Dealers"}
    assert world.load("customers", customer("1", email, "B")) == []
    assert member_of(world, email) == {"Horeca"}


def test_two_relations_without_an_account(world: World) -> None:
    """Nobody in the shop has the address, so there is nothing to decide; when somebody has, the records are held."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    twins = [customer("1", "nieuw@example.com", "A"), customer("2", "nieuw@example.com", "B")]
    assert world.load("customers", *twins) == []
    assert world.done() == {"superseded": 1, "no_account": 1}
    world.clock.advance(3600)
    world.client.create("customers", "customer", {"email": "nieuw@example.com", "firstname": "N", "lastname": "Ieuw"})
    held = world.load("customers", customer("3", outsider(world)))
    assert [one["reason"] for one in held] == ["email_twice"]
    assert member_of(world, "nieuw@example.com") == set()


@pytest.mark.parametrize("last", [{"_gone": True}, {"email": None}])
def test_who_is_gone_leaves_the_group(world: World, last: dict[str, Any]) -> None:
    """A contact who was deleted, or lost the address, no longer gives anybody a place."""
    world.load("customer_groups", group("A", "Dealers"))
    email = outsider(world)
    world.load("customers", customer("1", email, "A"))
    assert world.load("customers", {**customer("1", email, "A"), **last}) == []
    assert member_of(world, email) == set()


def test_nobody_to_wait_for_costs_no_call(world: World) -> None:
    """New accounts are looked at only while somebody waits for one, and the time is taken from what is asked anyway."""
    world.load("customer_groups", group("A", "Dealers"))
    records = [customer("1", outsider(world), "A")]
    world.load("customers", *records)
    world.client = world.make_client()
    world.load("customers", *records)
    assert dict(world.client.calls) == {}
    world.load("customers", customer("1", outsider(world), "A"))
    assert world.writes() == {"DELETE groups/customers/{id}": 1, "POST groups/customers": 1}
    assert "GET account" not in world.client.calls


def test_a_relation_skipped_by_hand_does_not_count(world: World) -> None:
    """Of two that name different groups a person leaves one out; the other one then has its way."""
    world.load("customer_groups", group("A", "Dealers"), group("B", "Horeca"))
    email = outsider(world)
    twins = [customer("1", email, "A"), customer("2", email, "B")]
    assert len(world.load("customers", *twins)) == 2
    with Store.open(world.config["store"]) as store:
        store.decide("csv.shop1", SourceKey("customers", "2"), DecisionKind.SKIP, who="test", at=world.clock.now())
    assert world.load("customers", *twins) == []
    assert member_of(world, email) == {"Dealers"}
