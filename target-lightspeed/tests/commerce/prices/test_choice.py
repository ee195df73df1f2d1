"""Which price counts, and what it comes to, without a shop."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from target_lightspeed.commerce.prices.amounts import Money, per_piece
from target_lightspeed.commerce.prices.choice import Choice, choose
from target_lightspeed.commerce.prices.families import known_families, spread
from target_lightspeed.commerce.prices.lists import ListFacts
from target_lightspeed.commerce.prices.rows import PriceRow
from target_lightspeed.commerce.prices.settings import PriceSettings
from upsert.model import Hold, SourceKey
from upsert.store import State, Store, StoredRow

TODAY = dt.date(2026, 11, 2)
DAYS = [TODAY + dt.timedelta(days=n) for n in range(-3, 4)]
SETTINGS = PriceSettings(list="VK", basis="excl", groups={"A": "Dealers", "B": "Horeca", "C": "ignore"})

amounts = st.decimals("0.0001", "99999.9999", places=4)
days = st.none() | st.sampled_from(DAYS)


def row(number: int = 0, **more: Any) -> PriceRow:
    base: dict[str, Any] = {
        "key": f"a:{number}",
        "sku": "S",
        "code": "VK",
        "amount": Decimal(10),
        "percent": False,
        "basis": "excl",
        "currency": "EUR",
        "per": None,
        "quantity": Decimal(1),
        "first": None,
        "last": None,
        "old": None,
        "says_old": False,
        "rate": None,
        "active": True,
        "source": SourceKey("p", str(number)),
    }
    return PriceRow(**(base | more))


rows = st.lists(
    st.builds(
        lambda code, amount, quantity, first, last, active: row(
            code=code, amount=amount, quantity=Decimal(quantity), first=first, last=last, active=active
        ),
        st.sampled_from(["VK", "A", "B", "C"]),
        amounts,
        st.sampled_from(["0", "1", "10", "50.0"]),
        days,
        days,
        st.booleans(),
    ),
    max_size=12,
).map(lambda found: [replace(one, key=f"a:{n}", source=SourceKey("p", str(n))) for n, one in enumerate(found)])


def naive(found: list[PriceRow], code: str, quantity: Decimal, day: dt.date) -> Decimal | None:
    """The same question asked in the plainest way."""
    fitting = [
        (one.first or dt.date.min, one.key, one.amount)
        for one in found
        if one.code == code
        and max(one.quantity, Decimal(1)) == quantity
        and one.active
        and not (one.first and one.first > day)
        and not (one.last and one.last < day)
    ]
    return max(fitting)[2] if fitting else None


@given(rows, st.sampled_from(DAYS))
def test_the_row_that_began_last_counts(found: list[PriceRow], day: dt.date) -> None:
    """For the item, each step and each group, whatever the order and number of rows."""
    choice = choose(found, SETTINGS, {}, day)
    base = naive(found, "VK", Decimal(1), day)
    assert [one.value for one in choice.bases] == ([] if base is None else [base])
    wanted = {}
    for code, group in (("VK", ""), ("A", "Dealers"), ("B", "Horeca")):
        for quantity in (Decimal(1), Decimal(10), Decimal(50)):
            amount = naive(found, code, quantity, day)
            if amount is not None and (code, quantity) != ("VK", 1):
                wanted[group, quantity] = amount
    assert {(one.group, one.quantity): one.value for one in choice.discounts} == wanted


@given(rows, st.sampled_from(DAYS))
def test_every_record_is_accounted_for_once(found: list[PriceRow], day: dt.date) -> None:
    """Written, skipped for a reason, held, or standing for an item without a price: nothing is lost in silence."""
    choice = choose(found, SETTINGS, {}, day)
    told = [one.source for one in choice.bases] + [one.source for one in choice.discounts]
    told += [source for source, _ in choice.skipped] + [source for source, _, _ in choice.held]
    assert len(told) == len(set(told))
    assert set(told) == {one.source for one in found}
    used = [one for one in found if one.code != "C"]
    assert set(choice.bare) == ({"S"} if used and not choice.bases else set())


@given(rows)
def test_a_choice_does_not_depend_on_the_order(found: list[PriceRow]) -> None:
    """The tap may send the rows in any order."""

    def told(choice: Choice) -> set[Any]:
        return {*choice.bases, *choice.discounts, *choice.skipped}

    assert told(choose(found, SETTINGS, {}, TODAY)) == told(choose(found[::-1], SETTINGS, {}, TODAY))


def test_a_tier_between_two_pieces() -> None:
    """The shop sells whole pieces: from 2.5 on is from 3 on, unless there is a tier from 3 on."""
    half, three = row(1, quantity=Decimal("2.5"), amount=Decimal(9)), row(2, quantity=Decimal(3), amount=Decimal(8))
    assert [(one.quantity, one.value) for one in choose([half], SETTINGS, {}, TODAY).discounts] == [(3, 9)]
    late = replace(half, first=DAYS[0])
    for rows_ in ([late, three], [three, late]):
        assert [(one.quantity, one.value) for one in choose(rows_, SETTINGS, {}, TODAY).discounts] == [(3, 8)]


def test_of_one_key_the_last_record_counts() -> None:
    """A record that was held and read again comes twice."""
    choice = choose([row(1), replace(row(1, amount=Decimal(11)), source=SourceKey("p", "1b"))], SETTINGS, {}, TODAY)
    assert [one.value for one in choice.bases] == [11]
    assert choice.skipped == [(SourceKey("p", "1"), "superseded")]


@pytest.mark.parametrize("facts", [ListFacts(active=False), ListFacts(first=DAYS[-1]), ListFacts(last=DAYS[0])])
def test_a_list_that_is_not_valid_takes_its_rows_along(facts: ListFacts) -> None:
    """Blocked, not begun or over."""
    choice = choose([row(1)], SETTINGS, {"VK": facts}, TODAY)
    assert (choice.bases, list(choice.bare)) == ([], ["S"])


@given(amounts, st.sampled_from(["0", "9", "21"]))
def test_incl_and_back_loses_nothing_of_the_cents(amount: Decimal, rate: str) -> None:
    """Converted with a rate and back again, a price is what it was to a ten-thousandth and a half."""
    settings = PriceSettings(basis="excl", convert=True)
    there = per_piece(amount, row(rate=Decimal(rate)), "incl", settings)
    assert isinstance(there, Money)
    back = per_piece(there.value, row(basis="incl", rate=Decimal(rate)), "excl", settings)
    assert isinstance(back, Money)
    assert abs(back.value - amount) <= Decimal("0.0001")


@given(st.decimals("0.0001", "999999999999999.9999999999", places=10), st.sampled_from(["1", "3", "7", "100", "1000"]))
def test_amounts_are_exact_to_the_fourth_decimal(amount: Decimal, per: str) -> None:
    """Also with all the digits that AFAS keeps; what is lost is told."""
    money = per_piece(amount, row(per=Decimal(per)), "excl", SETTINGS)
    assert isinstance(money, Money)
    numerator, denominator = amount.as_integer_ratio()
    exact_units, rest = divmod(numerator * 10_000, denominator * int(per))
    assert abs(int(money.value * 10_000) - exact_units) <= 1
    assert money.rounded == bool(rest)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"per": Decimal(0)}, "absurd_price"),
        ({"basis": "incl"}, "no_vat_rate"),
        ({"basis": "incl", "rate": Decimal(-1)}, "no_vat_rate"),
    ],
)
def test_what_can_not_be_computed_is_held(more: dict[str, Any], reason: str) -> None:
    """A price factor of 0, and a conversion without a rate."""
    settings = PriceSettings(basis="excl", convert=True)
    assert per_piece(Decimal(1), row(**more), "excl", settings) == Hold(reason, "S per 0" if "per" in more else "S")


@pytest.mark.parametrize(
    "settings",
    [
        {"list": "VK", "groups": {"VK": "Dealers"}},
        {"fallback_list": "B"},
        {"fallback": "base", "fallback_list": "B", "groups": {"B": "ignore"}},
        {"time_zone": "Mars/Olympus"},
        {"max_group_rows": -1},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    """Before the first call."""
    with pytest.raises(ValidationError):
        PriceSettings(**settings)


def test_an_item_s_price_is_that_of_its_variants() -> None:
    """Unless a variant has a price of its own that is valid, whenever that began."""
    families = {"a:2:S": {"a:2:S:R:M": "S-R-M", "a:2:S:R:L": "S-R-L"}}
    found = [
        row(1, item="a:2:S", first=DAYS[1]),
        row(2, item="a:2:S:R:L", sku="S-R-L", amount=Decimal(12), first=DAYS[0]),
        row(3, item="a:2:S:R:M", sku="S-R-M", amount=Decimal(13), last=DAYS[0]),
        row(4, item="a:2:T", sku="T", amount=Decimal(14)),
    ]
    choice = choose(spread(found, families), SETTINGS, {}, TODAY)
    assert {one.sku: one.value for one in choice.bases} == {"S-R-M": 10, "S-R-L": 12, "T": 14}


def test_the_catalogue_tells_which_variants_an_item_has() -> None:
    """Those that are the item in a dimension; an item of its own under the same product keeps its own prices."""
    with Store.open("sqlite://") as store:
        families = {"a:2:S": {"a:2:S:R": "", "a:2:OTHER": ""}, "a:2:T": {"a:2:T": ""}}
        owners = {"S-R": "a:2:S:R", "OTHER": "a:2:OTHER", "T": "a:2:T"}
        kept = [("commerce.families", key, ids) for key, ids in families.items()]
        kept += [("commerce.owners", sku, {"key": key}) for sku, key in owners.items()]
        now = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
        for purpose, key, ids in kept:
            store.change(None, StoredRow("shop1", purpose, key, State.DONE, now, "", {}, ids, 0, ""))
        assert known_families(store, "shop1") == {"a:2:S": {"a:2:S:R": "S-R"}, "a:2:T": {}}
