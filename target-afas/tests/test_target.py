"""The Singer target: the SDK's own suite, the held protocol, exit codes and the one-line messages."""

from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class
from target_afas_builders import CONFIG, customer, line, order
from target_afas_world import World

from commerce.models import Customer, Order
from target_afas.cli import explain
from target_afas.target import TargetAfas
from upsert.errors import Aborted, ConfigurationError, Outage
from upsert.singer.run import classify
from upsert.store import Store

if TYPE_CHECKING:
    from pathlib import Path

TestTargetAfas = get_target_test_class(
    TargetAfas, config={**CONFIG, "base_url": "http://127.0.0.1:9", "unknown_stream": "ignore", "preflight": False}
)
"""The SDK's streams are foreign to this target, which leaves them by setting."""


def schema(model: type[Order | Customer]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {} for name in [*model.model_fields, "_source_stream", "_source_key"]},
    }


def messages(*records: Order | Customer | dict[str, Any], held: list[Any] | None = None, stream: str = "orders") -> str:
    """What a tap and the mapper send: first STATE, schema, records, last STATE."""
    model = Customer if stream == "customers" else Order
    mark = {"version": 1, "source": "lightspeed.shop1", "replication_key": "updatedAt"}
    lines: list[dict[str, Any]] = []
    if held is not None:
        first = {"bookmarks": {stream: {**mark, "held": held}}}
        lines.append({"type": "STATE", "value": first})
    lines.append({"type": "SCHEMA", "stream": stream, "schema": schema(model), "key_properties": ["key"]})
    for one in records:
        record = one if isinstance(one, dict) else one.model_dump(mode="json", exclude_unset=True)
        record = {"_source_stream": stream, "_source_key": record["key"].rpartition(":")[2], **record}
        lines.append({"type": "RECORD", "stream": stream, "record": record})
    last = {"bookmarks": {stream: {**mark, "replication_key_value": "2026-11-01T12:00:00Z"}}}
    lines.append({"type": "STATE", "value": last})
    return "".join(f"{json.dumps(message)}\n" for message in lines)


class Plugin:
    """The target on the sandbox; `run` gives the last STATE that came out."""

    def __init__(self, tmp_path: Path, world: World | None = None, **config: Any) -> None:
        self.world = world or World()
        self.config = {**self.world.config, "store": f"sqlite:///{tmp_path}/store.db", **config}

    def run(self, text: str) -> dict[str, Any]:
        world = self.world

        class OnSandbox(TargetAfas):
            clock = world.host

            def make_client(self) -> Any:
                return world.client

        out = io.StringIO()
        target = OnSandbox(config=self.config)
        with redirect_stdout(out):
            target.listen(io.StringIO(text))
        states = [json.loads(one) for one in out.getvalue().splitlines()]
        return states[-1]["bookmarks"] if states else {}


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


def test_a_batch_of_records_arrives(plugin: Plugin) -> None:
    """Records of the mapper are booked, and the state that goes out is the tap's with an empty held list."""
    state = plugin.run(messages(order(), order(number="ORD00002"), held=[]))
    assert len(plugin.world.orders()) == 2
    assert state["orders"]["replication_key_value"] == "2026-11-01T12:00:00Z"
    assert state["orders"]["held"] == []


def test_a_held_record_rides_in_the_state_and_goes_through_later(plugin: Plugin) -> None:
    """One order is held with reason and SKU while the bookmark moves on; mended, it is booked and settled (P9)."""
    state = plugin.run(messages(order([line("NEW-1")]), order(number="ORD00002"), held=[]))
    (entry,) = state["orders"]["held"]
    assert (entry["key"], entry["reason"], entry["subject"], entry["attempts"]) == ("1", "unknown_item", "NEW-1", 1)
    plugin.world.user("item", item="NEW-1", unit="STK")
    state = plugin.run(messages(order([line("NEW-1")]), held=[entry]))
    assert state["orders"]["held"] == []
    assert len(plugin.world.orders()) == 2


def test_without_the_held_protocol_the_first_failure_stops(plugin: Plugin) -> None:
    """A tap that keeps no held records loses none: the run stops at the first record that can't be loaded."""
    text = messages(order([line("NEW-1")]))
    with pytest.raises(Aborted, match="unknown_item NEW-1"):
        plugin.run("".join(one for one in text.splitlines(keepends=True) if '"STATE"' not in one))


def test_a_malformed_record_is_held_by_its_field(plugin: Plugin) -> None:
    """A record that breaks the contract is held with the field's name and without its value."""
    bad = order().model_dump(mode="json", exclude_unset=True) | {"currency": "euro-secret"}
    (entry,) = plugin.run(messages(bad, held=[]))["orders"]["held"]
    assert (entry["reason"], entry["subject"]) == ("invalid", "currency")


@pytest.mark.parametrize("sign", [": ", " "])
def test_a_record_the_mapper_could_not_make_is_held(plugin: Plugin, sign: str) -> None:
    """The mapper's `_error` becomes reason and subject of the held record."""
    bad = {"key": "lightspeed.shop1:9", "_error": f"amounts_do_not_add_up{sign}priceIncl"}
    (entry,) = plugin.run(messages(bad, held=[]))["orders"]["held"]
    assert (entry["reason"], entry["subject"]) == ("amounts_do_not_add_up", "priceIncl")


def test_customers_make_relations(plugin: Plugin) -> None:
    """The stream `customers` works without any order (C9)."""
    state = plugin.run(messages(customer(email="klant@x.nl"), held=[], stream="customers"))
    assert state["customers"]["held"] == []
    world = plugin.world
    world.begin()
    assert world.session.lookups.relations(["klant@x.nl"], fresh=True)["klant@x.nl"]


def test_orders_need_no_customer_stream(plugin: Plugin) -> None:
    """Customers are created through orders; the customer stream is not needed for it (B44)."""
    plugin.run(messages(order(), held=[]))
    assert len(plugin.world.orders()) == 1


def test_no_personal_data_in_logs_state_or_store(
    plugin: Plugin, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Names, addresses and e-mail stay out of the log, the state and the store, also when records are held (A7)."""
    caplog.set_level(logging.INFO)
    secret = ["canaryfirst", "canarylast", "canarystreet", "canary@mail.example", "0612399999"]
    buyer = order().buyer.model_copy(
        update={
            "first_name": secret[0],
            "last_name": secret[1],
            "name": f"{secret[0]} {secret[1]}",
            "email": secret[3],
            "phone": secret[4],
            "address": order().buyer.address.model_copy(update={"street": secret[2]}),
        }
    )
    good = order(buyer=buyer, ship_to=buyer)
    held = order([line("NEW-1")], number="ORD00002", buyer=buyer, ship_to=buyer)
    state = plugin.run(messages(good, held, held=[]))
    store = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    for word in secret:
        assert word not in caplog.text
        assert word not in json.dumps(state)
        assert word.encode() not in store


def test_an_unknown_stream_fails_is_left_or_is_held(tmp_path: Path) -> None:
    """A stream that this target does not know stops the run with its name, or is left, by setting."""
    text = messages(held=[]).replace('"stream": "orders"', '"stream": "products"')
    with pytest.raises(ConfigurationError, match="'products'"):
        Plugin(tmp_path).run(text)
    assert Plugin(tmp_path, unknown_stream="ignore").run(text)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"token": None}, "`token` is missing"),
        ({"token": "no token"}, "token is neither"),
        ({"environment": None}, "`environment` is missing"),
        ({"environment": "12"}, "environment code"),
        ({"reference_template": "{number}"}, "{instance}"),
    ],
)
def test_wrong_settings_are_one_line(config: dict[str, Any], words: str) -> None:
    """Credentials or settings that can't be right are one line with exit code 2, never their value."""
    given = {name: value for name, value in {**CONFIG, **config}.items() if value is not None}
    with pytest.raises(ConfigurationError) as stopped:
        TargetAfas(config=given).make_client()
    code, text = classify(stopped.value, explain)
    assert code == 2
    assert words in text
    assert "no token" not in text


def test_a_dead_network_is_exit_3(tmp_path: Path) -> None:
    """Without a network the run ends with exit 3 and says what to check (X3)."""
    plugin = Plugin(tmp_path)
    target = TargetAfas(config={**plugin.config, "base_url": "http://127.0.0.1:1"})
    target.clock = plugin.world.host
    client = target.make_client()
    client._clock = plugin.world.host
    target.make_client = lambda: client
    with pytest.raises(Outage) as stopped, redirect_stdout(io.StringIO()):
        target.listen(io.StringIO(messages(order(), held=[])))
    code, text = classify(stopped.value, explain)
    assert code == 3
    assert "can't be reached" in text


def test_about_shows_every_setting_and_marks_secrets() -> None:
    """`--about` lists every setting with its description; secrets are marked."""
    properties = TargetAfas.config_jsonschema["properties"]
    assert all(spec.get("description") for spec in properties.values())
    assert {name for name, spec in properties.items() if spec.get("secret")} == {"token", "client_secret"}
    assert {"store", "hold_limit", "on_error"} <= properties.keys()


def test_a_store_file_is_used_again(plugin: Plugin, tmp_path: Path) -> None:
    """A second run over the same records writes nothing."""
    plugin.run(messages(order(), held=[]))
    plugin.world.client.calls.clear()
    plugin.run(messages(order(), held=[]))
    assert plugin.world.writes() == 0
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        assert store.environment == "T12345AA"
