"""Streets and house numbers: the number that a shopper typed into the street is taken apart, never guessed.

The words of the text all survive, in their order, except a marker such as ``nr.`` right before the number; whoever
prints street, number and addition one after the other prints what was typed. What can't be split for certain stays one
piece in ``street``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The number comes before the street here: "10 Downing Street", "16 bis, rue de la Loi".
_NUMBER_FIRST = frozenset({"AU", "CA", "FR", "GB", "IE", "LU", "MC", "NZ", "US"})
# Both orders are common here; the number at the end is tried first.
_EITHER = frozenset({"BE", "CH", "LU"})
# A number range keeps its hyphen here ("5-7"); in the Netherlands "5-3" is number 5, addition 3.
_RANGES = frozenset({"AT", "CH", "DE"})

_MARKERS = frozenset({"nr", "nr.", "no", "no.", "nummer", "huisnummer", "huisnr", "huisnr.", "num", "num.", "n°", "#"})
_WORDS = """
bis ter quater a-bis hs hs. huis huize hoog boven beneden bov ben bg bgg begane grond rood zwart wit rd zw wt
voor achter vh ah links rechts midden li re etage verdieping verd verd. ver. app app. appartement apt apt. suite
unit kamer kmr flat bus bte bte. boite boîte box busnr postbus loods hal toren trap gebouw geb geb. blok lift
souterrain sous parterre kelder zolder tuinhuis woonboot wagen stacaravan t/m tm t.o. t/o to tegenover nabij
hinterhaus vorderhaus seitenflügel hh haus wohnung whg whg. stock stiege top og eg dg ug aufgang eingang gebäude
tür tor zimmer ½ 1/2 1/4 3/4
"""
_ADDITIONS = frozenset(_WORDS.split())
_LEVELS = frozenset({"boven", "etage", "hoog", "og", "og.", "stiege", "stock", "tür", "verd", "verd.", "verdieping"})
_ROMAN = re.compile(r"[IVX]{1,5}", re.IGNORECASE)
_ORDINAL = re.compile(r"[0-9]{1,3}(?:e|de|ste|er|ère|ème|th|st|nd|rd|\.)", re.IGNORECASE)
# A house number has up to five digits and may carry its addition: 12, 12a, 12a-3, 12-II, 12/3, 12bis.
_NUMBER = re.compile(r"([0-9]{1,5})(?![0-9])(.*)", re.DOTALL)
_SHORT = re.compile(r"[^\W\d_]{1,2}[0-9]{0,4}|[0-9]{1,4}[^\W\d_]{0,2}")
_GLUED = re.compile(r"((?:.*\s)?[^\W\d_]{4,})([0-9]{1,4}[^\W\d_]?)", re.DOTALL)
_FIRST = re.compile(
    r"([0-9]{1,5})\s*((?:bis|ter|quater|[A-Za-z])?(?:\s*[-/]\s*[0-9]{1,4})?)(?:\s*,\s*|\s+)([^\W\d_].*)",
    re.DOTALL | re.IGNORECASE,
)
_YEARS = re.compile(r"(?:1[89]|20)[0-9]{2}-(?:(?:1[89]|20)[0-9]{2}|'?[0-9]{2})|'?40-'?45")
_BLANKS = " \t\r\n,;"
_SEPARATORS = _BLANKS + "-–—/."


class Street(NamedTuple):
    """A street, its number (digits only, as text, zeros kept) and what comes after the number."""

    street: str
    number: str | None = None
    addition: str | None = None


def split_house_number(text: str, country: str | None = None) -> tuple[str, str | None] | None:
    """Take a house number and its addition apart.

    Args:
        text: What stands in a field for the number: ``23 - II``, ``12a-3``, ``5 bis``.
        country: ISO 3166-1 alpha-2, or None.

    Returns:
        The digits, and the addition or None; None when the text does not begin with a number.
    """
    match = _NUMBER.match(text.strip(_BLANKS))
    return (match[1], _addition(match[2], country)) if match else None


def split_street(text: str, country: str | None = None) -> Street:
    """Take street, house number and addition apart.

    Args:
        text: One line as typed: ``Laan 1940-1945 3``, ``1e Kruisweg 36``, ``Kerkstraat 5 bis``.
        country: ISO 3166-1 alpha-2, or None: decides on which side the number is sought.

    Returns:
        The parts; without number when there is none, or when it can't be told for certain.
    """
    line = " ".join(text.split())
    number_first = country in _NUMBER_FIRST
    if number_first and (found := _leading(line)):
        return found
    found = _trailing(line, country)
    if found is None and not number_first and country in _EITHER:
        found = _leading(line)
    return found or Street(line)


def parse_street(street: str, number: str, addition: str, country: str | None) -> tuple[Street, bool]:
    """Read the three fields of an address form: the fields first, and the text where the fields were not used.

    Args:
        street: The field for the street.
        number: The field for the house number, or "".
        addition: The field for its addition, or "".
        country: ISO 3166-1 alpha-2, or None.

    Returns:
        The parts, and whether they are ours (True) or just as they stood in the fields (False).
    """
    street, number, addition = (" ".join(part.split()) for part in (street, number, addition))
    if not any(char.isalnum() for char in number):
        # Empty, or a mark that stands for "none".
        split = split_street(street, country)
        return split._replace(addition=_join(split.addition, addition)), split.number is not None
    parted = split_house_number(number, country)
    if parted is None:
        # A letter where the number belongs ("A", "B 03"): read it as it would be printed.
        split = split_street(" ".join(part for part in (street, number) if part), country)
        return split._replace(addition=_join(split.addition, addition)), split.number is not None
    digits, rest = parted
    split = split_street(street, country)
    if split.number == digits and (split.addition or "") in {"", rest or "", _join(rest, addition) or ""}:
        # The number was typed into both fields.
        return Street(split.street, digits, _join(rest, addition)), True
    return Street(street, digits, _join(rest, addition)), rest is not None


def _trailing(line: str, country: str | None) -> Street | None:
    """The number after the street: the first one that only an addition follows."""
    for token in re.finditer(r"[^\s,;]+", line):
        before = line[: token.start()].rstrip(_BLANKS)
        match = _NUMBER.fullmatch(token.group())
        if match is None or not any(char.isalpha() for char in before):
            continue
        rest = line[token.start() + len(match[1]) :]
        glued = match[2]
        if _YEARS.fullmatch(token.group()) or not _is_addition(glued, rest[len(glued) :]):
            continue
        street = _without_marker(before)
        return Street(street, match[1], _addition(rest, country)) if street else None
    if match := _GLUED.fullmatch(line):
        digits = re.match("[0-9]+", match[2])
        if digits:
            return Street(match[1].strip(), digits.group(), match[2][digits.end() :] or None)
    return None


def _leading(line: str) -> Street | None:
    """The number before the street."""
    match = _FIRST.fullmatch(line)
    if match is None or _ORDINAL.fullmatch(line.split(" ", 1)[0]):
        return None
    return Street(match[3].strip(_BLANKS), match[1], match[2].strip(_SEPARATORS) or None)


def _is_addition(glued: str, rest: str) -> bool:
    """Whether what follows a number is an addition to it, and not more of the street's name."""
    if glued and not _is_short(glued.strip(_SEPARATORS)):
        return False
    words = [word for word in re.split(r"[\s,;]+", rest) if word]
    if not words:
        return True
    if all(word.startswith("(") or word.endswith(")") for word in (words[0], words[-1])):
        return True
    if words[0].lower() in _MARKERS:
        return False
    # "1944 12": a bare number is the house number, and what stood before belonged to the street; but "12, 3 hoog".
    if re.fullmatch(r"[0-9]{1,2}hoog", words[0], re.IGNORECASE):
        return len(words) == 1
    if re.fullmatch(r"[0-9]+\S*", words[0]) and not _ORDINAL.fullmatch(words[0]) and words[0] not in _ADDITIONS:
        return len(words) > 1 and words[1].lower() in _LEVELS and all(_is_short(word) for word in words[2:])
    return all(_is_short(word.strip(_SEPARATORS)) or not word.strip(_SEPARATORS) for word in words)


def _is_short(text: str) -> bool:
    """Whether a word, or words joined by hyphens, slashes or dots, can stand in an addition."""
    return text.lower() in _ADDITIONS or all(_is_part(part) for part in re.split(r"[-–—/.()]+", text) if part)


def _is_part(text: str) -> bool:
    """Whether one word can: a letter, a numeral, a known word, or one that carries a number (``bus3``, ``3hoog``)."""
    bare = text.strip("0123456789").lower()
    return (
        text.lower() in _ADDITIONS
        or (bare in _ADDITIONS and len(text) - len(bare) <= 4)
        or any(shape.fullmatch(text) is not None for shape in (_SHORT, _ROMAN, _ORDINAL))
    )


def _addition(rest: str, country: str | None) -> str | None:
    """The addition without the separator that stood before it."""
    text = rest.strip(_BLANKS)
    if country in _RANGES and re.fullmatch(r"[-–]\s*[0-9]+[^\W\d_]?", text):
        return text
    return text.lstrip(_SEPARATORS).rstrip(_BLANKS + "-–—/") or None


def _without_marker(street: str) -> str:
    """The street without the word for "number" at its end."""
    head, _, last = street.rpartition(" ")
    return head.rstrip(_BLANKS) if head and last.lower() in _MARKERS else street


def _join(first: str | None, second: str | None) -> str | None:
    return " ".join(part for part in (first, second) if part) or None
