"""Fills what a shop has beside articles and orders: a few rows of every list, zero, "", false and null among them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import checkouts, pictures, quotes, rules, world
from sandbox.lightspeed.tables_more import HAS, MOST

if TYPE_CHECKING:
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

OPENED = datetime(2026, 9, 1, 7, tzinfo=UTC)
"""When the shops' catalogue was made."""
_PNG = b"\x89PNG\r\n\x1a\n"
_SHELVES = ("Delft", "Zuiderzee", "Veluwe", "Noord", "Maas", "Waddenzee", "Betuwe", "Kempen")
_DESCRIBED = 24
"""Articles that have texts in two languages, images, specifications and the rest; the others have only a shelf."""


def texts(nl: str, en: str | None = None) -> dict[str, str]:
    """A language-dependent text; without English it was never translated."""
    return {"nl": nl} if en is None else {"nl": nl, "en": en}


def upload(shop: Shop, filename: str) -> Record:
    """The stored fields of an invented picture or file."""
    content = base64.b64encode(_PNG + filename.encode()).decode()
    image = not filename.endswith(".pdf")
    return pictures.received(shop, {"attachment": content, "filename": filename}, image=image)


def settings(shop: Shop) -> None:
    """The shop's single records and its own lists."""
    own = shop.profile
    shop.put(
        "shop",
        {
            "id": own.number,
            "createdAt": "2024-02-09T13:36:52+01:00",
            "isB2b": own.basis == "excl",
            "isRetail": own.basis == "incl",
            "subDomain": own.name,
            "mainDomain": f"{own.name}.example.com",
            "email": "info@example.com",
            "country": world.COUNTRIES["nl"],
            "currency": {
                "shortcode": "EUR",
                "symbol": "€",
                "title": "Euro",
                "isDefault": True,
                "currencyRate": "1.000000",
            },
        },
    )
    shop.add("shop/company", {"name": own.title, "country": world.COUNTRIES["nl"], "cocNumber": "12345678"})
    shop.add("shop/javascript", {"isActive": False, "script": ""})
    limits: Record = {f"max{name}": 1_000 * index for index, name in enumerate(MOST)}
    shop.add("shop/limits", {**limits, "maxProductsImages": 100, **{f"has{name}": name != "Multishop" for name in HAS}})
    shop.add("shop/settings", {"pricesInclTax": own.basis == "incl", "orderPrefix": own.order_prefix})
    shop.add("shop/website", {"name": own.title, "title": texts(own.title), "keywords": texts("thee, mok", "tea, mug")})
    shop.add("shop/scripts", {"url": "https://example.com/a.js", "location": "head"}, OPENED)
    shop.add("shop/scripts", {"url": "https://example.com/b.js", "body": "let a = 0;", "location": "body"}, OPENED)
    shop.add("shop/tracking", {"isEnabled": True, "content": "<!-- count -->"}, OPENED)
    shop.add("shop/metafields", {"key": "erp", "value": "afas"}, OPENED)
    shop.add("account/metafields", {"key": "plan", "value": ""}, OPENED)
    for identity, code in ((747_283, "nl"), (747_283, "be"), (747_284, "de"), (747_285, "nl")):
        country = world.COUNTRIES[code]
        shop.add("shippingmethods/{}/countries", {"_parent": identity, "country": country})
    for code, (standard, reduced) in world.OSS.items():
        for tax, rate in ((1_207_266, standard), (1_207_267, reduced)):
            shop.add("taxes/{}/overrides", {"_parent": tax, "country": world.COUNTRIES[code], "rate": rate})
    service = {"type": "payment", "name": "Betaaldienst", "urlEndpoint": "https://example.com/pay", "isActive": False}
    shop.add("external_services", service, OPENED)
    shop.add("additionalcosts", {"title": texts("Statiegeld", "Deposit"), "priceIncl": Decimal("0.15")}, OPENED)
    shop.add("locations", {"title": "Winkel"}, OPENED)
    shop.add("locations", {"title": "Magazijn", "isActive": False}, OPENED)


def catalogue(shop: Shop) -> None:
    """What the articles hang in, and what hangs under the first of them."""
    shelves = _categories(shop)
    products = list(shop.all("products"))
    for index, product in enumerate(products):
        shelf = shelves[index % len(shelves)]
        shop.add(
            "categories/products", {"category": shelf, "product": product["id"], "sortOrder": index // len(shelves)}
        )
    suppliers = [
        shop.add(
            "suppliers",
            {"title": "Groothandel Noord", "city": "Groningen", "country_id": world.COUNTRIES["nl"]},
            OPENED,
        ),
        shop.add("suppliers", {"title": "Import Zuid"}, OPENED),
    ]
    dates = [
        shop.add(
            "deliverydates",
            {
                "name": texts("Morgen", "Tomorrow"),
                "inStockMessage": texts("Morgen in huis", "Delivered tomorrow"),
                "outStockMessage": texts(""),
            },
            OPENED,
        ),
        shop.add("deliverydates", {"name": texts("Twee weken")}, OPENED),
    ]
    tags = [shop.add("tags", {"title": texts(nl, en), "url": texts(nl.lower())}, OPENED) for nl, en in _TAGS]
    kinds = _types(shop)
    filters = _filters(shop)
    for index, product in enumerate(products[:_DESCRIBED]):
        about: Record = {
            "description": texts("" if index % 5 == 0 else "Handgemaakt.", "Made by hand."),
            "content": texts("<p>Mooi & degelijk.</p>", "<p>Fine & sound.</p>") if index % 3 else texts(""),
            "supplier": suppliers[index % 2]["id"] if index % 4 else None,
            "deliverydate": dates[index % 2]["id"] if index % 3 else None,
            "type": kinds[index % 2]["id"] if index % 2 else None,
            "data01": f"ERP-{index:04}" if index % 4 else "",
        }
        title = product["title"]["nl"]
        shop.put("products", {**product, **about, "title": texts(title, f"{title} (English)" if index % 2 else None)})
        _details(shop, product["id"], index, tags=tags, filters=filters, products=products)
    _prices(shop, products, shelves)
    shop.add("files", upload(shop, "handleiding.pdf"), OPENED)
    shop.add("files", upload(shop, "folder.png"), OPENED)
    for path, owner in (("brands", next(iter(shop.all("brands")))["id"]), ("categories", shelves[0])):
        _single_image(shop, path, owner)


_TAGS = (("Nieuw", "New"), ("Aanbieding", "Sale"), ("Leeg", "Empty"))


def _categories(shop: Shop) -> list[int]:
    top = shop.add("categories", {"title": texts("Wonen", "Living"), "url": texts("wonen"), "depth": 1}, OPENED)
    shop.put("categories", {**top, "path": [str(top["id"])]})
    below = []
    for index, name in enumerate(_SHELVES):
        slug = f"wonen/{name.lower()}"
        record = {
            "title": texts(name) if index % 2 else texts(name, f"{name} series"),
            "url": texts(slug),
            "parent": top["id"],
            "depth": 2,
            "sortOrder": index,
            "isVisible": name != "Kempen",
        }
        made = shop.add("categories", record, OPENED)
        shop.put("categories", {**made, "path": [str(made["id"]), str(top["id"])]})
        below.append(int(made["id"]))
    return below


def shirt(shop: Shop) -> None:
    """A product with a set: one variant per size."""
    sizes = [{"id": index, "sortOrder": index, "name": name} for index, name in enumerate(("S", "M", "L"), 1)]
    options = [{"id": 1, "sortOrder": 1, "name": "Maat", "values": sizes}]
    made = shop.add("sets", {"name": texts("Maat", "Size"), "options": options}, OPENED)
    shop.add("sets", {"name": texts("Zonder opties")}, OPENED)
    product = shop.add(
        "products",
        {
            "title": texts("T-shirt Zuiderzee", "T-shirt Zuiderzee"),
            "url": texts("t-shirt-zuiderzee"),
            "visibility": "auto",
            "set": dict(made),
            "hasMatrix": False,
        },
        OPENED,
    )
    for index, size in enumerate(sizes):
        option = {"id": 1, "name": "Maat", "sortOrder": 1, "values": sizes, "value": size}
        shop.add(
            "variants",
            {
                "product": product["id"],
                "title": texts(f"Maat {size['name']}", f"Size {size['name']}"),
                "isDefault": not index,
                "sortOrder": index + 1,
                "sku": f"SHIRT-{size['name']}",
                "articleCode": "" if index else "SHIRT",
                "priceExcl": Decimal("16.4876"),
                "priceIncl": Decimal("19.95"),
                "oldPriceIncl": 0 if index else Decimal("24.95"),
                "stockTracking": ("enabled", "indicator", "disabled")[index],
                "stockLevel": (4, 0, -1)[index],
                "tax": 1_207_266 if index < 2 else None,
                "options": [option],
            },
            OPENED,
        )


def _types(shop: Shop) -> list[Record]:
    weight = shop.add("attributes", {"title": texts("Gewicht", "Weight"), "defaultValue": "0 g"})
    color = shop.add("attributes", {"title": texts("Kleur", "Colour")})
    kinds = [shop.add("types", {"title": texts(nl, en)}) for nl, en in (("Servies", "Tableware"), ("Textiel", None))]
    for kind, attribute, order in ((kinds[0], weight, 1), (kinds[0], color, None), (kinds[1], color, 0)):
        shop.add("types/attributes", {"type": kind["id"], "attribute": attribute["id"], "sortOrder": order})
    return kinds


def _filters(shop: Shop) -> list[tuple[int, list[int]]]:
    made = []
    for position, (nl, en, values) in enumerate(
        (("Kleur", "Colour", ("Rood", "Wit")), ("Serie", None, ("Delft", "Maas")))
    ):
        one = shop.add("filters", {"title": texts(nl, en), "position": position, "isActive": not position}, OPENED)
        rows = [
            shop.add("filters/{}/values", {"_parent": one["id"], "title": texts(value), "position": index}, OPENED)[
                "id"
            ]
            for index, value in enumerate(values)
        ]
        made.append((int(one["id"]), rows))
    return made


def _details(
    shop: Shop,
    product: int,
    index: int,
    *,
    tags: list[Record],
    filters: list[tuple[int, list[int]]],
    products: list[Record],
) -> None:
    """Images, specifications, filters, tags, relations and metafields of one product."""
    for number in range(index % 4):
        shop.add(
            pictures.IMAGES,
            {"_parent": product, "sortOrder": number + 1, **upload(shop, f"{index}-{number}.png")},
            OPENED,
        )
    pictures.show_main(shop, product)
    for attribute in list(shop.all("attributes"))[: index % 3]:
        rules.give_attribute(shop, product, attribute["id"], "" if index % 2 else f"{index * 10}")
    owner, values = filters[index % 2]
    if index % 3:
        shop.add("products/{}/filtervalues", {"_parent": product, "filter": owner, "filtervalue": values[index % 2]})
    if index % 2:
        shop.add("tags/products", {"tag": tags[index % 2]["id"], "product": product})
        other = products[(index + 1) % len(products)]["id"]
        shop.add("products/{}/relations", {"_parent": product, "relatedProduct": other, "sortOrder": index % 2})
    if index < 3:
        shop.add(
            "products/{}/metafields", {"_parent": product, "key": "erp_id", "value": "" if index else "100042"}, OPENED
        )
        (variant, *_) = shop.find("variants", "product", product)
        shop.add("variants/{}/metafields", {"_parent": variant["id"], "key": "origin", "value": "NL"}, OPENED)
    if index == 1:
        _single_image(shop, "variants", shop.find("variants", "product", product)[0]["id"])


def _single_image(shop: Shop, path: str, owner: int) -> None:
    one = pictures.ONE_IMAGE[path]
    record = shop.add(one, {"_parent": owner, **upload(shop, f"{path.replace('/', '-')}.png")}, OPENED)
    with shop.clock.at(OPENED):
        pictures.replaced(shop, one, record)


def _prices(shop: Shop, products: list[Record], shelves: list[int]) -> None:
    first, second = products[0]["id"], products[1]["id"]
    group = next(iter(shop.all("groups")))["id"]
    until = OPENED + timedelta(days=365)
    rows: tuple[dict[str, Any], ...] = (
        {"product": first, "quantity": 10, "price": Decimal("1.5"), "startDate": OPENED, "endDate": until},
        {"product": second, "quantity": 1, "percentage": 5, "isPercentage": True, "customerGroup": group},
    )
    for row in rows:
        shop.add("quantity_discounts", row, OPENED)
    shop.add(
        "discounts",
        {"type": "percentage", "discount": 10, "code": "WELKOM", "startDate": OPENED, "endDate": until, "timesUsed": 3},
        OPENED,
    )
    shop.add("discounts", {"type": "amount", "discount": Decimal("2.5"), "code": "OP", "isActive": False}, OPENED)
    rule = {"type": "group", "title": "Zakelijk 5 %", "customer_groups": [group], "discountAmount": 5}
    shop.add("discountrules", {**rule, "startDate": OPENED}, OPENED)
    shop.add(
        "discountrules", {"title": "Plank", "categories": shelves[:2], "discountType": "amount", "isStop": True}, OPENED
    )
    shop.add("theme/products", {"productId": first, "sortOrder": 0})
    shop.add("theme/categories", {"shopId": shop.profile.number, "categoryId": shelves[0]})


def visitors(shop: Shop) -> None:
    """What customers and visitors left behind, and the content pages; after the orders, which make the customers."""
    customers, orders = list(shop.all("customers"))[:6], list(shop.all("orders"))[:6]
    dutch, english = world.LANGUAGES["nl"], world.LANGUAGES["en"]
    products = [one["id"] for one in list(shop.all("products"))[:3]]
    whom = [one["id"] for one in customers]
    groups = [one["id"] for one in shop.all("groups")]
    for index, customer in enumerate(whom[:3]):
        shop.add("groups/customers", {"group": groups[index % len(groups)], "customer": customer})
        row = {"customer": customer, "score": 5 - index, "product": products[index], "isVisible": not index}
        shop.add("reviews", {**row, "name": "" if index else "A.", "content": "Prima.", "language": dutch}, OPENED)
        shop.add("customers/{}/metafields", {"_parent": customer, "key": "debtor", "value": f"1000{index}"}, OPENED)
    ticket = shop.add(
        "tickets", {"subject": "Waar blijft het?", "customer": whom[0] if whom else None, "language": dutch}, OPENED
    )
    for side, said in (("customer", "Al een week."), ("shop", "")):
        shop.add("tickets/{}/messages", {"_parent": ticket["id"], "from": side, "message": said}, OPENED)
    closed = {"subject": "", "isAnswered": True, "isClosed": True, "memo": "afgehandeld", "language": english}
    shop.add("tickets", closed, OPENED)
    shop.add(
        "contacts", {"name": "B.", "email": "b@example.com", "message": "Open op zondag?", "language": dutch}, OPENED
    )
    shop.add("contacts", {"name": "C.", "company": "C bv", "subject": "Prijs", "language": english}, OPENED)
    shop.add("subscriptions", {"email": "nieuws@example.com", "isConfirmed": True, "language": dutch}, OPENED)
    shop.add("subscriptions", {"email": "later@example.com", "firstname": "L.", "language": english}, OPENED)
    for path, rows in (
        ("orders", orders),
        ("invoices", list(shop.all("invoices"))),
        ("shipments", list(shop.all("shipments"))),
    ):
        for row in rows[:2]:
            shop.add(f"{path}/{{}}/metafields", {"_parent": row["id"], "key": "erp", "value": f"{row['id']}"}, OPENED)
    _returns(shop, orders)
    _pages(shop, whom)
    _quote(shop, whom)
    _checkouts(shop)
    shop.add(
        "webhooks",
        {"itemGroup": "orders", "itemAction": "created", "address": "https://example.com/hook", "language": dutch},
        OPENED,
    )


def _returns(shop: Shop, orders: list[Record]) -> None:
    for index, order in enumerate(orders[:3]):
        lines = shop.find("orders/{}/products", "_parent", order["id"])[:1]
        shop.add(
            "returns",
            {
                "customerId": order.get("customer") or 0,
                "orderId": order["id"],
                "status": ("pending", "authorized", "rejected")[index],
                "numProducts": len(lines),
                "priceExcl": sum((Decimal(str(one["priceExcl"])) for one in lines), Decimal(0)),
                "priceIncl": sum((Decimal(str(one["priceIncl"])) for one in lines), Decimal(0)),
                "returnReason": "" if index else "Te klein",
                "orderProducts": [{"id": one["id"], "quantity": 1} for one in lines],
            },
            OPENED + timedelta(days=60 + index),
        )


def _pages(shop: Shop, customers: list[int]) -> None:
    dutch = world.LANGUAGES["nl"]
    blog = shop.add("blogs", {"title": texts("Nieuws", "News"), "url": texts("nieuws"), "sortOrder": 0}, OPENED)["id"]
    tag = shop.add("blogs/tags", {"blog": blog, "title": texts("Thee", "Tea"), "url": texts("thee")}, OPENED)["id"]
    for index, (nl, en) in enumerate((("Thee zetten", "Making tea"), ("Concept", None))):
        article = shop.add(
            "blogs/articles",
            {
                "blog": blog,
                "title": texts(nl, en),
                "url": texts(nl.lower().replace(" ", "-")),
                "summary": texts("" if index else "In vier stappen."),
                "content": texts("<p>Water eerst.</p>"),
                "isPublished": not index,
                "publishedAt": None if index else OPENED,
                "language": dutch,
            },
            OPENED,
        )["id"]
        if index:
            continue
        _single_image(shop, "blogs/articles", article)
        shop.add("blogs/articles/tags", {"blog": blog, "article": article, "tag": tag})
        for customer in (customers[0] if customers else None, None):
            said = {"blog": blog, "article": article, "content": "Dank!", "customer": customer, "language": dutch}
            shop.add("blogs/comments", {**said, "name": "D.", "isApproved": customer is not None}, OPENED)
    for index, (nl, en) in enumerate((("Over ons", "About us"), ("Voorwaarden", None))):
        page = {"title": texts(nl, en), "url": texts(nl.lower().replace(" ", "-")), "content": texts("<p></p>")}
        shop.add("textpages", {**page, "isLocked": bool(index), "isVisible": not index, "sortOrder": index}, OPENED)
    shop.add("redirects", {"url": "oud", "target": "wonen"}, OPENED)
    shop.add("redirects", {"url": "weg", "target": "/", "isPermanent": False}, OPENED)


def _quote(shop: Shop, customers: list[int]) -> None:
    """An open cart of two lines, and an empty one."""
    variants = list(shop.all("variants"))[:2]
    made = shop.add(
        "quotes",
        {"customer": customers[0] if customers else None, "language": world.LANGUAGES["nl"], "recalculatedAt": OPENED},
        OPENED,
    )
    for quantity, variant in enumerate(variants, 1):
        row = quotes.line_fields(shop, variant, Decimal(quantity))
        shop.add(quotes.LINES, {"_parent": made["id"], "quantity": quantity, "variant": variant["id"], **row}, OPENED)
    with shop.clock.at(OPENED):
        quotes.recalculated(shop, made["id"])
    shop.add("quotes", {"language": world.LANGUAGES["nl"], "paymentIsSet": False, "shipmentIsSet": False}, OPENED)


def _checkouts(shop: Shop) -> None:
    """A cart of one line whose shopper went away, and an empty one."""
    with shop.clock.at(OPENED):
        empty = checkouts.new(shop)
        shop.checkouts.put(empty["id"], empty)
        left = checkouts.new(shop)
        line = {"id": shop.next_id("checkouts/products"), "variant_id": next(shop.all("variants"))["id"], "quantity": 1}
        who = {"email": "weg@example.com", "firstname": "", "lastname": ""}
        shop.checkouts.put(left["id"], {**left, "products": [line], "customer": who})
