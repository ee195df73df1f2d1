"""Normalisers: addresses, countries, e-mails, names, telephone numbers and postal codes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.normalise import (
    EU,
    Street,
    company_name,
    country_code,
    email_address,
    initials,
    parse_street,
    phone_number,
    postal_code,
    split_house_number,
    split_infix,
    split_street,
)
from commerce.normalise.addresses import _MARKERS
from commerce.normalise.countries import REDUCED_RATES, STANDARD_RATES

COUNTRY = st.sampled_from(["NL", "BE", "DE", "FR", "GB", "US", "CA", None])
TEXT = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from([
            "Laan", "1940-1945", "3", "1e", "Kruisweg", "36", "bis", "-", "II", "12a-3", "bus", "nr.", "Plein", "1944",
            "Van", "'40-'45", "B", "03", "hoog", "etage", "(achter)", "Straße", "17.", "Juni", ",", "½", "t/m",
        ]),
        max_size=8,
    ).map(" ".join),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "street", "number", "addition"),
    [
        ("Laan 1940-1945 3", "Laan 1940-1945", "3", None),
        ("1e Kruisweg 36", "1e Kruisweg", "36", None),
        ("Plein 1944 12", "Plein 1944", "12", None),
        ("16 april 1944 Pad 1", "16 april 1944 Pad", "1", None),
        ("Hoofdstraat 12a-3", "Hoofdstraat", "12", "a-3"),
        ("Kerkstraat 5 bis", "Kerkstraat", "5", "bis"),
        ("Kerkstraat 23 - II", "Kerkstraat", "23", "II"),
        ("Kerkstraat 12 B 03", "Kerkstraat", "12", "B 03"),
        ("Kerkstraat B 03", "Kerkstraat B", "03", None),
        ("Postbus 123", "Postbus", "123", None),
        ("Keizersgracht 313-III", "Keizersgracht", "313", "III"),
        ("Keizersgracht 313 hs", "Keizersgracht", "313", "hs"),
        ("Hoofdstraat 12, 3 hoog", "Hoofdstraat", "12", "3 hoog"),
        ("2e van der Helststraat 5-3", "2e van der Helststraat", "5", "3"),
        ("Sluisweg 2 2e verdieping", "Sluisweg", "2", "2e verdieping"),
        ("Wijk 4 nr 23", "Wijk 4", "23", None),
        ("Kerkstraat nr. 5", "Kerkstraat", "5", None),
        ("De 3 Gebroeders 5", "De 3 Gebroeders", "5", None),
        ("Rijksweg A12 5", "Rijksweg A12", "5", None),
        ("Plein '40-'45 12", "Plein '40-'45", "12", None),
        ("Hoofdstraat12", "Hoofdstraat", "12", None),
        ("Stationsplein 45 unit A4.004", "Stationsplein", "45", "unit A4.004"),
        ("Nieuwezijds Voorburgwal 120-3hoog", "Nieuwezijds Voorburgwal", "120", "3hoog"),
        ("Kerkstraat 12 bus3", "Kerkstraat", "12", "bus3"),
        ("Kerkstraat 12 t/m 14", "Kerkstraat", "12", "t/m 14"),
        ("  Kerkstraat   5 ", "Kerkstraat", "5", None),
    ],
)
def test_dutch_streets(typed: str, street: str, number: str, addition: str | None) -> None:
    """The failure cases that other couplings published (P16), and the habits of Dutch addresses."""
    assert split_street(typed, "NL") == Street(street, number, addition)


@pytest.mark.parametrize(
    "typed", ["Plein 40-45", "Laan 1940-1945", "Hoofdstraat", "Hoofdstraat 12 Amsterdam", "5 Kerkstraat", ""]
)
def test_what_is_not_certain_stays_in_one_piece(typed: str) -> None:
    """No number, or one that can't be told for certain: the street stays as it was typed."""
    assert split_street(typed, "NL") == Street(typed)


@pytest.mark.parametrize(
    ("country", "typed", "expected"),
    [
        ("BE", "Kerkstraat 12 bus 3", ("Kerkstraat", "12", "bus 3")),
        ("BE", "Rue de la Loi 16 bte 4", ("Rue de la Loi", "16", "bte 4")),
        ("BE", "16, rue de la Loi", ("rue de la Loi", "16", None)),
        ("FR", "16 bis, rue de la Loi", ("rue de la Loi", "16", "bis")),
        ("GB", "221B Baker Street", ("Baker Street", "221", "B")),
        ("DE", "Musterstraße 12a", ("Musterstraße", "12", "a")),
        ("DE", "Straße des 17. Juni 135", ("Straße des 17. Juni", "135", None)),
        ("DE", "Am Markt 5-7", ("Am Markt", "5", "-7")),
        ("DE", "Hauptstr. 12 / 3. OG", ("Hauptstr.", "12", "3. OG")),
        ("DE", "Q5 14", ("Q5", "14", None)),
        ("CA", "Street 50", ("Street", "50", None)),
    ],
)
def test_streets_abroad(country: str, typed: str, expected: tuple[str, str, str | None]) -> None:
    """Belgian boxes, German ranges and storeys, and the number in front where that is the custom."""
    assert tuple(split_street(typed, country)) == expected


@pytest.mark.parametrize(
    ("fields", "expected", "ours"),
    [
        (("Keizersgracht", "313", ""), ("Keizersgracht", "313", None), False),
        (("Kerkstraat", "12", "B 03"), ("Kerkstraat", "12", "B 03"), False),
        (("Keizersgracht 313", "313", ""), ("Keizersgracht", "313", None), True),
        (("Keizersgracht", "313a", ""), ("Keizersgracht", "313", "a"), True),
        (("Kerkstraat", "23 - II", ""), ("Kerkstraat", "23", "II"), True),
        (("Kerkstraat", "B 03", ""), ("Kerkstraat B", "03", None), True),
        (("Kerkstraat 5", "A", ""), ("Kerkstraat", "5", "A"), True),
        (("Kerkstraat 5", "", "bis"), ("Kerkstraat", "5", "bis"), True),
        (("Kerkstraat 5", "-", ""), ("Kerkstraat", "5", None), True),
        (("Kerkstraat 5", "_", ""), ("Kerkstraat", "5", None), True),
        (("Plein 1944", "12", ""), ("Plein 1944", "12", None), False),
    ],
)
def test_fields_come_first(fields: tuple[str, str, str], expected: tuple[str, str, str | None], ours: bool) -> None:
    """What stands in the number's own field is the number; the street is only split where the field was not used."""
    assert parse_street(*fields, "NL") == (Street(*expected), ours)


def test_house_number_field() -> None:
    """A number's field may hold the addition too; what does not begin with a number is not split."""
    assert split_house_number("23 - II") == ("23", "II")
    assert split_house_number("12-14", "DE") == ("12", "-14")
    assert split_house_number("B 03") is None


@given(TEXT, COUNTRY)
def test_the_splitter_loses_nothing(typed: str, country: str | None) -> None:
    """Every word survives in one of the parts, in any order, but for a marker such as "nr." before the number."""
    parts = split_street(typed, country)
    joined = "".join("".join(part.split()) for part in (*parts,) if part)
    for word in re.findall(r"\w+", typed):
        assert word in joined or word.lower() in {marker.strip(".") for marker in _MARKERS}
    assert parts.number is None or parts.number.isdigit()


@given(st.tuples(TEXT, TEXT, TEXT), COUNTRY)
def test_reading_fields_loses_nothing(fields: tuple[str, str, str], country: str | None) -> None:
    """All words of the three fields survive in one of the parts; a field of signs alone, `-` or `_`, says nothing."""
    parts, _ = parse_street(*fields, country)
    joined = "".join("".join(part.split()) for part in parts if part)
    for word in re.findall(r"\w+", " ".join(one for one in fields if re.search(r"[^\W_]", one))):
        assert word in joined or word.lower() in {marker.strip(".") for marker in _MARKERS}
    assert parts.number is None or parts.number.isdigit()


@given(st.sampled_from(["Laan 1940-1945", "1e Kruisweg", "Plein 1944", "Kerkstraat"]), st.integers(1, 99999), TEXT)
def test_what_stands_in_its_field_is_not_read_again(street: str, number: int, addition: str) -> None:
    """A number in its own field is the number, whatever the street and the addition look like."""
    typed = " ".join(addition.split())
    parts, _ = parse_street(street, str(number), addition, "NL")
    assert parts.number == str(number)
    assert (parts.addition or "") == typed


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Jan@X.nl ", "jan@x.nl"),
        ("jan@x.nl", "jan@x.nl"),
        ("Jörg@Müller.DE", "jörg@xn--mller-kva.de"),
        ("mailto:a@b.nl", "a@b.nl"),
        ("jan@gmail,com", None),
        ("jan@@x.nl", None),
        ("a..b@c.nl", None),
        ("a@b", None),
        ("jan jansen@x.nl", None),
        ("", None),
        (None, None),
    ],
)
def test_emails(typed: str | None, address: str | None) -> None:
    """Two spellings of one mailbox are equal; what is no address is None (B3)."""
    assert email_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("020-1234567", "NL", "+31201234567"),
        ("06 12345678", "NL", "+31612345678"),
        ("0031612345678", "NL", "+31612345678"),
        ("0475 12 34 56", "BE", "+32475123456"),
        ("+49 30 901820", None, "+4930901820"),
        ("12", "NL", "12"),
        ("0612345678 (after six)", "NL", "+31612345678"),
        ("ask my wife", "NL", None),
        ("", "NL", None),
    ],
)
def test_phones(typed: str, country: str | None, number: str | None) -> None:
    """E.164 where it can be told, else as typed: no order is lost over a telephone number (P21)."""
    assert phone_number(typed, country) in {number, typed}
    assert (phone_number(typed, country) is None) == (number is None)


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("1016ee", "NL", "1016 EE"),
        ("NL-1016 EE", "NL", "1016 EE"),
        ("B-1000", "BE", "1000"),
        ("sw1a  1aa", "GB", "SW1A 1AA"),
        ("12", "NL", "12"),
        ("", "NL", None),
    ],
)
def test_postal_codes(typed: str, country: str, code: str | None) -> None:
    """The way the country writes them; what does not look like one stays."""
    assert postal_code(typed, country) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [("nl", "NL"), ("NLD", "NL"), (" uk ", "GB"), ("EL", "GR"), ("zz", None), ("", None), (None, None)],
)
def test_countries(typed: str | None, code: str | None) -> None:
    """ISO 3166-1 alpha-2 from codes of two or three letters (P21)."""
    assert country_code(typed) == code


def test_the_union_has_27_members_with_one_table_of_rates() -> None:
    """Every member state has a standard rate, and no rate is both."""
    assert len(EU) == 27
    for country in EU:
        assert STANDARD_RATES[country]
        assert not STANDARD_RATES[country] & REDUCED_RATES[country]


@pytest.mark.parametrize(
    ("last_name", "country", "parts"),
    [
        ("van der Berg", "NL", ("van der", "Berg")),
        ("Van Der Berg", "NL", ("Van Der", "Berg")),
        ("in ’t Veld", "NL", ("in ’t", "Veld")),
        ("De Smet", "BE", (None, "De Smet")),
        ("de Smet", "BE", ("de", "Smet")),
        ("De", "NL", (None, "De")),
        ("Jansen - van Dijk", "NL", (None, "Jansen - van Dijk")),
        ("_", "NL", (None, None)),
    ],
)
def test_infixes(last_name: str, country: str, parts: tuple[str | None, str | None]) -> None:
    """Dutch prefixes are taken off; a capital keeps a Belgian name whole; one letterless mark is no name."""
    assert split_infix(last_name, country) == parts


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Jan Willem", "J.W."),
        ("Anne-Marie", "A.M."),
        ("J.W.", "J.W."),
        ("j w", "J.W."),
        ("IJsbrand", "IJ."),
        ("-", None),
    ],
)
def test_initials(names: str, expected: str | None) -> None:
    """From first names or from initials, with the Dutch IJ as one letter."""
    assert initials(names) == expected


@pytest.mark.parametrize(
    ("typed", "name"), [("Bakkerij De Vos", "Bakkerij De Vos"), ("-", None), ("n.v.t.", None), ("Geen", None)]
)
def test_company_names(typed: str, name: str | None) -> None:
    """A mandatory company field filled with "none" is no company."""
    assert company_name(typed) == name


@given(st.text(max_size=60), COUNTRY)
def test_normalisers_are_idempotent(typed: str, country: str | None) -> None:
    """What is normalised stays as it is, and no input raises."""
    for normalise in (
        email_address,
        country_code,
        company_name,
        initials,
        lambda text: phone_number(text, country),
        lambda text: postal_code(text, country),
    ):
        once = normalise(typed)
        assert once is None or normalise(once) == once


@given(st.from_regex(r"\+?[0-9 ()-]{5,16}", fullmatch=True), st.sampled_from(["NL", "BE", "DE", None]))
def test_telephone_numbers_are_idempotent(typed: str, country: str | None) -> None:
    """A number in E.164 stays as it is, and one that can't be read keeps its digits."""
    once = phone_number(typed, country)
    assert once is None or phone_number(once, country) == once
    if once is not None and not once.startswith("+"):
        assert [char for char in once if char.isdigit()] == [char for char in typed if char.isdigit()]
