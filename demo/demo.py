"""The coupling at work: shoppers order, Meltano carries the orders over, both sides' books are compared to the cent.

Run by `make demo`. Starts the sandbox (both APIs on this machine), runs the real jobs of meltano.yml, and reads the
result from the books of both servers, not from the coupling's own words.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORK = ROOT / ".demo"
AFAS = "http://127.0.0.1:8701"
SHOP = "http://127.0.0.1:8702"
SHOPS = {"shop1": 205, "shop2": 40}
ROUNDINGS = ("line", "rate", "document")
CENT = Decimal("0.01")
ROUNDING_ITEM = "AFRONDING"

BOLD, DIM, GREEN, RED, PLAIN = (
    ("\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("",) * 5
)


def main() -> int:
    """Run the demo; 0 when the books agree to the cent and every step did what it should."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    good = True
    with sandbox():
        for number, rounding in enumerate(ROUNDINGS, 1):
            title(f"{number}. AFAS rounds VAT per {rounding}")
            fresh_start(rounding)
            for shop, count in SHOPS.items():
                placed = call(SHOP, "orders", {"shop": shop, "n": count, "seed": number})["orders"]
                kinds = len({order["kind"] for order in placed})
                say(f"{count} orders of {kinds} kinds placed in {shop}, through the shop's checkout")
            for shop in SHOPS:
                good &= job(f"orders--{shop}", rounding)
            good &= compare(rounding)
            if number == 1:
                good &= broken_order(rounding)
                good &= customers(rounding)
        title("Result")
    print(
        f"{GREEN}Every order booked once, every total equal to the cent.{PLAIN}"
        if good
        else f"{RED}Something differs, see above.{PLAIN}"
    )
    return 0 if good else 1


# -- the story ---------------------------------------------------------------------------------------------------------


def broken_order(rounding: str) -> bool:
    """One order with an article that AFAS does not know: held with a reason, mended, and through by itself."""
    title("One order is broken: its article does not exist in AFAS")
    order = call(SHOP, "orders", {"shop": "shop1", "order": BROKEN})["orders"][0]
    reference = f"shop1-{order['number']}"
    before = writes()
    job("orders--shop1", rounding, expect_held=True)
    held = [entry for entry in held_list("orders--shop1", rounding) if entry["key"] == str(order["id"])]
    say(
        f"{reference} is held: {held[0]['reason']}, {held[0]['subject']}"
        if held
        else f"{RED}{reference} is not held{PLAIN}"
    )
    good = check(bool(held) and reference not in booked(), f"{reference} stands in the held list and not in AFAS")
    say("The article is added in AFAS, by hand; nobody touches the coupling")
    call(AFAS, "afas/item", {"item": "SKU-NEW", "description": "New in the shop", "unit": "STK", "vat_group": "1"})
    job("orders--shop1", rounding)
    good &= check(reference in booked(), f"{reference} went through at the next run")
    good &= check(writes() - before <= 3, "no other order was written")
    before = writes()
    job("orders--shop1", rounding)
    return good & check(writes() == before, "a further run makes no write")


def customers(rounding: str) -> bool:
    """The customers' own flow, after the orders: what an order already told AFAS is not told again."""
    title("The customers' flow")
    return job("customers--shop1", rounding)


BROKEN = {
    "customer": {"email": "sanne@example.nl", "firstname": "Sanne", "lastname": "de Wit", "phone": "0612345678"},
    "billing": {
        "name": "Sanne de Wit",
        "street": "Laan 1940-1945",
        "number": "3",
        "zipcode": "3512AB",
        "city": "Utrecht",
        "country": "nl",
    },
    "lines": [{"sku": "SKU-NEW", "title": "New in the shop", "quantity": 1, "price": 24.95, "rate": 0.21}],
    "shipment": {"title": "PostNL", "price": 6.95},
    "payment": {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
}


# -- the books ---------------------------------------------------------------------------------------------------------


def booked() -> dict[str, dict[str, Any]]:
    """AFAS's sales orders by reference, deleted ones left out."""
    return {order["reference"]: order for order in call(AFAS, "books")["orders"] if not order["deleted"]}


def compare(rounding: str) -> bool:
    """Print both sides' totals per VAT rate of everything that is booked; True when all order totals are equal."""
    afas_books = call(AFAS, "books")
    afas = {order["reference"]: order for order in afas_books["orders"] if not order["deleted"]}
    twice = {reference: times for reference, times in afas_books["inserts_per_reference"].items() if times > 1}
    good = check(not twice, "no order was inserted twice")
    shops = call(SHOP, "books")
    for shop in SHOPS:
        orders = {f"{shop}-{order['number']}": order for order in shops[shop]["orders"]}
        due = {reference for reference, order in orders.items() if in_scope(order)}
        held = {
            f"{shop}-{number_of(shops[shop], entry['key'])}": f"{entry['reason']} {entry['subject']}"
            for entry in held_list(f"orders--{shop}", rounding)
        }
        missing = due - afas.keys() - held.keys()
        counts = f"{len(orders)} orders, {len(due)} due, {len(due & afas.keys())} in AFAS, {len(held)} held"
        print(f"\n  {BOLD}{shop}{PLAIN}: {counts}")
        for reference, reason in held.items():
            say(f"held: {reference}, {reason}")
        good &= check(not missing, f"none is missing{': ' + ', '.join(sorted(missing)[:5]) if missing else ''}")
        both = sorted(due & afas.keys())
        rows: dict[Decimal, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
        unequal = []
        for reference in both:
            for rate, (base, vat) in shop_rates(orders[reference]).items():
                rows[rate][0] += base
                rows[rate][1] += vat
            for row in afas[reference]["rates"]:
                rate = Decimal(str(row["percentage"])).normalize()
                rows[rate][2] += Decimal(str(row["excl"]))
                rows[rate][3] += Decimal(str(row["vat"]))
            if money(orders[reference]["priceIncl"]) != money(afas[reference]["incl"]):
                unequal.append(reference)
        heads = f"{'base, shop':>14} {'base, AFAS':>14} {'VAT, shop':>13} {'VAT, AFAS':>13} {'difference':>11}"
        print(f"  {DIM}{'VAT rate':>9} {heads}{PLAIN}")
        for rate in sorted(rows, reverse=True):
            base, vat, afas_base, afas_vat = rows[rate]
            off = money(afas_base + afas_vat) - money(base + vat)
            print(
                f"  {rate:>7.1f} % {money(base):>14,} {money(afas_base):>14,}"
                f" {money(vat):>13,} {money(afas_vat):>13,} {off:>+11,}"
            )
        rounded = [money(line["incl"]) for one in both for line in afas[one]["lines"] if line["item"] == ROUNDING_ITEM]
        if rounded:
            print(f"  {DIM}the 0 % row holds {len(rounded)} rounding lines, {sum(rounded):+} in all{PLAIN}")
        total = sum((money(orders[one]["priceIncl"]) for one in both), Decimal(0))
        total_afas = sum((money(afas[one]["incl"]) for one in both), Decimal(0))
        mark = (
            f"{GREEN}equal{PLAIN}"
            if total == total_afas and not unequal
            else f"{RED}differs: {', '.join(unequal[:5])}{PLAIN}"
        )
        print(f"  {BOLD}{'incl. VAT':>9}{PLAIN} {total:>14,} {total_afas:>14,}   {mark}")
        good &= total == total_afas and not unequal
    return good


def in_scope(order: dict[str, Any]) -> bool:
    """Whether the flow's filter lets an order through: paid, or paid afterwards, and neither cancelled nor on hold."""
    return order["status"] not in {"cancelled", "on_hold"} and (
        order["paymentStatus"] == "paid" or bool(order.get("payAfterwards"))
    )


def shop_rates(order: dict[str, Any]) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Base and VAT per percentage as the shop states them; what no rate explains has 0 %."""
    rates: dict[Decimal, tuple[Decimal, Decimal]] = {}
    rest = Decimal(str(order["priceExcl"]))
    for row in order["taxes"]:
        rate, vat = Decimal(str(row["rate"])), Decimal(str(row["amount"]))
        if rate:
            base = vat / rate
            rates[(rate * 100).normalize()] = (base, vat)
            rest -= base
    incl = (
        Decimal(str(order["priceIncl"]))
        - Decimal(str(order["priceExcl"]))
        - sum((vat for _, vat in rates.values()), Decimal(0))
    )
    rates[Decimal(0)] = (rest, incl)
    return rates


def number_of(shop: dict[str, Any], key: str) -> str:
    """The order number of a held key."""
    return next((order["number"] for order in shop["orders"] if str(order["id"]) == key), key)


def money(value: object) -> Decimal:
    """An amount to the cent."""
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def writes() -> int:
    """How many writes AFAS has seen."""
    counted = call(AFAS, "calls")["calls"]
    return sum(
        times
        for name, times in counted.items()
        if name.split()[0] in {"POST", "PUT", "DELETE"} and "connectors" in name
    )


# -- running -----------------------------------------------------------------------------------------------------------


def job(name: str, rounding: str, *, expect_held: bool = False) -> bool:
    """Run one Meltano job and print its summary lines; True when it ended as it should."""
    started = time.monotonic()
    shown = subprocess.run(
        [BIN / "meltano", "run", name], cwd=ROOT, env=environment(rounding), capture_output=True, text=True, check=False
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout + shown.stderr)
    (WORK / f"{rounding}.{name}.{time.time_ns()}.log").write_text(said, encoding="utf-8")
    summary = [line for line in said.splitlines() if re.search(r"\b(summary|held:|created|exit \d)\b", line)]
    print(f"  {DIM}meltano run {name}{PLAIN}  {time.monotonic() - started:.1f} s, exit code {shown.returncode}")
    for line in summary[-3:]:
        print(f"    {DIM}{re.sub(r'^[0-9T:.Z-]+ *.[a-z]+ *. *', '', line)[:150]}{PLAIN}")
    fine = shown.returncode == 0 or (shown.returncode == 1 and (expect_held or bool(held_list(name, rounding))))
    if not fine:
        print(f"{RED}{chr(10).join(said.splitlines()[-15:])}{PLAIN}")
    return fine


def held_list(job_name: str, rounding: str) -> list[dict[str, Any]]:
    """The held list in the state that the job left behind."""
    flow, shop = job_name.split("--")
    found: list[dict[str, Any]] = []
    for file in (WORK / rounding / "state").rglob("state.json"):
        if f"{shop}-{flow}" in file.parent.name:
            state = json.loads(file.read_text(encoding="utf-8"))["completed"]["singer_state"]
            for bookmark in state["bookmarks"].values():
                found += bookmark.get("held", [])
    return found


def environment(rounding: str) -> dict[str, str]:
    """The environment of Meltano's processes: a state backend and a store in files of this round."""
    place = WORK / rounding
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "MELTANO_ENVIRONMENT": "demo",
        "MELTANO_SYS_DIR_ROOT": str(place / "meltano"),
        "MELTANO_STATE_BACKEND_URI": f"file://{place}/state",
        "TARGET_AFAS_STORE": f"sqlite:///{place}/store.db",
        "HELD_STORE": f"sqlite:///{place}/store.db",
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        "NO_COLOR": "1",
    }


def fresh_start(rounding: str) -> None:
    """Both servers back to their seed, AFAS with one way of rounding VAT, and no state."""
    (WORK / rounding).mkdir(parents=True)
    for side in (AFAS, SHOP):
        call(side, "reset", {"seed": "small"})
    call(AFAS, "switches", {"vat_rounding": rounding})
    call(SHOP, "clock", {"advance": 300})  # into the next window of 300 calls, which the tap would rightly wait for


@contextlib.contextmanager
def sandbox() -> Iterator[None]:
    """Both servers, for as long as the demo runs."""
    with (WORK / "sandbox.log").open("w") as log:
        server = subprocess.Popen([BIN / "sandbox", "serve"], stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout
        ready = server.stdout.readline()
        if not ready:
            sys.exit("The sandbox did not start: " + (WORK / "sandbox.log").read_text().strip())
        print(ready.strip())
        try:
            yield
        finally:
            server.terminate()
            server.wait(10)


def call(side: str, path: str, body: object = None) -> Any:
    """Call a control path of one of the servers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{side}/_sandbox/{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        sys.exit(f"{path}: {error.code} {error.read().decode()[:300]}")


def title(text: str) -> None:
    """A heading."""
    print(f"\n{BOLD}{text}{PLAIN}")


def say(text: str) -> None:
    """One line of the story."""
    print(f"  {text}")


def check(fine: bool, text: str) -> bool:
    """Print whether something holds."""
    print(f"  {GREEN}✓{PLAIN} {text}" if fine else f"  {RED}✗ not so: {text}{PLAIN}")
    return fine


if __name__ == "__main__":
    sys.exit(main())
