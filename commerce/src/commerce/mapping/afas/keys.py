"""Keys, references and item codes: how a row of AFAS is named in the contract.

An item is known by its type and code; a variant also by its two dimension codes. Codes that can't stand in a key
(blanks, slashes, letters with accents, or too long) are replaced by a fingerprint; the code itself always stands in
``ids`` or ``code``. AFAS compares codes without regard to case (read-api 2.6), and a reference that a person typed into
a free field (``jas`` for the item ``JAS``) has to lead to the same record, so keys are made of capitals.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from commerce.errors import MappingError
from commerce.models import Identifier, Ref, Source

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

SYSTEM = "afas"
_PLAIN = re.compile(r"[A-Za-z0-9._-]*")
_LONGEST = 64

# Type of item: the number, the letters of the specification, and the Dutch description.
_TYPES = {
    "1": "wst werksoort",
    "2": "art artikel",
    "3": "txt tekst",
    "4": "sub subtotaal",
    "5": "tsl toeslag",
    "6": "kst kosten",
    "7": "sam samenstelling",
    "8": "crs cursus",
    "10": "pid productie-indicator",
    "11": "deg deeg",
    "14": "dim artikeldimensietotaal",
}
_TYPE_OF = {word: number for number, words in _TYPES.items() for word in words.split()}

ARTICLE, COMPOSITION = "2", "7"
COUNTLESS = frozenset({"1", "3", "4", "5", "6", "8"})
"""Types of items of which there is no number: work, text, subtotal, surcharge, costs, course."""


def item_type(text: str) -> str:
    """The number of an item type, which connectors give as number, letters or description; others in small letters."""
    word = text.lower()
    return _TYPE_OF.get(word, word)


def key(options: Options, *parts: str) -> str:
    """A key of the contract: ``afas.<instance>:<parts>``.

    Empty parts at the end are left out, so that an item without dimensions has the key of the item.

    Args:
        options: The options.
        parts: What kind of record it is (a word of ours, or the number of an item type), and AFAS's codes.

    Raises:
        MappingError: ``invalid_record`` when the first part is empty.
    """
    if not parts or not parts[0]:
        raise MappingError("invalid_record", "key")
    head = f"{SYSTEM}.{options.instance}:"
    codes = [parts[0], *(part.upper() for part in parts[1:])]
    native = ":".join(codes).rstrip(":")
    if len(head) + len(native) <= _LONGEST and all(_PLAIN.fullmatch(part) for part in codes):
        return head + native
    # The separator can't be part of a code: AFAS has no control characters in them.
    return f"{head}x-{hashlib.sha256(chr(31).join(codes).rstrip(chr(31)).encode()).hexdigest()[:32]}"


def source(options: Options) -> Source:
    """Where records come from."""
    return Source(system=SYSTEM, instance=options.instance)


def identifiers(options: Options, **values: str | None) -> list[Identifier]:
    """Ids of AFAS as the contract writes them; those that are empty are left out."""
    return [
        Identifier(system=SYSTEM, instance=options.instance, kind=kind, value=value)
        for kind, value in values.items()
        if value
    ]


class Item:
    """An item, or a variant of one, as a row names it.

    Args:
        options: The options.
        kind: Type of item.
        code: Item code.
        dimensions: Dimension codes, empty where there are none.
    """

    def __init__(self, options: Options, kind: str, code: str, dimensions: tuple[str, ...] = ()) -> None:
        self._options = options
        self.kind, self.code, self.dimensions = item_type(kind), code, dimensions

    @property
    def key(self) -> str:
        """The key of the product or the variant."""
        if not self.kind or not self.code:
            raise MappingError("missing_value", "Item" if self.kind else "ItemType")
        return key(self._options, self.kind, self.code, *self.dimensions)

    @property
    def sku(self) -> str:
        """The item code, for a variant followed by its dimension codes."""
        return self._options.sku_separator.join([self.code, *(one for one in self.dimensions if one)])

    @property
    def ref(self) -> Ref:
        """A reference to it, as every stream makes it."""
        return Ref(key=self.key, code=self.code, sku=self.sku)

    @property
    def parts(self) -> tuple[str, ...]:
        """What names it in the key of another record."""
        return (self.kind, self.code, *self.dimensions)


def item_of(row: Row, options: Options, *, kind: str = "ItemType", code: str = "Item", dims: str = "Dim") -> Item:
    """The item that a row is about, or that it names in other columns.

    Raises:
        MappingError: ``missing_value`` when type or code is empty.
    """
    names = [f"{dims}{number}" for number in (1, 2)]
    return Item(options, row.needed(kind), row.needed(code), tuple(row.code(name) for name in names))


def coded(options: Options, role: str, code: str | None, name: str | None = None) -> Ref | None:
    """A reference by code to a record of another stream (category, price list, group); None without a code."""
    if code is None:
        return None
    return Ref(key=key(options, role, code), code=code, **({"name": name} if name else {}))
