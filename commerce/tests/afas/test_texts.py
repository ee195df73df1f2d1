"""Texts and barcodes, for whatever is typed into them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.normalise.gtins import check_digit, is_gtin
from commerce.normalise.markup import from_html, is_html, is_rtf, plain, sanitised

from .conftest import Afas

RTF = r"{\rtf1\ansi\ansicpg1252 Caf\'e9 \u8364? \b vet\b0\par regel 2}"


@pytest.mark.parametrize(
    ("column", "text", "value", "form"),
    [
        ("WebLong", "<p>Fiets &amp; bel</p>", "<p>Fiets &amp; bel</p>", "html"),
        ("WebLong", "Één <b>goede</b> fiets 🚲", "Één <b>goede</b> fiets 🚲", "html"),
        ("WebLong", "a < b & c > d", "a < b & c > d", "plain"),
        ("WebLong", "Regel 1\r\nRegel 2", "Regel 1\nRegel 2", "plain"),
        ("WebLong", "<p onclick='x()'>a<script>alert(1)</script></p>", "<p>a</p>", "html"),
        ("WebLong", "<a href='javascript:x()'>k</a>", "<a>k</a>", "html"),
        ("WebLong", "<a href='https://x.nl/' target='_blank'>k</a>", '<a href="https://x.nl/">k</a>', "html"),
        ("WebLong", "<img src=x onerror=alert(1)>", '<img src="x">', "html"),
        ("WebLong", "<iframe src='//x'></iframe><p>a</p>", "<p>a</p>", "html"),
        ("WebLong", RTF, "Café € vet\nregel 2", "plain"),
        ("WebShort", "<p>Eén &lt;twee&gt;</p><ul><li>a</li><li>b</li></ul>", "Eén <twee>\na\nb", "plain"),
        ("WebShort", "Tom &amp; Jerry", "Tom & Jerry", "plain"),
        ("WebShort", "R&D; 5 <6", "R&D; 5 <6", "plain"),
        ("WebTitle", "  Fiets\x00 \x0b28 ", "Fiets 28", "plain"),
        ("WebTitle", "<b>Fiets</b>", "Fiets", "plain"),
        ("WebTitle", "", None, "plain"),
    ],
)
def test_texts(afas: Afas, column: str, text: str, value: str | None, form: str) -> None:
    """HTML stays where it belongs, cleaned; everywhere else, and from RTF, plain text comes out."""
    made = {(one["language"], one["role"]): one for one in afas.product(**{column: text})["texts"]}
    role = {"WebLong": "long", "WebShort": "short", "WebTitle": "title"}[column]
    assert made["nl", role]["value"] == value
    if value is not None:
        assert made["nl", role]["format"] == form


def test_the_first_filled_column_counts(afas: Afas) -> None:
    """The shop's own title counts, else the description; other languages only when they have a text."""
    made = afas.product(
        WebTitle=None, Description="A", WebTitleEn=None, DescriptionEn=None, WebLongEn="B", DescriptionDe=""
    )
    assert [(one["language"], one["role"], one["value"]) for one in made["texts"]] == [
        ("nl", "title", "A"),
        ("en", "title", None),
        ("en", "long", "B"),
    ]


def test_languages_and_html_by_option() -> None:
    """Roles, languages and where HTML may stand are settings."""
    afas = Afas(languages={"nl": {"short": "Remark", "seo_title": ["SeoNl"]}}, html_roles=["short"])
    made = afas.product(Remark="<i>x</i>", SeoNl="<i>y</i>", Description="z")["texts"]
    assert [(one["role"], one["value"], one["format"]) for one in made] == [
        ("short", "<i>x</i>", "html"),
        ("seo_title", "y", "plain"),
    ]


def test_rtf_that_can_not_be_read(afas: Afas, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the RTF reader stumbles over, the text is left out and noted, and the record goes on."""

    def stumble(*_: Any, **__: Any) -> str:
        raise IndexError

    monkeypatch.setattr("commerce.normalise.markup.rtf_to_text", stumble)
    made = afas.product(WebLong=RTF, Description="A")
    assert made["extra"]["notes"]["value"] == ["text_unreadable: WebLong"]
    assert made["texts"][0]["value"] == "A"


PIECES = """
<p> </p> <b> <script> </script> <img src=x onerror=y> <a href='javascript:z'> <svg/onload=a> <!-- --> &amp; &lt; < > &
<style> <iframe> <math> <p " ' <template> {\\rtf
"""
TAGS = st.sampled_from([*PIECES.split(), " "])
SOUP = st.lists(TAGS | st.text(max_size=6), max_size=12).map("".join)


@given(SOUP)
def test_no_markup_that_runs(text: str) -> None:
    """Whatever HTML is made of, nothing that runs is left, and cleaning what is clean changes nothing."""
    made = sanitised(text)
    assert not re.search(r"<(script|style|iframe|svg|math|object|template)\b", made, re.IGNORECASE)
    assert not re.search(r"<[^>]*\s(on\w+)\s*=", made, re.IGNORECASE)
    assert not re.search(r"<a[^>]*javascript:", made, re.IGNORECASE)
    assert sanitised(made) == made


@given(SOUP)
def test_plain_text_is_plain(text: str) -> None:
    """Any text becomes plain text without an error, and without control characters."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", plain(text))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_escaped_text_survives(text: str) -> None:
    """What is escaped as HTML comes back as it was."""
    assert from_html(f"<p>{html.escape(text)}</p>") == text


@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["C", "Z"]), min_size=1)
)
def test_rtf_survives(text: str) -> None:
    """Text written as RTF comes back as it was."""
    body = "".join(f"\\u{ord(one) - 65536 if ord(one) > 32767 else ord(one)}?" for one in text)
    assert plain(f"{{\\rtf1\\ansi {body}}}") == text


@given(st.text())
def test_rtf_never_breaks_a_record(text: str) -> None:
    """Whatever stands in something that begins like RTF, the record is mapped."""
    made = Afas().product(WebLong=f"{{\\rtf{text}", Description="A")
    assert made["_error"] is None
    assert is_rtf("{\\rtf")


@given(st.from_regex(r"[a-zA-Z0-9 .,;:!?()=+*/&<>-]{0,30}", fullmatch=True))
def test_ordinary_text_is_not_html(text: str) -> None:
    """Signs of arithmetic make no HTML, as long as no known tag or entity stands there."""
    if not re.search(r"</?\w|<!|&#?\w+;", text):
        assert not is_html(text)
        assert plain(text) == text.strip()


@pytest.mark.parametrize(
    ("code", "kind", "found"),
    [
        ("8712345678906", "3", "ean13"),
        ("8712345678906", "0", "ean13"),
        ("8712345678906", None, "ean13"),
        ("8712345678906", "Barcode EAN13", "ean13"),
        (" 87 12345 678906 ", "3", "ean13"),
        ("012345678905", "2", "upc"),
        ("96385074", "1", "ean8"),
        ("00012345600012", "4", "ean14"),
        ("8712345678907", "3", "note"),
        ("8712345678907", "0", "note"),
        ("871234567890", "3", "note"),
        ("ABC-1", "3", "note"),
        ("ABC-1", "0", "other"),
        ("ABC-1", "6", "other"),
        ("8712345678907", "6", "other"),
        ("12345", "0", "other"),
        ("", "3", None),
        ("0", "3", None),
        ("0000000000000", "3", None),
        (None, None, None),
    ],
)
def test_barcodes(afas: Afas, code: str | None, kind: str | None, found: str | None) -> None:
    """A number with the right check digit is a GTIN, none is none, a wrong one is left out and noted."""
    made = afas.product(Barcode=code, BarcodeType=kind)
    assert [one["kind"] for one in made["gtins"]] == ([found] if found not in (None, "note") else [])
    assert ("extra" in made) is (found == "note")


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_check_digits(length: int, data: st.DataObject) -> None:
    """One wrong digit is always found."""
    body = data.draw(st.text("0123456789", min_size=length, max_size=length).filter(lambda one: one.strip("0")))
    whole = body + str(check_digit(body))
    assert is_gtin(whole)
    at = data.draw(st.integers(0, length))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != whole[at]]))
    assert not is_gtin(whole[:at] + other + whole[at + 1 :])
