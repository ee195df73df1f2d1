"""The port of a resource: one class for all of them, driven by the table."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import lightspeed_ecom
from target_lightspeed import changes, outlook
from target_lightspeed.bulk import Gather, VariantBulk
from target_lightspeed.failures import reading, writing
from target_lightspeed.fields import By, Ref
from target_lightspeed.finding import DELETED, Finder, Found
from target_lightspeed.lookups import fold
from target_lightspeed.personal import is_personal
from target_lightspeed.references import UNKNOWN
from upsert.errors import InDoubt, Rejected
from upsert.model import Create, Document, Hold, Plan, Skip, Update
from upsert.port import Port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.item import Item
    from target_lightspeed.resource import Resource
    from target_lightspeed.session import Session
    from target_lightspeed.settings import StreamSettings
    from upsert.model import Applied, Change, Cost, Outcome, SourceKey

logger = logging.getLogger("target-lightspeed")

_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Write:
    """What an update does.

    Attributes:
        verb: ``change`` some fields, ``delete``, ``make`` anew what we deleted, ``replace`` a file, or ``tidy`` away
            the files that were replaced (perhaps none is left) and remember the new one.
        body: Fields to write.
    """

    verb: Literal["change", "delete", "make", "replace", "tidy"]
    body: Mapping[str, Any]


class ResourcePort(Port["Item", Found]):
    """One resource, for one stream and one language.

    Args:
        resource: The resource.
        session: Client, settings, look-ups and store of the run.
        stream: The stream's settings.
        name: Name of the stream.
        language: Of texts, when it isn't the shop's default.
        blind: For records that can't be looked up.
        fields: Fields that records of the stream may have; None when unknown.
    """

    def __init__(
        self,
        resource: Resource,
        session: Session,
        stream: StreamSettings,
        name: str,
        *,
        language: str = "",
        blind: bool = False,
        fields: frozenset[str] | None = None,
    ) -> None:
        self.resource, self.session, self.stream, self.language = resource, session, stream, language
        self.settings, self.lookups, self.client = session.settings, session.lookups, session.client
        own = resource.name if name == resource.name else f"{resource.name}:{name}"
        self.purpose = f"{own}.new" if blind else f"{own}.{language}" if language else own
        self.lookup = "none" if blind else "by_natural_key"
        self.lookup_name = f"the list {resource.path}"
        self.in_doubt_for = timedelta(seconds=self.settings.in_doubt_seconds)
        self.on_conflict = stream.on_conflict or self.settings.on_conflict
        self.missing = stream.missing or self.settings.missing
        self.hasher = session.store.hasher
        need = None if fields is None else frozenset(resource.named) & fields
        self.finder = Finder(resource, session, self.purpose, language, need)
        bulk = resource.path == "variants" and not language and not blind and self.settings.bulk_size > 1
        # The kernel's writers meet in the bulk call; the session's slots keep the calls themselves few.
        self.workers = self.settings.workers
        self._gather: Gather | None = None
        if bulk:
            size, sample = self.settings.bulk_size, self.settings.bulk_sample
            variants = VariantBulk(self.client, size, sample, self._put_variant, session.slots)
            self._gather = Gather(variants.together, variants.send)
            self.workers = variants.together

    def document(self, source: SourceKey, item: Item) -> Document[Item]:
        """The document of a record."""
        if item.problem or item.skip or self.lookup == "none":
            key = f"record {self.hasher(f'{source.stream} {source.key}')}"
        else:
            key = self._document_key(item)
        hashed = changes.hashes(item, self.resource, self.hasher)
        return Document(key, source, item, hashed, unwanted=item.delete)

    def _document_key(self, item: Item) -> str:
        parts = [_part(name, value) for name, value in item.key.items()]
        secret = any(is_personal(self.resource, name, value) for name, value in item.key.items())
        if not parts and item.upload is not None and self.resource.upload == "list":
            parts = [f"title={item.upload.title}"]
        if item.owner is not None:
            parts.append(_part(self.resource.owner, item.owner))
            secret = secret or is_personal(self.resource, self.resource.owner, item.owner)
        key = ", ".join(parts) or "the one"
        if not item.by_id:
            secret = secret or len(key) > _LONGEST_KEY or any(one.personal for one in self.resource.fields)
        return f"hash {self.hasher(key)}" if secret else key

    # -- reading ------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The shop's own clock."""
        with reading():
            return self.client.server_now()

    def look_up(self, documents: Sequence[Document[Item]]) -> Mapping[str, Sequence[Found]]:
        """What exists, in as few calls as possible; what was written without an answer is asked anew."""
        if self._gather:
            self._gather.expect_none()
        return self.finder.find(documents)

    def ids(self, existing: Found) -> Mapping[str, str]:
        """The shop's id."""
        return {"id": str(existing.id)} if existing.id else {}

    # -- deciding -----------------------------------------------------------------------------------------------------

    def plan(self, document: Document[Item], existing: Found | None, applied: Applied | None) -> Plan:
        """Create, change, delete, skip or hold."""
        item = document.content
        if item.problem:
            return item.problem
        if item.skip:
            return Skip(item.skip)
        if self.lookup == "none":
            return self._plan_new(document, item.values)
        if missing := self.finder.missing(document):
            if item.delete and missing.reason == UNKNOWN:
                return Skip("already_gone")
            return Hold(missing.reason, missing.subject)
        if item.delete:
            return self._plan_delete(existing)
        if existing is None or existing.gone:
            plan = self._plan_missing(document)
            if isinstance(plan, Create) and existing is not None:
                return Update("", Write("make", plan.payload))
            return plan
        return self._plan_existing(document, existing, applied)

    def _plan_delete(self, existing: Found | None) -> Plan:
        if existing is None or existing.gone:
            return Skip("already_gone")
        if "D" not in self.resource.verbs:
            return Hold("not_deletable")
        return Update(str(existing.id), Write("delete", {}))

    def _plan_missing(self, document: Document[Item]) -> Plan:
        if self.language or self.stream.action == "update":
            return Skip("missing") if self.missing == "skip" else Hold("not_found")
        if document.content.by_id:
            return Hold("unknown_id", str(document.content.key["id"]))
        return self._plan_new(document, self.finder.values(document))

    def _plan_new(self, document: Document[Item], values: Mapping[str, Any]) -> Plan:
        if "C" not in self.resource.verbs:
            return Hold("not_creatable")
        # What is not set is left out: it is so by itself, and how "not set" is written differs by field.
        body = {name: value for name, value in values.items() if value is not False and value != ""} | {
            name: False for name, value in values.items() if value is False and self._is_boolean(name)
        }
        for name in self.resource.required:
            upload = document.content.upload
            there = (upload.attachment if upload else "") if name == "attachment" else body.get(name)
            if there is None or there == "":
                return Hold("missing_field", name)
        return Create(body)

    def _is_boolean(self, name: str) -> bool:
        known = self.resource.named.get(name)
        return known is None or known.kind.word == "boolean"

    def _plan_existing(self, document: Document[Item], existing: Found, applied: Applied | None) -> Plan:
        values = self.finder.values(document)
        diff = changes.compare(
            document.content,
            values,
            existing.id,
            existing.row,
            hashed=document.hashes,
            applied=applied,
            resource=self.resource,
            hasher=self.hasher,
            on_conflict=self.on_conflict,
        )
        if self.stream.action == "create":
            return Skip("exists", same=not (diff.body or diff.fixed or diff.upload))
        if diff.conflict and not document.released:
            return Hold("changed_on_both_sides", diff.conflict)
        for name in diff.fixed:
            if self.settings.unknown_fields == "hold":
                return Hold("cannot_change", name)
            self.session.dropped(self.purpose, "can't be changed any more and stay as they are", [name])
        if diff.upload:
            order = {name: value for name, value in values.items() if name == "sortOrder"}
            return Update(str(existing.id), Write("replace", {**order, **diff.body}))
        if existing.old or self._has_new_id(document, existing, applied):
            return Update(str(existing.id), Write("tidy", {}))
        if not diff.body:
            return Skip("kept" if diff.kept else "unchanged", same=not diff.kept)
        if "U" not in self.resource.verbs:
            return Hold("not_changeable", min(diff.body))
        if self._gather and VariantBulk.fits(diff.body):
            self._gather.expect_one()
        return Update(str(existing.id), Write("change", diff.body))

    def _has_new_id(self, document: Document[Item], existing: Found, applied: Applied | None) -> bool:
        """Whether a file that we know stands there under another id, which must be remembered."""
        if self.resource.upload != "list" or applied is None or document.content.by_id:
            return False
        return applied.ids.get("id") not in (None, "", str(existing.id))

    # -- looking ahead ------------------------------------------------------------------------------------------------

    def describe(self, document: Document[Item], existing: Found | None, plan: Create | Update) -> Sequence[Change]:
        """Every value that would be written or lost, personal ones hidden."""
        changes = outlook.describe(self.resource, document.content, existing, plan)
        if not self.session.explains:
            return list(changes)
        named, titles = self.resource.named, self.session.titles
        return [
            replace(
                one, old=titles.shown(named.get(one.field), one.old), new=titles.shown(named.get(one.field), one.new)
            )
            for one in changes
        ]

    def cost(self, planned: Sequence[Outcome]) -> Cost:
        """Variants whose stock or price changes go together; a file that is replaced is uploaded and deleted."""
        bulk = self.settings.bulk_size if self._gather else 0
        return outlook.cost(self.resource, planned, bulk, VariantBulk.fits)

    def assume(self, document: Document[Item], plan: Create | Update) -> Mapping[str, str]:
        """Count what is planned as done: later records that refer to it find it, under an id below zero."""
        if self.lookup == "none":
            return {"id": str(self.session.placeholder())}
        owner = self.finder.owner(document)
        if isinstance(plan, Update) and plan.diff.verb != "make":
            write: Write = plan.diff
            if write.verb == "delete":
                self.lookups.drop(self.resource, int(plan.target_id), owner=owner)
            elif write.verb == "change":
                self._learn(int(plan.target_id), write.body, {}, owner)
            return {}
        body = plan.payload if isinstance(plan, Create) else plan.diff.body
        if self.resource.upload == "single":
            return {"id": str(owner)}
        identity, upload = self.session.placeholder(), document.content.upload
        self._learn(identity, body, {"title": upload.title} if upload else {}, owner)
        return {"id": str(identity)}

    # -- writing ------------------------------------------------------------------------------------------------------

    def before_writes(self) -> None:
        """Nothing to check: the key's rights show at the first write, and a 403 stops the run."""

    def create(self, document: Document[Item], plan: Create) -> Mapping[str, str]:
        """Make it."""
        if self.lookup == "none":
            self.finder.resolve([document])
            resolved = self.finder.values(document)
            return {
                "id": self._make(document, {name: resolved.get(name, value) for name, value in plan.payload.items()})
            }
        return {"id": self._make(document, plan.payload)}

    def update(self, document: Document[Item], existing: Found, plan: Update) -> Mapping[str, str]:
        """Change, delete, make anew, or replace its file."""
        write: Write = plan.diff
        match write.verb:
            case "delete":
                self._delete_all(document, existing, (existing.id, *existing.old))
                return {DELETED: "1"}
            case "make":
                return {"id": self._make(document, write.body), DELETED: ""}
            case "replace":
                # A file can't be changed: the new one goes up, then the old one goes. A single image is replaced.
                made = self._make(document, write.body)
                if self.resource.upload == "list":
                    self._delete_all(document, existing, (existing.id, *existing.old))
                return {"id": made}
            case "tidy":
                self._delete_all(document, existing, existing.old)
            case "change":
                with self._unclear(document), writing(self._secrets(document)):
                    if self._gather and VariantBulk.fits(write.body):
                        self._gather.put(existing.id, dict(write.body))
                        self._learn(existing.id, write.body, {}, None)
                    else:
                        self._change(document, existing.id, write.body)
        return {}

    def _change(self, document: Document[Item], identity: int, body: Mapping[str, Any]) -> None:
        owner, language = self.finder.owner(document), self.language or None
        path, envelope = self.resource.item_path(identity, owner), self.resource.envelope
        with self.session.slots:
            row = self.client.update(path, envelope, self._body(document, body), language=language)
            for unset in (None, 0):
                # Which of false, null and 0 takes a reference away is unknown (reference §6.2): the answer shows it.
                if not (still := self._still_set(body, row)):
                    break
                row = self.client.update(path, envelope, self._body(document, dict.fromkeys(still, unset), mails=False))
        if still := self._still_set(body, row):
            raise Rejected("refused_by_shop", min(still), f"{path}: {min(still)} can't be taken away")
        self._learn(identity, body, row, owner)

    def _still_set(self, body: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
        """References that were to be cleared and still stand in the answer."""
        named = self.resource.named
        cleared = [named[name] for name, value in body.items() if value is False and name in named]
        return [one.name for one in cleared if isinstance(one.kind, Ref) and one.of(row)]

    def _learn(self, identity: int, body: Mapping[str, Any], row: Mapping[str, Any], owner: int | None) -> None:
        """Remember what stands there now, also when the answer was empty."""
        if self.resource.single:
            return
        named = self.resource.named
        written = {named[name].read if name in named else name: value for name, value in body.items()}
        self.lookups.put(self.resource, {**written, **row, "id": identity}, owner=owner, language=self.language)

    def _put_variant(self, identity: int, body: dict[str, Any]) -> None:
        with self.session.slots:
            self.client.update(f"variants/{identity}", "variant", body)

    def _make(self, document: Document[Item], body: Mapping[str, Any]) -> str:
        owner, upload = self.finder.owner(document), document.content.upload
        path, envelope = self.resource.list_path(owner), self.resource.created or self.resource.envelope
        with self._unclear(document), self.session.slots, writing(self._secrets(document)):
            if upload is not None and envelope is not None:
                row = self.client.upload(path, envelope, upload.attachment, upload.filename, fields=body)
            else:
                row = self.client.create(path, envelope, self._body(document, body))
        identity = row.get("id")
        if owner is not None and self.resource.upload:
            self.lookups.has_image(owner)
        if self.resource.upload == "single":
            self.finder.unsure.add(document.key)
            return str(owner)
        if not isinstance(identity, int) and self.lookup != "none":
            # Made, but nobody knows as what: the look-up tells.
            raise InDoubt("the shop's answer has no id")
        if self.finder.proven and isinstance(identity, int):
            self.lookups.put(self.resource, row, owner=owner)
        else:
            # The kernel asks for the first one that was made: only the list can prove that it shows what we write.
            self.finder.unsure.add(document.key)
        return str(identity or "")

    def _delete_all(self, document: Document[Item], existing: Found, ids: Sequence[int]) -> None:
        for identity in ids:
            self._delete(document, existing, identity)

    def _delete(self, document: Document[Item], existing: Found, identity: int) -> None:
        owner = self.finder.owner(document)
        place: int | str = identity
        if self.resource.delete_by:
            place = self.resource.named[self.resource.delete_by].of(existing.row) or identity
        with self._unclear(document), self.session.slots, writing():
            try:
                self.client.delete(self.resource.item_path(place, owner))
            except lightspeed_ecom.NotFound:
                logger.info("%s %s was deleted already", self.resource.name, identity)
        self.lookups.drop(self.resource, identity, owner=owner)

    def _unclear(self, document: Document[Item]) -> _Unclear:
        return _Unclear(self.finder.unsure, document.key)

    def _body(self, document: Document[Item], body: Mapping[str, Any], *, mails: bool = True) -> dict[str, Any]:
        """The body with every mail flag: false, unless record and settings both say true, and it has not gone yet."""
        return {**body, **{flag: mails and flag in document.content.flags for flag in self.resource.flags}}

    def _secrets(self, document: Document[Item]) -> frozenset[str]:
        """Personal values of a record, in small letters."""
        named, values = self.resource.named, document.content.values
        found = (str(value).lower() for name, value in values.items() if name in named and named[name].personal)
        return frozenset(one for one in found if len(one) > 2)


class _Unclear:
    """Notes that a write had no answer, so that it is asked anew."""

    def __init__(self, unsure: set[str], key: str) -> None:
        self._unsure, self._key = unsure, key

    def __enter__(self) -> None:
        self._unsure.add(self._key)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, InDoubt):
            self._unsure.discard(self._key)


def _part(name: str, value: Any) -> str:
    """One part of a document's key."""
    if isinstance(value, By):
        return f"{name}.{value.field}={fold(value.field, value.value)}"
    if isinstance(value, dict):
        value = value.get("id")
    return f"{name}={fold(name, str(value))}"
