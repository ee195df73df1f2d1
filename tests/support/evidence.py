"""What the sandbox keeps, as the plain facts that the campaign's checker reads. Knows its books and nothing of ours."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.afas.tables import Entry

Json = dict[str, Any]

ARTICLES = {"2", "7"}
"""AFAS item types that stand for goods."""
EXTRA_SKUS = {"INPAK"}
"""SKUs that are booked on a cost item."""


def utc(value: str | datetime, ahead: float = 0) -> str:
    """An instant as text in UTC, by the common clock of both boxes.

    Args:
        value: As a box shows it.
        ahead: Seconds that the box's own clock is ahead of the common one.
    """
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (instant - timedelta(seconds=ahead)).astimezone(UTC).isoformat()


def revision(book: Mapping[str, Any], at: datetime, more: Mapping[str, Any]) -> Json:
    """An order of the shop's books.

    Args:
        book: As ``GET /_sandbox/orders/{id}`` shows it.
        at: When it came to be so.
        more: What the books don't tell: post, channel, wrong.
    """
    vat: dict[str, Decimal] = defaultdict(Decimal)
    for row in book["taxes"]:
        vat[format((Decimal(str(row["rate"])) * 100).normalize(), "f")] += Decimal(str(row["amount"]))
    return {
        "id": str(book["id"]),
        "number": book["number"],
        "at": utc(at),
        "created": utc(book["createdAt"]),
        "updated": utc(book["updatedAt"]),
        "status": book["status"],
        "payment": book["paymentStatus"],
        "country": (book["country"] or "").upper(),
        "incl": str(book["priceIncl"]),
        "vat": {rate: str(amount) for rate, amount in vat.items()},
        "items": [
            {"code": line["sku"], "quantity": str(line["quantity"])}
            for line in book["lines"]
            if line["sku"] not in EXTRA_SKUS
        ],
        "post": False,
        "channel": "main",
        "wrong": {},
        **more,
    }


def versions(entries: Iterable[Entry], rounding_item: str, ahead: float = 0) -> list[Json]:
    """What the log of AFAS's tables says about sales orders."""
    found = []
    for entry in entries:
        row = entry.new or entry.old
        if entry.table != "orders" or row is None or entry.call == "seed":
            continue
        lines = [
            {
                "type": line["f"]["VaIt"],
                "item": "-".join(filter(None, (line["f"].get(code) for code in ("ItCd", "StL1", "StL2")))),
                "quantity": line["f"].get("QuUn"),
                "group": line["f"].get("VaRc"),
                "incl": line["incl"],
            }
            for line in row["lines"]
        ]
        found.append(
            _version(
                number=row["number"],
                at=utc(entry.at, ahead),
                by=entry.call,
                reference=row["f"].get("RfCs"),
                gone=entry.new is None,
                blocked=bool(row["f"].get("FxBl")),
                row=row,
                lines=lines,
                rounding_item=rounding_item,
            )
        )
    return found


def versions_of_books(books: Mapping[str, Any], rounding_item: str) -> list[Json]:
    """What AFAS's books say about sales orders; contents are known of the last version of each only."""
    found = []
    for order in books["orders"]:
        lines = [{**line, "group": line["vat_group"]} for line in order["lines"]]
        for event in order["history"]:
            if event["by"] == "seed":
                continue
            row = {**order, "status": event["status"], "incl": event["incl"]}
            found.append(
                _version(
                    number=order["number"],
                    at=utc(event["at"]),
                    by=event["by"],
                    reference=order["reference"],
                    gone=event["what"] == "deleted",
                    blocked=bool(order["fields"].get("FxBl")),
                    row=row,
                    lines=lines,
                    rounding_item=rounding_item,
                )
            )
    return sorted(found, key=lambda one: str(one["at"]))


def _version(
    *,
    number: str,
    at: str,
    by: str,
    reference: str | None,
    gone: bool,
    blocked: bool,
    row: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    rounding_item: str,
) -> Json:
    rates: dict[Decimal, Json] = {}
    for rate in row["rates"]:
        percent = Decimal(str(rate["percentage"])).normalize()
        one = rates.setdefault(
            percent, {"percent": format(percent, "f"), "excl": Decimal(0), "vat": Decimal(0), "lines": 0}
        )
        one["excl"] += Decimal(str(rate["excl"]))
        one["vat"] += Decimal(str(rate["vat"]))
        one["lines"] += sum(1 for line in lines if line["group"] == rate["group"])
    return {
        "number": number,
        "at": at,
        "by": by,
        "reference": reference or "",
        "gone": gone,
        "blocked": blocked,
        "status": row["status"],
        "incl": str(row["incl"]),
        "rates": [{**one, "excl": str(one["excl"]), "vat": str(one["vat"])} for one in rates.values()],
        "items": [
            {"code": line["item"], "quantity": str(line["quantity"])} for line in lines if line["type"] in ARTICLES
        ],
        "rounding": str(
            sum((Decimal(str(line["incl"])) for line in lines if line["item"] == rounding_item), Decimal(0))
        ),
    }


def relations(books: Mapping[str, Any]) -> list[Json]:
    """The debtors that were made through the API."""
    return [
        {"number": one["debtor"], "emails": one["emails"]}
        for one in books["relations"]
        if one["history"] and one["history"][0]["by"] != "seed" and not one["history"][0]["by"].startswith("user")
    ]


def items(books: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Codes of all articles, and of those that are blocked."""
    goods = [one for one in books["items"] if one["type"] in ARTICLES]
    return [one["item"] for one in goods], [one["item"] for one in goods if one.get("Bl")]
