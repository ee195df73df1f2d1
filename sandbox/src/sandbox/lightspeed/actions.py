"""Calls that are no list and no record: bulk writes, credit notes, converting a quote, logging a customer in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import effects, orders, quotes, rules
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import Record, resource_id, written_id
from sandbox.lightspeed.resources import RESOURCES, Resource

if TYPE_CHECKING:
    from sandbox.lightspeed.render import Lens
    from sandbox.lightspeed.shop import Shop

Update = Callable[[Resource, Record, Mapping[str, Any], str], Record]


@dataclass(frozen=True, slots=True)
class Job:
    """One such call.

    Attributes:
        shop: Where. ids: The numbers in its path. body: What it carries, with envelope. lens: Who looks.
        update: Changes a record as a PUT does.
    """

    shop: Shop
    ids: tuple[int, ...]
    body: Mapping[str, Any]
    lens: Lens
    update: Update

    def inner(self, name: str) -> dict[str, Any]:
        """What is in an envelope.

        Raises:
            ApiError: 400, it is missing or no object.
        """
        found = self.body.get(name)
        if not isinstance(found, dict):
            raise ApiError(400, INVALID)
        return found

    def owner(self, path: str) -> Record:
        """The record that the path's first number means.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.shop.get(path, self.ids[0])
        if found is None:
            raise ApiError(404, "Not found.")
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of objects in an envelope.

        Raises:
            ApiError: 400, it is none.
        """
        found = self.body.get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ApiError(400, INVALID)
        return found


@dataclass(frozen=True, slots=True)
class Action:
    """One such path.

    Attributes:
        group: Permission group. work: Does it; its result is the answer. status: Of a good answer.
        shows: Resource in whose shape the result, a record, is shown; "": it is the whole answer.
    """

    group: str
    work: Callable[[Job], Any]
    status: int = 200
    shows: str = ""


def _variants_bulk(job: Job) -> dict[str, Any]:
    """`PUT variants/bulk`. Its maximum and what one bad item does are switches; the answer's shape is assumed."""
    items, shop = job.body.get("variant"), job.shop
    if not isinstance(items, list) or len(items) > shop.switches["bulk_max"]:
        raise ApiError(400, INVALID)
    spoils = shop.switches["bulk_bad_item"] == "all_or_nothing"
    good: list[tuple[Record, dict[str, Any]]] = []
    for item in items:
        record = _variant(shop, item)
        if record is None and spoils:
            raise ApiError(400, INVALID)
        if record is not None:
            good.append((record, item))
    if spoils:
        # Nothing is stored before all of it is known to be good.
        for record, item in good:
            _tried(record, item)
    done = []
    for record, item in good:
        try:
            job.update(RESOURCES["variants"], record, item, job.lens.language)
        except ApiError:
            if spoils:
                raise
            continue
        done.append({"id": record["id"]})
    return {"variant": done}


def _variant(shop: Shop, item: Any) -> Record | None:
    try:
        return shop.get("variants", resource_id(item.get("id")) or 0) if isinstance(item, dict) else None
    except ApiError:
        return None


def _tried(record: Record, item: Mapping[str, Any]) -> None:
    """Take the fields of one item into a copy.

    Raises:
        ApiError: 400, a value is refused.
    """
    if "title" in item and not str(item["title"] or "").strip():
        raise ApiError(400, "Invalid variant title")
    copy = dict(record)
    for field in RESOURCES["variants"].fields:
        if field.name in item and field.write == "rw":
            field.take(item[field.name], copy, "nl")


def _categories_bulk(job: Job) -> dict[str, Any]:
    """`POST categories/products/bulk`: a product into many categories; pairs that exist are told in `errors`."""
    body, shop = job.inner("categoriesProduct"), job.shop
    product, wanted = written_id(body.get("product")), body.get("categories")
    if product is None or shop.get("products", product) is None or not isinstance(wanted, list) or not wanted:
        raise ApiError(400, INVALID)
    if len(wanted) > shop.switches["bulk_max"]:
        raise ApiError(400, INVALID)
    resource, made, errors = RESOURCES["categories/products"], [], []
    ids = [written_id(one) or 0 for one in wanted]
    unknown = [one for one in ids if shop.get("categories", one) is None]
    if unknown and shop.switches["bulk_bad_item"] == "all_or_nothing":
        raise ApiError(400, INVALID)
    for category in ids:
        record = {"product": product, "category": category}
        if category in unknown:
            errors.append({**record, "message": INVALID})
        elif effects.taken(shop, resource, record):
            errors.append({**record, "message": "Relation already exists."})
        else:
            order = len(shop.find(resource.path, "category", category)) + 1
            made.append(shop.add(resource.path, {**record, "sortOrder": order}))
    shown = [{field.name: field.show(one, job.lens) for field in resource.fields} for one in made]
    return {"categoriesProduct": shown, "errors": errors}


def _attributes(job: Job) -> dict[str, Any]:
    """`PUT products/{id}/attributes`: all specifications at once, `[{id, value}]` (the shape is unverified)."""
    product, rows = job.owner("products"), job.rows("productAttributes")
    resource = RESOURCES["products/{}/attributes"]
    known = [written_id(one.get("id")) for one in rows]
    if any(one is None or job.shop.get("attributes", one) is None for one in known):
        raise ApiError(400, INVALID)
    if any(not isinstance(one.get("value"), (str, int)) for one in rows):
        raise ApiError(400, INVALID)
    for attribute, row in zip(known, rows, strict=True):
        record = rules.give_attribute(job.shop, product["id"], attribute or 0)
        if record is not None:
            job.update(resource, record, {"value": row["value"]}, job.lens.language)
    shown = job.shop.find(resource.path, "_parent", product["id"])
    return {resource.many: [{field.name: field.show(one, job.lens) for field in resource.fields} for one in shown]}


def _credit(job: Job) -> Record:
    """`POST orders/{id}/credit`: the credit invoice. 404 unknown order; 400 unknown line or quantity."""
    body = job.inner("credit")
    job.owner("orders")
    try:
        record = orders.refund(job.shop, job.ids[0], body)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ApiError(400, INVALID) from None
    notify = {"doNotifyNew": body["notifyNew"]} if "notifyNew" in body else {}
    rules.mail(job.shop, "doNotifyNew", "invoices", record, notify, occasion=True)
    return record


def _convert(job: Job) -> Record:
    return quotes.convert(job.shop, job.ids[0], job.inner("order"))


def _login(job: Job) -> dict[str, Any]:
    """Test a customer's password."""
    customer, body = job.owner("customers"), job.inner("customerLogin")
    if not isinstance(body.get("password"), str):
        raise ApiError(400, INVALID)
    return {"customerLogin": {"loggedin": rules.hashed(body["password"]) == customer.get("_password")}}


def _token(job: Job) -> dict[str, Any]:
    """A one-time address with which a customer is logged in; 60 seconds unless `expiresIn` says otherwise."""
    customer, body = job.owner("customers"), job.inner("customerToken")
    seconds, back = body.get("expiresIn", 60), body.get("returnUrl", "")
    if (
        not isinstance(seconds, int)
        or isinstance(seconds, bool)
        or not 1 <= seconds <= 3600
        or not isinstance(back, str)
    ):
        raise ApiError(400, INVALID)
    identity, now = job.shop.next_id("customers/tokens"), job.lens.instant(job.shop.now())
    address = f"https://{job.shop.profile.name}.example.com/account/login/token/{customer['id']:x}{identity:x}"
    times = {"createdAt": now, "updatedAt": now}
    return {"customerToken": {"id": identity, "redirectUrl": address, "returnUrl": back, "expiresIn": seconds, **times}}


ACTIONS: dict[tuple[str, str], Action] = {
    ("PUT", "variants/bulk"): Action("products", _variants_bulk),
    ("POST", "categories/products/bulk"): Action("products", _categories_bulk, 201),
    ("PUT", "products/{}/attributes"): Action("products", _attributes),
    ("POST", "orders/{}/credit"): Action("orders", _credit, 201, "invoices"),
    ("POST", "quotes/{}/convert"): Action("orders", _convert, 201, "orders"),
    ("POST", "customers/{}/login"): Action("customers", _login, 201),
    ("POST", "customers/{}/tokens"): Action("customers", _token, 201),
}
"""Verb and path -> what is done."""
PATHS = {path for _, path in ACTIONS}
"""Their paths: another verb there is not allowed."""
