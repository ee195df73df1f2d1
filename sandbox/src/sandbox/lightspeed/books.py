"""What the merchant would find in the back office: every order with its history, customers, mails, stock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.lightspeed.pictures import IMAGES, ONE_IMAGE

if TYPE_CHECKING:
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

_IMAGES = (IMAGES, *ONE_IMAGE.values())


def books(shop: Shop) -> dict[str, Any]:
    """One shop's books. Amounts are numbers; instants UTC."""
    return {
        "basis": shop.profile.basis,
        "orders": [order(shop, record) for record in shop.all("orders")],
        "customers": [_customer(record) for record in shop.all("customers")],
        "mails": list(shop.mails.values()),
        "images": [_image(path, record) for path in _IMAGES for record in shop.all(path)],
        "files": [_image("files", record) for record in shop.all("files")],
        "stock": {
            record.get("sku") or str(record["id"]): {
                "level": record.get("stockLevel", 0),
                "sold": record.get("stockSold", 0),
            }
            for record in shop.all("variants")
        },
    }


def _image(path: str, record: Record) -> dict[str, Any]:
    """What lies where: `owner` is the record's path, `sha256` that of the content."""
    names = ("id", "title", "extension", "size", "sortOrder")
    return {
        "owner": path.removesuffix("/image").removesuffix("/images").format(record.get("_parent")),
        **{name: record[name] for name in names if name in record},
        "sha256": record.get("_hash"),
    }


def order(shop: Shop, record: Record) -> dict[str, Any]:
    """One order: totals, taxes per rate including shipment and payment, lines, documents, history."""
    identity = record["id"]
    taxes: dict[Any, Any] = {}
    for name in ("taxRates", "shipmentTaxRates", "paymentTaxRates"):
        for row in record.get(name) or ():
            taxes[row["rate"]] = taxes.get(row["rate"], 0) + row["amount"]
    said = record.get("_said") or {}
    return {
        "id": identity,
        "number": record.get("number", ""),
        "createdAt": record.get("createdAt"),
        "updatedAt": record.get("updatedAt"),
        "status": record.get("status"),
        "paymentStatus": record.get("paymentStatus", "not_paid"),
        "shipmentStatus": record.get("shipmentStatus", "not_shipped"),
        "priceExcl": record.get("priceExcl", 0),
        "priceIncl": record.get("priceIncl", 0),
        "discount": record.get("discountAmount", 0),
        "taxes": [{"rate": rate, "amount": amount} for rate, amount in taxes.items()],
        "shipment": _both(record, "shipmentPrice"),
        "payment": _both(record, "paymentPrice"),
        "giftCards": record.get("giftCardsPayment") or [],
        "customer": record.get("customer"),
        "email": record.get("email", ""),
        "country": (record.get("addressShippingCountry") or {}).get("code"),
        "vatShifted": bool(record.get("_shifted")),
        "guest": bool((said.get("customer") or {}).get("guest")),
        "lines": [_line(row) for row in shop.find("orders/{}/products", "_parent", identity)],
        "invoices": [
            {
                "id": one["id"],
                "number": one.get("number"),
                "status": one.get("status", "not_paid"),
                "priceIncl": one.get("priceIncl", 0),
                "credit": bool(one.get("isCreditNote")),
            }
            for one in shop.find("invoices", "order", identity)
        ],
        "shipments": [
            {
                "id": one["id"],
                "status": one.get("status", "not_shipped"),
                "trackingCode": one.get("trackingCode", ""),
            }
            for one in shop.find("shipments", "order", identity)
        ],
        "history": record.get("_history", []),
    }


def _both(record: Record, name: str) -> dict[str, Any]:
    return {"excl": record.get(f"{name}Excl", 0), "incl": record.get(f"{name}Incl", 0)}


def _line(row: Record) -> dict[str, Any]:
    quantity = row.get("quantityOrdered", 1)
    return {
        "id": row["id"],
        "sku": row.get("sku", ""),
        "title": row.get("productTitle", ""),
        "quantity": quantity,
        "refunded": row.get("quantityRefunded", 0),
        "rate": row.get("taxRate", 0),
        "unit": _both(row, "price"),
        "total": {
            "excl": row.get("_totalPriceExcl", row.get("priceExcl", 0) * quantity),
            "incl": row.get("_totalPriceIncl", row.get("priceIncl", 0) * quantity),
        },
    }


def _customer(record: Record) -> dict[str, Any]:
    return {
        "id": record["id"],
        "email": record.get("email", ""),
        "type": record.get("type", "registered"),
        "company": record.get("companyName", ""),
        "updatedAt": record.get("updatedAt"),
    }
