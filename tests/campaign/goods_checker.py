"""Did the flows into the shop keep their promises? Decided offline, from the books of both sides.

Written from what the flows promise (the contract, the features, R1 to R7), and importing neither the coupling nor the
sandbox, so that it shares no mistake with them. Its input is plain JSON, the *evidence*:

``config``
    ``list`` (the price list of the shop), ``groups`` (price list -> customer group), ``aliases`` of brands,
    ``reserve``, ``overlap_minutes``, ``accounts`` (e-mail addresses that have one).
``afas``, ``shop``
    The books at the end: rows of AFAS's connectors, and what the shop's people see: `tests.support.goods_evidence`.
``hand``
    What the shop's people made, as rows of ``shop``: it must still stand there. ``touched``: SKUs that they changed.
``undisturbed``
    The shop of somebody who had no bad days, filled from the AFAS of the end.
``unbooked``
    SKU -> pieces in orders of the shop that AFAS doesn't have.
``looks``
    The books after each good run of the stock: run, afas, shop (without what people have touched), unbooked, and the
    SKUs that it holds.
``states``
    Every STATE: at, run, job, value, and the books at that moment (afas, shop).
``runs``, ``faults``, ``calls``
    See `tests.campaign.checker`. ``quiet``: numbers of the runs of the last round, which had nothing to do.
``end``
    ``at``, ``today`` (the day in Amsterdam), ``held`` (of every flow: stream, key, reason, subject).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.campaign.goods_holds import excused, lasts
from tests.campaign.goods_passed import state_behind_effect
from tests.campaign.goods_wants import Wants
from tests.campaign.promises import Violation, exit_codes, within_budget

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Json = dict[str, Any]


def check(evidence: Json) -> list[Violation]:
    """Every broken promise."""
    faults = {fault["number"]: fault for fault in evidence["faults"]}
    found = [
        *never_twice(evidence["shop"], evidence["hand"]),
        *(one for state in evidence["states"] for one in state_behind_effect(evidence, state)),
        *(one for run in evidence["runs"] for one in exit_codes(run, faults)),
        *within_budget(evidence),
        *(one for look in evidence["looks"] for one in never_comes_back(look)),
        *by_hand(evidence),
    ]
    if evidence["shop"]["mails"]:
        found.append(Violation("R1", "", f"customers got {evidence['shop']['mails']} mails"))
    if evidence["end"]["healed"]:
        found += [*as_afas_says(evidence), *as_undisturbed(evidence), *still_held(evidence), *quiet(evidence)]
    return found


def check_run(evidence: Json, first: Mapping[str, int]) -> list[Violation]:
    """What can be asked after each run: R1 of what stands there now, and R3, R6 and stock of this run.

    Args:
        evidence: So far.
        first: How many states, runs and looks there were before it.
    """
    faults = {fault["number"]: fault for fault in evidence["faults"]}
    return [
        *never_twice(evidence["shop"], evidence["hand"]),
        *(one for state in evidence["states"][first["states"] :] for one in state_behind_effect(evidence, state)),
        *(one for run in evidence["runs"][first["runs"] :] for one in exit_codes(run, faults)),
        *(one for look in evidence["looks"][first["looks"] :] for one in never_comes_back(look)),
    ]


# R1 -------------------------------------------------------------------------------------------------------------------


def never_twice(shop: Json, hand: Json) -> Iterator[Violation]:
    """R1: nothing stands in the shop twice for one thing of AFAS."""
    titles = {one["id"]: one["title"].get("nl", "") for one in shop["categories"]}
    made = {one["id"] for one in hand.get("categories", ())}
    things: dict[str, Iterable[Any]] = {
        "SKU": (one["sku"] for one in shop["variants"] if one["sku"]),
        "product with our key": (one["key"] for one in shop["products"] if one["key"]),
        "image of a product": ((one["key"] or one["id"], sha) for one in shop["products"] for sha in one["images"]),
        "category": (
            (titles.get(one["parent"]), one["title"].get("nl")) for one in shop["categories"] if one["id"] not in made
        ),
        "place of a product": ((one["category"], one["product"]) for one in shop["links"]),
        "relation": ((one["product"], one["related"]) for one in shop["relations"]),
        "customer group": (one["title"] for one in shop["groups"]),
        "membership": ((one["group"], one["email"]) for one in shop["members"]),
        "discount": ((one["product"], one["variant"], one["group"], one["quantity"]) for one in shop["discounts"]),
        **{f"one of {path}": titles for path, titles in shop["named"].items()},
    }
    for what, found in things.items():
        for thing, times in Counter(found).items():
            if times > 1:
                yield Violation("R1", "", f"{what} {thing} is there {times} times")


# stock ----------------------------------------------------------------------------------------------------------------


def never_comes_back(look: Json) -> Iterator[Violation]:
    """F2, F5: after a run of the stock no variant shows more than is free: what AFAS has, less what it doesn't know."""
    wants = Wants(look["afas"], {}, "")
    for one in look["shop"]:
        if wants.pieces_of(one["sku"]) & set(look["held"]):
            continue  # its write may have failed: that was told, and is tried again
        free = wants.free(one["sku"], look["unbooked"])
        if free is not None and one["tracking"] != "disabled" and one["level"] > max(0, free):
            yield Violation(
                "R4", one["sku"], f"after run {look['run']} the shop shows {one['level']}, but {max(0, free)} are free"
            )


# what people made ----------------------------------------------------------------------------------------------------


def by_hand(evidence: Json) -> Iterator[Violation]:
    """What the shop's people made by themselves is neither changed nor taken away."""
    for path, rows in evidence["hand"].items():
        standing = {_identity(one): one for one in evidence["shop"][path]}
        for row in rows:
            there = standing.get(_identity(row))
            if there is None:
                yield Violation("R1", "", f"{path}: {row} was made by hand and is gone")
            elif there != row:
                yield Violation("R1", "", f"{path}: {row} was made by hand and is {there} now")


def _identity(row: Json) -> Any:
    return row["id"] if "id" in row else tuple(sorted((name, str(value)) for name, value in row.items()))


# R2, R4, R5: when the causes are gone and time has passed ------------------------------------------------------------


def as_afas_says(evidence: Json) -> Iterator[Violation]:
    """R2 and R4: each item in scope stands in the shop as AFAS says, to the cent and to the piece, or is held."""
    wants = Wants(evidence["afas"], evidence["config"], evidence["end"]["today"])
    for product in wants.products:
        for part, lack in wants.lacks(product, evidence["shop"]):
            if not excused(product, part, evidence["end"]["held"]):
                yield Violation("R2", product.code, lack)
    for sku, lack in wants.unwanted(evidence["shop"]):
        yield Violation("R2", sku, lack)
    for sku, lack in wants.wrong_prices(evidence["shop"]):
        yield Violation("R4", sku, lack)
    for sku, lack in wants.wrong_levels(evidence["shop"], evidence["unbooked"]):
        yield Violation("R4", sku, lack)
    for lack in wants.wrong_tree(evidence["shop"], evidence["hand"]):
        yield Violation("R2", "", lack)


def as_undisturbed(evidence: Json) -> Iterator[Violation]:
    """R5: what a shop without bad days has, this one has too."""
    wants = Wants(evidence["afas"], evidence["config"], evidence["end"]["today"])
    # What was sold once, and has no price today, keeps the price it had; nobody who begins today knows that one.
    unpriced = {one.sku for product in wants.products for one in product.members if wants.price(one) is None}
    mine, theirs = (named(shop, unpriced) for shop in (evidence["shop"], evidence["undisturbed"]))
    for path, rows in theirs.items():
        for name, row in rows.items():
            there = mine[path].get(name)
            if there != row:
                yield Violation("R5", "", f"{path} {name}: undisturbed it would be {row}, but it is {there}")


def named(shop: Json, unpriced: Collection[str]) -> dict[str, dict[str, Any]]:
    """A shop by names instead of ids, without what depends on orders, nor prices of those that have none any more."""
    sku = {one["id"]: one["sku"] for one in shop["variants"]}
    keys = {one["id"]: one["key"] or one["title"].get("nl", "") for one in shop["products"]}
    titles = {one["id"]: one["title"].get("nl", "") for one in shop["categories"]}
    groups = {one["id"]: one["title"] for one in shop["groups"]}
    dropped = {"id", "level", "product", "delivery", "parent"}
    waiting = {one["product"] for one in shop["variants"] if one["sku"] in unpriced}

    def plain(row: Json) -> Json:
        less = {"visibility"} if row["id"] in waiting else {"price"} if row.get("sku") in unpriced else set()
        return {name: _said(value) for name, value in row.items() if name not in dropped | less}

    return {
        "products": {keys[one["id"]]: plain(one) for one in shop["products"]},
        # Without a SKU it is the shop's own, of a product that has no variants yet: whoever had some keeps the last.
        "variants": {
            one["sku"]: plain(one) | {"of": keys.get(one["product"])} for one in shop["variants"] if one["sku"]
        },
        "categories": {
            f"{titles.get(one['parent'], '')} > {one['title'].get('nl')}": plain(one) for one in shop["categories"]
        },
        "links": {f"{titles.get(one['category'])} > {keys.get(one['product'])}": True for one in shop["links"]},
        "relations": {f"{keys.get(one['product'])} > {keys.get(one['related'])}": True for one in shop["relations"]},
        "groups": {one["title"]: True for one in shop["groups"]},
        "members": {f"{groups.get(one['group'])} > {one['email']}": True for one in shop["members"]},
        "discounts": {
            f"{sku.get(one['variant'])} > {groups.get(one['group'], '')} > {one['quantity']}": one["price"]
            for one in shop["discounts"]
        },
    }


def _said(value: Any) -> Any:
    """A value, without languages that say nothing: a text that was taken back is one that was never written."""
    return {language: text for language, text in value.items() if text} if isinstance(value, dict) else value


def still_held(evidence: Json) -> Iterator[Violation]:
    """R5: what is still held when the causes are gone is held for something that stands in the data."""
    wants = Wants(evidence["afas"], evidence["config"], evidence["end"]["today"])
    for entry in evidence["end"]["held"]:
        if not lasts(entry, wants, evidence["shop"]):
            yield Violation("R5", entry["key"], f"it is still held for {entry['reason']} {entry['subject']}".rstrip())


def quiet(evidence: Json) -> Iterator[Violation]:
    """R5: at the end there is nothing left to do, and a run that has nothing to do writes nothing."""
    for call in evidence["calls"]:
        if call["run"] in evidence["quiet"] and not call["endpoint"].startswith("GET"):
            yield Violation("R5", "", f"run {call['run']} still wrote, though nothing had changed: {call['endpoint']}")
    for run in evidence["runs"]:
        if run["number"] in evidence["quiet"] and any(run["exits"].values()):
            yield Violation("R5", "", f"run {run['number']} of {run['job']} ended with {run['exits']} {run['last']}")


def figures(world: Any, shop: Json) -> Counter[str]:
    """Counts of one life."""
    return Counter(
        products=len(shop["products"]),
        orders=len(world.orders),
        runs=len(world.runs),
        kills=sum(1 for run in world.runs if run["killed"]),
        faults=sum(fault["fired"] for fault in world.faults()),
    )
