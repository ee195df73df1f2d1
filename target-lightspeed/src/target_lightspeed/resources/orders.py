"""Orders and their documents (reference §14.1 to §14.3, §14.13, §15.4 to §15.6)."""

from __future__ import annotations

from target_lightspeed.fields import BOOLEAN, TEXT, Field
from target_lightspeed.resource import Resource, booleans, numbers, personal, ref, texts
from target_lightspeed.resources.catalogue import metafields

RESOURCES = (
    Resource(
        path="checkouts",
        envelope=None,
        verbs="CUD",
        fields=(),
        open=True,
    ),
    Resource(
        path="checkouts/{}/products",
        envelope=None,
        verbs="CUD",
        fields=(),
        open=True,
    ),
    Resource(path="events", envelope="event", verbs="D", fields=()),
    Resource(
        path="invoices",
        envelope="invoice",
        verbs="U",
        fields=texts("status"),
        keys=(("number",),),
        filters={"number": "number", "customer": "customer", "order": "order"},
        flags=("doNotifyNew", "doNotifyPaid"),
    ),
    metafields("invoices", "invoice"),
    Resource(
        path="orders",
        envelope="order",
        verbs="U",
        fields=(
            *texts("status"),
            ref("customStatus", "orders_customstatuses", shown="customStatusId"),
            *texts("paymentStatus", "shipmentStatus"),
            Field("memo", TEXT, personal=True),
            Field("isReadyForPickup", BOOLEAN, hidden=True),
        ),
        keys=(("number",),),
        filters={"number": "number", "customer": "customer"},
        flags=("doNotifyNew", "doNotifyReminder", "doNotifyCancelled"),
    ),
    metafields("orders", "order"),
    Resource(
        path="orders/customstatuses",
        envelope="customStatus",
        verbs="CUD",
        fields=texts("title", "color"),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="quotes",
        envelope="quote",
        verbs="CU",
        fields=(
            ref("customer", "customers"),
            *texts("comment"),
            *booleans("allowNotifications"),
        ),
        open=True,
    ),
    Resource(
        path="quotes/{}/products",
        envelope="quoteProduct",
        verbs="CUD",
        fields=(ref("variant", "variants", only_create=True), *numbers("quantity")),
        keys=(("variant",),),
        required=("variant",),
        open=True,
    ),
    Resource(
        path="returns",
        envelope="return",
        verbs="UD",
        fields=(
            *texts("status"),
            *booleans("isStockAdjusted"),
            *texts("returnReason", "returnAction"),
            *personal(*texts("customerComment", "staffNote", "mailMessage")),
        ),
        flags=("notifyStatus",),
    ),
    Resource(
        path="shipments",
        envelope="shipment",
        verbs="U",
        fields=texts("status", "trackingCode"),
        keys=(("number",),),
        filters={"number": "number", "customer": "customer", "order": "order"},
        flags=("doNotifyShipped", "doNotifyTrackingCode", "doNotifyReadyForPickup"),
    ),
    metafields("shipments", "shipment"),
)
