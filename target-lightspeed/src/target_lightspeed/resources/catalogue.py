"""Products, variants and what describes them (reference §10, §14.6 to §14.14)."""

from __future__ import annotations

from target_lightspeed.fields import ANY, BOOLEAN, INSTANT, INTEGER, MONEY, NUMBER, OPTION, TEXT, Field
from target_lightspeed.resource import Resource, booleans, integers, local, money, numbers, of, ref, texts

BULK_FIELDS = frozenset(
    {
        "priceExcl",
        "priceIncl",
        "priceCost",
        "oldPriceExcl",
        "oldPriceIncl",
        "stockTracking",
        "stockLevel",
        "stockAlert",
        "stockMinimum",
        "stockSold",
        "stockBuyMinimum",
        "stockBuyMaximum",
    }
)
"""Fields of a variant that go through `variants/bulk` (stock and price; more was never seen)."""


def metafields(owner: str, singular: str) -> Resource:
    """Metafields of an owner: key and value."""
    return Resource(
        path=f"{owner}/{{}}/metafields",
        envelope=f"{singular}Metafield",
        verbs="CUD",
        fields=texts("key", "value"),
        keys=(("key",),),
        required=("key",),
    )


def image(owner: str, envelope: str) -> Resource:
    """The one image of an owner."""
    return Resource(
        path=f"{owner}/{{}}/image",
        envelope=envelope,
        verbs="CD",
        fields=(Field("attachment", hidden=True), Field("filename", shown="title")),
        upload="single",
        required=("attachment",),
    )


VARIANTS = Resource(
    path="variants",
    envelope="variant",
    verbs="CUD",
    fields=(
        *booleans("isDefault"),
        *integers("sortOrder"),
        *texts("articleCode", "ean", "sku", "hs"),
        *money("unitPrice"),
        *texts("unitUnit"),
        *money("priceExcl", "priceIncl", "priceCost", "oldPriceExcl", "oldPriceIncl"),
        *texts("stockTracking"),
        *integers("stockLevel", "stockAlert", "stockMinimum", "stockSold", "stockBuyMinimum", "stockBuyMaximum"),
        *numbers("weight", "weightValue"),
        *texts("weightUnit"),
        *numbers("volume", "volumeValue"),
        *texts("volumeUnit"),
        *numbers("colli", "sizeX", "sizeY", "sizeZ", "sizeXValue", "sizeYValue", "sizeZValue"),
        *texts("sizeUnit"),
        Field("matrix", OPTION),
        *local("title"),
        Field("taxType", ANY),
        ref("tax", "taxes"),
        ref("additionalcost", "additionalcosts"),
        ref("product", "products", only_create=True),
        Field("options", ANY),
    ),
    keys=(("sku",), ("articleCode",), ("ean",)),
    required=("product", "title"),
    filters={"sku": "sku", "articleCode": "article_code", "ean": "ean", "hs": "hs", "product": "product"},
)

PRODUCTS = Resource(
    path="products",
    envelope="product",
    verbs="CUD",
    fields=(
        *texts("visibility", "data01", "data02", "data03"),
        *local("url", "title", "fulltitle", "description", "content"),
        ref("set", "sets"),
        ref("brand", "brands"),
        ref("deliverydate", "deliverydates"),
        ref("type", "types"),
        ref("supplier", "suppliers"),
    ),
    keys=(("title",),),
    required=("title",),
    filters={"brand": "brand"},
)

RESOURCES = (
    Resource(
        path="additionalcosts",
        envelope="additionalCost",
        verbs="UD",
        fields=(),
        keys=(("title",),),
        open=True,
    ),
    Resource(
        path="attributes",
        envelope="attribute",
        verbs="CUD",
        fields=(*local("title"), *texts("defaultValue")),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="brands",
        envelope="brand",
        verbs="CUD",
        fields=(*local("url", "title", "content"), *booleans("isVisible")),
        keys=(("title",),),
        required=("title",),
    ),
    image("brands", "brandImage"),
    Resource(
        path="categories",
        envelope="category",
        verbs="CUD",
        fields=(
            *booleans("isVisible"),
            *texts("type"),
            *integers("sortOrder"),
            *texts("sorting"),
            *local("url", "title", "fulltitle", "description", "content"),
            ref("parent", "categories"),
        ),
        keys=(("title", "parent"), ("title",)),
        required=("title",),
        filters={"parent": "parent"},
    ),
    image("categories", "categoryImage"),
    Resource(
        path="categories/products",
        envelope="categoriesProduct",
        verbs="CD",
        fields=(
            Field("sortOrder", INTEGER, only_create=True),
            ref("category", "categories", only_create=True),
            ref("product", "products", only_create=True),
        ),
        keys=(("category", "product"),),
        required=("category", "product"),
        filters={"category": "category", "product": "product"},
    ),
    Resource(
        path="deliverydates",
        envelope="deliverydate",
        verbs="CUD",
        fields=local("name", "inStockMessage", "outStockMessage"),
        keys=(("name",),),
        required=("name",),
    ),
    Resource(
        path="discountrules",
        envelope="discountRule",
        verbs="CUD",
        fields=(
            *texts("type", "title"),
            *integers("position", "maximumUses"),
            *of(INSTANT, "startDate", "endDate"),
            *booleans("isActive", "isStop"),
            *money("discountAmount"),
            *texts("discountType"),
            *of(ANY, "categories", "customer_groups"),
            *money("minCategoryAmount"),
            *numbers("minCategoryProducts"),
        ),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="discounts",
        envelope="discount",
        verbs="CUD",
        fields=(
            *booleans("isActive"),
            *of(INSTANT, "startDate", "endDate"),
            *texts("type"),
            *money("discount"),
            *texts("applyTo"),
            *of(ANY, "categories", "products"),
            *texts("shipment"),
            *integers("usageLimit"),
            *money("minimumAmount"),
            *booleans("before_tax", "minimum_after"),
            *texts("code"),
        ),
        keys=(("code",),),
        required=("type", "discount", "code"),
    ),
    Resource(
        path="filters",
        envelope="filter",
        verbs="CUD",
        fields=(*local("title"), *integers("position"), *booleans("isActive")),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="filters/{}/values",
        envelope="filterValue",
        verbs="CUD",
        fields=(*local("title"), *integers("position")),
        keys=(("title",),),
        required=("title",),
    ),
    PRODUCTS,
    Resource(
        path="products/{}/attributes",
        envelope="productAttribute",
        verbs="UD",
        fields=(Field("value", TEXT, local=True),),
    ),
    Resource(
        path="products/{}/filtervalues",
        envelope="productFiltervalue",
        verbs="CD",
        fields=(
            ref("filter", "filters", only_create=True),
            ref("filtervalue", "filters_values", only_create=True),
        ),
        keys=(("filtervalue",),),
        required=("filter", "filtervalue"),
        delete_by="filtervalue",
        id_last=True,
    ),
    Resource(
        path="products/{}/images",
        envelope="productImage",
        verbs="CUD",
        fields=(
            Field("attachment", hidden=True, only_create=True),
            Field("filename", shown="title", only_create=True),
            *integers("sortOrder"),
        ),
        upload="list",
        required=("attachment",),
    ),
    metafields("products", "product"),
    Resource(
        path="products/{}/relations",
        envelope="productRelation",
        verbs="CUD",
        fields=(*integers("sortOrder"), ref("relatedProduct", "products", only_create=True)),
        keys=(("relatedProduct",),),
        required=("relatedProduct",),
        id_last=True,
    ),
    Resource(
        path="quantity_discounts",
        envelope="quantityDiscount",
        verbs="CUD",
        fields=(
            ref("product", "products", plain=True),
            ref("variant", "variants", plain=True),
            Field("quantity", NUMBER),
            Field("price", MONEY),
            Field("percentage", NUMBER),
            Field("isPercentage", BOOLEAN),
            ref("customerGroup", "groups", plain=True),
            *of(INSTANT, "startDate", "endDate"),
        ),
        keys=(("product", "variant", "customerGroup", "quantity"),),
        required=("product", "quantity"),
        filters={"product": "product", "variant": "variant"},
    ),
    Resource(
        path="sets",
        envelope="set",
        verbs="CUD",
        fields=(*local("name"), Field("options", ANY)),
        keys=(("name",),),
        required=("name",),
    ),
    Resource(
        path="suppliers",
        envelope="supplier",
        verbs="CUD",
        fields=(
            *texts("title", "attention_of", "street", "street2", "number", "extension", "zip_code", "city", "region"),
            Field("country_id", ANY),
        ),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="tags",
        envelope="tag",
        verbs="CUD",
        fields=(*booleans("isVisible"), *local("url", "title")),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="tags/products",
        envelope="tagsProduct",
        verbs="CD",
        fields=(ref("tag", "tags", only_create=True), ref("product", "products", only_create=True)),
        keys=(("tag", "product"),),
        required=("tag", "product"),
        filters={"tag": "tag", "product": "product"},
    ),
    Resource(
        path="types", envelope="type", verbs="CUD", fields=local("title"), keys=(("title",),), required=("title",)
    ),
    Resource(
        path="types/attributes",
        envelope="typesAttribute",
        verbs="CD",
        fields=(
            Field("sortOrder", INTEGER, only_create=True),
            ref("type", "types", only_create=True),
            ref("attribute", "attributes", only_create=True),
        ),
        keys=(("type", "attribute"),),
        required=("type", "attribute"),
        filters={"type": "type", "attribute": "attribute"},
    ),
    VARIANTS,
    image("variants", "variantImage"),
    metafields("variants", "variant"),
)
