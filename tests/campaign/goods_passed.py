"""R3 of the flows into the shop: no state passes a row of AFAS whose effect is neither in the shop nor held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.campaign.goods_wants import RELATED, Wants
from tests.campaign.promises import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

_ZONE = ZoneInfo("Europe/Amsterdam")
_CUT = {"lookup_filtered", "lookup_stale"}
"""Faults that take rows out of an answer: nobody can see that they were there."""


@dataclass(frozen=True)
class Passed:
    """A state, with the books of its moment.

    Attributes:
        state: See `goods_checker`.
        overlap: How far below its bookmark the tap reads again.
    """

    state: Json
    overlap: timedelta

    @property
    def marks(self) -> Mapping[str, Json]:
        """Bookmarks by stream."""
        found: Mapping[str, Json] = self.state["value"].get("bookmarks", {})
        return found

    def has(self, stream: str, row: Json) -> bool:
        """Whether no later run looks at a row by itself."""
        value = self.marks.get(stream, {}).get("replication_key_value")
        return value is not None and _later(row["Modified"]) < datetime.fromisoformat(value) - self.overlap

    def holds(self, stream: str, *parts: str) -> bool:
        """Whether a row is held; its key has these parts."""
        entries = self.marks.get(stream, {}).get("held") or ()
        return any(set(parts) <= set(entry["key"].split("|")) for entry in entries)


def state_behind_effect(evidence: Json, state: Json) -> Iterator[Violation]:
    """R3: no bookmark passes a row whose effect is neither in the shop nor held."""
    if state["job"] not in _LACKS or "afas" not in state:
        return
    passed = Passed(state, timedelta(minutes=evidence["config"]["overlap_minutes"]))
    wants = Wants(state["afas"], evidence["config"], state["at"][:10])
    for name, lack in _LACKS[state["job"]](evidence, passed, wants):
        yield Violation("R3", name, f"the state of run {state['run']} has passed it, but {lack}")


def _catalogue(evidence: Json, passed: Passed, wants: Wants) -> Iterator[tuple[str, str]]:
    for product in wants.products:
        streams = [("Commerce_Products", product.row), *((one.stream, one.row) for one in product.members)]
        if not all(passed.has(stream, row) for stream, row in streams) or product.names & set(evidence["touched"]):
            continue
        if any(passed.holds(stream, row["ItemType"], row["Item"]) for stream, row in streams):
            continue
        for _, lack in wants.lacks(product, passed.state["shop"], content_only=True):
            yield product.code, lack


def _categories(evidence: Json, passed: Passed, wants: Wants) -> Iterator[tuple[str, str]]:
    shop, stream = passed.state["shop"], "Commerce_Categories"
    made = {one["id"] for one in evidence["hand"].get("categories", ())}
    titles = {one["id"]: one["title"].get("nl") for one in shop["categories"]}
    there = {
        (titles.get(one["parent"]), one["title"].get("nl"))
        for one in shop["categories"]
        if one["visible"] and one["id"] not in made
    }
    rows = {row["Category"]: row for row in wants.afas["Categories"]}
    for code, row in rows.items():
        above = rows.get(row["Parent"] or "")
        chain = [one for one in (row, above) if one is not None]
        done = all(passed.has(stream, one) and not passed.holds(stream, one["Category"]) for one in chain)
        if not done or row["Blocked"] or (row["Parent"] and (above is None or above["Blocked"])):
            continue
        if (above["Description"] if above else None, row["Description"]) not in there:
            yield code, "the shop doesn't show it there"


def _relations(evidence: Json, passed: Passed, wants: Wants) -> Iterator[tuple[str, str]]:
    shop, stream = passed.state["shop"], "Commerce_ProductRelations"
    products = wants.standing(shop)
    there = {(one["product"], one["related"]) for one in shop["relations"]}
    # Who takes a product away takes its relations with it; the sweep, that runs after the first state, finds that.
    touched = set(evidence["touched"])
    by_hand = {name for product in wants.products if product.names & touched for name in product.names}
    for row in wants.afas["ProductRelations"]:
        ends = (row["ItemType"], row["Item"]), (row["RelatedType"], row["Related"])
        if row["Kind"].lower() not in RELATED or not passed.has(stream, row) or not set(ends) <= products.keys():
            continue
        if by_hand & {row["Item"], row["Related"]}:
            continue
        if passed.holds(stream, *ends[0], *ends[1], row["Kind"]):
            continue
        pair = products[ends[0]], products[ends[1]]
        wanted = {pair, pair[::-1]} if row["BothWays"] else {pair}
        if pair[0] != pair[1] and not wanted <= there:
            yield f"{row['Item']} > {row['Related']}", "the shop doesn't have it"


def _groups(evidence: Json, passed: Passed, wants: Wants) -> Iterator[tuple[str, str]]:
    shop = passed.state["shop"]
    cut = {one["number"] for one in evidence["faults"] if one["name"] in _CUT}
    if any(cut & set(run["faults"]) for run in evidence["runs"] if run["job"] == passed.state["job"]):
        return
    names = {one["id"]: one["title"] for one in shop["groups"]}
    rows = {row["Group"]: row for row in wants.afas["CustomerGroups"] if not row["Blocked"]}
    for code, row in rows.items():
        stream = "Commerce_CustomerGroups"
        if passed.has(stream, row) and not passed.holds(stream, code) and row["Description"] not in names.values():
            yield code, "the shop has no such group"
    members = {(names.get(one["group"]), one["email"]) for one in shop["members"]}
    for row in wants.afas["Relations"]:
        mail, stream = (row.get("Mail") or row.get("Mail2") or "").lower(), "Commerce_Relations"
        group = rows.get(row.get("CustomerGroup") or "")
        if group is None or mail not in evidence["config"]["accounts"] or not passed.has(stream, row):
            continue
        held = [entry["key"].split("|") for entry in passed.marks[stream].get("held") or ()]
        waits = any(set(key) <= set(map(str, row.values())) for key in held)
        if not waits and (group["Description"], mail) not in members:
            yield mail, f"isn't in the group {group['Description']}"


def _whole(_: Json, passed: Passed, __: Wants) -> Iterator[tuple[str, str]]:
    """A flow that reads all rows each time has nothing to pass: a bookmark would let it leave rows out."""
    for stream, mark in passed.marks.items():
        if mark.get("replication_key_value") is not None:
            yield stream, "its flow must read all rows each time"


_LACKS = {
    "catalogue": _catalogue,
    "categories": _categories,
    "relations": _relations,
    "groups": _groups,
    "prices": _whole,
    "stock": _whole,
}
"""By flow: what it lacks of that which a state has passed."""


def _later(local: str) -> datetime:
    """The latest instant that a local time of AFAS (with its false Z) can mean."""
    moment = datetime.fromisoformat(local.replace("Z", "")).replace(tzinfo=_ZONE, fold=1)
    return moment.astimezone(UTC)
