"""Third-party plugins at the other end: both systems into DuckDB and PostgreSQL, files of JSON into both targets."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from ruamel.yaml import YAML

from tap_afas.known import KEYS
from tap_lightspeed.resources import RESOURCES
from tests.support.processes import BIN
from tests.support.project import PATIENCE, ROOT, Project, project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = [pytest.mark.meltano, pytest.mark.timeout(600)]

KEY = ("demo0000000000000000000000000001", "secret00000000000000000000000001")
TOKEN = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
TAP_JSONL = "tap-jsonl==0.3.1"
UNREACHABLE = ("failed to fetch", "error sending request", "dns error", "timed out", "connection", "no such host")
VARIABLES = {"TAP_LIGHTSPEED__WAREHOUSE_SHOP1_RESERVE_5_MINUTES": "0", "MELTANO_CLI_LOG_LEVEL": "warning"}
"""The imitated shop has its rate limits; two runs and the questions of this file would wait for the next window."""
ASK = """
import duckdb, json, sys
found = duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])
names = [one[0] for one in found.description]
print(json.dumps([dict(zip(names, row)) for row in found.fetchall()], default=str))
"""
INCREMENTAL = {f"afas.{name}" for name in ("commerce_items", "commerce_relations", "profit_article", "profit_debtor")}
Json = dict[str, Any]


def setting(name: str) -> Any:
    """A setting of the plugin that reads AFAS for the warehouse."""
    said = YAML(typ="safe").load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = (one for one in said["plugins"]["extractors"] if one["name"] == "tap-afas--warehouse")
    return tap["config"][name]


def installed(said: subprocess.CompletedProcess[str]) -> None:
    """Skip when the package index can't be reached; fail when an installation failed for another reason."""
    if said.returncode:
        text = said.stdout + said.stderr
        if any(word in text.lower() for word in UNREACHABLE):
            pytest.skip("the package index can't be reached")
        pytest.fail(text)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Meltano's own files, with both third-party targets installed."""
    folder = tmp_path_factory.mktemp("meltano")
    with project(folder, folder) as made:
        said = subprocess.run(
            [BIN / "meltano", "install", "loader", "target-duckdb", "target-postgres"],
            cwd=ROOT,
            env=made.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    installed(said)
    return folder


def shop(merchant: Project, path: str, **query: str) -> Any:
    """What the shop says of itself."""
    reply = httpx.get(f"{merchant.addresses[0]}/nl/{path}.json", params=query, auth=KEY)
    return reply.raise_for_status().json()


def afas(merchant: Project, method: str, path: str) -> Any:
    """What AFAS says of itself."""
    token = base64.b64encode(f"<token><version>1</version><data>{TOKEN}</data></token>".encode()).decode()
    reply = httpx.request(
        method,
        f"{merchant.addresses[1]}/ProfitRestServices/{path}",
        headers={"Authorization": f"AfasToken {token}"},
    )
    reply.raise_for_status()
    return reply.json() if reply.content else None


def rows(merchant: Project, connector: str) -> list[Json]:
    """All rows of a GetConnector."""
    found: list[Json] = afas(merchant, "GET", f"connectors/{connector}?skip=-1&take=-1")["rows"]
    return found


@dataclass
class Warehouse:
    """A project whose two systems are loaded into a DuckDB file.

    Attributes:
        merchant: The project.
        file: The DuckDB file.
        python: The interpreter of target-duckdb, which has the library.
    """

    merchant: Project
    file: Path
    python: Path

    def run(self) -> str:
        """The job, which must succeed; gives what it said."""
        shown = self.merchant.meltano("run", "warehouse", TARGET_DUCKDB_FILEPATH=str(self.file), **VARIABLES)
        assert shown.code == 0, shown.text
        return shown.text

    def ask(self, sql: str) -> list[Json]:
        """Rows of a query."""
        said = subprocess.run([self.python, "-c", ASK, self.file, sql], capture_output=True, text=True, check=True)
        found: list[Json] = json.loads(said.stdout)
        return found

    def value(self, sql: str) -> Any:
        """The one value of a query."""
        (row,) = self.ask(sql)
        (value,) = row.values()
        return value

    def counted(self, where: str = "") -> dict[str, int]:
        """Rows per table."""
        tables = self.ask("select table_schema s, table_name t from information_schema.tables order by all")
        each = "select '{s}.{t}' t, count(*) n from {s}.\"{t}\" "
        parts = [each.format_map(one) + where for one in tables]
        return {one["t"]: one["n"] for one in self.ask(" union all ".join(parts))}


@pytest.fixture(scope="module")
def warehouse(system: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Both systems in a DuckDB file, after the first run."""
    folder = tmp_path_factory.mktemp("warehouse")
    with project(folder, system) as merchant:
        made = Warehouse(
            merchant, folder / "warehouse.duckdb", system / "loaders" / "target-duckdb" / "venv" / "bin" / "python"
        )
        made.run()
        yield made


@pytest.mark.xdist_group("warehouse")
def test_one_command_brings_both_systems_into_a_file(warehouse: Warehouse) -> None:
    """Each table has as many rows as its source; each GetConnector with a known key and each resource is a table."""
    tables = warehouse.counted()
    known = {one["id"] for one in afas(warehouse.merchant, "GET", "metainfo")["getConnectors"]}
    there = {name: len(rows(warehouse.merchant, name)) for name in known.intersection(setting("connectors"))}
    assert len(there) > 20
    assert {name: tables[f"afas.{name.lower()}"] for name in there} == there
    assert tables["afas._connectors"] >= len(known)
    lists = ("brands", "categories", "customers", "groups", "invoices", "orders", "products", "taxes", "variants")
    counts = {name: shop(warehouse.merchant, f"{name}/count")["count"] for name in lists}
    assert {name: tables[f"shop1.{name}"] for name in lists} == counts
    assert {name.partition(".")[2] for name in tables if name.startswith("shop1.")} == {
        one.name for one in RESOURCES if one.selected
    }


@pytest.mark.xdist_group("warehouse")
def test_values_arrive_as_what_they_are(warehouse: Warehouse) -> None:
    """Zero, false, null, moments and long texts arrive; money is exact to the cent; target-duckdb makes "" null."""
    orders = {one["id"]: one for one in shop(warehouse.merchant, "orders", limit="250")["orders"]}
    found = warehouse.ask(
        'select "id", cast("priceincl" as decimal(18,2)) incl, "discountamount" discount, "isdiscounted" discounted, '
        '"memo" memo, "createdat" created from shop1.orders'
    )
    assert len(found) == len(orders)
    for row in found:
        order = orders[row["id"]]
        assert Decimal(row["incl"]) == Decimal(str(order["priceIncl"]))
        assert row["discount"] == order["discountAmount"]
        assert row["discounted"] is order["isDiscounted"]
        assert row["memo"] == (order["memo"] or None)
        assert datetime.fromisoformat(f"{row['created']}+00:00") == datetime.fromisoformat(order["createdAt"])
    assert 0 in {row["discount"] for row in found}
    assert False in {row["discounted"] for row in found}
    articles = {one["ItemCode"]: one for one in rows(warehouse.merchant, "Profit_Article")}
    for row in warehouse.ask("select itemcode, description, blocked, stock, barcode from afas.profit_article"):
        article = articles[row["itemcode"]]
        assert row["description"] == article["Description"]
        assert row["blocked"] is article["Blocked"]
        assert row["stock"] == article["Stock"]
        assert row["barcode"] == (article["Barcode"] or None)
    assert warehouse.value("select sum(cast(amountincl as decimal(18,2))) from afas.commerce_orders") == str(
        sum(one["incl"] for one in warehouse.merchant.afas.books()["orders"])
    )


@pytest.mark.xdist_group("warehouse")
def test_the_second_run_reads_changes_and_deletions(warehouse: Warehouse) -> None:
    """A day later an order has come and a variant and an order are gone: of what tells its changes, only that comes."""
    merchant = warehouse.merchant
    loaded = warehouse.value("select max(_sdc_batched_at) from afas._fields")
    (placed,) = merchant.place("shop1", "plain")
    gone = warehouse.value("select min(id) from shop1.variants")
    merchant.control(merchant.shop, "records", {"resource": "variants", "ids": [gone]}, method="DELETE")
    number = warehouse.value("select min(ordernumber) from afas.profit_salesorders")
    afas(merchant, "DELETE", f"connectors/FbSales/FbSales/OrNu/{number}")
    merchant.control(merchant.shop, "clock", {"advance": 21 * 3600})
    warehouse.run()
    news = warehouse.counted(f"where _sdc_batched_at > '{loaded}'")
    told = {name: n for name, n in news.items() if n and name.startswith("shop1.")}
    lines = len(shop(merchant, f"orders/{placed['id']}/products")["orderProducts"])
    assert told.pop("shop1.events") == told.pop("shop1.orders_events")
    assert told == {
        "shop1.customers": 1,
        "shop1.invoices": 1,
        "shop1.orders": 1,
        "shop1.orders_products": lines,
        "shop1.quotes": 1,
        "shop1.shipments": 1,
        "shop1.variants": lines + 1,
        "shop1.variants_movements": lines,
    }
    assert {name: n for name, n in news.items() if n and name in INCREMENTAL} == {}
    assert warehouse.ask("select id, sku from shop1.variants where _sdc_deleted_at is not null") == [
        {"id": gone, "sku": None}
    ]
    deleted = warehouse.ask("select ordernumber from afas.profit_salesorders where _sdc_deleted_at is not null")
    assert deleted == [{"ordernumber": number}]


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("warehouse")
def test_postgresql_keeps_exact_decimals_and_empty_texts(tmp_path: Path, system: Path, postgres: str) -> None:
    """Some streams of both systems in PostgreSQL: rows, decimals, "" and null as the API has them."""
    variables = {
        "TARGET_POSTGRES_SQLALCHEMY_URL": postgres.replace("postgresql:", "postgresql+psycopg:", 1),
        "TAP_LIGHTSPEED__WAREHOUSE_SHOP1__SELECT": '["orders.*", "variants.*", "redirects.*", "blogs.*"]',
        "TAP_AFAS__WAREHOUSE_CONNECTORS": '["Commerce_Order*", "Profit_Article"]',
        **VARIABLES,
    }
    with project(tmp_path, system) as merchant:
        shown = merchant.meltano("run", "warehouse--postgres", **variables)
        assert shown.code == 0, shown.text
        orders = shop(merchant, "orders", limit="250")["orders"]
        booked = merchant.afas.books()["orders"]
    with psycopg.connect(postgres) as connection:
        amounts = dict(connection.execute('select number, "priceIncl" from shop1.orders').fetchall())
        assert amounts == {one["number"]: Decimal(str(one["priceIncl"])) for one in orders}
        found = dict(connection.execute('select "OrderNumber", "AmountIncl" from afas."Commerce_Orders"').fetchall())
        assert found == {one["number"]: one["incl"] for one in booked}
        texts = connection.execute("""select count(*) from shop1.variants where "unitUnit" = '' """).fetchone()
        nulls = connection.execute('select count(*) from afas."Commerce_Orders" where "Remark" is null').fetchone()
        words = connection.execute('select "isPermanent" from shop1.redirects order by 1').fetchall()
    assert texts is not None
    assert texts[0] > 0
    assert nulls == (len(booked),)
    assert words == [("false",), ("true",)]


# -- a third-party tap into our targets ------------------------------------------------------------------------------

PEOPLE = (
    {"nr": "P-1", "MatchPer": "7", "AutoNum": True, "FiNm": "Sanne", "LaNm": "de Wit", "SeNm": "WIT-1", "ViGe": "V"},
    {"nr": "P-2", "MatchPer": "7", "AutoNum": True, "FiNm": "Bo", "LaNm": "Jansen", "SeNm": "JANSEN-2", "ViGe": "O"},
)
CUSTOMERS = (
    {"email": "sanne@example.com", "firstname": "Sanne", "lastname": "de Wit", "isCompany": False, "memo": ""},
    {"email": "bo@example.com", "firstname": "Bo", "lastname": "Jansen", "isCompany": True, "companyName": "Jansen bv"},
)


@pytest.fixture(scope="module")
def tap_jsonl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third-party tap that reads files of JSON lines, in an environment of its own."""
    folder = tmp_path_factory.mktemp("tap-jsonl")
    python = folder / "bin" / "python"
    for words in (("venv", "--quiet", str(folder), "--python", sys.executable), ("pip", "install", "--python", python)):
        end = (TAP_JSONL,) if words[0] == "pip" else ()
        installed(subprocess.run([BIN / "uv", *words, *end], capture_output=True, text=True, check=False))
    return folder / "bin" / "tap-jsonl"


def piped(folder: Path, tap: Path, target: str, config: Json, *, stream: str, key: str, rows: Sequence[Json]) -> str:
    """A file of these rows, through the tap into a target as two processes; gives what the target said."""
    source, one, other = folder / f"{stream}.jsonl", folder / f"{stream}.tap.json", folder / f"{stream}.target.json"
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    one.write_text(json.dumps({"path": str(source), "stream_name": stream, "primary_keys": [key]}), encoding="utf-8")
    other.write_text(json.dumps({"store": f"sqlite:///{folder}/store.db", **config}), encoding="utf-8")
    with subprocess.Popen(
        [tap, "--config", one], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
    ) as reading:
        said = subprocess.run(
            [BIN / target, "--config", other],
            stdin=reading.stdout,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert (reading.returncode, said.returncode) == (0, 0), said.stderr
    return said.stderr


@pytest.mark.xdist_group("warehouse")
def test_a_file_of_json_goes_into_afas_once(tmp_path: Path, tap_jsonl: Path) -> None:
    """A third-party tap into a raw stream of target-afas: two persons; the second run writes nothing."""
    with project(tmp_path, tmp_path) as merchant:
        config = {
            "base_url": f"{merchant.addresses[1]}/ProfitRestServices",
            "token": TOKEN,
            "raw": {"KnPerson": {"key": "nr", "ignore": ["nr"]}},
        }
        for _ in range(2):
            said = piped(tmp_path, tap_jsonl, "target-afas", config, stream="KnPerson", key="nr", rows=PEOPLE)
            assert merchant.writes == len(PEOPLE), said
        assert "2 unchanged" in said
        people = {one["SearchName"] for one in rows(merchant, "Profit_OrgPer")}
    assert {one["SeNm"] for one in PEOPLE} <= people


@pytest.mark.xdist_group("warehouse")
def test_a_file_of_json_goes_into_a_shop_once(tmp_path: Path, tap_jsonl: Path) -> None:
    """A third-party tap into target-lightspeed: two customers, no mail; the second run makes no call at all."""
    with project(tmp_path, tmp_path) as merchant:
        config = {"base_url": merchant.addresses[0], "api_key": KEY[0], "api_secret": KEY[1], "shop": "shop1"}
        into: Json = {"stream": "customers", "key": "email", "rows": CUSTOMERS}
        piped(tmp_path, tap_jsonl, "target-lightspeed", config, **into)
        first = dict(merchant.shop.calls)
        assert first["POST customers"] == len(CUSTOMERS)
        said = piped(tmp_path, tap_jsonl, "target-lightspeed", config, **into)
        assert dict(merchant.shop.calls) == first, said
        (made,) = shop(merchant, "customers", email=str(CUSTOMERS[0]["email"]))["customers"]
    assert (made["firstname"], made["lastname"], made["isCompany"]) == ("Sanne", "de Wit", False)


# -- what stands in meltano.yml --------------------------------------------------------------------------------------


def test_every_connector_with_a_known_key_is_loaded() -> None:
    """The list of connectors is that of the keys the tap knows and of those that stand in the settings."""
    assert set(setting("connectors")) == {
        *KEYS,
        *(name for name, one in setting("streams").items() if "keys" in one),
    }
    assert set(setting("streams")) <= set(setting("connectors"))


def test_what_costs_a_call_per_parent_is_not_selected() -> None:
    """Meltano selects all streams that nobody named, so the project leaves out what the tap leaves out by itself."""
    said = YAML(typ="safe").load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = (one for one in said["plugins"]["extractors"] if one["name"] == "tap-lightspeed--warehouse-shop1")
    left = [f"!{one.name}.*" for one in RESOURCES if not one.selected]
    assert tap["select"] == ["*.*", *sorted(left)]
