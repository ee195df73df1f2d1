"""The life of an order, as shoppers, shop staff and the API write it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shopclient import Api, embedded

ADDRESS = {"name": "A B", "street": "Keizersgracht", "number": "313", "zipcode": "1016EE", "city": "Amsterdam"}


def said(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A description with an address and a customer."""
    customer = {"email": "a@example.com", "firstname": "A", "lastname": "B"}
    base = {"customer": customer, "billing": ADDRESS, "lines": list(lines) or [{"sku": "SKU-0001"}]}
    return {**base, **more}


def statuses(order: dict[str, Any]) -> tuple[str, str, str]:
    return order["status"], order["paymentStatus"], order["shipmentStatus"]


def books(api: Api, number: int) -> dict[str, Any]:
    return next(one for one in api.control("GET", "books")["shop1"]["orders"] if one["id"] == number)


def test_a_described_order_reads_back(api):
    """What the shopper typed, what the catalogue says, and the sums."""
    order = api.place(
        **said(
            {"sku": "SKU-0001", "quantity": 2},
            {"sku": "SKU-0007", "discount": 1},
            shipment={"title": "PostNL", "price": "6.95"},
            payment={"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
            comment="Graag snel",
        )
    )
    first, second = embedded(order, "products")
    variant = api.get("variants", sku="SKU-0001")[0]
    assert (first["sku"], first["quantityOrdered"], first["priceIncl"]) == ("SKU-0001", 2, variant["priceIncl"])
    assert (second["basePriceIncl"] - second["priceIncl"], second["discountIncl"]) == (1, 1)
    goods = first["priceIncl"] * 2 + second["priceIncl"]
    assert order["priceIncl"] == goods + Decimal("6.95")
    taxes = [row["amount"] for name in ("taxRates", "shipmentTaxRates", "paymentTaxRates") for row in order[name]]
    assert abs(order["priceExcl"] + sum(taxes) - order["priceIncl"]) < Decimal("0.011")
    assert [row["rate"] for row in order["taxRates"]] == [Decimal("0.21"), Decimal("0.09")]
    assert order["comment"] == "Graag snel"
    assert statuses(order) == ("processing_awaiting_shipment", "paid", "not_shipped")
    assert embedded(order, "customer")["email"] == "a@example.com"


@pytest.mark.parametrize("switch", ["unit", "total"])
def test_a_lines_price_is_unit_or_total_by_switch(api, switch):
    """Nobody could prove which; base prices are units either way."""
    api.control("POST", "switches", {"line_price": switch})
    line = embedded(
        api.place(**said({"sku": "SKU-0001", "quantity": 3, "price": "10.00", "discount": "0.50"})), "products"
    )[0]
    factor = 1 if switch == "unit" else 3
    assert line["basePriceIncl"] == 10
    assert line["priceIncl"] == Decimal("9.50") * factor
    assert line["discountIncl"] == Decimal("0.50") * factor


def test_a_shop_with_prices_excl_enters_them_so(box):
    """shop2 computes from prices excluding VAT."""
    shop = Api(box, 2)
    order = shop.place(shop="shop2", **said({"sku": "SKU-0001", "quantity": 3, "price": "10.01"}))
    assert (order["priceExcl"], order["priceIncl"]) == (Decimal("30.03"), Decimal("36.34"))
    assert order["taxRates"] == [{"name": "BTW", "rate": Decimal("0.21"), "amount": Decimal("6.3063")}]


def test_stock_is_booked_with_a_movement(api):
    """A sale lowers the level, raises the sold counter; cancelling brings it back."""
    before = api.get("variants", sku="SKU-0001")[0]
    order = api.place(**said({"sku": "SKU-0001", "quantity": 2}))
    sold = api.get("variants", sku="SKU-0001")[0]
    assert sold["stockLevel"] - before["stockLevel"] == -2
    assert sold["stockSold"] - before["stockSold"] == 2
    moves = api.get("variants/movements", variant=before["id"])
    assert moves[0]["stockLevelChange"] == -2
    api.put(f"orders/{order['id']}", "order", status="cancelled", doNotifyCancelled=False)
    assert api.get("variants", sku="SKU-0001")[0]["stockLevel"] == before["stockLevel"]


def test_paying_moves_order_and_invoice(api, clock):
    """Unpaid until the money comes, weeks later; then the events say so and updatedAt moves."""
    order = api.place(**said(payment={"id": "banktransfer"}))
    assert statuses(order) == ("processing_awaiting_payment", "not_paid", "not_shipped")
    clock.advance(21 * 86_400)
    api.control("POST", f"orders/{order['id']}/pay")
    paid = api.get(f"orders/{order['id']}")
    assert statuses(paid) == ("processing_awaiting_shipment", "paid", "not_shipped")
    assert embedded(paid, "invoices")[0]["status"] == "paid"
    assert [(one["type"], one["message"]) for one in embedded(paid, "events")][-2:] == [
        ("invoice", "paid"),
        ("order", "paid"),
    ]
    assert paid["updatedAt"] > order["updatedAt"]
    assert paid["createdAt"] == order["createdAt"]


def test_what_is_ordered_outlives_its_variant(api):
    """A product that is deleted since keeps no order from being called off; what still stands gets its pieces back."""
    order = api.place(**said({"sku": "SKU-0001"}, {"sku": "SKU-0007", "quantity": 2}))
    level = api.get("variants", sku="SKU-0007")[0]["stockLevel"]
    gone = api.get("variants", sku="SKU-0001")[0]["product"]["resource"]["id"]
    assert api.http.delete(f"/nl/products/{gone}.json").status_code < 300
    api.control("POST", f"orders/{order['id']}/cancel")
    assert statuses(api.get(f"orders/{order['id']}")) == ("cancelled",) * 3
    assert api.get("variants", sku="SKU-0007")[0]["stockLevel"] == level + 2


def test_cancelling_cancels_everything(api):
    """All three statuses, the invoice and the shipment; a second time is refused."""
    order = api.place(**said())
    api.control("POST", f"orders/{order['id']}/cancel")
    gone = api.get(f"orders/{order['id']}")
    assert statuses(gone) == ("cancelled",) * 3
    assert {one["status"] for one in embedded(gone, "invoices") + embedded(gone, "shipments")} == {"cancelled"}
    assert api.http.post(f"/_sandbox/orders/{order['id']}/cancel").status_code == 400


def test_an_edit_keeps_what_stays(api):
    """Lines that stay keep their ids; totals, invoice, stock and updatedAt follow; a paid order stays paid."""
    order = api.place(**said({"sku": "SKU-0001"}, {"sku": "SKU-0002"}, payment={"paid": True}))
    kept = {line["sku"]: line["id"] for line in embedded(order, "products")}
    wish = {"quantities": {"SKU-0001": 4}, "remove": ["SKU-0002"], "add": [{"sku": "SKU-0003"}], "comment": "Anders"}
    api.control("POST", f"orders/{order['id']}/edit", wish)
    now = api.get(f"orders/{order['id']}")
    lines = {line["sku"]: line for line in embedded(now, "products")}
    assert set(lines) == {"SKU-0001", "SKU-0003"}
    assert (lines["SKU-0001"]["id"], lines["SKU-0001"]["quantityOrdered"]) == (kept["SKU-0001"], 4)
    assert now["priceIncl"] == sum(line["priceIncl"] * line["quantityOrdered"] for line in lines.values())
    assert embedded(now, "invoices")[0]["priceIncl"] == now["priceIncl"]
    assert (now["comment"], now["paymentStatus"]) == ("Anders", "paid")
    assert [step["what"] for step in books(api, order["id"])["history"]] == ["placed", "paid", "edited"]


def test_a_refund_makes_a_credit_invoice_and_leaves_the_quantity(api):
    """Refunded quantities are counted beside the ordered ones; more than ordered is refused."""
    order = api.place(**said({"sku": "SKU-0001", "quantity": 3}, payment={"paid": True}))
    line = embedded(order, "products")[0]
    body = {"creditShipment": False, "orderProducts": [{"id": line["id"], "quantity": 2}], "notifyNew": False}
    credit = api.post(f"orders/{order['id']}/credit", "credit", **body)
    assert (credit["isCreditNote"], credit["priceIncl"]) == (True, -2 * line["priceIncl"])
    now = embedded(api.get(f"orders/{order['id']}"), "products")[0]
    assert (now["quantityOrdered"], now["quantityRefunded"]) == (3, 2)
    assert api.call("POST", f"orders/{order['id']}/credit", {"credit": body}).status_code == 400
    first = embedded(api.get(f"orders/{order['id']}"), "invoices")[0]
    assert first["creditNote"]["resource"]["id"] == credit["id"]


@pytest.mark.parametrize("completes", [True, False])
def test_shipping_may_complete_the_order(api, completes):
    """Whether the shipment alone moves the order is unknown: a switch."""
    api.control("POST", "switches", {"ship_completes": completes})
    order = api.place(**said(payment={"paid": True}))
    parcel = embedded(order, "shipments")[0]["id"]
    shipped = api.put(f"shipments/{parcel}", "shipment", status="shipped", trackingCode="3STEST")
    assert (shipped["status"], shipped["trackingCode"]) == ("shipped", "3STEST")
    now = api.get(f"orders/{order['id']}")
    expected = ("completed_shipped", "paid", "shipped")
    assert statuses(now) == (expected if completes else ("processing_awaiting_shipment", "paid", "not_shipped"))
    api.put(f"orders/{order['id']}", "order", status="completed_shipped", shipmentStatus="shipped")
    assert statuses(api.get(f"orders/{order['id']}")) == expected


def test_a_pick_up_is_fetched(api):
    """Its statuses have words of their own."""
    order = api.place(**said(shipment={"pickup": True}, payment={"paid": True}))
    assert order["status"] == "processing_awaiting_pickup"
    api.put(f"orders/{order['id']}", "order", isReadyForPickup=True)
    assert api.get(f"orders/{order['id']}")["status"] == "processing_ready_for_pickup"
    api.control("POST", f"orders/{order['id']}/ship")
    assert api.get(f"orders/{order['id']}")["status"] == "completed_picked_up"


def test_on_hold_is_only_the_main_status(api):
    """Payment and shipment go on."""
    order = api.place(**said())
    api.put(f"orders/{order['id']}", "order", status="on_hold")
    api.put(f"orders/{order['id']}", "order", paymentStatus="paid")
    assert statuses(api.get(f"orders/{order['id']}")) == ("on_hold", "paid", "not_shipped")


def test_memo_and_custom_status_are_written_plainly(api):
    """CustomStatus takes an id and shows as customStatusId; what is read only stays; createdAt never moves."""
    order = api.place(**said())
    status = api.post("orders/customstatuses", "customStatus", title="Wacht", color="#ff0000")
    now = api.put(
        f"orders/{order['id']}", "order", memo="AFAS 1001", customStatus=status["id"], number="X", priceIncl=1
    )
    assert (now["memo"], now["customStatusId"]) == ("AFAS 1001", status["id"])
    assert (now["number"], now["priceIncl"], now["createdAt"]) == (
        order["number"],
        order["priceIncl"],
        order["createdAt"],
    )
    assert "customStatus" not in now


def test_a_customer_is_found_again_by_e_mail(api):
    """Registered once, whatever the case of the letters; a guest gets a record each time, or none by switch."""
    first = api.place(**said())
    person = {"email": "A@Example.com", "firstname": "A", "lastname": "B"}
    second = api.place(**said(customer=person))
    assert second["customer"]["resource"]["id"] == first["customer"]["resource"]["id"]
    assert (first["isNewCustomer"], second["isNewCustomer"]) == (True, False)
    guest = api.place(**said(customer={**person, "guest": True}))
    assert guest["customer"]["resource"]["id"] != first["customer"]["resource"]["id"]
    assert embedded(guest, "customer")["type"] == "guest"
    api.control("POST", "switches", {"guest_customer": "false"})
    nobody = api.place(**said(customer={**person, "guest": True}))
    assert nobody["customer"] is False
    assert nobody["email"] == "A@Example.com"


def test_mails_are_counted(api):
    """A flag that is true mails, and one left out where a mail is due is on the safe side of the count."""
    order = api.place(**said())
    parcel = embedded(order, "shipments")[0]["id"]
    api.put(f"shipments/{parcel}", "shipment", status="shipped", doNotifyShipped=False, doNotifyTrackingCode=False)
    assert api.control("GET", "books")["shop1"]["mails"] == []
    api.put(f"shipments/{parcel}", "shipment", status="shipped", doNotifyShipped=True)
    api.post("customers", "customer", email="new@example.com", firstname="N", lastname="W")
    mails = [(mail["flag"], mail["given"]) for mail in api.control("GET", "books")["shop1"]["mails"]]
    assert mails == [("doNotifyShipped", "true"), ("doNotifyRegistered", "left out")]


def test_deleting_a_variant_leaves_the_copies_on_the_line(api):
    """The reference turns false, the SKU stays."""
    order = api.place(**said({"sku": "SKU-0004"}))
    variant = api.get("variants", sku="SKU-0004")[0]
    assert api.call("DELETE", f"variants/{variant['id']}").status_code == 400, "the last one of a product stays"
    product = variant["product"]["resource"]["id"]
    assert api.call("DELETE", f"products/{product}").status_code == 204
    assert api.call("DELETE", f"products/{product}").status_code == 404
    line = embedded(api.get(f"orders/{order['id']}"), "products")[0]
    assert (line["variant"], line["sku"]) == (False, "SKU-0004")


@pytest.mark.parametrize(
    "wrong",
    [{"lines": []}, {"lines": [{"sku": "NOPE"}]}, {"colour": "red"}, {"billing": {"country": "zz"}}, {"miss": "many"}],
)
def test_a_senseless_description_is_refused(api, wrong):
    """400 with a reason, and nothing is placed."""
    before = api.get("orders/count")
    answer = api.http.post("/_sandbox/orders", json={"order": said(**wrong)})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert api.get("orders/count") == before


def test_the_checkout_flow_makes_an_order(api):
    """The documented calls: checkout, line, methods, validate, order; the order comes through the API."""
    address = {
        "name": "A B",
        "address1": "Keizersgracht",
        "number": "313",
        "zipcode": "1016EE",
        "city": "Amsterdam",
        "country": "nl",
    }
    body = {
        "mode": "guest",
        "customer": {"email": "a@example.com", "firstname": "A", "lastname": "B"},
        "billing_address": address,
    }
    made = api.call("POST", "checkouts", body)
    assert made.status_code == 201
    base = f"checkouts/{made.json()['id']}"
    variant = api.get("variants", sku="SKU-0001")[0]
    line = api.call("POST", f"{base}/products", {"variant_id": variant["id"], "quantity": 2})
    assert (line.status_code, line.json()["price_incl"]) == (201, str(variant["priceIncl"]))
    assert api.call("GET", f"{base}/validate").json()["validated"] is False
    assert api.call("POST", f"{base}/order", {}).status_code == 400
    method = next(one for one in api.call("GET", f"{base}/shipment_methods").json() if one["title"] == "PostNL")
    api.call("PUT", base, {"shipment_method": {"id": method["id"]}})
    api.call(
        "PUT", base, {"payment_method": {"id": "external", "title": "On account", "price_incl": 0, "tax_rate": 0.21}}
    )
    assert api.call("GET", f"{base}/validate").json() == {"validated": True, "errors": []}
    done = api.call("POST", f"{base}/order", {"comment": "Via API"})
    assert done.status_code == 200
    order = api.get(f"orders/{done.json()['order_id']}")
    assert (order["channel"], order["comment"], order["email"]) == ("api", "Via API", "a@example.com")
    assert order["priceIncl"] == 2 * variant["priceIncl"] + Decimal("6.95")
    assert [(one["type"], one["message"]) for one in embedded(order, "events")] == [
        ("order", "new"),
        ("invoice", "new"),
        ("shipment", "new"),
    ]
    assert api.call("POST", f"{base}/order", {}).status_code == 400
    assert api.call("DELETE", base).status_code == 204
    assert api.call("GET", base).status_code == 404
