"""From a record to what must be written: fields checked, references and languages understood. Pure.

Understood besides the fields of the resource:

* references as `5`, `{"id": 5}` (as a tap reads them), `{"title": "Acme"}` (by natural key), or flat as `brand__title`;
* texts as `{"nl": "Stoel", "en": "Chair"}`, or further languages under `_texts`: `{"en": {"title": "Chair"}}`;
* `_language`: all texts of the record are in this language;
* `_sdc_deleted_at`: the record is to be deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from target_lightspeed.fields import LOOSE, MISSING, By, Field, Ref, Unfit
from target_lightspeed.uploads import Upload, read_upload
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from target_lightspeed.resource import Resource
    from target_lightspeed.settings import Settings, StreamSettings

DELETED = "_sdc_deleted_at"
SILENT = frozenset({"id", "createdAt", "updatedAt", "src", "thumb", "size", "extension"})
"""Read-only fields of nearly every record that a tap reads: not worth a warning."""

_LANGUAGE = re.compile(r"[a-z]{2}")
_NOT_GONE = frozenset({"", "0", "false", "none", "null"})


@dataclass(frozen=True, slots=True)
class Item:
    """What a record wants of the shop.

    Attributes:
        key: How it is found: field -> value as written; ``id`` is the shop's own. Empty: it can't be looked up.
        owner: The parent's id, or how to find it.
        values: Field -> value as written, or a `By`.
        language: Language of the values, when it isn't the shop's default: then they are texts.
        texts: Further languages -> field -> text.
        flags: Mail flags that are to be true.
        delete: It must go.
        upload: Its file.
        problem: Why it can't be loaded.
        skip: Why nothing is to be done.
    """

    key: Mapping[str, Any] = field(default_factory=dict)
    owner: int | By | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    delete: bool = False
    upload: Upload | None = None
    problem: Hold | None = None
    skip: str = ""

    def in_language(self, language: str) -> Item:
        """The same thing, with its texts of one further language; its mails went with the thing itself."""
        return replace(self, values=self.texts[language], texts={}, language=language, upload=None, flags=frozenset())

    @property
    def by_id(self) -> bool:
        """Whether it is found by the shop's own id."""
        return "id" in self.key


class _Held(Exception):  # noqa: N818 - a verdict
    def __init__(self, reason: str, subject: str) -> None:
        super().__init__(reason)
        self.hold = Hold(reason, subject)


class Reader:
    """Reads the records of one stream.

    Args:
        resource: Where they go.
        settings: All settings.
        stream: The stream's own.
        dropped: Told about fields that are left out: the words of the warning and the fields.
    """

    def __init__(
        self,
        resource: Resource,
        settings: Settings,
        stream: StreamSettings,
        dropped: Callable[[str, Collection[str]], None],
    ) -> None:
        self.resource, self.settings, self.stream, self._told = resource, settings, stream, dropped
        self._left_out: dict[str, set[str]] = {}
        self._fields = resource.named
        uploaded = {"attachment", "filename", "title"} if resource.upload else set()
        keys = {name for key in (*resource.keys, stream.key or ()) for name in key}
        self._aside = frozenset({*resource.flags, *self._owner_names(), *keys, *uploaded})
        # What names a record: of one that goes, nothing else is of interest.
        self._naming = keys | {one.name for one in resource.fields if one.only_create}
        self._allowed = frozenset(stream.notify if stream.notify is not None else settings.notify)

    def item(self, record: Mapping[str, Any]) -> Item:
        """What a record wants; never raises for what is in it."""
        try:
            return self._item(record)
        except _Held as held:
            return Item(problem=held.hold)
        finally:
            for words, names in self._left_out.items():
                self._told(words, names)
            self._left_out.clear()

    def _dropped(self, words: str, name: str) -> None:
        self._left_out.setdefault(words, set()).add(name)

    def _item(self, record: Mapping[str, Any]) -> Item:
        gone = is_gone(record)
        if gone and self.settings.deletes == "skip":
            return Item(skip="delete_skipped")
        language = self._language(record)
        given = self._given(record)
        delete = gone or self.stream.action == "delete"
        counts = {name: value for name, value in given.items() if name in self._naming} if delete else given
        values, texts = self._values(counts, language)
        upload = self._upload(record)
        key = self._key(record, values, language, delete=delete)
        if self.resource.upload == "list" and not key and upload is None:
            raise _Held("no_key", "filename")
        if language:
            values = {name: value for name, value in values.items() if self._fields[name].local}
            if not values and not delete:
                return Item(skip="no_texts")
        return Item(
            key=key,
            owner=self._owner(given),
            values=values,
            language="" if delete else language,
            texts={} if delete else texts,
            flags=frozenset(
                flag
                for flag in self.resource.flags
                if flag in self._allowed and str(record.get(flag)).lower() == "true"
            ),
            delete=delete,
            upload=upload,
        )

    def _language(self, record: Mapping[str, Any]) -> str:
        told = record.get("_language") or self.stream.language or ""
        language = str(told).strip().lower()
        if language and not _LANGUAGE.fullmatch(language):
            raise _Held("wrong_type", "_language")
        return "" if language == self.settings.language else language

    def _given(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record with flat references (`brand__title`) and texts (`title__en`) put into their place."""
        given: dict[str, Any] = {}
        flat: dict[str, dict[str, Any]] = {}
        more = record.get("_texts") or {}
        if not isinstance(more, dict) or not all(isinstance(found, dict) for found in more.values()):
            raise _Held("wrong_type", "_texts")
        texts = {code: dict(found) for code, found in more.items()}
        for name, value in record.items():
            base, mark, inner = name.partition("__")
            if not (mark and base and inner):
                given[name] = value
            elif self._local(base) and _LANGUAGE.fullmatch(inner):
                texts.setdefault(inner, {})[base] = value
            else:
                parts = flat.setdefault(base, {})
                if value not in (None, ""):
                    parts[inner.removeprefix("resource__")] = value
        for base, parts in flat.items():
            if given.get(base) in (None, "", False):
                given[base] = parts or None
        return {**given, "_texts": texts} if texts else given

    def _values(self, given: Mapping[str, Any], language: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Values of the record's own language, and texts of further ones."""
        values: dict[str, Any] = {}
        texts: dict[str, dict[str, Any]] = {}

        def put(code: str, known: Field, text: Any) -> None:
            if code == (language or self.settings.language):
                self._put(values, known, text)
            elif language:
                self._dropped("have texts in another language than the record's, which are left out", known.name)
            else:
                self._put(texts.setdefault(code, {}), known, text)

        for name, value in given.items():
            known = self._known(name)
            if known is None:
                continue
            if known.local and _is_texts(value):
                for code, text in value.items():
                    put(code, known, text)
            else:
                self._put(values, known, value)
        more = given.get("_texts")
        for code, by_name in more.items() if isinstance(more, dict) else ():
            for name, text in by_name.items() if isinstance(by_name, dict) else ():
                known = self._fields.get(name)
                if known is not None and known.local:
                    put(code, known, text)
        return values, {code: found for code, found in texts.items() if found}

    def _known(self, name: str) -> Field | None:
        """The field of this name; None when it is left out, or is read elsewhere."""
        known = self._fields.get(name)
        if known is not None:
            # What is taken with an upload (attachment and file name) is read with it.
            return None if self.resource.upload and known.only_create else known
        if name.startswith("_") or name in SILENT or name in self._aside:
            return None
        if self.resource.open:
            return Field(name, LOOSE)
        if self.settings.unknown_fields == "hold":
            raise _Held("unknown_field", name)
        self._dropped("can't be written and are left out", name)
        return None

    def _put(self, values: dict[str, Any], known: Field, value: Any) -> None:
        try:
            taken = known.kind.take(value)
        except Unfit:
            if self.settings.wrong_types == "hold":
                raise _Held("wrong_type", known.name) from None
            self._dropped(f"are not of type {known.kind.word} and are left out", known.name)
            return
        # What the shop never shows (a password) can't be compared: an empty column must not take it away.
        if taken is not MISSING and not (known.hidden and taken == ""):
            values[known.name] = taken

    def _key(
        self, record: Mapping[str, Any], values: Mapping[str, Any], language: str, *, delete: bool
    ) -> dict[str, Any]:
        """How the record is found.

        Raises:
            _Held: It has neither an id nor the fields of a natural key.
        """
        wanted = self.stream.key
        if self.resource.single:
            return {}
        if wanted is None and self.resource.id_last:
            for names in self.resource.keys:
                if (found := self._natural(names, record, values)) is not None:
                    return found
        if wanted in (None, ("id",)) and record.get("id") not in (None, ""):
            if not str(record["id"]).isdigit():
                raise _Held("wrong_type", "id")
            return {"id": int(record["id"])}
        if self.resource.upload:
            return {}
        keys = (wanted,) if wanted else self.resource.keys
        if wanted != ("id",):
            for names in keys:
                found = self._natural(names, record, values)
                if found is not None and not (language and any(self._local(name) for name in names)):
                    return found
            if not keys and not delete and not language:
                return {}
        raise _Held("no_key", "id" if language or not keys else ", ".join(keys[0]))

    def _natural(
        self, names: tuple[str, ...], record: Mapping[str, Any], values: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        found = {}
        for name in names:
            # A key field may be read-only, such as an order's number.
            known = self._fields.get(name)
            value = values.get(name, record.get(name) if known is None else None)
            if known is not None and isinstance(known.kind, Ref) and known.kind.unset == 0 and not value:
                # A bare number: 0 and nothing at all mean "for all", but not where it says what the record is about.
                value = None if name in self.resource.required else 0
            if value is None or value == "" or (value is False and name != "parent"):
                return None
            found[name] = value
        return found

    def _local(self, name: str) -> bool:
        known = self._fields.get(name)
        return known is not None and known.local

    def _owner_names(self) -> tuple[str, ...]:
        owner = self.resource.owner
        return (owner, f"{owner}_id", f"{owner}Id", "_parent_id") if owner else ()

    def _owner(self, given: Mapping[str, Any]) -> int | By | None:
        """The parent.

        Raises:
            _Held: It is missing, or of a wrong type.
        """
        owner = self.resource.owner
        if not owner:
            return None
        for name in self._owner_names():
            if given.get(name) not in (None, "", False):
                try:
                    taken = Ref(self.resource.parent.replace("/", "_")).take(given[name])
                except Unfit:
                    raise _Held("wrong_type", name) from None
                if isinstance(taken, By) or (isinstance(taken, int) and taken):
                    return taken
        raise _Held("no_owner", owner)

    def _upload(self, record: Mapping[str, Any]) -> Upload | None:
        if not self.resource.upload:
            return None
        try:
            return read_upload(record)
        except ValueError as error:
            raise _Held("wrong_type", str(error)) from None


def is_gone(record: Mapping[str, Any]) -> bool:
    """Whether a record says that it is gone; a CSV file has a text also where it says no."""
    return str(record.get(DELETED) or "").strip().lower() not in _NOT_GONE


def _is_texts(value: Any) -> bool:
    """Whether a value is a map of language to text."""
    return isinstance(value, dict) and bool(value) and all(_LANGUAGE.fullmatch(str(code)) for code in value)
