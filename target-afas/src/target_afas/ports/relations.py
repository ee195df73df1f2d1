"""Sales relations (KnSalesRelationOrg, KnSalesRelationPer): found by e-mail, created, or changed by ownership."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afas_profit import Element
from target_afas.addresses import fingerprint_of, fingerprint_of_row, make_address
from target_afas.limits import LENGTHS, fit, note, noting
from target_afas.outlook import of_relation
from target_afas.parties import Match, Relation, Wanted, choose, held_values, owned_values
from target_afas.ports.base import NEW, AfasWrites
from target_afas.reasons import CannotLoad
from upsert.merge import three_way
from upsert.model import Applied, Change, Create, Document, Hold, Plan, Skip, Update
from upsert.port import Port

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afas_profit import Value
    from target_afas.settings import Ownership, RelationSettings

logger = logging.getLogger(__name__)

GENDERS = {"male": "M", "female": "V", "other": "X"}
UNKNOWN_GENDER = "O"
"""AFAS demands a gender of a person (write-api 1.8)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the look-up says about a customer that exists: its debtor, or why it can't be told which."""

    relation: Relation | None
    problem: Hold | None = None


@dataclass(frozen=True, slots=True)
class RelationJob:
    """A customer on its way. ``may_create`` is false when only an existing relation may be changed.

    ``notes`` say what is left out; none where the order of the customer tells of it.
    """

    wanted: Wanted
    may_create: bool = True
    changes_address: bool = False
    notes: tuple[str, ...] = ()


class RelationPort(AfasWrites, Port[RelationJob, Found]):
    """The kernel's view on sales relations. The document key is a salted hash of kind and e-mail address."""

    purpose = "sales_relation"
    lookup = "by_natural_key"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.lookup_name = f"GetConnector {self.lookups.readers['relations'].name}"
        self._matches: dict[str, Match] = {}
        self._of_crm: set[str] = set()

    def hashes(self, job: RelationJob) -> dict[str, str]:
        """Hashes of the fields that ownership speaks of; of nothing else, so nothing else makes it changed.

        Raises:
            CannotLoad: A table has no entry.
        """
        facts = owned_values(job.wanted, self.settings.relations)
        if job.changes_address and self.settings.relations.own.address != "never" and (place := _place(job.wanted)):
            facts["address"] = place
        return {name: self.hasher(text) for name, text in facts.items()} or {"customer": self.hasher("known")}

    def look_up(self, documents: Sequence[Document[RelationJob]]) -> Mapping[str, Sequence[Found]]:
        """Contacts by e-mail; one answer per customer, for the choice among several is ours."""
        rows = self.lookups.relations((document.content.wanted.email for document in documents), fresh=True)
        found: dict[str, Sequence[Found]] = {}
        for document in documents:
            wanted = document.content.wanted
            try:
                match = choose(wanted.kind, rows.get(wanted.email, []))
            except CannotLoad as problem:
                found[document.key] = [Found(None, Hold(problem.reason, problem.subject))]
                continue
            self._matches[document.key] = match
            if match.use is not None:
                found[document.key] = [Found(match.use)]
        return found

    def made_of_crm(self, key: str) -> bool:
        """Whether an existing CRM contact was made a debtor: its address is then not the one we know."""
        return key in self._of_crm

    def ids(self, existing: Found) -> Mapping[str, str]:
        """Debtor number and the number of its organisation or person."""
        relation = existing.relation
        return {"debtor": relation.debtor or "", "bcco": relation.bcco} if relation else {}

    def plan(self, document: Document[RelationJob], existing: Found | None, applied: Applied | None) -> Plan:
        """Create, change what is ours to change, or leave alone."""
        job = document.content
        if existing is None:
            if not (job.may_create and self.settings.relations.create):
                return Skip("not_created")
            match = self._matches.get(document.key, Match())
            with noting() as notes:
                try:
                    connector, element = create_body(job.wanted, match, self.settings.relations)
                except CannotLoad as problem:
                    return Hold(problem.reason, problem.subject)
            return Create((connector, element, (*job.notes, *notes)))
        if existing.problem is not None or existing.relation is None:
            return existing.problem or Hold("ambiguous_customer")
        relation = existing.relation
        fields = self._changes(document, relation, applied)
        if not fields:
            return Skip("same_in_afas", same=True)
        return Update(relation.debtor or "", fields)

    def _changes(self, document: Document[RelationJob], relation: Relation, applied: Applied | None) -> frozenset[str]:
        held = held_values(relation.row)
        held["address"] = fingerprint_of_row(relation.row)
        target = {name: self.hasher(held.get(name, "")) for name in document.hashes}
        merge = three_way(applied.hashes if applied else None, document.hashes, target)
        return frozenset(
            name
            for name in merge.apply | merge.conflicts
            if may_change(name, held.get(name, ""), self.settings.relations.own, relation)
        )

    def describe(
        self, document: Document[RelationJob], existing: Found | None, plan: Create | Update
    ) -> Sequence[Change]:
        """Which fields are written; what stands in them is personal."""
        if isinstance(plan, Update) and existing is not None and existing.relation is not None:
            held = held_values(existing.relation.row) | {"address": fingerprint_of_row(existing.relation.row)}
            return list(of_relation(plan.diff, held))
        return list(
            of_relation(
                {"sales relation", "address", *owned_values(document.content.wanted, self.settings.relations)}, None
            )
        )

    def assume(self, document: Document[RelationJob], plan: Create | Update) -> Mapping[str, str]:
        """A new debtor has no number yet; the organisation or person may be there."""
        if isinstance(plan, Update):
            return {}
        match = self._matches.get(document.key, Match())
        return {"debtor": NEW, "bcco": match.crm.bcco if match.crm is not None else NEW}

    def create(self, document: Document[RelationJob], plan: Create) -> Mapping[str, str]:
        """One call with relation, organisation or person, address and contact person."""
        connector, element, notes = plan.payload
        self.tell(_record(document), notes)
        match = self._matches.get(document.key, Match())
        if match.crm is not None:
            self._of_crm.add(document.key)
        if match.note:
            logger.info("customer %s: %s; a new organisation is made", document.key, match.note)
        self.lookups.forget_relation(document.content.wanted.email)
        answer = self.insert(connector, element)
        names = {"debtor": answer.first("DbId"), "bcco": answer.first("BcCo")}
        return {name: value for name, value in names.items() if value}

    def update(self, document: Document[RelationJob], existing: Found, plan: Update) -> Mapping[str, str]:
        """One call with the owned fields that changed."""
        if existing.relation is None:
            raise ValueError("nothing to change")
        self.lookups.forget_relation(document.content.wanted.email)
        with noting() as notes:
            connector, element = update_body(
                document.content.wanted,
                existing.relation,
                plan.diff,
                self.settings.relations,
                self.now().date().isoformat(),
            )
        self.tell(_record(document), (*document.content.notes, *notes))
        self.put(connector, element)
        return self.ids(existing)


def _record(document: Document[RelationJob]) -> str:
    """What a person can find again: the source record, for the document's key is a hash."""
    return f"{document.source.stream} {document.source.key}, its customer"


def may_change(name: str, held: str, own: Ownership, relation: Relation) -> bool:
    """Whether ownership lets us change a field of an existing relation."""
    rule = getattr(own, name, "never")
    if name in {"name", "phone", "mobile"} and relation.contact_type == "PRS":
        return False  # these are the contact person's, not the organisation's
    return rule == "always" or (rule == "if_empty" and not held)


def _place(wanted: Wanted) -> str:
    """The address as it is compared; '' for none, or one that AFAS can't hold: that changes nothing there."""
    try:
        return fingerprint_of(make_address(wanted.address))
    except CannotLoad:
        return ""


def _known(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {code: value for code, value in values.items() if value is not None and value != ""}


def create_body(wanted: Wanted, match: Match, settings: RelationSettings) -> tuple[str, Element]:
    """UpdateConnector and body of a new debtor.

    Args:
        wanted: The customer.
        match: An existing organisation or person to make a debtor of, or none.
        settings: Of relations.

    Raises:
        CannotLoad: The address or name is incomplete, or a setting has no rule for it.
    """
    facts = wanted.facts
    fields = _known(
        {
            "IsDb": True,
            "CuId": wanted.currency or settings.currency,
            "PaCd": wanted.payment_terms or settings.payment_condition.pick(facts, "relations.payment_condition"),
            "ColA": wanted.ledger_account or settings.control_account.pick(facts, "relations.control_account"),
            "VaDu": settings.vat_duty.pick(facts, "relations.vat_duty"),
            "VtIn": wanted.incl_vat
            if settings.price_includes_vat == "order"
            else settings.price_includes_vat == "incl",
            "InPv": settings.issue_method,
            "VaId": wanted.vat_number if wanted.kind == "organisation" else None,
            "PrLs": wanted.price_list or settings.price_list.pick(facts, "relations.price_list"),
            "PfId": settings.profile.pick(facts, "relations.profile"),
            "DeCo": settings.delivery_condition,
            "LgId": settings.languages.look_up(wanted.language, reason="unmapped_setting", table="relations.languages"),
        }
    ) | {code: wanted.extra[name] for name, code in settings.free_fields.items() if name in wanted.extra}
    organisation = wanted.kind == "organisation"
    connector = "KnSalesRelationOrg" if organisation else "KnSalesRelationPer"
    carrier = "KnOrganisation" if organisation else "KnPerson"
    if match.crm is not None:
        code = "MatchOga" if organisation else "MatchPer"
        found = Element({code: "0", "BcCo": match.crm.bcco}, action="update")
        return connector, Element(fields, objects={carrier: found}, action="insert")
    address = {"KnBasicAddressAdr": Element(make_address(wanted.address).fields())}
    if not organisation:
        return connector, Element(fields, objects={carrier: Element(person_fields(wanted), objects=address)})
    name = fit(wanted.company or wanted.name, "Nm")
    if not name:
        raise CannotLoad("no_name")
    company = _known(
        {
            "PadAdr": True,
            "AutoNum": True,
            "MatchOga": "6",
            "SeNm": name[:10].rstrip().upper(),
            "Nm": name,
            "CcNr": _coc(wanted),
            "EmAd": wanted.email,
            "TeNr": fit(wanted.phone, "TeNr"),
            "MbNr": fit(wanted.mobile, "MbNr"),
        }
    )
    objects: dict[str, Element | Sequence[Element]] = dict(address)
    if wanted.last_name:
        person = Element(person_fields(wanted))
        objects["KnContact"] = Element({"ViKc": "PRS", "PadAdr": True}, objects={"KnPerson": person})
    return connector, Element(fields, objects={carrier: Element(company, objects=objects)})


def _coc(wanted: Wanted) -> str | None:
    if wanted.coc_number and len(wanted.coc_number) > LENGTHS["CcNr"]:
        note(f"CcNr left out: longer than {LENGTHS['CcNr']} characters")
        return None
    return fit(wanted.coc_number, "CcNr")


def person_fields(wanted: Wanted) -> dict[str, Value]:
    """Fields of a new KnPerson.

    AFAS wants a last name, a first name or initials, and a gender. Its screens show the private e-mail address and
    telephone numbers of a person that is a customer, so both are filled (write-api 2.8).

    Raises:
        CannotLoad: There is no name at all.
    """
    first, infix, last = wanted.first_name, wanted.infix, wanted.last_name
    if not last:
        words = (wanted.name or "").split()
        if not words:
            raise CannotLoad("no_name")
        last, first = words[-1], first or " ".join(words[:-1]) or None
    initials = wanted.initials or (None if first else f"{last[0].upper()}.")
    private = wanted.kind == "person"
    phone, mobile = fit(wanted.phone, "TeNr"), fit(wanted.mobile, "MbNr")
    return _known(
        {
            "PadAdr": True,
            "AutoNum": True,
            "MatchPer": "7",
            "FiNm": fit(first, "FiNm"),
            "In": fit(initials, "In"),
            "Is": fit(infix, "Is"),
            "LaNm": fit(last, "LaNm"),
            "SpNm": False,
            "ViGe": GENDERS.get(wanted.gender or "", UNKNOWN_GENDER),
            "EmAd": wanted.email,
            "EmA2": wanted.email if private else None,
            "TeNr": phone,
            "TeN2": phone if private else None,
            "MbNr": mobile,
            "MbN2": mobile if private else None,
            "CcNr": _coc(wanted) if private else None,
        }
    )


def update_body(
    wanted: Wanted, relation: Relation, names: Iterable[str], settings: RelationSettings, today: str
) -> tuple[str, Element]:
    """UpdateConnector and body that change owned fields of an existing debtor.

    Args:
        wanted: The customer.
        relation: What AFAS holds.
        names: Which owned fields differ and may be changed.
        settings: Of relations.
        today: AFAS's calendar day, the moving date of a changed address.
    """
    changed = set(names)
    values = {name: text for name, text in owned_values(wanted, settings).items() if name in changed}
    on_relation = {
        "vat_number": "VaId",
        "language": "LgId",
        "price_list": "PrLs",
        "payment_condition": "PaCd",
        "vat_duty": "VaDu",
    }
    fields: dict[str, Value] = {on_relation[name]: text for name, text in values.items() if name in on_relation}
    organisation = relation.is_organisation
    inner: dict[str, Value] = {"MatchOga" if organisation else "MatchPer": "0", "BcCo": relation.bcco}
    if "coc_number" in values:
        inner["CcNr"] = values["coc_number"]
    for name, codes in (("phone", ("TeNr", "TeN2")), ("mobile", ("MbNr", "MbN2"))):
        if name in values:
            inner |= dict.fromkeys(codes[: 1 if organisation else 2], values[name])
    if "name" in values:
        parts = person_fields(wanted) if not organisation else {"Nm": values["name"]}
        inner |= {code: parts[code] for code in ("Nm", "FiNm", "In", "Is", "LaNm") if code in parts}
    objects = {}
    if "address" in changed:
        moved = make_address(wanted.address).fields() | {"BeginDate": today}
        objects["KnBasicAddressAdr"] = Element(moved, action="update")
    carrier = Element(inner, objects=objects, action="update")
    return (
        "KnSalesRelationOrg" if organisation else "KnSalesRelationPer",
        Element(
            fields,
            keys={"DbId": relation.debtor or ""},
            objects={"KnOrganisation" if organisation else "KnPerson": carrier},
            action="update",
        ),
    )
