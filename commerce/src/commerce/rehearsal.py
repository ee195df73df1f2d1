"""``mapper-commerce test``: try a mapping on records of one's own, and see every field that comes out otherwise.

A fixture is a JSON file: ``stream``, ``record`` or ``records`` as the tap sends them, ``schema`` of the tap's SCHEMA
message where labels are used (else the fields are those of the record), ``time_extracted`` where it matters, and
``expected``, the mapped record or records. With ``"partial": true`` only the fields that ``expected`` names are
compared. ``about`` is for a person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
import msgspec
import yaml  # type: ignore[import-untyped]  # its types are a package of their own, not worth one import
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from commerce.errors import SettingsError
from commerce.mapper import MapperCommerce
from commerce.settings import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TECHNICAL = frozenset({"_source_stream", "_source_key", "_gone", "_error"})
_NOTHING = object()
_LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """One field that is not as expected; ``absent`` stands for a field that is not there."""

    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, found {self.found}"


def differences(expected: Any, found: Any, *, partial: bool = False, path: str = "") -> Iterator[Difference]:
    """Compare two records field by field.

    Args:
        expected: What should come out.
        found: What came out.
        partial: Whether fields that ``expected`` does not name may be there.
        path: Where in the record this is.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(name for name in found if name not in expected)]:
            if name not in expected and (partial or (not path and name in _TECHNICAL and found[name] is None)):
                continue
            if not path and name not in expected and name in {"_source_stream", "_source_key"}:
                continue
            step = f"{path}.{name}" if path else str(name)
            yield from differences(expected.get(name, _NOTHING), found.get(name, _NOTHING), partial=partial, path=step)
    elif isinstance(expected, list) and isinstance(found, list):
        for index in range(max(len(expected), len(found))):
            ours = expected[index] if index < len(expected) else _NOTHING
            theirs = found[index] if index < len(found) else _NOTHING
            yield from differences(ours, theirs, partial=partial, path=f"{path}.{index}")
    elif expected is _NOTHING or found is _NOTHING or type(expected) is not type(found) or expected != found:
        yield Difference(path or "record", _shown(expected), _shown(found))


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "absent"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class Fixture(BaseModel):
    """What a fixture's file holds."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    about: str = ""
    stream: str
    # Named otherwise here, as pydantic's models have something called `schema`.
    described: dict[str, Any] | None = Field(default=None, alias="schema")
    time_extracted: str | None = None
    record: dict[str, Any] | None = None
    records: list[dict[str, Any]] | None = None
    expected: Any = None
    partial: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.record is None) == (self.records is None):
            raise ValueError("give either `record` or `records`, as the tap sends them")
        if self.expected is not None and isinstance(self.expected, list) != (self.records is not None):
            raise ValueError("`expected` is a list where `records` are given, else one record")
        return self

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The records."""
        return [self.record] if self.records is None and self.record is not None else list(self.records or [])

    @property
    def wanted(self) -> list[Any]:
        """What should come out, one for each record."""
        return list(self.expected) if isinstance(self.expected, list) else [self.expected]


def fixture_of(content: Any) -> Fixture:
    """Check the content of a fixture.

    Raises:
        SettingsError: In one line what is wrong with it.
    """
    try:
        return Fixture.model_validate(content)
    except ValidationError as problem:
        raise SettingsError(wrong(problem, Fixture)) from None


def config_of(file: Path, name: str | None = None) -> dict[str, Any]:
    """The settings in a file: of the mapper itself (JSON or YAML), or of a mapping in a ``meltano.yml``.

    Args:
        file: The file.
        name: The mapping's name; may be left out when there is one only.

    Raises:
        SettingsError: The file can't be read, or has no such mapping.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SettingsError(f"{file}: {problem.strerror}") from None
    except yaml.MarkedYAMLError as problem:
        line = "" if problem.problem_mark is None else f" (line {problem.problem_mark.line + 1}: {problem.problem})"
        raise SettingsError(f"{file}: neither JSON nor YAML{line}") from None
    except (yaml.YAMLError, UnicodeError):
        raise SettingsError(f"{file}: neither JSON nor YAML") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: holds no settings")
    if "plugins" not in content and "mappings" not in content:
        return content
    plugins = _table(content.get("plugins")).get("mappers") if "plugins" in content else [content]
    found = {
        str(mapping.get("name")): _table(_table(plugin).get("config")) | _table(mapping.get("config"))
        for plugin in plugins or []
        for mapping in map(_table, _table(plugin).get("mappings") or [])
    }
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name not in found:
        raise SettingsError(f"{file}: name one of its mappings: {', '.join(sorted(found)) or 'it has none'}")
    return found[name]


def _table(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def rehearse(config: Mapping[str, Any], fixture: Mapping[str, Any], file: Path | None = None) -> list[dict[str, Any]]:
    """Map the records of a fixture.

    Args:
        config: The settings of the mapper.
        fixture: The fixture.
        file: Where the settings are written down, for the lines that messages name.

    Returns:
        The mapped records.

    Raises:
        SettingsError: The settings or the fixture can't be used.
    """
    given = fixture_of(fixture)
    mapper = MapperCommerce(config=dict(config))
    mapper.settings_file = file or mapper.settings_file
    if not mapper.knows(given.stream):
        raise SettingsError(f"the mapping has no stream '{given.stream}'; it has {', '.join(mapper.source_streams)}")
    # Without the tap's SCHEMA the fields are those of the records, and none has a label.
    fields: dict[str, Any] = {name: {} for row in given.rows for name in row}
    try:
        mapper.learn(given.stream, {"properties": fields} if given.described is None else given.described)
    except SettingsError as problem:
        hint = "; the fixture has no `schema`: copy it from the tap's SCHEMA message" if given.described is None else ""
        raise SettingsError(f"{problem}{hint}") from None
    return [mapper.map_record(given.stream, record, given.time_extracted) for record in given.rows]


def compare(config: Mapping[str, Any], fixture: Mapping[str, Any], file: Path | None = None) -> list[Difference]:
    """Compare what a fixture expects with what the mapping makes.

    Args:
        config: The settings of the mapper.
        fixture: The fixture.
        file: Where the settings are written down.

    Returns:
        The differences; none when all is as expected.

    Raises:
        SettingsError: The settings or the fixture can't be used.
    """
    made, given = rehearse(config, fixture, file), fixture_of(fixture)
    if given.expected is None:
        raise SettingsError("`expected` is missing; `--update` writes what comes out now")
    # A single one needs no index in front.
    one = len(made) == len(given.wanted) == 1
    return list(
        differences(
            given.wanted[0] if one else dict(enumerate(given.wanted)),
            made[0] if one else dict(enumerate(made)),
            partial=given.partial,
        )
    )


@click.command(name="mapper-commerce test")
@click.option("--config", type=click.Path(path_type=Path), help="The mapper's settings, JSON or YAML.")
@click.option("--mapping", help="A meltano.yml, with the mapping's name behind a colon: meltano.yml:afas-to-commerce.")
@click.option("--fixtures", type=click.Path(path_type=Path), required=True, help="Folder with fixtures, *.json.")
@click.option("--update", is_flag=True, help="Write what comes out into the fixtures, as what is expected.")
def test(config: Path | None, mapping: str | None, fixtures: Path, *, update: bool) -> None:
    """Map the records of fixtures and show every field that comes out otherwise than expected."""
    settings, place = _settings(config, mapping)
    files = sorted(fixtures.glob("*.json"))
    if not files:
        raise SettingsError(f"{fixtures}: {'no fixtures (*.json)' if fixtures.is_dir() else 'no such folder'}")
    failed = 0
    for file in files:
        fixture = _read(file)
        try:
            if update:
                made = rehearse(settings, fixture, place)
                _write(file, fixture | {"expected": made if "records" in fixture else made[0]})
                continue
            found = compare(settings, fixture, place)
        except SettingsError as problem:
            raise SettingsError(f"{file}: {problem}") from None
        failed += bool(found)
        click.echo(f"{'differs' if found else 'ok     '} {file.name}")
        for one in found:
            click.echo(f"  {one}")
    click.echo(f"{len(files)} fixtures written" if update else f"{len(files)} fixtures, {failed} differ")
    raise click.exceptions.Exit(1 if failed else 0)


def _settings(config: Path | None, mapping: str | None) -> tuple[dict[str, Any], Path]:
    """The settings, and the file that holds them. What is wrong with them is said before any fixture is read."""
    if (config is None) == (mapping is None):
        raise SettingsError("give either --config or --mapping")
    name: str | None = None
    if config is None:
        before, colon, after = str(mapping).rpartition(":")
        config, name = (Path(before), after) if colon else (Path(after), None)
    settings = config_of(config, name)
    try:
        MapperCommerce(config=settings)
    except SettingsError as problem:
        raise SettingsError(f"{config}: {problem}") from None
    return settings, config


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except json.JSONDecodeError as problem:
        raise SettingsError(f"{file}: no JSON (line {problem.lineno}: {problem.msg})") from None
    except (ValueError, OSError) as problem:
        raise SettingsError(f"{file}: can't be read: {type(problem).__name__}") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: a fixture is an object")
    return content


def _write(file: Path, fixture: Mapping[str, Any]) -> None:
    """Write a fixture, its numbers to the last digit."""
    exact = msgspec.json.Encoder(decimal_format="number").encode(fixture)
    file.write_bytes(msgspec.json.format(exact, indent=2) + b"\n")
