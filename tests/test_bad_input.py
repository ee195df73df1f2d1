"""Bad settings, rights, input and networks: each is one line that says what to do, and one exit code."""

from __future__ import annotations

import io
import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from target_afas.target import TargetAfas
from tests.support.plugins import Pipe, process
from tests.support.processes import Done, command, ended, hand_over, plant, plugin, start
from tests.support.scene import SALES, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A shop and an AFAS."""
    made = Scene()
    yield made
    made.close()


def fields(config: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of settings in which one has another value (`...`: none), by its dotted name."""
    copy: dict[str, Any] = json.loads(json.dumps(config))
    *parents, last = path.split(".")
    place = copy
    for name in parents:
        place = place[name]
    if value is ...:
        place.pop(last, None)
    else:
        place[last] = value
    return copy


# -- what the target finds out about AFAS ------------------------------------------------------------------------------

By = tuple[str, dict[str, Any]]
"""What a user does in AFAS: path and body."""

CONFIGURED: list[tuple[str, Any, list[str]]] = [
    ("token", "F" * 64, ["credentials are refused", "Renew the setting `token`"]),
    ("administration", "7", ["Administration 7 does not exist in AFAS (there are 1, 2)", "`administration`"]),
    ("orders.sales_book", "99", ["Sales book 99 does not exist in administration 1", "orders.sales_book"]),
    ("orders.project", "NEW", ["Project NEW does not exist", "orders.project"]),
    ("orders.items.shipping", "PORTO", ["AFAS has no item PORTO of type 6", "orders.items.shipping"]),
    ("connectors", {"orders": {"name": "Our_Orders"}}, ["The app connector lacks GetConnector Our_Orders"]),
    (
        "connectors",
        {"orders": {"name": "Commerce_Orders", "fields": {"Ref": "Kenmerk"}}},
        ["Commerce_Orders", "Kenmerk", "`connectors`"],
    ),
    ("base_url", "http://127.0.0.1:8701/NotProfit", ["does not know the address", "`base_url`"]),
    ("store", ..., ["`store` is missing"]),
    ("store", "mysql://user:geheim@host/db", ["store"]),
    ("orders.vat_roundings", "line", ["orders.vat_roundings: no such setting"]),
    ("administratie", "1", ["unknown setting `administratie`"]),
    ("orders.on_existing", "replace", ["orders.on_existing"]),
    ("reference_template", "{number}", ["reference_template", "{instance}"]),
]
"""Setting of the target, its wrong value (`...`: none), and what the line says."""

IN_AFAS: list[tuple[By, By, list[str]]] = [
    (
        ("app", {"remove": ["Commerce_Addresses"]}),
        ("app", {"add": ["Commerce_Addresses"]}),
        ["The app connector lacks GetConnector Commerce_Addresses"],
    ),
    (
        ("app", {"remove": ["FbSales", "KnSalesRelationPer"]}),
        ("app", {"add": ["FbSales", "KnSalesRelationPer"]}),
        ["UpdateConnector KnSalesRelationPer", "UpdateConnector FbSales"],
    ),
    (
        ("journal", {"administration": 1, "journal": "70", "blocked": True}),
        ("journal", {"administration": 1, "journal": "70", "blocked": False}),
        ["Sales book 70 is blocked in AFAS", "orders.sales_book"],
    ),
    (
        ("project", {"project": "WEB", "closed": True}),
        ("project", {"project": "WEB", "closed": False}),
        ["Project WEB is closed in AFAS", "orders.project"],
    ),
    (
        ("item", {"type": "6", "item": "VERZEND", "action": "block"}),
        ("item", {"type": "6", "item": "VERZEND", "action": "unblock"}),
        ["Item VERZEND is blocked in AFAS", "orders.items.shipping"],
    ),
]
"""What a user does wrong in AFAS, how it is put right, and what the line says."""


def stops(scene: Scene, words: list[str]) -> None:
    """The target ends with 2 and one line that holds the words, writes nothing and moves no bookmark."""
    with scene.no_write():
        assert scene.excused("a setting or a right is wrong") == (0, 0, 2)
    line = scene.said("target")
    assert line.startswith("exit 2: ")
    assert "\n" not in line
    assert all(word in line for word in words), line
    assert "F" * 64 not in line
    assert "geheim" not in line
    assert scene.bookmark is None


@pytest.mark.parametrize(
    ("path", "value", "words"), CONFIGURED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_wrong_setting_stops_before_the_first_write(scene: Scene, path: str, value: Any, words: list[str]) -> None:
    """A wrong token, an unknown administration, a missing or unknown setting: one line names it, exit 2, no write."""
    order = scene.sale()
    right = scene.target_config
    scene.target_config = fields(right, path, value)
    stops(scene, words)
    scene.target_config = right
    scene.all_booked()
    assert scene.found(order)


@pytest.mark.parametrize(("wrong", "right", "words"), IN_AFAS, ids=lambda value: value[0] if value else "")
def test_a_wrong_right_or_code_stops_before_the_first_write(
    scene: Scene, wrong: By, right: By, words: list[str]
) -> None:
    """A missing connector, a blocked sales book, a closed project: one line names it, exit 2, no write."""
    order = scene.sale()
    scene.user(f"afas/{wrong[0]}", wrong[1])
    stops(scene, words)
    scene.user(f"afas/{right[0]}", right[1])
    scene.all_booked()
    assert scene.found(order)


def test_a_data_filter_that_hides_what_we_write_stops_after_the_first_order(scene: Scene) -> None:
    """A connector whose data filter hides what we write: exit 2 after one insert, naming the connector; with the filter
    gone the order is found and adopted, and the others follow."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    hide = [[{"field": "Ref", "operator": 1, "value": "nothing"}]]
    scene.user("afas/app", {"data_filters": {"Commerce_Orders": hide}})
    assert scene.excused("a data filter hides our orders") == (0, 0, 2)
    assert "GetConnector Commerce_Orders can't see what we write" in scene.said("target")
    assert "Remove the data filter" in scene.said("target")
    assert scene.calls_of(SALES) == 1
    # A further run proves it anew with one further order, and never with one that was sent before.
    assert scene.excused("a data filter hides our orders") == (0, 0, 2)
    assert scene.calls_of(SALES) == 2
    scene.kept(healed=False)
    scene.user("afas/app", {"data_filters": {}})
    scene.all_booked()
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1, 1]


def test_an_unmapped_payment_method_holds_its_orders_by_name(scene: Scene) -> None:
    """A payment method that is in no table holds its orders with the code, exit 0, named in the last line; added to the
    table, they go through."""
    order = scene.sale(payment={"id": "newpay", "method": "app", "title": "NewPay", "paid": True})
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert scene.reasons == [("unmapped_payment_method", "newpay:app")]
    assert "1 held: unmapped_payment_method newpay:app" in scene.said("target")
    scene.target_config["orders"]["payment_methods"] |= {"newpay:app": "01"}
    assert scene.go(900) == (0, 0, 0)
    assert scene.found(order)
    scene.all_booked()


def test_an_unmapped_payment_method_may_stop_the_run(scene: Scene) -> None:
    """With `missing: fail` a payment method that is in no table stops the run: exit 2 with the code and the table."""
    table = {"entries": dict(scene.target_config["orders"]["payment_methods"]), "missing": "fail"}
    scene.target_config["orders"]["payment_methods"] = table
    scene.sale(payment={"id": "newpay", "method": "app", "title": "NewPay", "paid": True})
    with scene.no_write():
        assert scene.excused("the table says to fail") == (0, 0, 2)
    assert "'newpay:app' is not in the table" in scene.said("target")


# -- what the tap finds out about the shop ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("api_secret", "wrong", ["`api_key`, `api_secret`", "renew the key"]),
        ("language", "xx", ["setting `language`", "xx"]),
        ("language", "de", ["setting `language`", "de"]),
    ],
)
def test_a_wrong_key_or_language_of_the_shop(scene: Scene, path: str, value: str, words: list[str]) -> None:
    """A wrong key or a language that the shop does not have: one line that names the setting, exit 2, one call."""
    scene.sale()
    scene.tap_config[path] = value
    assert scene.excused("a setting is wrong") == (2, 0, 0)
    assert all(word in scene.said("tap") for word in words), scene.said("tap")
    assert "wrong" not in scene.said("tap")
    assert scene.calls_of("GET *orders") == 1
    assert scene.writes == 0


def test_a_key_without_the_right_for_orders(scene: Scene) -> None:
    """A key that lacks a permission group: exit 2, and the line says where to add it."""
    scene.sale()
    scene.fault("lightspeed", name="denied", endpoint="GET orders", times=None)
    assert scene.go() == (2, 0, 0)
    assert "lacks a permission group" in scene.said("tap")


# -- real processes: settings, input, network ---------------------------------------------------------------------------------


def nobody_listens() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


SCHEMA = {"type": "SCHEMA", "stream": "orders", "schema": {"properties": {"key": {}}}, "key_properties": ["key"]}
RECORD = {"type": "RECORD", "stream": "orders", "record": {"key": "lightspeed.shop1:1", "buyer": {"name": "Geheim"}}}


def lines(*messages: Any) -> str:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in messages)


MALFORMED = [
    (lines(SCHEMA, '{"type": "RECORD", "Geheim"'), "input line 2: not JSON"),
    (lines(SCHEMA, "[1, 2]"), "input line 2: not a Singer message"),
    (lines(SCHEMA, {"type": "RECORDS"}), "input line 2: message type RECORDS is unknown"),
    (lines(SCHEMA, {"stream": "orders", "record": {}}), "input line 2: the message has no type"),
    (lines(RECORD), "input"),
]


@pytest.mark.parametrize(("given", "words"), MALFORMED, ids=["json", "array", "type", "no type", "no schema"])
def test_a_malformed_message_on_standard_input(scene: Scene, given: str, words: str) -> None:
    """A malformed line on standard input: exit 2, one line with its number and never its content."""

    def work() -> None:
        TargetAfas(config=scene.target_config).listen(io.BytesIO(given.encode()))

    done = process("target-afas", Pipe(), work)
    assert done.code == 2
    assert words in done.line
    assert "Geheim" not in done.line
    assert done.output == b""


def test_half_a_line_on_standard_input(scene: Scene, tmp_path: Path) -> None:
    """The plugin before died in the middle of a line: exit 2, and the one line on standard error says that."""
    done = plugin("target-afas", scene.target_config, tmp_path, given=lines(SCHEMA) + '{"type": "RECORD", "Geheim": "')
    shown_once(done, 2, "input line 2", "cut off")
    assert "Geheim" not in done.errors


def test_a_record_that_breaks_the_contract_is_held(scene: Scene, tmp_path: Path) -> None:
    """A record that is JSON but no order is held with the field's name, the others go on, exit 0."""
    first = {"bookmarks": {"orders": {"version": 1, "source": "lightspeed.shop1", "held": []}}}
    given = lines({"type": "STATE", "value": first}, SCHEMA, RECORD)
    done = plugin("target-afas", scene.target_config, tmp_path, given=given)
    assert done.code == 0, done.errors
    assert [one["reason"] for one in done.states[-1]["bookmarks"]["orders"]["held"]] == ["invalid"]
    assert "1 held: invalid" in done.errors
    assert "Geheim" not in done.errors


def shown_once(done: Done, code: int, *words: str) -> None:
    """It ended with a code and one line that holds the words."""
    assert done.code == code, done.errors
    assert all(word in done.line for word in words), done.line


def test_no_network(scene: Scene, tmp_path: Path) -> None:
    """Nobody listens at the other side: exit 3, one line, after a few tries that take seconds, not minutes."""
    scene.sale()
    address = f"http://127.0.0.1:{nobody_listens()}"
    given = scene.mapped()
    tap = start(command("tap-lightspeed", {**scene.tap_config, "base_url": address}, tmp_path))
    target = start(
        command("target-afas", {**scene.target_config, "base_url": address}, tmp_path), stdin=subprocess.PIPE
    )
    hand_over(target, given)
    shown_once(ended(target), 3, "exit 3", "no connection")
    shown_once(ended(tap), 3, "exit 3", "no connection")


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("tap", "api_key", ..., ["api_key"]),
        ("tap", "start_date", ..., ["start_date"]),
        ("tap", "paymentstatuses", ["paid"], ["paymentstatuses", "no such setting"]),
        ("tap", "shop", "my shop", ["shop"]),
        ("mapper", "source", "shopware", ["source"]),
        ("mapper", "pricebasis", "incl", ["pricebasis"]),
        ("mapper", "overrides", {"orders": {"remark": "record["}}, ["remark"]),
    ],
)
def test_a_wrong_setting_of_tap_or_mapper_is_named(
    scene: Scene, name: str, path: str, value: Any, words: list[str]
) -> None:
    """A setting that is missing, unknown or wrong: exit 2, one line with its name and never its value, no call."""
    scene.sale()
    config = f"{name}_config"
    setattr(scene, config, fields(getattr(scene, config), path, value))
    codes = scene.excused("a setting is wrong")
    assert codes[0 if name == "tap" else 1] == 2
    line = scene.said(name)
    assert "\n" not in line
    assert all(word in line for word in words), line
    assert "my shop" not in line
    assert scene.writes == 0


@pytest.mark.parametrize("place", ["/proc/nowhere/upsert.db", "FOLDER"])
def test_a_store_that_cannot_be_written(scene: Scene, tmp_path: Path, place: str) -> None:
    """A store that can't be opened or made: exit 2, one line with its path, no write to AFAS."""
    scene.sale()
    path = place if place != "FOLDER" else str(tmp_path)
    with plant(scene, tmp_path) as real:
        given = scene.mapped()
        done = plugin("target-afas", {**real.target_config, "store": f"sqlite:///{path}"}, tmp_path, given=given)
    shown_once(done, 2, path, "nothing more is written")
    assert scene.writes == 0


@pytest.mark.parametrize("name", ["tap-lightspeed", "mapper-commerce", "target-afas"])
def test_a_settings_file_that_is_not_there_or_no_json(tmp_path: Path, name: str) -> None:
    """A settings file that is missing or broken: exit 2, one line with what is wrong."""
    shown_once(plugin(name, '{"token": "geheim', tmp_path), 2)


@pytest.mark.parametrize("name", ["tap-lightspeed", "mapper-commerce", "target-afas"])
def test_an_unknown_option_of_the_command(tmp_path: Path, name: str) -> None:
    """A wrong option on the command line: exit 2, and the option is named."""
    done = plugin(name, "{}", tmp_path, "--confg", "x")
    assert done.code == 2
    assert "--confg" in done.errors
    assert "Traceback" not in done.errors
