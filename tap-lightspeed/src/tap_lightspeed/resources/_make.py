"""Making resources: the name of a stream is its path, and every kind has its own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_lightspeed import schema
from tap_lightspeed.resource import LANGUAGE, PARENT_CHANGED, PARENT_ID, Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_lightspeed.resource import Row
    from tap_lightspeed.schema import Schema

    Fields = dict[str, Schema]
    Inside = Callable[[Row], list[Row] | None]

COSTLY = " A call per parent, so not selected by default."


def name_of(path: str) -> str:
    """Return the name of a path's stream: ``products/{}/images`` is ``products_images``."""
    return "_".join(part for part in path.split("/") if part != "{}")


def listed(path: str, title: str, fields: Fields, *, changes: str | None = "updatedAt", **more: Any) -> Resource:
    """Return a resource with a list of its own.

    Args:
        path: Path of the list.
        title: What a record is.
        fields: Its fields, without ``id``.
        changes: The time by which the list can be filtered; ``None``: it has none, and is read whole.
        more: Attributes of `Resource`.
    """
    return _resource(path, title, schema.stream(**fields), ("id",), replication_key=changes, **more)


def single(path: str, title: str, fields: Fields, **more: Any) -> Resource:
    """Return a resource that is one record; its key is the shop's own name (setting ``shop``)."""
    whole = schema.single(**fields)
    return _resource(path, title, whole, ("_shop",), replication_key=None, single=True, **more)


def child(
    path: str, title: str, fields: Fields, parent: Resource, inside: Inside | None = None, **more: Any
) -> Resource:
    """Return a resource whose records stand under those of another one.

    Args:
        path: Its path, with ``{}`` for the parent's id.
        title: What a record is.
        fields: Its fields, without ``id``.
        parent: The resource above.
        inside: See `Resource`; without it the stream costs a call per changed parent and is not selected by default.
        more: Attributes of `Resource`.
    """
    text_id = bool(more.get("text_id"))
    whole = schema.child(text_id=text_id, **fields)
    if inside is None:
        title += COSTLY
        more.setdefault("selected", False)
    return _resource(
        path,
        title,
        whole,
        (PARENT_ID, "id"),
        replication_key=PARENT_CHANGED if parent.replication_key else None,
        parent=parent.name,
        inside=inside,
        **more,
    )


def only_image(owner: Resource, title: str, **more: Any) -> Resource:
    """Return the stream of the one image of each owner, which stands inside the owner."""

    def inside(row: Row) -> list[Row]:
        return [{"id": row["id"], **row["image"]}] if isinstance(row.get("image"), dict) else []

    fields: Fields = dict(schema.image()["properties"])
    return child(f"{owner.path}/{{}}/image", title, fields, owner, inside, **more)


def metafields(owner: Resource, what: str) -> Resource:
    """Return the metafields of each owner."""
    return child(
        f"{owner.path}/{{}}/metafields",
        f"Metafields of {what}; the stream `metafields` has those of all owners in one list.",
        schema.stamps() | schema.texts("key", "value"),
        owner,
    )


def _resource(path: str, title: str, whole: Schema, keys: tuple[str, ...], **more: Any) -> Resource:
    if more.get("texts"):
        whole["properties"] = {LANGUAGE: {"type": "string"}} | whole["properties"]
        whole["required"] = [*whole["required"], LANGUAGE]
        keys = (*keys, LANGUAGE)
    whole["description"] = title
    return Resource(name=name_of(path), path=path, schema=whole, keys=keys, **more)
