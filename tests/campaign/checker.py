"""Did the coupling keep its promises R1 to R7? Decided offline, from what both sides kept.

This module imports neither the coupling nor the sandbox, so that it shares no mistake with them. Its input is plain
JSON, the *evidence* (instants are ISO 8601 texts with a zone, amounts are texts):

``config``
    ``reference`` (template of the key in AFAS with {instance} and {number}), ``instance``, ``start_date``, the filter
    (``payment_statuses``, ``include_post_payment``, ``statuses_excluded``, ``channels``), ``overlap_minutes``,
    ``settle_seconds``, ``hold_limit``, ``on_cancel``, ``max_rounding``, ``reserve`` (calls per window), ``vat_holes``
    ([country, rate] for which the VAT table has no row).
``shop.revisions``
    Every state that an order of the shop ever had: id, number, at, created, updated, status, payment, post, channel,
    country, incl, vat ({percent: amount}), items ([{code, quantity}]), wrong ({what: true}).
``afas.versions``
    Every state that a sales order of AFAS ever had: number, at, by, reference, gone, blocked, status, incl,
    rates ([{percent, excl, vat, lines}]), items, rounding. ``by`` starts with "user" for what people did in AFAS.
``afas.relations``, ``afas.items``, ``afas.blocked_items``
    At the end: debtors that were made ([{number, emails}]), item codes, blocked item codes.
``states``
    Every STATE that was saved, in order: at, run, value.
``runs``
    number, begun, ended, exits ({plugin: code}), killed (plugins), last ({plugin: last line}), faults (numbers of
    those that fired during it), overlapped (another run took place within it).
``faults``
    number, side, name, endpoint, fired, params.
``calls``
    Calls at the shop: at, run, status, fault, remaining and reset (three numbers each, or null).
``end``
    healed: true when the faults were lifted and time has passed, so that the last promises can be asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.campaign.promises import HIDES, Violation, exit_codes, instant, within_budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

CENT = Decimal("0.01")
STREAM = "orders"


@dataclass(frozen=True)
class Revision:
    """An order of the shop, as it was from `at` until the next revision."""

    id: str
    number: str
    at: datetime
    created: datetime
    updated: datetime
    incl: Decimal
    items: Mapping[str, Decimal]
    vat: Mapping[Decimal, Decimal]
    data: Mapping[str, Any]

    @property
    def cancelled(self) -> bool:
        """Called off in the shop."""
        return bool(self.data["status"] == "cancelled")


@dataclass(frozen=True)
class Version:
    """A sales order of AFAS, as it was from `at` until the next version."""

    number: str
    at: datetime
    by_user: bool
    reference: str
    gone: bool
    blocked: bool
    incl: Decimal
    items: Mapping[str, Decimal]
    data: Mapping[str, Any]

    def alike(self, other: Version) -> bool:
        """Whether goods, money and standing are the same in both."""
        return (self.number, self.incl, self.items, self.gone, self.blocked, self.data["status"]) == (
            other.number,
            other.incl,
            other.items,
            other.gone,
            other.blocked,
            other.data["status"],
        )

    def holds(self, revision: Revision, on_cancel: str) -> str:
        """What it lacks of a revision; "" when it is its effect."""
        if revision.cancelled:
            done = self.gone or {"block": self.blocked, "settle": self.data["status"] == "S"}.get(on_cancel, False)
            return "" if done else "it was cancelled in the shop and still stands in AFAS"
        if self.gone:
            return "it is no longer there"
        if self.incl != revision.incl:
            return f"AFAS says {self.incl}, the shop {revision.incl}"
        if self.items != revision.items:
            return f"AFAS has {_said(self.items)}, the shop {_said(revision.items)}"
        return ""


def _said(items: Mapping[str, Decimal]) -> str:
    return " + ".join(f"{quantity:f} {code}" for code, quantity in sorted(items.items())) or "nothing"


@dataclass
class Case:
    """The evidence, read."""

    config: Mapping[str, Any]
    revisions: dict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, evidence: Mapping[str, Any]) -> Case:
        """Sort the evidence by shop order and by reference."""
        case = cls(evidence["config"], evidence=evidence)
        for row in evidence["shop"]["revisions"]:
            revision = Revision(
                row["id"],
                row["number"],
                instant(row["at"]),
                instant(row["created"]),
                instant(row["updated"]),
                Decimal(row["incl"]),
                _items(row["items"]),
                {Decimal(rate): Decimal(amount) for rate, amount in row["vat"].items()},
                row,
            )
            case.revisions[revision.id].append(revision)
        for row in evidence["afas"]["versions"]:
            version = Version(
                row["number"],
                instant(row["at"]),
                row["by"].startswith("user"),
                row["reference"],
                row["gone"],
                row["blocked"],
                Decimal(row["incl"]),
                _items(row["items"]),
                row,
            )
            case.versions[version.reference].append(version)
        return case

    def reference(self, revision: Revision) -> str:
        """The key of an order in AFAS."""
        text: str = self.config["reference"]
        return text.format(instance=self.config["instance"], number=revision.number, system="lightspeed")

    def in_scope(self, revision: Revision) -> bool:
        """Whether the filter of the configuration wants this state of an order."""
        config, data = self.config, revision.data
        if revision.created < instant(config["start_date"]):
            return False
        if revision.cancelled:
            return True
        if data["status"] in config["statuses_excluded"]:
            return False
        if config["channels"] and data["channel"] not in config["channels"]:
            return False
        if not config["payment_statuses"] or data["payment"] in config["payment_statuses"]:
            return True
        return bool(config["include_post_payment"] and data["post"])

    def standing(self, order: str, at: datetime) -> Revision | None:
        """How an order stood in the shop at an instant."""
        return next((one for one in reversed(self.revisions[order]) if one.at <= at), None)

    def booked(self, revision: Revision, at: datetime) -> Version | None:
        """What we last wrote to AFAS for an order, up to an instant.

        A write that left goods and money as it found them (an address, a remark) says nothing about those: before it
        stands what a person may have changed.
        """
        known = [one for one in self.versions.get(self.reference(revision), ()) if one.at <= at]
        while known:
            last = known.pop()
            if not last.by_user and not (known and last.alike(known[-1])):
                return last
        return None

    def lacks(self, revision: Revision, at: datetime) -> str:
        """What AFAS lacks of a revision at an instant; "" when its effect is there."""
        version, reaction = self.booked(revision, at), self.config["on_cancel"]
        if version is None:
            return "" if revision.cancelled else "AFAS has no such order"
        known = self.versions[self.reference(revision)]
        standing = next(one for one in reversed(known) if one.at <= at)
        # What a person has brought about by hand need not be done again.
        return "" if not standing.holds(revision, reaction) else version.holds(revision, reaction)

    def touched(self, revision: Revision) -> bool:
        """Whether a person changed, delivered or deleted the order in AFAS."""
        return any(one.by_user for one in self.versions.get(self.reference(revision), ()))

    def latest(self) -> Iterator[Revision]:
        """Every order as it stands at the end."""
        return (revisions[-1] for revisions in self.revisions.values())


def _items(rows: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["code"]] += Decimal(row["quantity"])
    return {code: quantity.normalize() for code, quantity in found.items() if quantity}


def check(evidence: Mapping[str, Any]) -> list[Violation]:
    """Every broken promise.

    Args:
        evidence: See the module.
    """
    case = Case.read(evidence)
    found = [*never_twice(case), *state_behind_effect(case), *honest_exits(case), *within_budget(evidence)]
    if evidence["end"]["healed"]:
        found += [*never_lost(case), *to_the_cent(case), *self_healing(case)]
    return found


def check_run(evidence: Mapping[str, Any], first_state: int, run: int) -> list[Violation]:
    """What can be asked after each run: R1, and R3 and R6 of this run's states and exits.

    Args:
        evidence: So far.
        first_state: Number of states that stood there before the run.
        run: Index of the run in ``runs``.
    """
    case = Case.read(evidence)
    states, runs = evidence["states"][first_state:], evidence["runs"][run:]
    return [*never_twice(case), *state_behind_effect(case, states), *honest_exits(case, runs)]


# R1 -------------------------------------------------------------------------------------------------------------------


def never_twice(case: Case) -> Iterator[Violation]:
    """R1: one sales order per shop order, one debtor per e-mail address, nothing that nobody ordered."""
    numbers = {case.reference(revision): revision.number for revision in case.latest()}
    for reference, versions in case.versions.items():
        if all(version.by_user for version in versions):
            continue
        made = sorted({version.number for version in versions})
        if reference not in numbers:
            yield Violation("R1", "", f"AFAS order {', '.join(made)} has reference {reference!r}, which nobody ordered")
        elif len(made) > 1:
            yield Violation("R1", numbers[reference], f"it was booked {len(made)} times: {', '.join(made)}")
    debtors: dict[str, set[str]] = defaultdict(set)
    for relation in case.evidence["afas"]["relations"]:
        for mail in relation["emails"]:
            debtors[mail.strip().lower()].add(relation["number"])
    for made_for in debtors.values():
        if len(made_for) > 1:
            yield Violation("R1", "", f"one e-mail address got {len(made_for)} debtors: {', '.join(sorted(made_for))}")


# R3 -------------------------------------------------------------------------------------------------------------------


def state_behind_effect(case: Case, states: Sequence[Mapping[str, Any]] | None = None) -> Iterator[Violation]:
    """R3: no saved bookmark passes an order in scope that is neither booked as it stands nor held.

    A bookmark has passed an order when no later run will look at it again by itself: its change lies below the overlap,
    or within it and is noted as seen.
    """
    overlap = timedelta(minutes=case.config["overlap_minutes"])
    for state in case.evidence["states"] if states is None else states:
        bookmark = state["value"].get("bookmarks", {}).get(STREAM, {})
        value = bookmark.get("replication_key_value")
        if value is None:
            continue
        at, lower = instant(state["at"]), instant(value) - overlap
        seen, held = dict(bookmark.get("seen", ())), {entry["key"] for entry in bookmark.get("held") or ()}
        for order in case.revisions:
            revision = case.standing(order, at)
            if revision is None or order in held or not case.in_scope(revision):
                continue
            noted = seen.get(order)
            if revision.updated >= lower and (noted is None or instant(noted) != revision.updated):
                continue
            if lack := case.lacks(revision, at):
                yield Violation(
                    "R3",
                    revision.number,
                    f"the state of run {state['run']} ({state['at']}, bookmark {value}) has passed its change of "
                    f"{revision.updated.isoformat()} and does not hold it, but {lack}",
                )


# R6 -------------------------------------------------------------------------------------------------------------------


def honest_exits(case: Case, runs: Sequence[Mapping[str, Any]] | None = None) -> Iterator[Violation]:
    """R6: a plugin's exit code says how it ended, with one line about it; 0 means that all was done."""
    faults = {fault["number"]: fault for fault in case.evidence["faults"]}
    many = len(case.revisions) > case.config["hold_limit"]
    for run in case.evidence["runs"] if runs is None else runs:
        yield from exit_codes(run, faults, many=many)
        if not any(run["exits"].values()) and not run["overlapped"]:
            met = [faults[number] for number in run["faults"]]
            yield from _done(case, run, {fault["name"] for fault in met if fault["side"] == "lightspeed"})


def _done(case: Case, run: Mapping[str, Any], hidden_by: set[str]) -> Iterator[Violation]:
    """A run that ends with 0 has handled all that was there when it began, and names what it holds."""
    state = next((one for one in reversed(case.evidence["states"]) if one["run"] <= run["number"]), None)
    bookmark = state["value"].get("bookmarks", {}).get(STREAM, {}) if state else {}
    held = {entry["key"] for entry in bookmark.get("held") or ()}
    last = run["last"].get("target", "")
    if held and str(len(held)) not in last:
        yield Violation("R6", "", f"run {run['number']} holds {len(held)} records, but its last line says: {last}")
    if hidden_by & HIDES:
        return
    begun, ended = instant(run["begun"]), instant(run["ended"])
    settled = begun - timedelta(seconds=case.config["settle_seconds"] + 1)
    for order in case.revisions:
        revision, then = case.standing(order, begun), case.standing(order, ended)
        if revision is None or revision is not then or revision.updated > settled:
            continue
        if order in held or not case.in_scope(revision):
            continue
        if lack := case.lacks(revision, ended):
            yield Violation("R6", revision.number, f"run {run['number']} ended with 0 and does not hold it, but {lack}")


# R2, R4, R5: when the causes are gone and time has passed ----------------------------------------------------------


def _last_held(case: Case) -> dict[str, Mapping[str, Any]]:
    states = case.evidence["states"]
    bookmark = states[-1]["value"].get("bookmarks", {}).get(STREAM, {}) if states else {}
    return {entry["key"]: entry for entry in bookmark.get("held") or ()}


def never_lost(case: Case) -> Iterator[Violation]:
    """R2: every order in scope is booked as it stands, or held."""
    held, end = _last_held(case), instant(case.evidence["end"]["at"])
    for revision in case.latest():
        if case.in_scope(revision) and revision.id not in held and (lack := case.lacks(revision, end)):
            yield Violation("R2", revision.number, f"it is not held, but {lack}")


def to_the_cent(case: Case) -> Iterator[Violation]:
    """R4: totals equal to the cent; base and VAT per rate within a cent per line; rounding within the cap."""
    held, end, cap = _last_held(case), instant(case.evidence["end"]["at"]), Decimal(case.config["max_rounding"])
    for revision in case.latest():
        version = case.booked(revision, end)
        if version is None or version.gone or revision.id in held or not case.in_scope(revision):
            continue
        if abs(rounding := Decimal(version.data["rounding"])) > cap:
            yield Violation("R4", revision.number, f"{rounding} stands on the rounding item, the cap is {cap}")
        if revision.cancelled:
            continue
        if version.incl != revision.incl:
            yield Violation("R4", revision.number, f"the total in AFAS is {version.incl}, in the shop {revision.incl}")
            continue
        yield from _per_rate(revision, version)


def _per_rate(revision: Revision, version: Version) -> Iterator[Violation]:
    rates = {Decimal(row["percent"]): row for row in version.data["rates"]}
    for percent in sorted({*rates, *revision.vat}):
        row = rates.get(percent, {"excl": "0", "vat": "0", "lines": 0})
        allowed = CENT * max(row["lines"], 1)
        vat, theirs = Decimal(row["vat"]), revision.vat.get(percent, Decimal(0))
        if abs(vat - theirs) > allowed:
            yield Violation("R4", revision.number, f"VAT of {percent} % is {vat} in AFAS and {theirs:.4f} in the shop")
        if not percent:
            continue
        base, bare = Decimal(row["excl"]), theirs * 100 / percent
        # The shop's VAT may be rounded; the base that follows from it is then as much less exact.
        if abs(base - bare) > allowed + Decimal("0.00005") * 100 / percent:
            yield Violation(
                "R4", revision.number, f"the base of {percent} % is {base} in AFAS and {bare:.4f} in the shop"
            )


def self_healing(case: Case) -> Iterator[Violation]:
    """R5: what is still held when the causes are gone is held for a cause that stands in the data."""
    for key, entry in _last_held(case).items():
        revisions = case.revisions.get(key)
        number = revisions[-1].number if revisions else key
        reason, subject = entry["reason"], entry["subject"]
        proof = PERMANENT.get(reason)
        if proof is None:
            yield Violation("R5", number, f"it is still held for {reason} {subject}".rstrip())
        elif not revisions:
            yield Violation("R5", number, f"it is held for {reason}, but the shop never had it")
        elif not proof(case, revisions[-1], subject):
            yield Violation("R5", number, f"it is held for {reason} {subject!r}, but that is not so (any more)")


def _item_is_missing(case: Case, revision: Revision, subject: str) -> bool:
    afas = case.evidence["afas"]
    codes = [subject] if subject in revision.items else list(revision.items)
    return any(code not in afas["items"] or code in afas["blocked_items"] for code in codes)


def _touched(case: Case, revision: Revision, subject: str) -> bool:
    del subject
    return case.touched(revision)


def _said_by_shop(name: str) -> Callable[[Case, Revision, str], bool]:
    def proof(case: Case, revision: Revision, subject: str) -> bool:
        del case, subject
        return bool(revision.data.get("wrong", {}).get(name))

    return proof


def _changed_later(case: Case, revision: Revision, subject: str) -> bool:
    """The shop changed an order that was booked."""
    del subject
    made = [one for one in case.versions.get(case.reference(revision), ()) if not one.by_user]
    return bool(made) and len(case.revisions[revision.id]) > 1


def _vat_hole(case: Case, revision: Revision, subject: str) -> bool:
    """The order goes where its rate has no VAT group."""
    country, rate = subject.split("/")[:2]
    hole = [country, rate] in case.config["vat_holes"]
    return hole and revision.data["country"] == country and Decimal(rate) in revision.vat


PERMANENT: dict[str, Callable[[Case, Revision, str], bool]] = {
    "unknown_item": _item_is_missing,
    "refused_by_afas": _item_is_missing,
    "order_delivered": _touched,
    "cancelled_after_delivery": _touched,
    "changed_on_both_sides": _touched,
    "differs_from_afas": _touched,
    "total_differs_in_afas": _touched,
    "cannot_change_field": _changed_later,
    "unmapped_vat": _vat_hole,
    "vanished": _touched,
    "no_item_code": _said_by_shop("no_sku"),
    "no_email": _said_by_shop("no_email"),
    "totals_differ": _said_by_shop("miss"),
}
"""Reasons for which a record may stay held, each with the proof that the cause is still in the data."""


def figures(evidence: Mapping[str, Any]) -> Counter[str]:
    """Counts of one evidence: orders, runs, kills, faults that fired."""
    return Counter(
        orders=len({row["id"] for row in evidence["shop"]["revisions"]}),
        runs=len(evidence["runs"]),
        kills=sum(1 for run in evidence["runs"] if run["killed"]),
        faults=sum(fault["fired"] for fault in evidence["faults"]),
    )
