"""The limits: what stops a run before its first write, what is said, and what an approval allows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.guard import Changes
from target_lightspeed.commerce.guard_settings import CatalogueLimits, Limits, PriceLimits, StockLimits, TreeLimits
from target_lightspeed.settings import read_settings
from upsert.errors import Beyond, ConfigurationError
from upsert.kernel import Kernel
from upsert.store import Store
from upsert.testing import FakePort, FakeSystem, VirtualClock, document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SKUS = [f"SKU-{n:03}" for n in range(200)]


def told(limits: Limits, changes: Changes, *approve: str, store: Store | None = None) -> str:
    """What stops a run, or ""."""
    try:
        Approvals(store or Store.open("sqlite://"), "shop1", approve).check(limits, changes)
    except Beyond as error:
        return error.text
    return ""


def changed(number: int, known: int = 200, **options: Any) -> Changes:
    changes = Changes("products", known, **options)
    for sku in SKUS[:number]:
        changes.add(sku, "title", "new")
    return changes


def test_a_run_that_changes_too_many_items_stops() -> None:
    """The line says what, how many of how many, five of them, and how to approve."""
    assert told(CatalogueLimits(), changed(60)) == ""
    changes = changed(61)
    assert told(CatalogueLimits(), changes) == (
        "products: nothing is written: 61 of 200 items would be changed, more than 30% (SKU-000, SKU-001, SKU-002, "
        f"SKU-003, SKU-004, ...). If that is right, run once with approve set to {changes.token()}: it allows exactly "
        "these changes"
    )


def test_few_changes_are_never_too_many_percent() -> None:
    """In a shop of thirty items, twenty changes are an ordinary day."""
    assert told(CatalogueLimits(), changed(20, known=21)) == ""
    assert told(CatalogueLimits(), changed(21, known=21)) != ""
    assert told(CatalogueLimits(floor=0), changed(1, known=3)) != ""


def test_a_first_load_is_allowed_unless_it_is_to_be_checked() -> None:
    """Everything changes then."""
    assert told(CatalogueLimits(), changed(200, first=True)) == ""
    assert told(CatalogueLimits(first_load="check"), changed(200, first=True)) != ""


def test_hides_and_deletes_are_counted_together() -> None:
    """An empty export must not empty the shop."""
    changes = Changes("products", 10_000)
    for sku in SKUS[:15]:
        changes.hide(sku)
    for sku in SKUS[15:20]:
        changes.delete(sku)
    assert told(CatalogueLimits(), changes) == ""
    changes.delete(SKUS[20])
    assert "21 of 10000 items would be hidden or deleted, more than 20 (SKU-000" in told(CatalogueLimits(), changes)
    assert told(CatalogueLimits(hides=None), changes) == ""


@pytest.mark.parametrize(
    ("old", "new", "leap"),
    [
        ("10.00", "14.00", False),
        ("10.00", "14.01", True),
        ("10.00", "5.99", True),
        ("10.00", "0", True),
        ("0", "10.00", False),
        (None, "10.00", False),
        ("10.00", None, False),
        (Decimal(10), 20.0, True),
    ],
)
def test_what_counts_as_a_leap_of_a_price(old: Any, new: Any, leap: bool) -> None:
    """More than 40% up or down; a price that was nothing before has nothing to be compared with."""
    changes = Changes("prices", 200)
    for sku in SKUS[:21]:
        changes.price(sku, old, new)
    assert bool(told(PriceLimits(), changes)) is leap


def test_a_wrong_price_list_stops_and_a_general_increase_does_not() -> None:
    """Five percent more on everything is usual; a list of another currency is not (P15)."""
    usual, wrong = Changes("prices", 200), Changes("prices", 200)
    for sku in SKUS:
        usual.price(sku, "100", "105")
        wrong.price(sku, "100", "25" if sku == "SKU-007" else "50")
    assert told(PriceLimits(), usual) == ""
    text = told(PriceLimits(), wrong)
    assert "200 of 200 items would change their price by more than 40%, more than 5% of the items" in text
    assert "(SKU-007 by 75%, SKU-000 by 50%" in text


def test_stock_that_goes_to_nothing_all_at_once_stops() -> None:
    """A warehouse that is missing from the figures; many other changes are an ordinary run."""
    changes = Changes("stock_levels", 200)
    for sku in SKUS:
        changes.stock(sku, 10, 7)
    assert told(StockLimits(), changes) == ""
    for sku in SKUS[:51]:
        changes.stock(sku, 7, 0)
    for sku in SKUS[51:]:
        changes.stock(sku, 0, 0)
    assert "51 of 200 items would go out of stock, more than 25%" in told(StockLimits(), changes)


VALUES = st.dictionaries(st.sampled_from(SKUS), st.decimals(0, 99, places=2), min_size=31, max_size=60)


@given(VALUES, st.data())
def test_an_approval_is_for_exactly_one_set_of_changes(values: dict[str, Decimal], data: Any) -> None:
    """In any order and notation of the numbers; any other item or value needs another approval."""

    def made(pairs: Any) -> Changes:
        changes = Changes("prices", 100)
        for sku, value in pairs:
            changes.price(sku, 100, value)
        return changes

    changes = made(values.items())
    again = made((sku, value.normalize()) for sku, value in reversed(values.items()))
    limits = PriceLimits(changed_percent=30)
    assert told(limits, changes) != ""
    assert told(limits, again, changes.token()) == ""
    one = data.draw(st.sampled_from(sorted(values)))
    other = {**values, one: values[one] + 1} if data.draw(st.booleans()) else {**values, "SKU-NEW": Decimal(1)}
    assert told(limits, made(other.items()), changes.token()) != ""


def test_a_token_has_a_form() -> None:
    """A slip of the pen in the approval is refused with the other settings; several go as one text."""
    token = changed(1).token()
    other = changed(2).token()
    assert read_settings({"approve": token}).approved == {token}
    assert read_settings({"approve": f"{token}, {other}"}).approved == {token, other}
    assert read_settings({}).approved == frozenset()
    for wrong in ("yes", f"{token} {other}", f"{token},", token[3:], [token]):
        with pytest.raises(ConfigurationError, match=r"settings: approve: "):
            read_settings({"approve": wrong})


def test_an_approved_run_that_broke_off_goes_on(tmp_path: Path) -> None:
    """What is left of an approved set passes without being asked again, also beside an ordinary day's changes."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        assert told(CatalogueLimits(), changed(100), changed(100).token(), store=store) == ""
        left = changed(90)
        assert told(CatalogueLimits(), left, store=store) == ""
        left.add("SKU-150", "title", "new")
        assert told(CatalogueLimits(), left, store=store) == ""
        for sku in SKUS[100:170]:
            left.add(sku, "title", "new")
        text = told(CatalogueLimits(), left, store=store)
        assert text.startswith("products: nothing is written: 70 of 200 items would be changed")


def test_an_item_that_is_half_written_is_still_approved(tmp_path: Path) -> None:
    """A product has several steps: after one of them, less of the same is left."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        both, half = Changes("products", 200), Changes("products", 200)
        for sku in SKUS[:100]:
            both.add(sku, "title", "new")
            both.add(sku, "variant title", "new")
            half.add(sku, "variant title", "new")
        assert told(CatalogueLimits(), both, both.token(), store=store) == ""
        assert told(CatalogueLimits(), half, store=store) == ""
        assert "100 of 200 items would be changed" in told(CatalogueLimits(), both, store=store)


def test_an_approval_is_for_once(tmp_path: Path) -> None:
    """The same set, when it comes once more after it was written and undone, needs another approval."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        token = changed(100).token()
        assert told(CatalogueLimits(), changed(100), token, store=store) == ""
        assert told(CatalogueLimits(), changed(0), token, store=store) == ""
        text = told(CatalogueLimits(), changed(100), token, store=store)
        assert "or was written already" in text
        assert token not in text
        assert told(CatalogueLimits(), changed(100), text.split("approve set to ")[1].split(":")[0], store=store) == ""


def test_an_approved_item_that_changes_otherwise_is_not_approved(tmp_path: Path) -> None:
    """What was seen is the new value, not the item."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        assert told(CatalogueLimits(), changed(100), changed(100).token(), store=store) == ""
        other = Changes("products", 200)
        for sku in SKUS[:100]:
            other.add(sku, "title", "newer")
        assert "100 of 200 items would be changed" in told(CatalogueLimits(), other, store=store)


def test_a_first_load_that_broke_off_goes_on(tmp_path: Path) -> None:
    """It was allowed as a whole, so the rest of it is no mass change; anything else is."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        first, rest = Changes("prices", 200, first=True), Changes("prices", 200)
        for number, sku in enumerate(SKUS):
            first.price(sku, "100", "50")
            if number % 2:
                rest.price(sku, "100", "50")
        assert told(PriceLimits(), first, store=store) == ""
        assert told(PriceLimits(), rest, store=store) == ""
        for sku in SKUS:
            rest.price(sku, "50", "10")
        assert "200 of 200 items would change their price" in told(PriceLimits(), rest, store=store)


def test_the_tree_has_limits_too() -> None:
    """Half of it may change in a run."""
    assert told(TreeLimits(), changed(100)) == ""
    assert "more than 50%" in told(TreeLimits(), changed(101))


# -- with the kernel --------------------------------------------------------------------------------------------------


class Sink:
    """What a gathering sink does: look at all that the run would change, judge it, then write."""

    def __init__(self, kernel: Kernel, port: FakePort, limits: Limits) -> None:
        self.kernel, self.port, self.limits = kernel, port, limits

    def load(self, prices: dict[str, str], *approve: str) -> list[str]:
        documents = [document(self.port.hasher, sku, price=price) for sku, price in prices.items()]
        changes = Changes("prices", known=len(self.port.system.rows))
        for outcome in self.kernel.preview(self.port, documents):
            for change in outcome.changes:
                changes.price(outcome.document.source.key, change.old, change.new)
        Approvals(self.kernel.store, "", approve).check(self.limits, changes)
        return [outcome.action for outcome in self.kernel.run(self.port, documents)]


def test_nothing_is_written_before_the_whole_run_was_judged() -> None:
    """Neither in the shop nor in the store; with its approval the same run goes through, and another does not."""
    with Store.open("sqlite://") as store:
        system = FakeSystem()
        port = FakePort(system, store.hasher)

        def sink(limits: Limits) -> Sink:
            return Sink(Kernel(store, run_id="run", clock=VirtualClock()), port, limits)

        sink(PriceLimits()).load(dict.fromkeys(SKUS, "10"))
        before = [dict(row.fields) for row in system.rows], store.rows("", "order", [f"shop.shop1:{SKUS[0]}"])
        wrong = dict.fromkeys(SKUS, "1")
        with pytest.raises(Beyond) as caught:
            sink(PriceLimits()).load(wrong)
        assert caught.value.exit_code == 2
        assert ([dict(row.fields) for row in system.rows], store.rows("", "order", [*before[1]])) == before
        with pytest.raises(Beyond):
            sink(PriceLimits()).load({**wrong, SKUS[0]: "2"}, caught.value.token)
        assert set(sink(PriceLimits()).load(wrong, caught.value.token)) == {"updated"}


def test_previewed_outcomes_can_be_taken_as_they_are() -> None:
    """Values and items of a preview make the token; what needs no write is no change."""
    with Store.open("sqlite://") as store:
        port = FakePort(FakeSystem(), store.hasher)
        kernel = Kernel(store, run_id="run", clock=VirtualClock())
        make: Callable[..., Any] = document
        kernel.run(port, [make(store.hasher, "1", title="a")])
        previewed = kernel.preview(port, [make(store.hasher, "1", title="a"), make(store.hasher, "2", title="b")])
        assert [outcome.action for outcome in previewed] == ["skipped", "planned"]
        changes = Changes("products", 2)
        changes.take(previewed, {"shop.shop1:2": "SKU-2"})
        assert changes.values == {"SKU-2": {"title=b"}}
