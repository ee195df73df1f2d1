"""Customers, their groups, and what they write (reference §14.4, §14.5, §14.17)."""

from __future__ import annotations

from target_lightspeed.fields import CODE, INTEGER, OPTION, TEXT, Field
from target_lightspeed.resource import Resource, booleans, personal, ref, texts
from target_lightspeed.resources.catalogue import metafields


def _address(kind: str) -> tuple[Field, ...]:
    parts = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")
    return (*texts(*(f"address{kind}{part}" for part in parts)), Field(f"address{kind}Country", CODE))


RESOURCES = (
    Resource(
        path="customers",
        envelope="customer",
        verbs="CUD",
        fields=(
            *booleans("isConfirmed"),
            *personal(
                Field("gender", OPTION),
                Field("birthDate", OPTION),
                *texts("nationalId", "email", "firstname", "middlename", "lastname", "phone", "mobile"),
                Field("password", TEXT, hidden=True),
            ),
            *booleans("isCompany"),
            *personal(
                *texts("companyName", "companyCoCNumber", "companyVatNumber"),
                *_address("Billing"),
                Field("addressShippingCompany", OPTION),
                *_address("Shipping"),
                *texts("memo"),
            ),
            Field("language", CODE),
        ),
        keys=(("email",),),
        required=("email", "firstname", "lastname"),
        filters={"email": "email"},
        flags=("doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"),
    ),
    metafields("customers", "customer"),
    Resource(
        path="groups", envelope="group", verbs="CUD", fields=texts("title"), keys=(("title",),), required=("title",)
    ),
    Resource(
        path="groups/customers",
        envelope="groupsCustomer",
        verbs="CD",
        fields=(ref("group", "groups", only_create=True), ref("customer", "customers", only_create=True)),
        keys=(("group", "customer"),),
        required=("group", "customer"),
        filters={"group": "group", "customer": "customer"},
    ),
    Resource(
        path="reviews",
        envelope="review",
        verbs="CUD",
        fields=(
            *booleans("isVisible"),
            Field("score", INTEGER),
            *personal(*texts("name", "content"), Field("email", TEXT, hidden=True)),
            ref("customer", "customers"),
            Field("language", CODE),
            ref("product", "products"),
        ),
        keys=(("product", "customer"), ("product", "name", "content")),
        required=("product", "content"),
        filters={"customer": "customer", "product": "product"},
    ),
    Resource(
        path="subscriptions",
        envelope="subscription",
        verbs="CUD",
        fields=(
            *booleans("isConfirmed"),
            *personal(*texts("email", "firstname", "lastname")),
            Field("language", CODE),
        ),
        keys=(("email",),),
        required=("email",),
        flags=("doNotifyConfirmed",),
    ),
    Resource(
        path="tickets",
        envelope="ticket",
        verbs="CUD",
        fields=(
            *booleans("isAnswered", "isClosed", "isTodo"),
            *personal(*texts("subject", "memo")),
            Field("language", CODE),
            ref("customer", "customers"),
        ),
        keys=(("customer", "subject"),),
        required=("subject",),
        filters={"customer": "customer"},
        flags=("doNotifyAnswered",),
    ),
    Resource(
        path="tickets/{}/messages",
        envelope="ticketMessage",
        verbs="CUD",
        fields=personal(*texts("from", "message")),
        keys=(("from", "message"), ("message",)),
        required=("message",),
    ),
)
