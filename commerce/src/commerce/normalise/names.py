"""Names of people and companies, with what is particular to Dutch ones."""

from __future__ import annotations

import re

# The customary prefixes of Dutch, Belgian, German and French surnames, as the Dutch population register lists them.
_TABLE = """
a,aan,aan de,aan den,aan der,aan het,aan 't,auf dem,auf den,auf der,auf ter,aus dem,aus den,aus der,bij,bij de,
bij den,bij het,bij 't,boven d',d',da,dal,dalla,das,de,de die,de l',de la,de las,de le,de van der,degli,dei,del,
della,den,der,des,di,do,dos,du,el,het,in,in de,in den,in der,in het,in 't,in ter,l',la,las,le,les,lo,los,onder,
onder de,onder den,onder het,onder 't,op,op de,op den,op der,op gen,op het,op 't,op ten,over,over de,over den,
over het,over 't,'s,'t,te,ten,ter,thoe,tot,uijt de,uijt den,uit,uit de,uit den,uit het,uit 't,uit ten,van,van de,
van de l',van den,van der,van gen,van het,van la,van 't,van ter,van van de,vande,vanden,vander,vom,von,von dem,
von den,von der,von und zu,voor,voor de,voor den,voor in 't,voor 't,vor der,zu,zum,zur
"""
_INFIXES = frozenset(infix.strip() for infix in _TABLE.split(","))
_LONGEST = max(len(infix.split()) for infix in _INFIXES)
# What shoppers put into a mandatory company field to say that there is none.
_NO_COMPANY = frozenset({"geen", "n.v.t", "n.v.t.", "nvt", "none", "n/a", "particulier", "privé", "prive", "private"})
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.\s*)+|(?:[^\W\d_]\s+)*[^\W\d_]")
_WORD = re.compile(r"[^\s.\-]+")


def one_line(text: str | None) -> str | None:
    """The text with single blanks, or None when it holds no letter and no digit (``-``, ``_``, ``.``)."""
    line = " ".join(text.split()) if text else ""
    return line if any(char.isalnum() for char in line) else None


def company_name(text: str | None) -> str | None:
    """The company's name, or None when the shopper only said that there is none (``-``, ``nvt``, ``geen``)."""
    line = one_line(text)
    return None if line is None or line.casefold() in _NO_COMPANY else line


def is_infix(text: str | None) -> bool:
    """Whether the text is a surname's prefix, such as ``van der``."""
    return bool(text) and _plain(str(text)) in _INFIXES


def split_infix(last_name: str | None, country: str | None = "NL") -> tuple[str | None, str | None]:
    """Take the prefix off a surname.

    Args:
        last_name: As typed.
        country: Where the person lives. In the Netherlands ``Van der Berg`` is the prefix ``Van der`` with ``Berg``;
            elsewhere a capital belongs to the name (the Belgian ``De Smet``) and stays.

    Returns:
        The prefix (None when there is none) and the rest of the name.
    """
    line = one_line(last_name)
    if line is None:
        return None, None
    words = line.split(" ")
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        infix = " ".join(words[:count])
        if _plain(infix) in _INFIXES and (country == "NL" or infix == infix.lower()):
            return infix, " ".join(words[count:])
    return None, line


def initials(first_name: str | None) -> str | None:
    """The initials of first names.

    Args:
        first_name: One or more first names (``Jan Willem``, ``Anne-Marie``) or initials already (``J.W.``, ``j w``).

    Returns:
        ``J.W.``; None when there is no letter.
    """
    line = one_line(first_name)
    if line is None:
        return None
    if _INITIALS.fullmatch(line):
        parts = [part for part in re.split(r"[\s.]+", line) if part]
    else:
        # The Dutch IJ is one letter.
        parts = [word[:2] if word[:2] in {"IJ", "ij"} else word[:1] for word in _WORD.findall(line)]
    letters = [part for part in parts if part[:1].isalpha()]
    return "".join(f"{part[:1].upper()}{part[1:]}." for part in letters).replace("Ij.", "IJ.") or None


def full_name(first_name: str | None, infix: str | None, last_name: str | None) -> str | None:
    """The name as it is spoken, or None when all parts are empty."""
    return " ".join(part for part in (first_name, infix, last_name) if part) or None


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("`", "'").split()).casefold()
