"""What a person knows records of the shop by: a plan shows these words instead of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_lightspeed.failures import reading
from target_lightspeed.fields import Ref
from target_lightspeed.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_lightspeed.fields import Field
    from target_lightspeed.lookups import Key, Lookups

_NAMES: Mapping[str, str] = {
    "additionalcosts": "title",
    "attributes": "title",
    "brands": "title",
    "categories": "title",
    "deliverydates": "name",
    "taxes": "title",
    "types": "title",
}
"""Resource -> the field that names a record of it."""


class Titles:
    """Titles of what references lead to, asked for when they are first shown.

    Args:
        lookups: Questions to the shop.
    """

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._planned: dict[tuple[str, int], str] = {}

    def learn(self, resource: str, identity: int, title: str) -> None:
        """Something that the run would make, and that the shop can't be asked about."""
        self._planned[resource, identity] = title

    def shown(self, field: Field | None, value: Any) -> Any:
        """A value of a field; of a reference the title of what it leads to.

        Raises:
            Outage: The shop must be asked and doesn't answer.
        """
        if field is None or not isinstance(field.kind, Ref) or field.kind.to not in _NAMES:
            return value
        text = str(value)
        return self.of(field.kind.to, int(text)) if text.removeprefix("-").isdigit() and text != "0" else value

    def of(self, resource: str, identity: int) -> str:
        """The title of a record, or its id where it has none (any more).

        Raises:
            Outage: See `shown`.
        """
        known = self._planned.get((resource, identity))
        if known is not None:
            return known
        key: Key = (("id", str(identity)),)
        name = _NAMES[resource]
        with reading():
            rows = self._lookups.find(RESOURCES[resource], [key], {name})[key]
        return next((str(row[name]) for row in rows if row.get(name)), str(identity))
