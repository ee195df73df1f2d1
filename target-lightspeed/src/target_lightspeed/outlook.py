"""What a planned write would change in the shop, value by value, for a person to read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_lightspeed.fields import Boolean, By
from target_lightspeed.personal import is_personal
from upsert.model import HIDDEN, Change, Cost, Create, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from target_lightspeed.fields import Field
    from target_lightspeed.finding import Found
    from target_lightspeed.item import Item
    from target_lightspeed.port import Write
    from target_lightspeed.resource import Resource
    from upsert.model import Outcome

FILE = "file"
"""Stands for the content of an image or file among the changes."""

LEFT_BEHIND = "files left behind"
WHOLE = "whole record"


def describe(resource: Resource, item: Item, existing: Found | None, plan: Create | Update) -> Iterator[Change]:
    """Every value that a plan would write or take away.

    Args:
        resource: Of which kind.
        item: What the record says.
        existing: What the shop shows; None when nothing.
        plan: What is planned.
    """
    if isinstance(plan, Create) or existing is None:
        yield from _new(resource, item, plan.payload if isinstance(plan, Create) else plan.diff.body)
        return
    write: Write = plan.diff
    match write.verb:
        case "make":
            yield from _new(resource, item, write.body)
        case "delete":
            yield from _lost(resource, existing)
        case "tidy":
            yield Change(LEFT_BEHIND, len(existing.old), None)
        case "replace":
            name = existing.row.get("title") or existing.id
            yield Change(FILE, str(name), item.upload.filename if item.upload else None)
            yield from _changed(resource, item, write.body, existing)
        case "change":
            yield from _changed(resource, item, write.body, existing)


def cost(
    resource: Resource, planned: Sequence[Outcome], bulk_size: int, fits: Callable[[Mapping[str, Any]], bool]
) -> Cost:
    """Calls and mails of planned writes.

    Args:
        resource: Of which kind.
        planned: Outcomes with their plan.
        bulk_size: Variants in one bulk call; 0 where there is none.
        fits: Whether fields can go in a bulk call.
    """
    bulk, calls = 0, 0
    for outcome in planned:
        write: Write | None = outcome.plan.diff if isinstance(outcome.plan, Update) else None
        if write is None:
            calls += 1
        elif write.verb == "change" and bulk_size and fits(write.body):
            bulk += 1
        elif write.verb == "tidy":
            calls += int(outcome.changes[0].old or 0)
        else:
            calls += 2 if write.verb == "replace" and resource.upload == "list" else 1
    mails = sum(bool(outcome.document.content.flags) for outcome in planned)
    return Cost(calls + (-(-bulk // bulk_size) if bulk else 0), mails)


def _new(resource: Resource, item: Item, body: Mapping[str, Any]) -> Iterator[Change]:
    """Values of a record that would be made."""
    for name, value in body.items():
        yield _change(resource, item, name, None, value)
    if item.upload is not None and item.upload.attachment:
        yield Change(FILE, None, item.upload.filename)


def _changed(resource: Resource, item: Item, body: Mapping[str, Any], existing: Found) -> Iterator[Change]:
    """Values of a record that would be changed; those that the shop doesn't show were perhaps the same."""
    for name, value in body.items():
        known = resource.named.get(name)
        read = known.read if known else name
        old = None if known is not None and known.hidden else _plain(existing.row.get(read), known)
        yield _change(resource, item, name, old, value)


def _lost(resource: Resource, existing: Found) -> Iterator[Change]:
    """Every value that would be lost, as far as the look-up shows it."""
    yield Change(WHOLE, str(existing.id), None)
    for known in resource.fields:
        value = _plain(existing.row.get(known.read), known)
        if value is not None and not known.hidden:
            yield Change(known.name, HIDDEN if is_personal(resource, known.name) else value, None)


def _change(resource: Resource, item: Item, name: str, old: Any, value: Any) -> Change:
    told = item.values.get(name)
    new = told.value if isinstance(told, By) else _plain(value, resource.named.get(name))
    if is_personal(resource, name, told):
        old, new = (None if one is None else HIDDEN for one in (old, new))
    suffix = f" ({item.language})" if item.language else ""
    return Change(f"{name}{suffix}", old, new)


def _plain(value: Any, known: Field | None) -> Any:
    """A value as it is read; what isn't set, and a reference that leads nowhere, is nothing."""
    if value is False and isinstance(known.kind if known else None, Boolean):
        return False
    if value is None or value is False or value == "":
        return None
    if isinstance(value, dict):
        inner = value.get("resource", value)
        identity = inner.get("id") if isinstance(inner, dict) else None
        return identity or value
    return value
