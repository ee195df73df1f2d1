"""Which names of a record are personal data, also behind a reference: keys stand in store, state and log. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_lightspeed.fields import By, Ref
from target_lightspeed.resources import RESOURCES

if TYPE_CHECKING:
    from target_lightspeed.resource import Resource

PERSONAL = frozenset(one.name for resource in RESOURCES.values() for one in resource.fields if one.personal)
"""Fields that are personal in some resource; what no table describes is judged by its name."""


def is_personal(resource: Resource, name: str, value: Any = None) -> bool:
    """Whether a field holds personal data.

    Args:
        resource: Whose record it stands in.
        name: Of the field; ``customer__email`` is a field of what it refers to.
        value: Its value: a reference by natural key tells by itself of what field.
    """
    base, _, inner = name.partition("__")
    if isinstance(value, By):
        inside = {value.field}
    elif isinstance(value, dict):
        inside = set(value)
    else:
        inside = {inner.rpartition("__")[2]} if inner else set()
    known = resource.named.get(base)
    if not inside:
        return known.personal if known else base in PERSONAL
    target = _target(resource, base)
    return any(target.named[one].personal if target and one in target.named else one in PERSONAL for one in inside)


def _target(resource: Resource, name: str) -> Resource | None:
    known = resource.named.get(name)
    if known is not None and isinstance(known.kind, Ref):
        return RESOURCES.get(known.kind.to)
    if resource.owner and name in {resource.owner, f"{resource.owner}_id", f"{resource.owner}Id", "_parent_id"}:
        return RESOURCES.get(resource.parent.replace("/", "_"))
    return None
