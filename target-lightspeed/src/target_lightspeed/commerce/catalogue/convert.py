"""From values of the contract to what the fields of the shop take. Pure; a value that won't do raises `Unfit`."""

from __future__ import annotations

import hashlib
import html
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commerce.goods import Chosen, Gtin, Image, Measure, Text

LENGTHS: Mapping[str, int] = {
    "title": 255,
    "fulltitle": 255,
    "url": 255,
    "sku": 255,
    "data01": 255,
    "data02": 255,
    "data03": 255,
    "specification": 255,
}
"""Longest values. The API tells none; 255 is assumed for what stands in one line."""

LARGEST = 2_147_483_647

_GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "mg": Decimal("0.001"), "t": Decimal(1_000_000)}
_CENTIMETRES = {"mm": Decimal("0.1"), "cm": Decimal(1), "dm": Decimal(10), "m": Decimal(100)}
_MILLILITRES = {"ml": Decimal(1), "cl": Decimal(10), "dl": Decimal(100), "l": Decimal(1000)}
_GTIN_LENGTHS = {"ean8": 8, "ean13": 13, "upc": 12, "ean14": 14}
_IMAGES = {
    "image/jpeg": "jpg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
}
_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"<\s*(br|/p|/div|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


class Unfit(ValueError):  # noqa: N818 - a verdict on one value
    """A value that the field can't take.

    Args:
        reason: Reason code of the hold.
        subject: Field, and what kind of value it is; never the value.
    """

    def __init__(self, reason: str, subject: str) -> None:
        super().__init__(f"{reason} {subject}")
        self.reason, self.subject = reason, subject


def line(field: str, text: str | None) -> str:
    """A text in one line, not longer than the field."""
    found = " ".join((text or "").split())
    longest = LENGTHS.get(field)
    if longest is not None and len(found) > longest:
        raise Unfit("too_long", f"{field}: {len(found)} of {longest} characters")
    return found


def sku(text: str) -> str:
    """A SKU as it stands, with every space within it: other systems know the item by it."""
    found = text.strip()
    if len(found) > LENGTHS["sku"]:
        raise Unfit("too_long", f"sku: {len(found)} of {LENGTHS['sku']} characters")
    return found


def plain(text: Text) -> str:
    """A text without markup."""
    value = text.value or ""
    if text.format == "html":
        value = html.unescape(_TAG.sub("", _BREAK.sub("\n", value)))
    return value.strip()


def markup(text: Text) -> str:
    """A text as HTML: a plain one escaped, its paragraphs and lines kept."""
    value = text.value or ""
    if text.format == "html" or not value.strip():
        return value.strip()
    paragraphs = [part for part in re.split(r"\n\s*\n", value.replace("\r\n", "\n").strip()) if part.strip()]
    return "".join(f"<p>{'<br>'.join(html.escape(part.strip(), quote=False).splitlines())}</p>" for part in paragraphs)


def whole(field: str, value: Decimal, *, least: int = 0) -> int:
    """A whole number as it stands, never rounded."""
    if value != value.to_integral_value():
        raise Unfit("wrong_type", f"{field}: no whole number")
    if not least <= value <= LARGEST:
        raise Unfit("out_of_range", f"{field}: below {least} or too large")
    return int(value)


def _measured(field: str, measure: Measure | None, units: Mapping[str, Decimal]) -> int:
    if measure is None:
        return 0
    factor = units.get(measure.unit.lower())
    if factor is None:
        raise Unfit("unknown_unit", f"{field}: {measure.unit[:10]}")
    value = (measure.value * factor).quantize(Decimal(1), ROUND_HALF_UP)
    return whole(field, value)


def grams(field: str, measure: Measure | None) -> int:
    """A weight in whole grams; 0 for none."""
    return _measured(field, measure, _GRAMS)


def centimetres(field: str, measure: Measure | None) -> int:
    """A length in whole centimetres; 0 for none."""
    return _measured(field, measure, _CENTIMETRES)


def millilitres(field: str, measure: Measure | None) -> int:
    """A volume in whole millilitres; 0 for none."""
    return _measured(field, measure, _MILLILITRES)


def ean(gtins: Sequence[Gtin]) -> str:
    """The barcode number of one piece: the primary one first; "" for none.

    Raises:
        Unfit: Its length or check digit is wrong.
    """
    usable = [one for one in gtins if one.kind in _GTIN_LENGTHS and one.value.strip().strip("0")]
    usable.sort(key=lambda one: (not one.primary, one.pack_quantity not in {None, Decimal(1)}))
    if not usable:
        return ""
    value = usable[0].value.strip()
    if not (value.isascii() and value.isdigit() and len(value) == _GTIN_LENGTHS[usable[0].kind]):
        raise Unfit("invalid_ean", f"ean: {usable[0].kind} of another length")
    weighted = sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(reversed(value[:-1]), 1))
    if (10 - weighted % 10) % 10 != int(value[-1]):
        raise Unfit("invalid_ean", "ean: wrong check digit")
    return value


def variant_title(chosen: Sequence[Chosen], axes: Mapping[str, str], pattern: str, join: str) -> str:
    """A variant's title from its values, such as "Kleur: Rood, Maat: M"; "" when it has none.

    Args:
        chosen: Its values, in the order of the axes.
        axes: Code of an axis -> its label.
        pattern: With {axis} and {value}.
        join: Between two values.
    """
    parts = []
    for one in chosen:
        value = (one.value.label or one.value.code).strip()
        axis = (axes.get(one.axis) or one.axis).strip()
        if value:
            parts.append(pattern.replace("{axis}", axis).replace("{value}", value))
    return join.join(parts)


def digest(image: Image) -> str:
    """What an image is known by: the hash of its content, or of its address where only that is known."""
    if image.sha256:
        return image.sha256
    return hashlib.sha256((image.content or image.url or "").encode()).hexdigest()


def image_name(image: Image, hashed: str) -> str:
    """File name under which an image is uploaded. It ends in the start of the content's hash.

    That is how an image is found again after an upload without an answer: the shop keeps the name as the title, and may
    make another file of the content.
    """
    stem, _, ending = (image.filename or "").rpartition(".")
    if not stem:
        stem, ending = ending, ""
    ending = ending.lower()
    if ending not in _IMAGES.values():
        ending = _IMAGES.get((image.mime or "").lower(), "jpg")
    name = _NOT_WORD.sub("-", stem.lower()).strip("-")[:60] or "image"
    return f"{name}-{hashed[:12]}.{ending}"


def names_image(title: str, hashed: str) -> bool:
    """Whether the shop's title of an image is that of a content."""
    return _NOT_WORD.sub("-", title.lower()).strip("-").endswith(hashed[:12])
