"""What the shop does by itself when one of the other records is written or deleted; the tables the API looks up."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import pictures, quotes, rules
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.resources import OWNERS, Resource
from sandbox.lightspeed.rules import After, Body, Rule, mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

_NOT_FOUND = "Not found."


def lookup(shop: Shop, resource: Resource, parent: int | None, identity: int) -> Record | None:
    """The record that an item's path means; None when there is none, or when it hangs under another parent."""
    if resource.key:
        rows = shop.find(resource.table, "_parent", parent)
        return next((one for one in rows if one.get(resource.key) == identity), None)
    record = shop.get(resource.table, identity)
    if record is not None and parent is not None and not resource.stored and record.get("_parent") != parent:
        return None
    return record


def taken(shop: Shop, resource: Resource, record: Record) -> bool:
    """True when another record has the same values in the fields that must be unique."""
    first = resource.unique[0]
    rows = shop.find(resource.table, first, record.get(first))
    return any(all(_same(one.get(name), record.get(name)) for name in resource.unique) for one in rows)


def _same(one: Any, other: Any) -> bool:
    return one.lower() == other.lower() if isinstance(one, str) and isinstance(other, str) else bool(one == other)


def _category(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    parent = shop.get("categories", after["parent"]) if after.get("parent") else None
    path = list(parent.get("path") or [] if parent else [])
    if (after.get("parent") and parent is None) or str(after["id"]) in path:
        raise ApiError(400, INVALID)
    after["depth"] = parent.get("depth", 1) + 1 if parent else 1
    after["path"] = [str(after["id"]), *path]
    return after


def _category_changed(shop: Shop, record: Record, body: Body) -> None:
    """What is below a category moves with it."""
    if "parent" in body:
        for child in shop.find("categories", "parent", record["id"]):
            moved = _category(shop, child, dict(child), {})
            shop.put("categories", moved)
            _category_changed(shop, moved, {"parent": record["id"]})


def _supplier(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    if any(one["id"] != after["id"] for one in shop.find("suppliers", "title", after.get("title"))):
        raise ApiError(400, "Submitted supplier already exists, try update.")
    return after


def _set_changed(shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    for product in list(shop.all("products")):
        shown = product.get("set")
        if isinstance(shown, dict) and shown.get("id") == record["id"]:
            shop.put("products", {**product, "set": dict(record)})


def _attribute_changed(shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    for row in shop.find(rules.ATTRIBUTES, "attribute", record["id"]):
        shop.put(rules.ATTRIBUTES, {**row, "title": record.get("title", "")})


def _filter_value(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    value = shop.get("filters/{}/values", after.get("filtervalue") or 0)
    if value is None or value.get("_parent") != after.get("filter"):
        raise ApiError(400, INVALID)
    return after


def _review(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    if not 1 <= after.get("score", 0) <= 5:
        raise ApiError(400, INVALID)
    return after


def _discount(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    if Decimal(str(after.get("discount", 0))) < 0:
        raise ApiError(400, INVALID)
    return after


def _quantity_discount(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    """Bare numbers, but they must exist: 0 means all."""
    variant = shop.get("variants", after.get("variant") or 0)
    if shop.get("products", after.get("product") or 0) is None:
        raise ApiError(400, INVALID)
    if after.get("variant") and (variant is None or variant.get("product") != after["product"]):
        raise ApiError(400, INVALID)
    if after.get("customerGroup") and shop.get("groups", after["customerGroup"]) is None:
        raise ApiError(400, INVALID)
    return after


def _themed(path: str, name: str) -> Rule:
    def rule(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
        if shop.get(path, after.get(name) or 0) is None:
            raise ApiError(400, INVALID)
        after.setdefault("shopId", shop.profile.number)
        return after

    return rule


def _metafield(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    """The generic list is a mirror: what is written to it goes to the owner's own list."""
    own = OWNERS.get(str(after.get("ownerType")))
    if own is None or (own.parent and shop.get(own.parent, after.get("ownerId") or 0) is None):
        raise ApiError(400, INVALID)
    return {**after, "ownerResource": own.parent or own.path.removesuffix("/metafields")}


def _metafield_written(shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    own = OWNERS[record["ownerType"]]
    kept = {name: value for name, value in record.items() if not name.startswith("owner")}
    shop.put(own.path, {**kept, "_parent": record["ownerId"]} if own.parent else kept)


def _ticket_changed(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "doNotifyAnswered", "tickets", record, body, occasion=bool(body.get("isAnswered")))


def _subscription_written(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "doNotifyConfirmed", "subscriptions", record, body, occasion=bool(record.get("isConfirmed")))


def _return_changed(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "notifyStatus", "returns", record, body, occasion="status" in body)


def _image_created(shop: Shop, record: Record, body: Body) -> None:
    """Without a sort order it comes last."""
    if "sortOrder" not in body:
        others = [one for one in shop.find(pictures.IMAGES, "_parent", record["_parent"]) if one["id"] != record["id"]]
        last = max((one.get("sortOrder", 1) for one in others), default=0)
        shop.put(pictures.IMAGES, {**record, "sortOrder": last + 1})
    pictures.show_main(shop, record["_parent"])


def _image_changed(shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    pictures.show_main(shop, record["_parent"])


def _one_image(path: str, shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    pictures.replaced(shop, path, record)


BEFORE: dict[str, Rule] = {
    **rules.BEFORE,
    "categories": _category,
    "suppliers": _supplier,
    "products/{}/filtervalues": _filter_value,
    "reviews": _review,
    "discounts": _discount,
    "quantity_discounts": _quantity_discount,
    "theme/products": _themed("products", "productId"),
    "theme/categories": _themed("categories", "categoryId"),
    "metafields": _metafield,
    "quotes/{}/products": quotes.line,
    "quotes": quotes.quote,
}
CREATED: dict[str, After] = {
    **rules.CREATED,
    "metafields": _metafield_written,
    "subscriptions": _subscription_written,
    "products/{}/images": _image_created,
    "quotes/{}/products": quotes.line_written,
    **{path: partial(_one_image, path) for path in pictures.ONE_IMAGE.values()},
}
CHANGED: dict[str, After] = {
    **rules.CHANGED,
    "categories": _category_changed,
    "sets": _set_changed,
    "attributes": _attribute_changed,
    "metafields": _metafield_written,
    "tickets": _ticket_changed,
    "subscriptions": _subscription_written,
    "returns": _return_changed,
    "products/{}/images": _image_changed,
    "quotes/{}/products": quotes.line_written,
}
MISSING: dict[str, Callable[[Shop, int, int], Record | None]] = {"products/{}/attributes": rules.give_attribute}
"""Items that a PUT makes when they aren't there yet: (shop, parent, key) -> record."""

_GO = {
    "products": (
        ("categories/products", "product"),
        ("tags/products", "product"),
        ("products/{}/relations", "relatedProduct"),
        ("quantity_discounts", "product"),
        ("reviews", "product"),
    ),
    "categories": (("categories/products", "category"),),
    "tags": (("tags/products", "tag"),),
    "types": (("types/attributes", "type"),),
    "attributes": (("types/attributes", "attribute"), ("products/{}/attributes", "attribute")),
    "filters": (("products/{}/filtervalues", "filter"),),
    "filters/{}/values": (("products/{}/filtervalues", "filtervalue"),),
    "groups": (("groups/customers", "group"),),
    "customers": (("groups/customers", "customer"), ("reviews", "customer")),
    "blogs": (("blogs/articles", "blog"), ("blogs/tags", "blog")),
    "blogs/articles": (("blogs/articles/tags", "article"), ("blogs/comments", "article")),
    "blogs/tags": (("blogs/articles/tags", "tag"),),
}
"""Rows that go with a record (assumed for all but a product's links)."""
_CLEARED = {
    "brands": (("products", "brand"),),
    "suppliers": (("products", "supplier"),),
    "types": (("products", "type"),),
    "deliverydates": (("products", "deliverydate"),),
    "categories": (("categories", "parent"),),
    "customers": (("tickets", "customer"), ("blogs/comments", "customer")),
}
"""References that become false when what they point to is deleted (assumed)."""


def delete(shop: Shop, path: str, identity: int) -> None:
    """Delete a record with what the shop deletes beside it.

    Raises:
        ApiError: 404 unknown; 400 the last variant of a product.
    """
    record = shop.get(path, identity)
    if record is None:
        raise ApiError(404, _NOT_FOUND)
    if path == "variants":
        _delete_variant(shop, record)
    if path == "products":
        for variant in shop.find("variants", "product", identity):
            _forget_in_lines(shop, variant["id"])
            shop.delete("variants", variant["id"])
    if path == "metafields":
        shop.delete(OWNERS[record["ownerType"]].path, identity)
        return
    for rows, name in _GO.get(path, ()):
        for row in shop.find(rows, name, identity):
            delete(shop, rows, row["id"])
    for rows, name in _CLEARED.get(path, ()):
        for row in shop.find(rows, name, identity):
            changed = shop.change(rows, row["id"], **{name: None})
            if rows == "categories":
                moved = shop.put(rows, _category(shop, row, dict(changed), {}))
                _category_changed(shop, moved, {"parent": None})
    shop.delete(path, identity)
    pictures.removed(shop, path, record)
    if path == "quotes/{}/products":
        quotes.recalculated(shop, record["_parent"])


def _delete_variant(shop: Shop, record: Record) -> None:
    if len(shop.find("variants", "product", record.get("product"))) == 1:
        raise ApiError(400, INVALID)
    _forget_in_lines(shop, record["id"])


def _forget_in_lines(shop: Shop, variant: int) -> None:
    """An order keeps its line, without the reference to a variant that is gone."""
    for line in shop.find("orders/{}/products", "variant", variant):
        shop.put("orders/{}/products", {**line, "variant": None})
