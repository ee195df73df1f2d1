"""Who owns which field: written when a product is made, and whether it is written again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from target_lightspeed.commerce.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

Preset = Literal["afas_leads", "shop_leads_content"]
CreateRule = Literal["always", "never"]
UpdateRule = Literal["always", "if_empty", "never"]

CONTENT = (
    "title",
    "fulltitle",
    "description",
    "content",
    "url",
    "brand",
    "deliverydate",
    "data01",
    "data02",
    "data03",
    "specifications",
    "images",
    "categories",
    "variant_title",
)
"""What people in the shop like to enrich."""

FACTS = (
    *("visibility", "ean", "hs", "tax", "weight", "volume", "size", "minimum", "maximum", "position", "tracking"),
    *("additionalcost", "cost"),
)
"""What the source knows best. `cost` is not written unless a setting says so: it is nobody's business in the shop."""

FIELDS = (*CONTENT, *FACTS)
"""Every mapped field that a setting can name. The SKU and our key are always written: they are the identity."""


class Ownership(Section):
    """What is done with one field; what is left out is as the preset has it."""

    create: CreateRule | None = Field(None, description="When the product is made: always or never.")
    update: UpdateRule | None = Field(None, description="Later: always, if_empty (only where it is empty), or never.")


class Rules:
    """The rules for all fields.

    Args:
        preset: What holds for fields that no setting names.
        fields: Field -> its own rule.
    """

    def __init__(self, preset: Preset = "afas_leads", fields: Mapping[str, Ownership] | None = None) -> None:
        self._create: dict[str, CreateRule] = {}
        self._update: dict[str, UpdateRule] = {}
        for name in FIELDS:
            own = (fields or {}).get(name) or Ownership(create=None, update=None)
            create, update = _preset(preset, name)
            self._create[name], self._update[name] = own.create or create, own.update or update

    def of(self, name: str, *, creating: bool) -> UpdateRule:
        """What to do with a field; identity fields (no such name here) always."""
        return (self._create if creating else self._update).get(name, "always")

    def ever(self, name: str) -> bool:
        """Whether a field is written at all."""
        return (self._create.get(name), self._update.get(name)) != ("never", "never")


def _preset(preset: Preset, name: str) -> tuple[CreateRule, UpdateRule]:
    if name == "cost":
        return "never", "never"
    if preset == "shop_leads_content" and name in CONTENT and name != "variant_title":
        return "always", "if_empty"
    return "always", "always"


def writes(rule: UpdateRule, shown: str | None) -> bool:
    """Whether a value that differs is written over what stands there.

    Args:
        rule: The field's rule.
        shown: Normal form of what the shop shows; "" and "0" are nothing. None: the shop doesn't show it.
    """
    if rule == "if_empty":
        return shown in {"", "0", None}
    return rule == "always"
