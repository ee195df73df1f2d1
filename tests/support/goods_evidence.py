"""What AFAS and the shop hold of goods, as the plain facts that the campaign's checker reads. Knows nothing of ours.

AFAS's side is what its GetConnectors answer, in their own columns; the shop's side is what its back office would show.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.faults import NO_FAULTS
from sandbox.http import Headers, Request
from tests.support import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.afas.service import AfasService
    from sandbox.lightspeed.shop import Shop

Json = dict[str, Any]

CONNECTORS = (
    "Products",
    "Variants",
    "Stock",
    "PurchaseLines",
    "Compositions",
    "PriceLists",
    "Prices",
    "Categories",
    "ProductRelations",
    "CustomerGroups",
    "Relations",
)
_IMAGES = ("Image", *(f"Image{number}" for number in range(1, 7)))
_XML = f"<token><version>1</version><data>{settings.AFAS_TOKEN}</data></token>"
_TOKEN = f"AfasToken {base64.b64encode(_XML.encode()).decode()}"


def afas(service: AfasService) -> Json:
    """All rows of the shop side's connectors by their short name; images are named by their content."""
    found = {name: _rows(service, f"Commerce_{name}") for name in CONNECTORS}
    files = {row["number"]: hashlib.sha256(_content(row)).hexdigest() for row in service.tables.all("files")}
    for row in found["Products"]:
        row["images"] = [files[row[name]] for name in _IMAGES if row.get(name)]
    return found


def _content(row: Mapping[str, Any]) -> bytes:
    content = row["content"]
    return base64.b64decode(content) if isinstance(content, str) else bytes(content)


def _rows(service: AfasService, connector: str) -> list[Json]:
    headers = Headers({"Authorization": _TOKEN})
    path = f"/ProfitRestServices/connectors/{connector}"
    reply = service.handle(Request("GET", path, "skip=-1&take=-1", headers=headers), NO_FAULTS)
    assert reply.status == 200, reply.body
    rows: list[Json] = json.loads(reply.body, parse_float=Decimal)["rows"]
    return rows


def shop(own: Shop) -> Json:
    """What the shop has, with the names that its people see instead of ids where that says more."""
    brands = {one["id"]: _text(one, "title") for one in own.all("brands")}
    dates = {one["id"]: _text(one, "name") for one in own.all("deliverydates")}
    titles = {one["id"]: _text(one, "title") for one in own.all("attributes")}
    images: dict[int, list[Json]] = defaultdict(list)
    for one in own.all("products/{}/images"):
        images[one["_parent"]].append({"sha": one["_hash"], "order": one.get("sortOrder", 0)})
    specifications: dict[int, dict[str, str]] = defaultdict(dict)
    for one in own.all("products/{}/attributes"):
        specifications[one["_parent"]][titles.get(one["attribute"], "?")] = _text(one, "value")
    mails = {one["id"]: str(one.get("email", "")).lower() for one in own.all("customers")}
    return {
        "products": [
            {
                "id": one["id"],
                "key": one.get("data01") or "",
                "data02": one.get("data02") or "",
                "title": _texts(one, "title"),
                "short": _texts(one, "description"),
                "visibility": one.get("visibility", "visible"),
                "brand": brands.get(one.get("brand"), ""),
                "delivery": dates.get(one.get("deliverydate"), ""),
                "images": [image["sha"] for image in sorted(images[one["id"]], key=lambda image: image["order"])],
                "specifications": {name: value for name, value in specifications[one["id"]].items() if value},
            }
            for one in own.all("products")
        ],
        "variants": [
            {
                "id": one["id"],
                "product": one["product"],
                "sku": one.get("sku") or "",
                "title": _texts(one, "title"),
                "ean": one.get("ean") or "",
                "price": str(Decimal(str(one.get("priceIncl") or 0)).normalize()),
                "level": int(one.get("stockLevel") or 0),
                "tracking": one.get("stockTracking") or "disabled",
            }
            for one in own.all("variants")
        ],
        "categories": [
            {
                "id": one["id"],
                "title": _texts(one, "title"),
                "parent": one.get("parent") or None,
                "visible": bool(one.get("isVisible", True)),
            }
            for one in own.all("categories")
        ],
        "links": [{"category": one["category"], "product": one["product"]} for one in own.all("categories/products")],
        "relations": [
            {"product": one["_parent"], "related": one["relatedProduct"], "id": one["id"]}
            for one in own.all("products/{}/relations")
        ],
        "groups": [{"id": one["id"], "title": one.get("title") or ""} for one in own.all("groups")],
        "members": [
            {"group": one["group"], "email": mails.get(one["customer"], "?")} for one in own.all("groups/customers")
        ],
        "discounts": [
            {
                "product": one.get("product"),
                "variant": one.get("variant"),
                "group": one.get("customerGroup"),
                "quantity": str(Decimal(str(one.get("quantity") or 1)).normalize()),
                "price": str(Decimal(str(one.get("price") or 0)).normalize()),
            }
            for one in own.all("quantity_discounts")
        ],
        "named": {
            path: sorted(_text(one, "title") for one in own.all(path)) for path in ("brands", "attributes", "types")
        }
        | {"deliverydates": sorted(dates.values())},
        "mails": len(own.mails),
    }


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return str(value.get("nl") or "") if isinstance(value, dict) else str(value or "")


def _texts(record: Mapping[str, Any], name: str) -> dict[str, str]:
    value = record.get(name)
    if not isinstance(value, dict):
        return {"nl": str(value or "")}
    return {language: text for language, text in value.items() if text}
