from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_builders import address, company, person

from target_afas.addresses import fingerprint, fingerprint_of, label, make_address, split_number
from target_afas.limits import LENGTHS
from target_afas.reasons import CannotLoad


@pytest.mark.parametrize(
    ("number", "addition", "made"),
    [
        ("12", "a", (12, "a")),
        ("12a", None, (12, "a")),
        ("23-II", None, (23, "II")),
        ("23", "- II", (23, "- II")),
        ("36", None, (36, None)),
        (None, None, (None, None)),
        ("B 03", None, (None, None)),
    ],
)
def test_a_house_number_is_a_whole_number(number, addition, made) -> None:
    """AFAS wants a whole number; what follows it is the addition (P16)."""
    assert split_number(number, addition) == made


def test_a_number_that_starts_with_a_letter_goes_with_the_street() -> None:
    """The number "B 03" is no whole number, so it stays in the street instead of being lost."""
    made = make_address(address(house_number="B 03", house_number_addition=None))
    assert (made.street, made.number, made.addition) == ("Dorpsstraat B 03", None, None)


def test_countries_are_afas_own() -> None:
    """AFAS has its own country codes; one that it does not know holds the order (P21)."""
    assert make_address(address(country="BE")).country == "B"
    with pytest.raises(CannotLoad, match="unknown_country"):
        make_address(address(country="ZZ"))


@pytest.mark.parametrize("part", ["street", "city", "country"])
def test_an_incomplete_address_is_held(part: str) -> None:
    """A missing street, city or country holds the order and names the part."""
    with pytest.raises(CannotLoad) as held:
        make_address(address(**{part: None}))
    assert (held.value.reason, held.value.subject) == ("address_incomplete", part)


@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=400))
def test_no_text_is_longer_than_afas_holds(street: str, addition: str, city: str) -> None:
    """Whatever was typed, each part fits its field, without control characters (P22)."""
    try:
        made = make_address(address(street=street, house_number_addition=addition, city=city))
    except CannotLoad:
        return  # nothing but control characters or blanks: incomplete
    for code, text in made.fields().items():
        if code in LENGTHS:
            assert len(text) <= LENGTHS[code]
            assert "\x00" not in text


def test_what_was_cut_stands_in_full_in_the_addition_to_the_address() -> None:
    """A street longer than 60 characters is cut, and stands in full beside it."""
    made = make_address(address(street="Laan van " + "x" * 70))
    assert len(made.street) == 60
    assert made.extra == "Laan van " + "x" * 70
    with pytest.raises(CannotLoad, match="text_too_long"):
        make_address(address(street="Laan van " + "x" * 70), cut=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Dorpsstraat", 1, "a", "1234 AB", "Plaats", "NL"), ("dorpsstraat 1A", None, None, "1234ab", "PLAATS", "nl")),
        (("Königstraße", "2", "", "10115", "Berlin", "D"), ("Konigstraße", 2, None, "10115", "Berlin", "D")),
        (("Rue X", 5, None, None, "Liège", "B"), ("rue x", 5, None, "", "Liege", "B")),
    ],
)
def test_the_same_place_has_the_same_fingerprint(one, other) -> None:
    """Case, blanks, accents and where the number was typed make no other address (N26)."""
    assert fingerprint(*one) == fingerprint(*other)


def test_other_places_have_other_fingerprints() -> None:
    """A number is never glued to its neighbour: street 1 number 12 is not street 11 number 2."""
    assert fingerprint("Straat 1", 12, None, "1234AB", "", "NL") != fingerprint(
        "Straat 11", 2, None, "1234AB", "", "NL"
    )
    assert fingerprint_of(make_address(address())) != fingerprint_of(make_address(address(house_number_addition="b")))


def test_a_delivery_address_is_named_after_who_takes_it_in() -> None:
    """The description is the company and the person, or the person."""
    assert label(person()) == "Jan de Vries"
    party = company(name="Jan de Vries")
    assert label(party) == "Voorbeeld B.V. t.a.v. Jan de Vries"
