"""From AFAS into the shop: an empty shop is filled, nothing is written twice, changes arrive, accidents do not."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo import afas_side
from demo.catalogue import Catalogue, compare
from demo.changes import PICTURE, Change, Writes, attributed, digest, product, twenty
from demo.running import Project, Ran, fetched, writes
from demo.screen import marked
from demo.shop_side import MADE, Snapshot
from demo.summary import Result
from sandbox.afas.file_set import picture

if TYPE_CHECKING:
    from demo.running import Sandbox
    from demo.screen import Screen

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FLOWS = ("groups", "categories", "catalogue", "prices", "stock", "relations")
ROUND = (*FLOWS, "catalogue")
"""The catalogue once more at the end: it shows what has got its price."""
ACCOUNTS = ("info@dekroon.example", "info@dubbel.example")
SETTINGS: dict[str, Any] = {
    "TARGET_LIGHTSPEED__SHOP1_CATALOGUE_CATALOGUE": {
        "categories": True,
        "type": "Kenmerken",
        "attributes": {
            "material": {"specification": "Materiaal"},
            "washing": {"specification": "Wasvoorschrift"},
            "lead_time": {"specification": "Levertijd"},
            "energy_label": {"specification": "Energielabel"},
            "warranty": {"specification": "Garantie"},
        },
    },
    "TARGET_LIGHTSPEED__SHOP1_PRICES_PRICES": {
        "list": afas_side.LIST,
        "basis": "incl",
        "discount_basis": "excl",
        "groups": {afas_side.GROUP_LIST: afas_side.GROUP, "OLD": "ignore", "USD": "ignore", "WEBEX": "ignore"},
    },
    "TARGET_LIGHTSPEED__SHOP1_STOCK_STOCK": {
        "tracking": "enabled",
        "delivery_dates": True,
        # A bundle has no stock of its own in AFAS: that it can run out is said here.
        "rules": [{"items": ["00420", "PAKKET-*"], "tracking": "enabled"}],
    },
    # What is held is shown and counted here; it is no reason to stop the jobs that follow.
    "HELD_FAIL_ON": "never",
}
"""Of this merchant, beside those of meltano.yml: what becomes a specification, whose prices a customer group gets."""
_LIMITS = "3000/30000/120000"
_WINDOW = 300
_NIGHT = 11 * 3600


class Story:
    """The chapter of the catalogue.

    Args:
        screen: Where it is told.
        box: The sandbox.
    """

    def __init__(self, screen: Screen, box: Sandbox) -> None:
        self.screen, self.box = screen, box
        shown = {name: one if isinstance(one, str) else json.dumps(one) for name, one in SETTINGS.items()}
        self.project = Project(box, "catalogue", shown)
        self.result = Result()
        self._refused = 0

    def tell(self) -> list[tuple[str, str]]:
        """The chapter.

        Returns:
            Rows for the summary.
        """
        self._begin()
        self._plan()
        self._first_load()
        self._both_sides("value by value")
        self._second_round()
        self._twenty_changes()
        self._midnight()
        self._by_hand()
        self._accident()
        self._look_back()
        return self.result.rows()

    # -- the beginning ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.screen.title("Catalogue: AFAS leads, the shop is empty")
        morning = (self._now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        self.box.call("shop", "clock", {"now": morning.isoformat()})
        self.box.call("afas", "reset", {"seed": "small"})
        self.box.call("shop", "reset", {"seed": "empty"})
        self._sell_to_business()
        accounts = [{"email": one} for one in ACCOUNTS]
        self.box.call("shop", "records", {"resource": "customers", "records": accounts})
        afas = self._wanted()
        self.screen.say(
            f"AFAS has {len(afas.products)} products with {len(list(afas.articles()))} articles for the shop, with "
            f"{sum(len(one.images) for one in afas.products.values())} images; the shop has "
            f"{len(Snapshot(self.box)['products'])} products, two accounts of customers, and ten times the calls of "
            "an ordinary shop: with 300 per 5 minutes a first load waits for minutes, which nobody needs to watch"
        )

    def _sell_to_business(self) -> None:
        """What the merchant sets in the back office: groups of customers have prices of their own, without VAT."""
        self.box.call("shop", "switches", {"discount_basis": "excl", "rate_limits": _LIMITS})
        own = self._shop_api("GET", "shop")["shop"]
        self.box.call("shop", "records", {"resource": "shop", "records": [{**own, "isB2b": True}]})

    def _plan(self) -> None:
        self.screen.title("Looking before writing: the same run with mode: plan")
        before = Snapshot(self.box)
        ran = self._run("categories", TARGET_LIGHTSPEED_MODE="plan")
        for line in ran.said("would be created"):
            self.screen.say(line.partition("plan: ")[2])
        self.screen.check(not self._writes(ran) and not Snapshot(self.box).changes(before), "nothing was written")

    def _first_load(self) -> None:
        """Fill the shop."""
        self.screen.title("The first load")
        spent: dict[str, Counter[str]] = {flow: Counter() for flow in FLOWS}
        runs: Counter[str] = Counter()

        def take(ran: Ran) -> None:
            for job, calls in ran.calls:
                spent[job.partition("--")[0]] += calls
                runs[job.partition("--")[0]] += 1

        take(self._run("groups", "categories", "catalogue"))
        self.box.advance(_WINDOW)
        take(self._run("prices", "stock", "relations", "catalogue"))
        total = Counter[str]()
        rows = []
        for flow, calls in spent.items():
            total += calls
            rows.append((flow, runs[flow], sum(calls.values()), sum(writes(calls).values())))
        rows.append(("all", sum(runs.values()), sum(total.values()), sum(writes(total).values())))
        self.screen.table(("flow", "runs", "calls", "of them writes"), rows, numbers=(1, 2, 3))
        self.result.first_calls, self.result.first_writes = sum(total.values()), sum(writes(total).values())

    # -- comparing ----------------------------------------------------------------------------------------------------

    def _both_sides(self, words: str) -> None:
        """Print what AFAS says and what the shop shows."""
        self.screen.title(f"Both sides, {words}")
        afas, held = self._wanted(), self.project.held()
        codes = {str(one["key"]).split("|")[1] for one in held if one["stream"] == "Commerce_Products"}
        rows = compare(afas, Snapshot(self.box).catalogue(afas), codes)
        self.screen.table(
            ("", "AFAS", "shop", "compared", "held", "different"),
            [
                (
                    *(one.name, one.afas, one.shop, one.values, len(one.held)),
                    marked(not one.unequal, str(len(one.unequal))),
                )
                for one in rows
            ],
            numbers=(1, 2, 3, 4, 5),
        )
        for one in rows:
            if one.unequal:
                self.screen.check(False, f"{one.name} are equal: {', '.join(one.unequal[:6])} differ")
        values = sum(one.values for one in rows)
        self.screen.check(not any(one.unequal for one in rows), f"{values:,} values compared, all equal, to the cent")
        self.screen.say("Of AFAS but not in the shop, each for a reason:")
        left_out: dict[str, list[str]] = {}
        for what, why in afas.left_out:
            if what.partition(" ")[0] not in codes:
                left_out.setdefault(why, []).append(what)
        for entry in held:
            left_out.setdefault(f"held: {entry['reason']} {entry['subject']}", []).append(_named(entry))
        self.screen.table(("what", "why"), [(_few(names), why) for why, names in sorted(left_out.items())])
        kinds = Counter(str(one["reason"]) for one in held)
        self.result.rows_compared, self.result.held = rows, kinds

    # -- a second round, and changes ----------------------------------------------------------------------------------

    def _second_round(self) -> None:
        """All flows once more: what is there stays as it is."""
        self.screen.title("A second round: nothing changed in AFAS")
        before = Snapshot(self.box)
        self.box.advance(_WINDOW)
        ran = self._run(*FLOWS)
        spent = {job.partition("--")[0]: calls for job, calls in ran.calls}
        self.screen.table(
            ("flow", "calls", "of them writes"),
            [(flow, sum(calls.values()), sum(writes(calls).values())) for flow, calls in spent.items()],
            numbers=(1, 2),
        )
        self.screen.check(not self._writes(ran), "no write at all")
        self.screen.check(not Snapshot(self.box).changes(before), "no value of the shop has changed")
        self.result.second_calls, self.result.second_writes = self._count(ran), sum(self._writes(ran).values())

    def _twenty_changes(self) -> None:
        """Twenty changes in AFAS, one round, and every value of the shop before and after."""
        self.screen.title("Twenty changes in AFAS, then one round of all flows")
        changes = twenty(self._today(), digest(picture(PICTURE)))
        before = Snapshot(self.box)
        for change in changes:
            self.box.user(*change.steps)
        self.box.advance(_WINDOW)
        self._count_anew()
        ran = self._run(*ROUND)
        after = Snapshot(self.box)
        found = after.changes(before)
        log = self.box.call("shop", "calls?log")["log"]
        written = attributed(log, changes, after, before)
        wrong = {change.what: change.missing(found) for change in changes}
        self.screen.table(
            ("", "in AFAS", "in the shop", "writes"),
            [
                (
                    marked(not wrong[change.what], "✗" if wrong[change.what] else "✓"),
                    f"{number}. {change.what}",
                    change.arrives,
                    _writes_of(change, written),
                )
                for number, change in enumerate(changes, 1)
            ],
            numbers=(3,),
        )
        arrived = sum(not one for one in wrong.values())
        for one in wrong.values():
            for text in one:
                self.screen.check(False, text)
        self.screen.check(arrived == len(changes), f"{arrived} of {len(changes)} arrived as they should")
        explained = {place for change in changes for place in change.expects}
        other = {place: value for place, value in found.items() if place not in explained}
        for place, value in list(other.items())[:10]:
            self.screen.say(f"unexplained: {' '.join(place)}: {str(value)[:120]}", "red")
        self.screen.check(
            not other, f"nothing else changed: {len(found)} values of the whole shop differ, each is one of the twenty"
        )
        for text in written.unexplained[:10]:
            self.screen.say(f"unexplained write: {text}", "red")
        self.screen.check(
            not written.unexplained,
            f"{written.total} writes, each for one of them; prices and stock went together in {written.together} calls",
        )
        self.result.changes, self.result.arrived, self.result.others = len(changes), arrived, len(other)
        self.result.day_calls, self.result.day_writes = self._count(ran), written.total
        self._both_sides("once more")

    def _by_hand(self) -> None:
        """Somebody edits a product in the shop; the sweep finds it and AFAS's text comes back."""
        self.screen.title("Somebody changes a title in the shop by hand")
        snapshot = Snapshot(self.box)
        identity = next(one for one in snapshot["products"] if snapshot.code(one) == "SKU-0030")
        right = snapshot["products"][identity]["title"]["nl"]
        self._shop_api("PUT", f"products/{identity}", {"product": {"title": "SUPERACTIE!!!"}})
        self.box.user(product("SKU-0026", WebEnabled=True))
        self.screen.say("the night passes; in AFAS SKU-0026 is ticked again, and that is all that happens there")
        self.box.advance(_NIGHT)
        ran = self._run("catalogue")
        found = ran.said("sweep of products", "drifted")
        for line in found[:2]:
            self.screen.aside(line)
        self.screen.check(bool(found), "the daily look at the whole shop finds it")
        ran = self._run("catalogue", TARGET_LIGHTSPEED_MODE="plan")
        for line in ran.said("plan:", "SUPERACTIE")[:2]:
            self.screen.aside(" ".join(line.partition("plan: ")[2].split()))
        self.screen.check(bool(ran.said("plan:", "SUPERACTIE")), "a plan announces what would be overwritten")
        ran = self._run("catalogue", "prices")
        now = Snapshot(self.box)
        self.screen.check(
            now["products"][identity]["title"]["nl"] == right and bool(ran.said("drift_corrected")),
            f"AFAS leads: it is '{right}' again, and the run says drift_corrected",
        )
        again = next(row for row in now["products"].values() if now.code(row["id"]) == "SKU-0026")
        self.screen.check(again["visibility"] == "visible", "SKU-0026 is the same product as before, visible again")

    def _midnight(self) -> None:
        """Prices that begin to hold at midnight in Amsterdam."""
        self.screen.title("Midnight in Amsterdam")
        before = Snapshot(self.box)
        midnight = (self._now().astimezone(AMSTERDAM) + timedelta(days=1)).replace(hour=0, minute=1)
        due = self._wanted(midnight.date())
        self.box.call("shop", "clock", {"now": midnight.isoformat()})
        ran = self._run("prices")
        found = Snapshot(self.box).changes(before)
        prices = {name: value for (_, name, field), value in found.items() if field == "priceIncl"}
        self.screen.say(", ".join(f"{name} is € {value} from now on" for name, value in sorted(prices.items())))
        rows = compare(due, Snapshot(self.box).catalogue(due))
        self.screen.check(
            bool(prices) and not next(one for one in rows if one.name == "prices incl. VAT").unequal,
            f"{len(prices)} prices that began today are in the shop, in {sum(self._writes(ran).values())} writes",
        )

    def _accident(self) -> None:
        """All prices a hundredfold: nothing is written."""
        self.screen.title("An accident: a hundred times every price")
        before = Snapshot(self.box)
        afas = self._wanted()
        right = {one.sku: one.price for one in afas.articles() if one.sku.startswith("SKU-") and one.price}
        self.box.user(*(_price(sku, price * 100) for sku, price in right.items()))
        self.box.advance(_WINDOW)
        ran = self._run("prices", good=False)
        said = next((line.partition("exit 2: ")[2] for line in ran.lines if "exit 2: " in line), "")
        self.screen.say(said or "the run said nothing")
        self.result.stopped = self.screen.check(
            ran.code != 0 and bool(said) and not self._writes(ran) and not Snapshot(self.box).changes(before),
            f"refused before the first write: {len(right)} prices, {sum(self._writes(ran).values())} writes",
        )
        self.box.user(*(_price(sku, price) for sku, price in right.items()))
        ran = self._run("prices")
        self.screen.check(
            not self._writes(ran) and not Snapshot(self.box).changes(before),
            "the prices in AFAS are set right, and the next run has nothing to do",
        )

    def _look_back(self) -> None:
        """What must be so after all of it."""
        self.screen.title("After all of this")
        self._count_anew()
        self.screen.check(not self._refused, "the shop never had to refuse a call because too many came (429)")
        self.result.mails = sum(len(mails) for mails in self.box.call("shop", "mails").values())
        self.screen.check(not self.result.mails, f"{self.result.mails} mails went to customers")

    # -- small things -------------------------------------------------------------------------------------------------

    def _run(self, *flows: str, good: bool = True, **settings: str) -> Ran:
        """Run flows, and say so."""
        ran = self.project.run(*(f"{flow}--shop1" for flow in flows), **settings)
        mode = " (plan)" if settings else ""
        self.screen.aside(f"meltano run {' '.join(f'{flow}--shop1' for flow in flows)}{mode}: {ran.seconds:.0f} s")
        if good and ran.code:
            self.screen.check(False, f"the run ends well; it said: {' | '.join(ran.lines[-6:])[:800]}")
        return ran

    def _of(self, ran: Ran) -> Counter[str]:
        return sum((calls for _, calls in ran.calls), Counter())

    def _writes(self, ran: Ran) -> Counter[str]:
        return writes(self._of(ran))

    def _wanted(self, day: date | None = None) -> Catalogue:
        return afas_side.wanted(self.box, day or self._today(), ACCOUNTS)

    def _now(self) -> datetime:
        return datetime.fromisoformat(self.box.call("shop", "health")["now"])

    def _today(self) -> date:
        return self._now().astimezone(AMSTERDAM).date()

    def _count(self, ran: Ran) -> int:
        return sum(self._of(ran).values())

    def _count_anew(self) -> None:
        """The sandbox counts from zero; refused calls are remembered here."""
        self._refused += int(self.box.call("shop", "calls")["rate_limited"])
        self.box.call("shop", "calls", method="DELETE")

    def _shop_api(self, method: str, path: str, body: object = None) -> Any:
        """A call of the shop's API, as somebody else makes it."""
        key = base64.b64encode(self.box.shop_key.encode()).decode()
        data = None if body is None else json.dumps(body).encode()
        return fetched(f"{self.box.shop}/nl/{path}.json", data, {"Authorization": f"Basic {key}"}, method)


def _price(sku: str, price: Any) -> dict[str, Any]:
    return {"do": "price", "PriceList": afas_side.LIST, "Item": sku, "Price": str(price)}


def _writes_of(change: Change, written: Writes) -> str:
    """How many calls wrote a change; prices and stock of many articles go in one."""
    bulk = any(path == "variants" and field in {"priceIncl", "stockLevel", MADE} for path, _, field in change.expects)
    own = written.of[change.what]
    return f"{own} + bulk" if bulk and own else "bulk" if bulk else str(own)


def _named(entry: dict[str, Any]) -> str:
    """A held record as a person names it: an item by its code."""
    parts = [part for part in str(entry["key"]).split("|") if len(part) > 1]
    stream = str(entry["stream"]).removeprefix("Commerce_")
    return parts[0] if stream == "Products" else f"{stream} {' '.join(parts)}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
