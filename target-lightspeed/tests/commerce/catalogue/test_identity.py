"""What an item is known by: its SKU, its barcode number, and what a person must see before it is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import Catalogue, key, parent, pictures, product, texts, variant

from commerce.schemas import schema
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store

if TYPE_CHECKING:
    from upsert.plans import Planned

OPEN: dict[str, Any] = {"visible_needs": "nothing"}


@pytest.mark.parametrize("sku", ["0012", "A/B 1", "A  B", "é-1", "a&b=1", "100%", "1+1", "#7"])
def test_a_sku_survives_as_it_is(shop: Catalogue, sku: str) -> None:
    """Zeros, slashes and spaces of any number stand in the shop as in the source, and it is found by them."""
    record = product("A", sku=sku)
    assert shop.send(record, **OPEN) == []
    assert [row["sku"] for row in shop.rows("variants")] == [sku]
    assert shop.send({**record, "hs_code": "1"}, **OPEN) == []
    (row,) = shop.rows("variants")
    assert (row["sku"], row["hs"]) == (sku, "1")


def test_a_lost_store_finds_odd_skus_again(shop: Catalogue) -> None:
    """The filter of the list takes them too."""
    records = [product(f"P{n}", sku=sku) for n, sku in enumerate(("A  B", "a&b=1", "100%"))]
    shop.send(*records, key_field="none", **OPEN)
    shop.config["store"] = shop.config["store"].replace("store.db", "other.db")
    assert shop.send(*records, key_field="none", **OPEN) == []
    assert len(shop.rows("products")) == 3
    assert shop.writes() == {}


def test_a_sku_that_was_given_up_may_be_another_items(shop: Catalogue) -> None:
    """After a rename the old SKU is free, for the catalogue and in the key map that stock and prices go by."""
    shop.send(product("A", sku="X"), **OPEN)
    assert shop.send(product("A", sku="Y"), sku_rename="follow", **OPEN) == []
    with Store.open(shop.config["store"]) as store:
        assert "id" not in store.rows("shop1", "commerce.skus", ["X"])["X"].ids
    assert shop.send(product("B", sku="X"), **OPEN) == []
    assert sorted(row["sku"] for row in shop.rows("variants")) == ["X", "Y"]


def test_a_released_record_is_renamed(shop: Catalogue) -> None:
    """Without the setting, a person's word on one record does the same."""
    shop.send(product("A", sku="X"), **OPEN)
    assert [reason for _, reason, _ in shop.send(product("A", sku="Y"), **OPEN)] == ["sku_renamed"]
    with Store.open(shop.config["store"]) as store:
        source = SourceKey("Commerce_Products", "A")
        store.decide("afas.12345", source, DecisionKind.RELEASE, who="Jo", at=shop.clock.now())
    assert shop.send(product("A", sku="Y"), **OPEN) == []
    assert [row["sku"] for row in shop.rows("variants")] == ["Y"]


def test_a_barcode_number_on_two_items_is_told(shop: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """Both are written, for the shop allows it; in the run that wrote one of them a line names the SKUs."""
    same = [{"value": "8710000000017", "kind": "ean13"}]
    assert shop.send(product("A", gtins=same), product("C", gtins=[]), product("D", gtins=[]), **OPEN) == []
    assert "barcode" not in caplog.text
    assert shop.send(product("B", gtins=same), **OPEN) == []
    (line,) = [text for text in caplog.messages if "barcode" in text]
    assert line == "products: 1 barcode numbers stand on more than one variant: A, B"
    caplog.clear()
    shop.send(product("C", gtins=[], hs_code="1"), **OPEN)
    assert "barcode" not in caplog.text


def test_what_a_variant_says_in_vain_is_named(shop: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """An item that is a variant of another has texts and images of its own; the shop has no place for them."""
    own = variant("S1", "SHIRT", "Rood", "S", texts=texts("Rood shirt"), images=pictures(1), brand={"name": "Acme"})
    assert shop.send(parent(), own) == []
    (line,) = [text for text in caplog.messages if "left out of variants" in text]
    assert all(name in line for name in ("texts", "images", "brand"))


# -- stock tracking ---------------------------------------------------------------------------------------------------


def stock(shop: Catalogue, sku: str, *, tracked: bool) -> None:
    """A run of the stock flow with one row."""
    record = {
        "key": key(f"{sku}.MAIN"),
        "source": {"system": "afas", "instance": "12345"},
        "item": {"sku": sku},
        "location": {"code": "MAIN"},
        "read_at": shop.clock.now().isoformat(),
        "available": "5",
        "extra": {"stock_tracked": {"type": "boolean", "value": tracked}},
        "_source_stream": "Commerce_Stock",
        "_source_key": sku,
    }
    mark = {"version": 1, "source": "afas.12345", "held": []}
    lines = [
        {"type": "STATE", "value": {"bookmarks": {"Commerce_Stock": mark}}},
        {"type": "SCHEMA", "stream": "stock_levels", "schema": schema("stock_levels"), "key_properties": ["key"]},
        {"type": "RECORD", "stream": "stock_levels", "record": record},
        {"type": "STATE", "value": {"bookmarks": {"Commerce_Stock": mark}}},
    ]
    shop.clock.advance(60)
    held = shop.run("".join(f"{json.dumps(line)}\n" for line in lines))["Commerce_Stock"]["held"]
    assert held == []
    shop.clock.advance(60)


def test_stock_that_is_no_longer_kept(shop: Catalogue) -> None:
    """No stock level comes for such an item any more, so the product says it; kept again, the stock flow does."""
    shop.send(product(stock_tracked=True), **OPEN)
    stock(shop, "POT-1", tracked=True)
    assert shop.variant("POT-1")["stockTracking"] == "enabled"
    assert shop.send(product(stock_tracked=False), **OPEN) == []
    assert shop.variant("POT-1")["stockTracking"] == "disabled"
    assert shop.send(product(stock_tracked=True), **OPEN) == []
    assert shop.writes() == {}
    stock(shop, "POT-1", tracked=True)
    assert (shop.variant("POT-1")["stockTracking"], shop.variant("POT-1")["stockLevel"]) == ("enabled", 5)


def test_stock_of_a_parent_that_is_no_longer_kept(shop: Catalogue) -> None:
    """An item with dimensions says it for all its variants, also for one that comes later."""
    family = [parent(stock_tracked=True), variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")]
    shop.send(*family, initial={"stock_tracking": "enabled"}, **OPEN)
    stock(shop, "S1", tracked=True)
    assert shop.send(parent(stock_tracked=False), initial={"stock_tracking": "enabled"}, **OPEN) == []
    shop.send(variant("S3", "SHIRT", "Rood", "L"), parent(stock_tracked=False), **OPEN)
    assert {row["stockTracking"] for row in shop.rows("variants")} == {"disabled"}
    shop.send(parent(stock_tracked=True), **OPEN)
    stock(shop, "S1", tracked=True)
    assert shop.variant("S1")["stockTracking"] == "enabled"


def test_tracking_of_items_without_stock_goes_by_the_stock_flows_settings(shop: Catalogue) -> None:
    """`keep` writes nothing, and a rule for the item goes first."""
    shop.config["stock"] = {"untracked": "keep", "rules": [{"items": ["DROP-*"], "tracking": "indicator"}]}
    shop.send(product(stock_tracked=False), product("DROP-1", stock_tracked=False), **OPEN)
    assert shop.variant("POT-1")["stockTracking"] == "disabled"
    assert shop.variant("DROP-1")["stockTracking"] == "indicator"
    client = shop.make_client()
    client.update(f"variants/{shop.variant('POT-1')['id']}", "variant", {"stockTracking": "enabled"})
    shop.send(product(stock_tracked=False, hs_code="1"), **OPEN)
    assert shop.variant("POT-1")["stockTracking"] == "enabled"


# -- what would be lost -----------------------------------------------------------------------------------------------


def planned(shop: Catalogue, *records: dict[str, Any], **settings: Any) -> dict[tuple[str, str], Planned]:
    shop.run(shop.messages(records), mode="plan", catalogue={**shop.config["catalogue"], **settings})
    assert shop.writes() == {}
    assert shop.target is not None
    assert shop.target.plans is not None
    return {(one.purpose, one.key): one for one in shop.target.plans}


def test_a_plan_names_each_value_of_the_shop_that_would_be_lost(shop: Catalogue) -> None:
    """Also a hand edit that a write would cover, in every language, on the variant and in a specification."""
    settings: dict[str, Any] = {
        "attributes": {"material": {"specification": "Materiaal"}},
        "type": "Kenmerk",
        **OPEN,
    }

    def record(n: int) -> dict[str, Any]:
        return product(
            texts=texts(f"Pot {n}", long=f"Lang {n}", en_title=f"Teapot {n}"),
            brand={"name": f"Brand {n}"},
            attributes=[{"code": "material", "values": [f"Klei {n}"]}],
            hs_code=f"{n}",
        )

    shop.send(record(1), **settings)
    identity, client = shop.the("Pot 1")["id"], shop.make_client()
    client.update(f"products/{identity}", "product", {"content": "By hand"})
    client.update(f"variants/{shop.variant('POT-1')['id']}", "variant", {"hs": "by hand"})
    client.update(f"products/{identity}", "product", {"title": "By hand, English"}, language="en")
    (attribute,) = shop.rows("attributes")
    client.update(f"products/{identity}/attributes/{attribute['id']}", "productAttribute", {"value": "By hand"})
    plan = planned(shop, record(2), **settings)
    lost = {(one, change.field): change.old for one, found in plan.items() for change in found.changes}
    me = key("POT-1")
    assert lost[("commerce.products", me), "content"] == "By hand"
    assert lost[("commerce.products", me), "title"] == "Pot 1"
    assert lost[("commerce.variants", me), "hs"] == "by hand"
    assert lost[("commerce.products.en", me), "title"] == "By hand, English"
    assert lost[("commerce.specifications", f"{me}#Materiaal"), "Materiaal"] == "By hand"
    assert lost[("commerce.products", me), "brand"]
    shop.send(record(2), **settings)
    with Store.open(shop.config["store"]) as store:
        done = {(one.purpose, one.key) for one in store.outcomes() if one.action == "updated"}
    assert {one for one in plan if plan[one].action == "update"} <= done
