"""Conversions, on all kinds of values."""

from __future__ import annotations

import html
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commerce.goods import AxisValue, Chosen, Gtin, Image, Measure, Text
from target_lightspeed.commerce.catalogue.convert import (
    Unfit,
    centimetres,
    ean,
    grams,
    image_name,
    line,
    markup,
    names_image,
    plain,
    variant_title,
    whole,
)

DIGEST = "0123456789abcdef" * 4


@given(some.text(alphabet="0123456789", min_size=12, max_size=12).filter(lambda one: one.strip("0")))
def test_exactly_one_check_digit_is_right(digits: str) -> None:
    """Nine of ten are typing errors."""
    good = []
    for last in "0123456789":
        with suppress(Unfit):
            good.append(ean([Gtin(value=digits + last, kind="ean13")]))
    assert len(good) == 1


def test_empty_and_zero_barcodes_are_none_and_the_primary_one_counts() -> None:
    """Zero is what AFAS users type for "none"."""
    assert ean([Gtin(value="", kind="ean13"), Gtin(value="0", kind="ean13"), Gtin(value="x", kind="other")]) == ""
    box = Gtin(value="18710000000014", kind="ean14", primary=False, pack_quantity=Decimal(6))
    assert ean([box, Gtin(value="8710000000017", kind="ean13")]) == "8710000000017"


@given(some.text())
def test_plain_text_shows_as_it_is(text: str) -> None:
    """Whatever is in it, the browser shows it and runs none of it."""
    made = markup(Text(language="nl", role="long", value=text))
    assert "<script" not in made.lower()
    shown = html.unescape(made.replace("</p><p>", "\n").replace("<p>", "").replace("</p>", "").replace("<br>", "\n"))
    assert "".join(shown.split()) == "".join(text.split())


@given(some.text(max_size=600))
def test_a_line_is_one_line_within_its_length(text: str) -> None:
    """Or it is refused with its length, never cut."""
    wanted = " ".join(text.split())
    if len(wanted) <= 255:
        assert line("title", text) == wanted
    else:
        with pytest.raises(Unfit, match="too_long"):
            line("title", text)


def test_markup_is_taken_out_of_a_title() -> None:
    """Signs come back as signs."""
    assert plain(Text(language="nl", role="title", value="<b>A &amp; B</b><br>C", format="html")) == "A & B\nC"


@pytest.mark.parametrize(
    ("value", "unit", "expected"), [("0.25", "kg", 250), ("1", "g", 1), ("0.5", "g", 1), ("2.4", "mg", 0)]
)
def test_weights_in_whole_grams(value: str, unit: str, expected: int) -> None:
    """The shop knows no smaller ones."""
    assert grams("weight", Measure(value=Decimal(value), unit=unit)) == expected
    assert grams("weight", None) == 0


def test_sizes_in_whole_centimetres() -> None:
    """From any metric unit."""
    found = [centimetres("width", Measure(value=Decimal(12), unit=unit)) for unit in ("mm", "cm", "m", "M")]
    assert found == [1, 12, 1200, 1200]


@pytest.mark.parametrize("value", ["1.5", "-1", "3000000000"])
def test_numbers_are_never_rounded_or_cut(value: str) -> None:
    """They are refused."""
    with pytest.raises(Unfit):
        whole("minimum_quantity", Decimal(value))


def test_titles_of_variants() -> None:
    """Any number of axes; a value without a label goes by its code."""
    chosen = [
        Chosen(axis=code, value=AxisValue(code=value, label=label))
        for code, value, label in (("c", "RD", "Rood"), ("s", "M", None), ("l", "30", "Lengte 30"), ("x", "", ""))
    ]
    axes = {"c": "Kleur", "s": "Maat"}
    assert variant_title(chosen, axes, "{axis}: {value}", ", ") == "Kleur: Rood, Maat: M, l: Lengte 30"
    assert variant_title(chosen, axes, "{value}", " ") == "Rood M Lengte 30"


@given(some.text(max_size=80))
def test_an_image_is_known_by_its_name(filename: str) -> None:
    """Whatever its file was called, and however the shop writes the title."""
    name = image_name(Image(key="1", position=1, filename=filename), DIGEST)
    stem = name.rpartition(".")[0]
    assert names_image(stem, DIGEST)
    assert names_image(stem.upper(), DIGEST)
    assert not names_image(stem, "f" * 64)
    assert not set(name) & set("[](){}/\\")
