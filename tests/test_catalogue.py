"""From AFAS into an empty shop through real `meltano run`s: catalogue, prices and stock; then nothing is left to do."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.project import Project, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.meltano, pytest.mark.timeout(900)]

KEY = ("demo0000000000000000000000000001", "secret00000000000000000000000001")
WRITES = ("DELETE", "POST", "PUT")


@pytest.fixture
def merchant(tmp_path: Path) -> Iterator[Project]:
    """AFAS with its items, a shop without any, and a key with calls enough for a first load."""
    with project(tmp_path, tmp_path) as made:
        made.control(made.shop, "reset", {"seed": "empty"})
        made.control(made.shop, "switches", {"rate_limits": "3000/30000/120000"})
        yield made


def run(merchant: Project, *flows: str, **variables: str) -> None:
    """Run the jobs of some flows, one after the other, to their good end."""
    meltano(merchant, "run", *(f"{flow}--shop1" for flow in flows), **variables)


def meltano(merchant: Project, *words: str, **variables: str) -> None:
    """A command of Meltano's, to its good end."""
    places = {
        "TARGET_LIGHTSPEED_BASE_URL": merchant.addresses[0],
        "TARGET_LIGHTSPEED_STORE": f"sqlite:///{merchant.folder}/store.db",
    }
    shown = merchant.meltano(*words, **places, **variables)
    assert shown.code == 0, shown.text


def rows(merchant: Project, path: str) -> list[dict[str, Any]]:
    """All rows of a list of the shop."""
    reply = httpx.get(f"{merchant.addresses[0]}/nl/{path}.json", params={"limit": 250}, auth=KEY)
    found: list[dict[str, Any]] = next(iter(reply.raise_for_status().json(parse_float=Decimal).values()))
    return found


def writes(merchant: Project) -> dict[str, int]:
    """Writes that the shop has seen."""
    return {name: times for name, times in merchant.shop.calls.items() if name.startswith(WRITES)}


def test_an_empty_shop_gets_what_afas_has_and_nothing_twice(merchant: Project) -> None:
    """Three jobs fill the shop, a further round writes nothing, three changes are written and undone."""
    run(merchant, "catalogue", "prices", "stock", "catalogue")
    products = {one["id"]: one for one in rows(merchant, "products")}
    variants = {one["sku"]: one for one in rows(merchant, "variants")}
    assert len(products) > 50
    assert all(one["visibility"] == "visible" for one in products.values())
    assert all(Decimal(str(one["priceIncl"])) > 0 for one in variants.values())
    assert {one["title"] for one in variants.values()}.isdisjoint({"Default"})
    assert variants["SKU-0011"]["stockTracking"] == "enabled"
    polo = [one for sku, one in variants.items() if sku.startswith("TEX-POLO")]
    assert len(polo) == 12

    merchant.shop.reset_calls()
    run(merchant, "catalogue", "prices", "stock")
    assert not writes(merchant)

    merchant.control(merchant.afas, "user", {"do": "product", "Item": "SKU-0011", "WebEnabled": False})
    merchant.control(merchant.afas, "user", {"do": "product", "Item": "SKU-0012", "WebTitle": "Een nieuwe naam"})
    price = {"do": "price", "PriceList": "WEB", "Item": "SKU-0013", "Price": 9.95}
    merchant.control(merchant.afas, "user", price)
    merchant.control(merchant.shop, "clock", {"advance": 5})
    plan = str(merchant.folder / "plan.jsonl")
    run(merchant, "catalogue", TARGET_LIGHTSPEED_MODE="plan", TARGET_LIGHTSPEED_PLAN_FILE=plan)
    assert not writes(merchant)
    run(merchant, "catalogue", "prices")
    # A product's title stands on its one variant too.
    assert writes(merchant) == {"PUT products/{id}": 2, "PUT variants/{id}": 2}
    after = {one["sku"]: one for one in rows(merchant, "variants")}

    def product_of(sku: str) -> dict[str, Any]:
        now = {one["id"]: one for one in rows(merchant, "products")}
        return now[after[sku]["product"]["resource"]["id"]]

    assert product_of("SKU-0011")["visibility"] == "hidden"
    assert product_of("SKU-0012")["title"] == "Een nieuwe naam"
    assert Decimal(str(after["SKU-0013"]["priceIncl"])) == Decimal("9.95")

    meltano(merchant, "invoke", "target-lightspeed--shop1-catalogue", "--undo", plan)
    before = variants["SKU-0012"]["product"]["resource"]["id"]
    assert product_of("SKU-0012")["title"] == products[before]["title"]
    assert product_of("SKU-0011")["visibility"] == "visible"
