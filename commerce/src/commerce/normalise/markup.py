"""Texts: RTF and HTML are told from plain text, HTML is cleaned, and where no HTML belongs it becomes text.

The cleaning is ammonia's (by nh3): a parser of its own and a list of what may stay, so that nothing gets into a shop
that a browser would run. RTF is read by striprtf; its layout is lost, its text is not.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

import nh3
from striprtf.striprtf import rtf_to_text

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_ALLOWED = """
a abbr b blockquote br caption code dd div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img li ol p pre s small
span strong sub sup table tbody td tfoot th thead tr u ul
"""
_OTHER = """
body font form head html iframe input link math meta noscript object script select style svg template textarea title
"""
TAGS = frozenset(_ALLOWED.split())
"""What stays of HTML; other tags go and their text stays, scripts and styles go with it."""
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_DROPPED = {"script", "style", "title", "iframe", "object", "svg", "math", "template", "noscript", "textarea", "select"}
_TAG = re.compile(r"<!--|</?(?:" + "|".join(sorted({*TAGS, *_OTHER.split()})) + r")(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}[0-9]{0,2});", re.IGNORECASE)
_BREAK = re.compile(
    r"<br\b[^>]*>|<hr\b[^>]*>|</(?:p|div|h[1-6]|li|tr|table|ul|ol|dl|dt|dd|blockquote|pre)>", re.IGNORECASE
)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """A text without control characters, with plain line ends, without blanks around it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def is_rtf(text: str) -> bool:
    """Whether a text is RTF, in which AFAS keeps some remarks."""
    return text.startswith("{\\rtf")


def is_html(text: str) -> bool:
    """Whether a text is meant as HTML: a tag that is known, or a whole entity; ``a < b & c`` is not."""
    return bool(_TAG.search(text)) or any(
        one[1] == "#" or one[1:] in html5 for one in (found[0] for found in _ENTITY.finditer(text))
    )


def sanitised(text: str) -> str:
    """HTML of which only harmless tags are left."""
    return nh3.clean(
        text,
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel=None,
    ).strip()


def from_html(text: str) -> str:
    """HTML as plain text: blocks become lines, tags go, entities become what they stand for."""
    broken = _BREAK.sub(lambda one: one[0] + "\n", _CELL.sub(lambda one: " " + one[0], text.replace("\n", " ")))
    bare = nh3.clean(broken, tags=set(), clean_content_tags=set(_DROPPED), link_rel=None)
    lines = (_BLANKS.sub(" ", line).strip() for line in html.unescape(bare).split("\n"))
    return clean(_LINES.sub("\n\n", "\n".join(lines)))


def plain(text: str) -> str:
    """Any text as plain text.

    Raises:
        ValueError: RTF that can't be read.
    """
    if is_rtf(text):
        return _from_rtf(text)
    return from_html(text) if is_html(text) else clean(text)


def _from_rtf(text: str) -> str:
    try:
        return clean(str(rtf_to_text(text, errors="ignore")))  # type: ignore[no-untyped-call]  # it ships no types
    except Exception as problem:
        # A library for a format of the nineties; whatever it stumbles over, only this text is left out.
        raise ValueError("not readable") from problem
