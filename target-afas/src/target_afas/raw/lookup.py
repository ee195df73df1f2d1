"""What exists in AFAS, by the GetConnector that the settings name: one question for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from target_afas.failures import reading
from target_afas.raw.values import plain_text
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afas_profit import Afas, UpdateObject
    from target_afas.raw.settings import RawLookup

MIDNIGHT = "T00:00:00"

Natural = tuple[str, ...]
"""The values of a record's key, as texts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that exists.

    Attributes:
        ids: AFAS's own key: field of the UpdateConnector -> text.
        values: Field of the UpdateConnector -> value of the look-up, for those that it shows.
        gone: It doesn't exist any more: we deleted it ourselves, so that a later record may make it anew.
    """

    ids: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False


def folded(natural: Iterable[str]) -> Natural:
    """A key as it is compared: AFAS looks for texts without regard to case."""
    return tuple(text.casefold() for text in natural)


class Lookup:
    """Asks one GetConnector.

    Args:
        client: The AFAS client.
        settings: The setting `raw.<stream>.lookup`.
        where: Name of that setting, for messages.
        info: Metainfo of the UpdateConnector.
        ids: AFAS's own key: fields of the UpdateConnector.

    Raises:
        ConfigurationError: The GetConnector is not there, or lacks a field.
    """

    def __init__(self, client: Afas, settings: RawLookup, where: str, info: UpdateObject, ids: Sequence[str]) -> None:
        self._client, self.connector, self._where = client, settings.connector, where
        with reading():
            shown = client.get_metainfo(settings.connector)
        self._known = {name.casefold(): name for name in shown.field_ids}
        self._dates = {one.id for one in shown.fields if one.data_type.casefold() == "date"}
        self._fields = [self._field(name) for name in settings.field]
        told_ids = {code.casefold(): name for code, name in settings.id.items()}
        if strange := told_ids.keys() - {code.casefold() for code in ids}:
            raise ConfigurationError(f"{where}: `id` names {', '.join(sorted(strange))}, which is no part of the key.")
        self.ids: Mapping[str, str] = {
            code: self._field(told_ids.get(code.casefold(), code))
            for code in ids
            if code.casefold() in told_ids or code.casefold() in self._known
        }
        codes = {one.field_id.casefold(): one.field_id for one in info.fields}
        for code in settings.fields:
            if code.casefold() not in codes:
                raise ConfigurationError(f"{where}: the UpdateConnector has no field '{code}'.")
        same = {code: self._known[name] for name, code in codes.items() if name in self._known}
        told = {codes[code.casefold()]: name for code, name in settings.fields.items()}
        self.compared: Mapping[str, str] = {
            code: self._field(name) for code, name in {**same, **told}.items() if name is not None
        }
        by_default = list(dict.fromkeys([*self._fields, *self.ids.values()]))
        self._order_by = [
            sign + self._field(name)
            for sign, name in (
                ("-", one[1:]) if one.startswith("-") else ("", one) for one in settings.order_by or by_default
            )
        ]

    def _field(self, name: str) -> str:
        known = self._known.get(name.casefold())
        if known is None:
            raise ConfigurationError(f"{self._where}: the GetConnector {self.connector} has no field '{name}'.")
        return known

    def find(self, keys: Iterable[Natural]) -> Mapping[Natural, list[Found]]:
        """Everything that exists under these keys, by the folded key.

        Raises:
            Outage: AFAS can't answer.
            ConfigurationError: It refuses the question.
        """
        asked = list(keys)
        wanted = {folded(key) for key in asked}
        # Of a key of several parts, the one that tells most is asked for: all may share the administration.
        place = max(range(len(self._fields)), key=lambda n: len({key[n] for key in wanted}))
        found: dict[Natural, list[Found]] = {}
        try:
            with reading():
                rows = list(
                    self._client.rows_where_any(
                        self.connector, self._fields[place], self._values(asked, place), order_by=self._order_by
                    )
                )
        except ValueError as error:
            raise ConfigurationError(f"{self._where}: {error}.") from None
        for row in rows:
            key = folded(self._text(row, name) for name in self._fields)
            if key in wanted:
                found.setdefault(key, []).append(self._found(row))
        return found

    def _values(self, keys: Iterable[Natural], place: int) -> list[str]:
        """What to look for in one of the fields; a filter takes dates with their time (read-api 2.6)."""
        texts = sorted({key[place] for key in keys})
        if self._fields[place] in self._dates:
            return [text if "T" in text else f"{text}{MIDNIGHT}" for text in texts]
        return texts

    def _text(self, row: Mapping[str, Any], name: str) -> str:
        """A value of a row as a key has it: AFAS's dates end in a Z that means nothing, and most in midnight."""
        text = plain_text(row.get(name))
        return text.removesuffix("Z").removesuffix(MIDNIGHT) if name in self._dates else text

    def _found(self, row: Mapping[str, Any]) -> Found:
        ids = {code: plain_text(row.get(name)) for code, name in self.ids.items()}
        return Found(ids, {code: row.get(name) for code, name in self.compared.items()})
