"""From a batch of raw records to AFAS: checked against the live metainfo, then through the kernel."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from afas_profit.elements import root_of
from target_afas.failures import reading
from target_afas.raw.checker import Checker, Problem, line
from target_afas.raw.facts import ELEMENT_KEYS, VERBS, operations
from target_afas.raw.lookup import Lookup, folded
from target_afas.raw.planner import RawJob, RawPlanner, facts_of
from target_afas.raw.port import DELETED, RawPort
from target_afas.raw.settings import WHOLE_RECORD, RawStream
from target_afas.raw.values import is_writable, normal, plain_text
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome
from upsert.store import DecisionKind
from upsert.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from afas_profit import UpdateConnectorInfo
    from target_afas.raw.checker import Row
    from target_afas.session import Session
    from upsert.kernel import Kernel
    from upsert.singer import Incoming

logger = logging.getLogger(__name__)

_LONGEST_KEY = 1500
_NO = frozenset({"", "false", "f", "no", "n", "nee"})
_YES = frozenset({"true", "t", "yes", "y", "ja", "j"})
_WHEN = re.compile(r"\d{4}-\d\d-\d\d([t ].*)?|0*[1-9]\d*(\.\d+)?")


def settings_of(stream: str, raw: Mapping[str, RawStream]) -> RawStream | None:
    """The settings of a raw stream: those given, or the defaults for a documented UpdateConnector.

    Returns:
        None when the stream is no raw stream.
    """
    wanted = stream.casefold()
    for name, settings in raw.items():
        if name.casefold() == wanted:
            return settings
    return RawStream() if wanted in operations() else None


class RawFlow:
    """Loads the records of one raw stream.

    Args:
        session: What this run works with.
        stream: Name of the stream.
        settings: Its settings.
        key_properties: Its key, as the tap says. One that is no field of the connector only says which record it is.
        kernel: Makes the kernel of a source stream.
        source: Gives the source of a source stream's bookmark, or "".

    Raises:
        ConfigurationError: The connector, a verb, a key or the look-up is not there.
        Outage: AFAS can't be asked.
    """

    def __init__(
        self,
        session: Session,
        stream: str,
        settings: RawStream,
        *,
        key_properties: Sequence[str],
        kernel: Callable[[str], Kernel],
        source: Callable[[str], str],
    ) -> None:
        self.settings, self.stream = settings, stream
        self._kernel, self._source, self._store = kernel, source, session.store
        self._where = f"Setting 'raw.{stream}'"
        self.connector = self._connector(session)
        with reading():
            info = session.client.update_metainfo(self.connector)
        self._ids = self._own_key(info)
        self._check_verbs()
        self._lookup = (
            Lookup(session.client, settings.lookup, f"{self._where}: lookup", info, self._ids)
            if settings.lookup
            else None
        )
        self._key = self._key_fields()
        root = root_of(self.connector)
        names = {one.casefold() for one in (*(known.field_id for known in info.fields), *ELEMENT_KEYS.get(root, ()))}
        marks = {settings.marker} if settings.marker and settings.marker.casefold() not in names else set()
        beside = {
            name
            for name in (*(self._key or ()), *key_properties)
            if name.casefold() not in names and not _is_element_key(name)
        }
        self._checker = Checker(info, root, ignore={*settings.ignore, *marks, *beside}, unchecked=settings.unchecked)
        compared = tuple(self._lookup.compared) if self._lookup else ()
        planner = RawPlanner(
            self.connector, settings, session.store.hasher, self._checker.field, compared=compared, ids=self._ids
        )
        self.port = RawPort(
            self.connector,
            planner,
            self._lookup,
            self._ids,
            session.lookups,
            session.settings,
            session.store.hasher,
            lambda: None,
            workers=settings.workers,
            stream=stream,
            deleted=lambda keys: self._deleted(session.environment, keys),
        )

    # -- once per run -------------------------------------------------------------------------------------------------

    def _connector(self, session: Session) -> str:
        wanted = self.settings.connector or self.stream
        known = {one.id.casefold(): one.id for one in session.meta.update_connectors}
        if wanted.casefold() not in known:
            raise ConfigurationError(f"The app connector lacks UpdateConnector {wanted}: add it there, or deselect it.")
        return known[wanted.casefold()]

    def _own_key(self, info: UpdateConnectorInfo) -> tuple[str, ...]:
        documented = operations().get(self.connector.casefold())
        ids = tuple(self.settings.id or (documented.key if documented else ()))
        if not ids:
            ids = tuple(one.field_id for one in info.fields if one.primary_key)
        exact = {one.field_id.casefold(): one.field_id for one in info.fields}
        ids = tuple(exact.get(code.casefold(), code) for code in ids)
        possible = {*exact.values(), *ELEMENT_KEYS.get(root_of(self.connector), ())}
        possible |= set(documented.key) if documented else set()
        if self.settings.id and (strange := [code for code in ids if code not in possible]):
            raise ConfigurationError(f"{self._where}: `id`: {self.connector} has no field '{strange[0]}'.")
        if not ids and self.settings.mode != "insert":
            raise ConfigurationError(
                f"{self._where}: mode {self.settings.mode} needs `id`, the fields of AFAS's own key of "
                f"{self.connector}: metainfo names none."
            )
        return ids

    def _check_verbs(self) -> None:
        documented = operations().get(self.connector.casefold())
        if documented is None or not documented.verbs:
            return
        mode = self.settings.mode
        needed = ["insert", "update"] if mode == "upsert" else [mode]
        if self.settings.on_marked == "delete":
            needed.append("delete")
        for action in needed:
            if VERBS[action] not in documented.verbs:
                raise ConfigurationError(
                    f"{self._where}: AFAS has no {action} ({VERBS[action]}) for {self.connector}, only "
                    f"{', '.join(name for name, verb in VERBS.items() if verb in documented.verbs)}."
                )

    def _key_fields(self) -> tuple[str, ...] | None:
        """Fields that hold a record's natural key; None: the source's own key serves."""
        settings = self.settings
        key = tuple(settings.key or ()) or (self._ids if settings.mode != "insert" or settings.lookup else ())
        if self._lookup and (hidden := self._hidden_ids(key)):
            raise ConfigurationError(
                f"{self._where}: `lookup.id` must say which field of {self._lookup.connector} holds "
                f"{', '.join(hidden)}: AFAS's own key is needed to change or delete."
            )
        if settings.lookup and len(key) != len(settings.lookup.field):
            raise ConfigurationError(
                f"{self._where}: `key` names {len(key)} fields and `lookup.field` {len(settings.lookup.field)}."
            )
        return key or None

    def _hidden_ids(self, key: Sequence[str]) -> list[str]:
        """Parts of AFAS's own key that neither the look-up nor the record's key shows, where they are needed."""
        if self._lookup is None or (self.settings.mode == "insert" and self.settings.on_marked != "delete"):
            return []
        return [code for code in self._ids if code not in self._lookup.ids and code not in key]

    def _deleted(self, scope: str, keys: Sequence[str]) -> set[str]:
        """Of some document keys, those whose records we deleted."""
        rows = self._store.rows(scope, self.port.purpose, list(keys))
        return {key for key, row in rows.items() if row.ids.get(DELETED)}

    # -- per batch ----------------------------------------------------------------------------------------------------

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring a batch into AFAS: one outcome per record."""
        groups: dict[str, list[Incoming]] = {}
        for one in batch:
            groups.setdefault(one.source.stream, []).append(one)
        for stream, group in groups.items():
            kernel = self._kernel(stream)
            documents: list[Document[RawJob]] = []
            for one in group:
                made = self._document(one)
                if isinstance(made, Outcome):
                    self._log(kernel, made)
                    if made.reason == "bad_fields":
                        logger.warning("%s, record %s: %s", one.source.stream, one.source.key, made.subject)
                    yield made
                else:
                    documents.append(made)
            parts = [documents] if self.port.blind else in_turn(documents)
            for part in parts if documents else ():
                yield from kernel.run(self.port, part)

    def _log(self, kernel: Kernel, outcome: Outcome) -> None:
        """Log what never reaches the kernel, as the kernel does; a person's decision about it is used up."""
        source = outcome.document.source
        kernel.store.log([kernel.log_row(self.port.purpose, outcome, source)])
        if source in kernel.decisions:
            used = [DecisionKind.RETRY, *([DecisionKind.RELEASE] if outcome.action != "held" else [])]
            kernel.store.use_decisions(kernel.source, [(source, kind) for kind in used], kernel.clock.now())

    def _document(self, incoming: Incoming) -> Document[RawJob] | Outcome:
        settings, record = self.settings, incoming.content
        marked = self._marked(record)
        if marked is None:
            unclear = Problem(str(settings.marker), "", "neither yes nor no nor a date")
            return _outcome(incoming, "held", "bad_fields", line(self.connector, [unclear]))
        if settings.mode == "delete" and not marked:
            return _outcome(incoming, "skipped", "not_marked")
        if marked and settings.mode != "delete" and settings.on_marked != "delete":
            action = "held" if settings.on_marked == "hold" else "skipped"
            return _outcome(incoming, action, "deleted_in_source")
        checked = self._checker.check(record)
        natural = tuple(self._natural(name, record) for name in self._key or () if name != WHOLE_RECORD)
        no_key = [
            Problem(name, "", wrong)
            for name, text in zip(self._key or (), natural, strict=False)
            if (wrong := _wrong_key(text))
        ]
        # Of a deletion only the key counts: sources often send nothing else.
        problems = no_key if marked else [*checked.problems, *no_key]
        if settings.mode == "insert" and not marked:
            problems = [*problems, *checked.missing]
        own = {code: text for code in self._ids if (text := self._natural(code, record))}
        if self._lookup is None and (settings.mode != "insert" or marked):
            told = {problem.path.casefold() for problem in problems}
            problems = [*problems, *(one for one in self._no_own_key(own) if one.path.casefold() not in told)]
        if problems:
            return _outcome(incoming, "held", "bad_fields", line(self.connector, problems))
        row = self._with_clean_key(checked.row)
        job = RawJob(row, natural, own, checked.missing, deleted=marked)
        hasher = self._store.hasher
        facts = {"": "deleted"} if marked else facts_of(row, settings, self._checker.field)
        key = self._document_key(incoming, natural, facts)
        if settings.mode == "insert" and settings.on_changed == "leave" and not marked:
            facts = {"": "known"}
        hashes = {name: hasher(text) for name, text in facts.items()}
        return Document(key, incoming.source, job, hashes, unwanted=marked)

    def _no_own_key(self, own: Mapping[str, str]) -> list[Problem]:
        """Parts of AFAS's own key that the record lacks where nothing else can say which record is meant."""
        found = []
        for code in self._ids:
            if code not in own:
                known = self._checker.field(code)
                found.append(Problem(code, known.label if known else "", "a value is needed: it is AFAS's own key"))
        return found

    def _with_clean_key(self, row: Row) -> Row:
        """The row with its key as it is looked for: without spaces around it."""
        if self._lookup is None:
            return row
        names = {name.casefold() for name in self._key or ()}
        clean = {
            code: value.strip() if isinstance(value, str) and code.casefold() in names else value
            for code, value in row.fields.items()
        }
        return replace(row, fields=clean)

    def _marked(self, record: Mapping[str, Any]) -> bool | None:
        """Whether the source says that the record is gone; None when its mark means neither."""
        if self.settings.marker is None:
            return self.settings.mode == "delete"
        mark = plain_text(_value(self.settings.marker, record)).casefold()
        if mark in _NO or not mark.strip("0."):
            return False
        return True if mark in _YES or _WHEN.fullmatch(mark) else None

    def _natural(self, name: str, record: Mapping[str, Any]) -> str:
        value = _value(name, record)
        known = self._checker.field(name)
        # Only dates have more than one spelling that a filter takes; the case of texts is AFAS's matter.
        if known and known.data_type.casefold() in {"date", "int", "decimal"} and value not in (None, ""):
            return normal(known, value)
        return plain_text(value)

    def _document_key(self, incoming: Incoming, natural: Sequence[str], facts: Mapping[str, str]) -> str:
        """Unique per UpdateConnector; natural keys are hashed, since one may be an e-mail address."""
        hasher = self._store.hasher
        if self._key and WHOLE_RECORD in self._key:
            return hasher("\x1e".join(f"{name}\x1f{facts[name]}" for name in sorted(facts)))
        if natural:
            return hasher("\x1f".join(folded([*(self._key or ()), *natural])))
        if not incoming.source.key:
            raise ConfigurationError(
                f"{self._where}: the stream has no key properties and its records no `_source_key`; set `key` to the "
                "fields that say which record it is, or to '*' for all of them together."
            )
        source = incoming.source
        return ":".join(part for part in (self._source(source.stream), source.stream, source.key) if part)


def _value(name: str, record: Mapping[str, Any]) -> Any:
    """A field of a record, in any case and in any spelling of a key."""
    value = record.get(name)
    if value is None:
        wanted = {name.casefold(), f"_key_{name}".casefold(), f"@{name}".casefold()}
        value = next((one for given, one in record.items() if given.casefold() in wanted), None)
    return value


def _wrong_key(text: str) -> str:
    """Why a key can't be looked for, or ""."""
    if not text:
        return "the key is empty"
    if not is_writable(text):
        return "a character that no text may hold"
    # The question stands in a URL, which AFAS limits (read-api 2.4).
    return "longer than a key can be" if len(quote(text)) > _LONGEST_KEY else ""


def _is_element_key(name: str) -> bool:
    return name.startswith(("_key_", "@"))


def _outcome(incoming: Incoming, action: Any, reason: str, subject: str = "") -> Outcome:
    return Outcome(Document("", incoming.source, None, {}), action, reason=reason, subject=subject)
