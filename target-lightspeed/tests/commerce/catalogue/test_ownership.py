"""Who owns which field: every mapped field, each rule, when it is made and when it is written again."""

from __future__ import annotations

from typing import Any

import pytest
from catalogue_world import Catalogue, pictures, product, texts

from target_lightspeed.commerce.catalogue.ownership import FIELDS, Ownership, Rules, writes

SETTINGS: dict[str, Any] = {
    "key_field": "data03",
    "attributes": {
        "one": {"field": "data01"},
        "two": {"field": "data02"},
        "when": {"field": "deliverydate"},
        "spec": {"specification": "Kenmerk"},
    },
    "type": "Kenmerken",
    "visible_needs": "nothing",
}
STOCK: dict[str, Any] = {
    "rules": [{"item_groups": ["G1"], "tracking": "enabled"}, {"item_groups": ["G2"], "tracking": "indicator"}]
}


def record(n: int) -> dict[str, Any]:
    """A product with every field set, all different for each number."""
    eans = {1: "8710000000017", 2: "8710000000024"}
    return product(
        texts=texts(f"Title {n}", long_title=f"Full {n}", short=f"Short {n}", long=f"Long {n}", slug=f"slug-{n}"),
        brand={"name": f"Brand {n}"},
        attributes=[{"code": code, "values": [f"{code} {n}"]} for code in ("one", "two", "when", "spec")],
        images=pictures(n),
        gtins=[{"value": eans[n], "kind": "ean13"}],
        hs_code=f"hs {n}",
        vat={"category": "standard", "rate": {1: "21", 2: "9"}[n]},
        weight={"value": f"{n}", "unit": "g"},
        volume={"value": f"{n}", "unit": "ml"},
        width={"value": f"{n}", "unit": "cm"},
        minimum_quantity=f"{n + 1}",
        maximum_quantity=f"{n + 10}",
        cost_price=f"{n}.5",
        stock_tracked=False,
        item_group={"code": f"G{n}"},
    )


def looks(shop: Catalogue) -> dict[str, Any]:
    """What the shop shows of each mapped field."""
    (row,) = shop.rows("products")
    (variant,) = shop.variants_of(row["id"])
    brands = {one["id"]: one["title"] for one in shop.rows("brands")}
    dates = {one["id"]: one["name"] for one in shop.rows("deliverydates")}
    values = [one["value"] for one in shop.rows(f"products/{row['id']}/attributes") if one["value"]]
    return {
        **{name: row[name] for name in ("title", "fulltitle", "description", "content", "url", "data01", "data02")},
        "brand": brands.get((row["brand"] or {}).get("id")),
        "deliverydate": dates.get((row["deliverydate"] or {}).get("id")),
        "specifications": values,
        "images": [one["title"].rpartition("-")[0] for one in shop.images(row["id"])],
        "variant_title": variant["title"],
        "visibility": row["visibility"],
        "ean": variant["ean"],
        "hs": variant["hs"],
        "tax": (variant["tax"] or {}).get("id"),
        "weight": variant["weight"],
        "volume": variant["volume"],
        "size": variant["sizeX"],
        "minimum": variant["stockBuyMinimum"],
        "maximum": variant["stockBuyMaximum"],
        "cost": float(variant["priceCost"]),
        "tracking": variant["stockTracking"],
    }


MAPPED = sorted(set(FIELDS) - {"data03", "categories", "position", "additionalcost"})


def rules(create: str, update: str) -> dict[str, Any]:
    return {name: {"create": create, "update": update} for name in FIELDS}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """How the two records look when everything is written."""
    found = []
    for n in (1, 2):
        shop = Catalogue(tmp_path_factory.mktemp(f"whole{n}"))
        shop.config["stock"] = STOCK
        assert shop.send(record(n), **SETTINGS, fields=rules("always", "always")) == []
        found.append(looks(shop))
    return found[0], found[1]


@pytest.mark.parametrize("update", ["always", "if_empty", "never"])
@pytest.mark.parametrize("create", ["always", "never"])
def test_the_matrix_of_all_mapped_fields(shop: Catalogue, whole: Any, create: str, update: str) -> None:
    """`create` counts when it is made, `update` at every later write; `if_empty` never overwrites."""
    shop.config["stock"] = STOCK
    one, two = whole
    assert sorted(one) == MAPPED
    fields = rules(create, update)
    assert shop.send(record(1), **SETTINGS, fields=fields) == []
    made = looks(shop)
    # Without a title nothing can be made, so these two are always there.
    kept = {"title", "variant_title"}
    for name in MAPPED:
        same = made[name] == one[name]
        assert same == (create == "always" or name in kept), name
    assert shop.send(record(2), **SETTINGS, fields=fields) == []
    later = looks(shop)
    for name in set(MAPPED) - {"visibility"}:
        empty = create == "never" and name not in kept
        # Buying limits and stock tracking are never empty.
        filled = name in {"minimum", "maximum", "tracking"}
        changes = update == "always" or (update == "if_empty" and empty and not filled)
        assert later[name] == (two[name] if changes else made[name]), name
    shop.send(record(2), **SETTINGS, fields=fields)
    assert shop.writes() == {}


def test_presets() -> None:
    """The source leads; or the shop leads its content, and the source the facts."""
    leads, content = Rules("afas_leads"), Rules("shop_leads_content")
    assert leads.of("content", creating=False) == "always"
    assert content.of("content", creating=True) == "always"
    assert content.of("content", creating=False) == "if_empty"
    assert content.of("ean", creating=False) == "always"
    assert not leads.ever("cost")
    own = Rules("shop_leads_content", {"content": Ownership(create=None, update="never")})
    assert (own.of("content", creating=True), own.of("content", creating=False)) == ("always", "never")


def test_the_key_and_the_sku_have_no_owner_but_us() -> None:
    """They are the identity."""
    assert Rules().of("", creating=True) == Rules().of("", creating=False) == "always"


@pytest.mark.parametrize(
    ("rule", "shown", "wanted"),
    [
        ("always", "x", True),
        ("never", "", False),
        ("if_empty", "", True),
        ("if_empty", "0", True),
        ("if_empty", "x", False),
    ],
)
def test_when_a_rule_writes(rule: Any, shown: str, wanted: bool) -> None:
    """Zero is nothing: a weight of zero may be filled."""
    assert writes(rule, shown) is wanted


def test_a_text_enriched_in_the_shop_survives_many_updates(shop: Catalogue) -> None:
    """With `shop_leads_content`, people write the texts, and the facts go on flowing."""
    settings = {"preset": "shop_leads_content", "visible_needs": "nothing"}
    shop.send(product(texts=texts("Pot", long="From AFAS")), **settings)
    identity = shop.the("Pot")["id"]
    shop.make_client().update(f"products/{identity}", "product", {"content": "Enriched"})
    for n in range(5):
        weight = {"value": str(n + 1), "unit": "g"}
        shop.send(product(texts=texts("Pot", long=f"From AFAS {n}"), weight=weight), **settings)
    assert shop.row("products", identity)["content"] == "Enriched"
    assert shop.variant("POT-1")["weight"] == 5
