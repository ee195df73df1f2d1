"""The Singer target: the SDK's own suite, a round trip from the tap, settings, one-line messages, personal data."""

from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class
from target_lightspeed_world import CONFIG, World, messages

from target_lightspeed.cli import explain
from target_lightspeed.target import TargetLightspeed
from upsert.errors import ConfigurationError, Outage
from upsert.singer.run import classify

if TYPE_CHECKING:
    from pathlib import Path

TestTargetLightspeed = get_target_test_class(
    TargetLightspeed, config={**CONFIG, "base_url": "http://127.0.0.1:9", "unknown_stream": "ignore"}
)
"""The SDK's streams are foreign to this target, which leaves them by setting."""


def tap_record(row: dict[str, Any]) -> dict[str, Any]:
    """A row as tap-lightspeed emits it: references as ids, no links, its own fields in front."""
    kept = {name: value for name, value in row.items() if not (isinstance(value, dict) and set(value) == {"url"})}
    return {"_shop": "shop1", "_language": "nl", **kept}


@pytest.mark.parametrize(
    "path", ["products", "variants", "brands", "categories", "customers", "categories/products", "orders", "taxes"]
)
def test_what_a_tap_reads_is_written_back_without_a_call_to_write(world: World, path: str) -> None:
    """The records of a tap, written to the shop they came from, change nothing."""
    stream = path.replace("/", "_")
    rows = [tap_record(row) for row in world.rows(path)[:60]]
    assert world.load(stream, *rows) == []
    assert world.writes() == {}
    assert world.done() == {"unchanged": len(rows)}


def test_a_catalogue_goes_from_one_shop_to_another(tmp_path: Path) -> None:
    """Brands, products and variants of one shop are made in an empty one, found by natural keys; then nothing more."""
    source = World(tmp_path)
    target = World(tmp_path, seed="empty", store=f"sqlite:///{tmp_path}/target.db")
    brands = {row["id"]: row["title"] for row in source.rows("brands")}
    products = [row for row in source.rows("products") if row["brand"]][:12]
    titles = {row["id"]: row["title"] for row in products}
    variants = [row for row in source.rows("variants") if row["product"]["id"] in titles]
    streams = {name: {"key": key} for name, key in (("brands", "title"), ("products", "title"), ("variants", "sku"))}

    def load() -> None:
        assert target.load("brands", *(tap_record(row) for row in source.rows("brands")), streams=streams) == []
        named = [{**tap_record(row), "brand": {"title": brands[row["brand"]["id"]]}} for row in products]
        named = [{name: value for name, value in one.items() if name not in SHOPS_OWN} for one in named]
        assert target.load("products", *named, streams=streams) == []
        skus = [
            {**tap_record(row), "product": {"title": titles[row["product"]["id"]]}, "title": f"V {row['sku']}"}
            for row in variants
        ]
        skus = [{name: value for name, value in one.items() if name not in SHOPS_OWN} for one in skus]
        assert target.load("variants", *skus, streams=streams) == []

    load()
    assert len([row for row in target.rows("variants") if row["sku"]]) == len(variants)
    assert {row["brand"]["id"] for row in target.rows("products")} <= {row["id"] for row in target.rows("brands")}
    before = target.service.books()
    load()
    assert target.client.calls == {}
    assert target.service.books() == before


SHOPS_OWN = {"tax", "type", "supplier", "deliverydate", "set", "additionalcost", "options", "isDefault"}
"""Fields whose ids belong to the shop that they were read from."""


def test_a_held_record_goes_through_later(world: World) -> None:
    """One record is held while the bookmark moves on; mended, it is written and settled."""
    text = messages("products", {"title": "A", "brand__title": "Acme"}, {"title": "B"}, held=[])
    state = world.run(text)["products"]
    (entry,) = state["held"]
    assert (entry["key"], entry["reason"], entry["subject"]) == ("1", "unknown_reference", "brand.title")
    assert state["replication_key_value"] == "2026-11-01T12:00:00Z"
    world.load("brands", {"title": "Acme"})
    text = messages("products", {"title": "A", "brand__title": "Acme"}, held=[entry])
    assert world.run(text)["products"]["held"] == []


def test_another_stream_name_by_setting(world: World) -> None:
    """A stream of a CSV file is mapped to its resource; a stream that is none stops the run or is left."""
    config = {"streams": {"stock_csv": {"resource": "variants", "key": "sku", "action": "update"}}}
    assert world.load("stock_csv", {"sku": "SKU-0007", "stockLevel": "12"}, **config) == []
    assert world.variant("SKU-0007")["stockLevel"] == 12
    with pytest.raises(ConfigurationError, match="'stock_csv' is no writable resource"):
        world.load("stock_csv", {"sku": "SKU-0007"})
    assert world.load("stock_csv", {"sku": "SKU-0007"}, unknown_stream="ignore") == []


def test_no_personal_data_in_logs_state_or_store(
    world: World, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Names and addresses stay out of log, state and store: also keys of records, and what is held or refused."""
    caplog.set_level(logging.INFO)
    secret = ["canaryfirst", "canarylast", "canarystreet", "canary@mail.example"]
    secret += ["canary2@mail.example", "canary3@mail.example"]
    good = {"email": secret[3], "firstname": secret[0], "lastname": secret[1], "addressBillingStreet": secret[2]}
    bad = {"email": secret[4], "firstname": secret[0]}
    wrong = {"email": secret[5], "firstname": secret[0], "lastname": "x", "addressBillingCountry": secret[2]}
    out = io.StringIO()
    lines = [
        json.loads(line) for line in messages("customers", good, bad, wrong, keys=("email",), held=[]).splitlines()
    ]
    for line in lines:
        line.get("record", {}).pop("_source_key", None)

    class OnSandbox(TargetLightspeed):
        clock = world.host

        def make_client(self) -> Any:
            return world.client

    with redirect_stdout(out):
        OnSandbox(config=world.config).listen(io.StringIO("\n".join(map(json.dumps, lines))))
    held = json.loads(out.getvalue().splitlines()[-1])["bookmarks"]["customers"]["held"]
    assert sorted(one["reason"] for one in held) == ["missing_field", "refused_by_shop"]
    store = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    for word in secret:
        assert word not in caplog.text
        assert word not in out.getvalue()
        assert word.encode() not in store


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"api_key": None}, "`api_key` and `api_secret`"),
        ({"base_url": "http://shop.example"}, "needs https"),
        ({"shop": "a b"}, "shop: "),
        ({"language": "dutch"}, "language: "),
        ({"streams": {"x": {"resource": "nothing"}}}, "no writable resource"),
        ({"streams": {"x": {"kee": "sku"}}}, "streams.x.kee"),
        ({"notify": ["doNotify"]}, "no mail flag"),
    ],
)
def test_wrong_settings_are_one_line(config: dict[str, Any], words: str) -> None:
    """Settings that can't be right are one line with exit code 2, never their value."""
    given = {name: value for name, value in {**CONFIG, **config}.items() if value is not None}
    with pytest.raises(ConfigurationError) as stopped:
        TargetLightspeed(config=given).make_client()
    code, text = classify(stopped.value, explain)
    assert code == 2
    assert words in text


def test_a_dead_network_is_exit_3(tmp_path: Path) -> None:
    """Without a network the run ends with exit 3 and says what to check."""
    world = World(tmp_path)
    target = TargetLightspeed(config={**world.config, "base_url": "http://127.0.0.1:1"})
    target.clock = world.host
    client = target.make_client()
    client._clock = world.host
    target.make_client = lambda: client  # type: ignore[method-assign] # on virtual time
    with pytest.raises(Outage) as stopped, redirect_stdout(io.StringIO()):
        target.listen(io.StringIO(messages("brands", {"title": "Acme"}, held=[])))
    code, text = classify(stopped.value, explain)
    assert code == 3
    assert "can't be reached" in text


def test_about_shows_every_setting_and_marks_secrets() -> None:
    """`--about` lists every setting with its description; secrets are marked."""
    properties = TargetLightspeed.config_jsonschema["properties"]
    assert all(spec.get("description") for spec in properties.values())
    assert {name for name, spec in properties.items() if spec.get("secret")} == {"api_secret", "app_token"}
    assert {"store", "hold_limit", "on_error"} <= properties.keys()


def test_the_last_line_counts_calls(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A run ends with what was done and how many calls it took."""
    caplog.set_level(logging.INFO)
    world.load("brands", {"title": "Acme"}, {"title": "Other"})
    assert "done: brands: 2 created; 0 held; " in caplog.text
    assert f"{sum(world.client.calls.values())} calls" in caplog.text
