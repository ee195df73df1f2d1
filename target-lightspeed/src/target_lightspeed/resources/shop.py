"""The shop itself: taxes, webhooks, scripts, metafields (reference §12, §14.15, §14.17)."""

from __future__ import annotations

from target_lightspeed.fields import CODE, INTEGER, TEXT, Field
from target_lightspeed.resource import Resource, booleans, numbers, texts

RESOURCES = (
    Resource(
        path="external_services",
        envelope="externalService",
        verbs="CD",
        fields=tuple(
            Field(one.name, one.kind, only_create=True)
            for one in (*texts("type", "name", "urlEndpoint"), *booleans("isActive"))
        ),
        keys=(("type", "name"),),
        required=("type", "name", "urlEndpoint"),
    ),
    # The POST's envelope is the plural (official client); the fields are not known.
    Resource(
        path="locations",
        envelope="location",
        created="locations",
        verbs="CUD",
        fields=(),
        keys=(("title",), ("name",)),
        open=True,
    ),
    Resource(
        path="metafields",
        envelope="metafield",
        verbs="CUD",
        fields=(
            *texts("key", "value"),
            Field("ownerType", TEXT, only_create=True),
            Field("ownerId", INTEGER, only_create=True),
            Field("ownerResource", TEXT, only_create=True),
        ),
        keys=(("ownerType", "ownerId", "key"),),
        required=("key", "ownerType", "ownerId"),
    ),
    Resource(
        path="shop",
        envelope="shop",
        verbs="U",
        fields=(
            *texts("email", "phone", "fax", "street", "street2", "zipcode", "city", "region"),
            Field("country", CODE),
            *texts("vatNumber", "cocNumber", "industry"),
        ),
        single=True,
    ),
    Resource(
        path="shop/javascript",
        envelope="shopJavascript",
        verbs="U",
        fields=(*booleans("isActive"), *texts("script")),
        single=True,
    ),
    Resource(
        path="shop/metafields",
        envelope="shopMetafield",
        verbs="CUD",
        fields=texts("key", "value"),
        keys=(("key",),),
        required=("key",),
    ),
    Resource(
        path="shop/scripts",
        envelope="shopScript",
        verbs="CUD",
        fields=texts("url", "body", "location"),
        keys=(("url", "location"), ("url",)),
        required=("url",),
    ),
    Resource(
        path="shop/tracking",
        envelope="shopTracking",
        verbs="CUD",
        fields=(*booleans("isEnabled"), *texts("content")),
        keys=(("content",),),
        required=("content",),
    ),
    Resource(
        path="taxes",
        envelope="tax",
        verbs="CUD",
        fields=(*booleans("isDefault"), *numbers("rate"), *texts("title")),
        keys=(("title",),),
        required=("rate", "title"),
    ),
    Resource(
        path="taxes/{}/overrides",
        envelope="taxOverride",
        verbs="CUD",
        fields=(*numbers("rate"), Field("country", CODE)),
        keys=(("country",),),
        required=("rate", "country"),
    ),
    Resource(
        path="webhooks",
        envelope="webhook",
        verbs="CUD",
        fields=(
            *booleans("isActive"),
            *texts("itemGroup", "itemAction"),
            Field("language", CODE),
            *texts("format", "address"),
        ),
        keys=(("itemGroup", "itemAction", "address"),),
        required=("itemGroup", "itemAction", "address"),
    ),
)
