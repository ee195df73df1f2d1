"""The category tree, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_lightspeed_world import messages

from commerce.goods import Category
from target_lightspeed.commerce.categories.port import PURPOSE
from target_lightspeed.commerce.categories.wants import in_order
from upsert.errors import Beyond
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store

if TYPE_CHECKING:
    from target_lightspeed_world import World

SOURCE = {"system": "afas", "instance": "main"}


@pytest.fixture(autouse=True)
def _commerce(world: World) -> None:
    world.config["streams"] = {"categories": {"kind": "commerce"}}


def category(code: str, parent: str | None = None, title: str = "", **more: Any) -> dict[str, Any]:
    """A category as the mapper sends it."""
    text = {"language": "nl", "role": "title", "value": title or f"Titel {code}"}
    record = {"key": f"afas.main:{code}", "source": SOURCE, "code": code, "texts": [text], **more}
    if parent is not None:
        record["parent"] = {"key": f"afas.main:{parent}"} if parent else None
    return {"_source_key": code, **record}


def bare(code: str) -> dict[str, Any]:
    return {"key": f"afas.main:{code}", "source": SOURCE, "code": code}


def titled(world: World, title: str, language: str = "nl") -> dict[str, Any]:
    (found,) = [row for row in world.rows("categories", language) if row["title"] == title]
    return found


def test_parents_come_first_whatever_the_order(world: World) -> None:
    """A child that comes before its parent hangs under it all the same, in one run."""
    held = world.load("categories", category("C", "B"), category("B", "A"), category("A", ""))
    assert held == []
    a, b, c = (titled(world, f"Titel {code}") for code in "ABC")
    assert (a["parent"], b["parent"]["id"], c["parent"]["id"]) == (None, a["id"], b["id"])
    assert c["type"] == "category"


def test_a_second_run_makes_no_call(world: World) -> None:
    """What did not change is not even read."""
    tree = [category("A", ""), category("B", "A", position=3)]
    world.load("categories", *tree)
    assert world.load("categories", *tree) == []
    assert (world.writes(), world.reads(), world.done()) == ({}, {}, {"unchanged": 2})


def test_names_per_language(world: World) -> None:
    """Each language's title goes through its own address."""
    texts = [
        {"language": "nl", "role": "title", "value": "Stoelen"},
        {"language": "en", "role": "title", "value": "Chairs"},
        {"language": "nl", "role": "long", "value": "groot & klein"},
    ]
    assert world.load("categories", category("A", "", texts=texts)) == []
    assert titled(world, "Stoelen")["content"] == "groot &amp; klein"
    assert titled(world, "Chairs", "en")["id"] == titled(world, "Stoelen")["id"]
    texts[1]["value"] = "Seats"
    assert world.load("categories", category("A", "", texts=texts)) == []
    assert titled(world, "Seats", "en")
    assert world.writes() == {"PUT categories/{id}": 1}


def test_a_missing_parent_is_waited_for_without_a_call(world: World) -> None:
    """The child waits, and follows when its parent is there."""
    held = world.load("categories", category("B", "A"))
    assert [(one["reason"], one["subject"]) for one in held] == [("waits_for_parent", "afas.main:A")]
    assert (world.reads(), world.writes()) == ({}, {})
    world.load("categories", category("A", ""))
    assert world.load("categories", category("B", "A")) == []
    assert titled(world, "Titel B")["parent"]["id"] == titled(world, "Titel A")["id"]


def test_a_circle_waits_and_harms_nobody(world: World) -> None:
    """Two categories that hang under each other are held; the rest is loaded."""
    held = world.load("categories", category("A", "B"), category("B", "A"), category("C", ""))
    assert {one["reason"] for one in held} == {"waits_for_parent"}
    assert len(held) == 2
    assert titled(world, "Titel C")


def test_a_circle_that_only_shows_in_the_shop_waits_too(world: World) -> None:
    """A run has only what changed: the rest of the circle stands in the shop, and is not torn out of the tree."""
    world.load("categories", category("A", ""), category("B", "A"), category("C", "B"), category("D", ""))
    before = world.rows("categories")
    held = world.load("categories", category("A", "C"), category("D", "C"))
    assert [(one["reason"], one["subject"]) for one in held] == [
        ("waits_for_parent", f"circle with category {titled(world, 'Titel C')['id']}")
    ]
    assert world.writes() == {"PUT categories/{id}": 1}
    assert [row for row in world.rows("categories") if row["title"] != "Titel D"] == [
        row for row in before if row["title"] != "Titel D"
    ]
    # Two that change places are no circle, though one of them is for a moment under the other.
    assert world.load("categories", category("A", "B"), category("B", "")) == []
    assert titled(world, "Titel A")["parent"]["id"] == titled(world, "Titel B")["id"]


def test_a_move_and_a_new_name_are_one_write(world: World) -> None:
    """A category that changes its parent is moved, not made anew."""
    world.load("categories", category("A", ""), category("B", ""), category("C", "A"))
    before = titled(world, "Titel C")["id"]
    world.load("categories", category("C", "B", title="Nieuw", position=4))
    after = titled(world, "Nieuw")
    assert (after["id"], after["parent"]["id"], after["sortOrder"]) == (before, titled(world, "Titel B")["id"], 4)
    assert world.writes() == {"PUT categories/{id}": 1}
    world.load("categories", category("C", "", title="Nieuw", position=4))
    assert titled(world, "Nieuw")["parent"] is None


def test_a_blocked_category_is_hidden_and_comes_back(world: World) -> None:
    """Blocked in the source: invisible in the shop, with everything that hangs on it."""
    world.load("categories", category("A", ""))
    world.load("categories", category("A", "", active=False))
    assert titled(world, "Titel A")["isVisible"] is False
    world.load("categories", category("A", ""))
    assert titled(world, "Titel A")["isVisible"] is True


def test_a_blocked_category_that_never_was_is_not_made(world: World) -> None:
    """What the shop doesn't have needs no hiding."""
    assert world.load("categories", category("A", "", active=False)) == []
    assert (world.writes(), world.done()) == ({}, {"inactive": 1})


def test_hand_made_categories_survive(world: World) -> None:
    """One of the same name at the same place isn't ours: it is neither changed nor doubled, and no other one is."""
    hand = world.make_client().create("categories", "category", {"title": "Titel A", "description": "van de winkel"})
    before = world.rows("categories")
    held = world.load("categories", category("A", "", position=9), category("B", "A"))
    assert [one["reason"] for one in held] == ["made_by_hand", "waits_for_parent"]
    assert world.rows("categories") == before
    assert world.load("categories", category("A", "", position=9), categories={"same_name": "adopt"}) == []
    assert world.row("categories", hand["id"])["sortOrder"] == 9
    assert world.row("categories", hand["id"])["description"] == "van de winkel"


def test_another_beside_it_by_setting(world: World) -> None:
    """With `same_name: beside` ours is a second one."""
    hand = world.make_client().create("categories", "category", {"title": "Titel A"})
    assert world.load("categories", category("A", ""), categories={"same_name": "beside"}) == []
    ids = {row["id"] for row in world.rows("categories") if row["title"] == "Titel A"}
    assert hand["id"] in ids
    assert len(ids) == 2


def test_two_of_one_name_in_the_source_are_two(world: World) -> None:
    """The title is no key: two categories of the source that are called alike are two in the shop."""
    assert world.load("categories", category("A", "", title="Stoel"), category("B", "", title="Stoel")) == []
    assert len([row for row in world.rows("categories") if row["title"] == "Stoel"]) == 2


def test_delete_by_setting_children_first(world: World) -> None:
    """Deleted from below; and a later return makes it anew."""
    world.load("categories", category("A", ""), category("B", "A"))
    gone = [category("A", "", active=False), category("B", "A", deleted_at="2026-11-01T00:00:00Z")]
    assert world.load("categories", *gone, categories={"inactive": "delete"}) == []
    assert not [row for row in world.rows("categories") if row["title"] in {"Titel A", "Titel B"}]
    assert world.load("categories", category("A", ""), category("B", "A")) == []
    assert titled(world, "Titel B")["parent"]["id"] == titled(world, "Titel A")["id"]


def test_what_is_gone_already_needs_no_person(world: World) -> None:
    """To be deleted, and deleted by hand before: that is the end of it."""
    world.load("categories", category("A", ""))
    world.make_client().delete(f"categories/{titled(world, 'Titel A')['id']}")
    assert world.load("categories", category("A", "", active=False), categories={"inactive": "delete"}) == []
    assert world.load("categories", category("A", "", position=3)) == []
    assert titled(world, "Titel A")["sortOrder"] == 3


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), max_size=8))
def test_levels_hold_every_category_once_and_parents_first(above: dict[str, str]) -> None:
    """Whatever hangs under whatever: all are in a level or in a circle, and never before their parent."""
    nodes = {key: Category.model_validate(bare(key)) for key in {*above, *above.values()}}
    levels, circle = in_order(nodes, above)
    placed = [key for level in levels for key in level]
    assert sorted([*placed, *circle]) == sorted(nodes)
    for key in placed:
        assert key not in above or placed.index(above[key]) < placed.index(key)
    for key in circle:
        seen = {key}
        while (key := above[key]) not in seen:
            seen.add(key)


def test_nothing_is_deleted_from_under_what_others_made(world: World) -> None:
    """A hand-made category hangs under ours: ours stays until a person moves it."""
    world.load("categories", category("A", ""))
    parent = titled(world, "Titel A")["id"]
    world.make_client().create("categories", "category", {"title": "Van de winkel", "parent": parent})
    held = world.load("categories", category("A", "", active=False), categories={"inactive": "delete"})
    assert [one["reason"] for one in held] == ["not_empty"]
    assert titled(world, "Van de winkel")["parent"]["id"] == parent


def test_an_answer_that_was_lost_makes_no_second_one(world: World) -> None:
    """A category whose create had no answer is found by title, place and time, and adopted."""
    world.fault(name="timeout_after_work", endpoint="POST categories", times=1)
    first = world.load("categories", category("A", ""))
    if first:
        world.clock.advance(400)
        assert world.load("categories", category("A", "")) == []
    assert len([row for row in world.rows("categories") if row["title"] == "Titel A"]) == 1


def test_made_anew_only_when_a_person_says_so(world: World) -> None:
    """Deleted by hand in the shop: held as vanished; released, it is made once more."""
    world.load("categories", category("A", ""))
    world.make_client().delete(f"categories/{titled(world, 'Titel A')['id']}")
    held = world.load("categories", category("A", "", position=2))
    assert [one["reason"] for one in held] == ["vanished"]
    with Store.open(world.config["store"]) as store:
        store.decide("csv.shop1", SourceKey("categories", "A"), DecisionKind.RELEASE, who="jan", at=world.host.now())
    assert world.load("categories", category("A", "", position=2)) == []
    with Store.open(world.config["store"]) as store:
        assert store.ids("shop1", PURPOSE, "afas.main:A")["id"] == str(titled(world, "Titel A")["id"])


def test_texts_without_a_place_are_named_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What a category of the shop can't hold is said, not dropped in silence."""
    more = [{"language": "nl", "role": "title", "value": "A"}, {"language": "nl", "role": "seo_title", "value": "x"}]
    world.load("categories", category("A", "", texts=more))
    assert "seo_title" in caplog.text


MANY = [f"N{number:02}" for number in range(30)]


def many(title: str = "", **more: Any) -> list[dict[str, Any]]:
    return [category(code, "", title=f"{title}{code}", **more) for code in MANY]


def test_a_tree_that_would_vanish_stops_the_run(world: World) -> None:
    """An export in which all is blocked hides nothing before a person has seen it; then that is hidden, once."""
    assert world.load("categories", *many()) == []
    before = world.rows("categories")
    with pytest.raises(
        Beyond, match=r"categories: .* 25 of 30 items would be hidden, more than 20 \(N00, N01"
    ) as caught:
        world.load("categories", *many(active=False)[:25])
    assert caught.value.exit_code == 2
    assert (world.writes(), world.rows("categories")) == ({}, before)
    world.config["approve"] = caught.value.token
    with pytest.raises(Beyond, match="another set of changes"):
        world.load("categories", *many(active=False)[:26])
    assert world.load("categories", *many(active=False)[:25]) == []
    ours = [row for row in world.rows("categories") if row["title"] in MANY]
    assert sum(not row["isVisible"] for row in ours) == 25
    world.load("categories", *many()[:15])
    world.load("categories", *many()[15:])
    with pytest.raises(Beyond, match="written already"):
        world.load("categories", *many(active=False)[:25])


def test_deletes_and_new_names_are_counted_and_new_categories_are_not(world: World) -> None:
    """More than half of the tree renamed, or 21 deleted; thirty new ones harm nobody."""
    assert world.load("categories", *many()) == []
    with pytest.raises(Beyond, match=r"25 of 30 items would be deleted"):
        world.load("categories", *many(active=False)[:25], categories={"inactive": "delete"})
    with pytest.raises(Beyond, match=r"30 of 30 items would be changed, more than 50%"):
        world.load("categories", *many("Nieuw "))
    assert world.load("categories", *(category(f"M{number}", "N01") for number in range(30))) == []


def test_a_plan_shows_the_whole_tree_and_writes_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """In plan mode children hang under parents that are only planned, and their texts follow."""
    texts = [
        {"language": "nl", "role": "title", "value": "Stoelen"},
        {"language": "en", "role": "title", "value": "Chairs"},
    ]
    before = world.rows("categories")
    tree = [category("B", "A", texts=texts), category("A", "")]
    world.run(messages("categories", *tree, held=[]), mode="plan")
    assert world.writes() == {}
    assert world.rows("categories") == before
    assert world.done() == {"planned": 3}
    assert world.load("categories", *tree) == []
    assert titled(world, "Chairs", "en")["parent"]["id"] == titled(world, "Titel A")["id"]
    assert "vanished" not in caplog.text
