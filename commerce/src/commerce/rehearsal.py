"""``mapper-commerce test``: try a mapping on records of one's own, and see every field that comes out otherwise.

A fixture is a JSON file: ``stream``, ``record`` or ``records`` as the tap sends them, ``schema`` of the tap's SCHEMA
message where labels are used, ``time_extracted`` where it matters, and ``expected``, the mapped record or records. With
``"partial": true`` only the fields that ``expected`` names are compared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml  # type: ignore[import-untyped]  # its types are a package of their own, not worth one import

from commerce.errors import SettingsError
from commerce.mapper import MapperCommerce

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
    except (yaml.YAMLError, UnicodeError):
        raise SettingsError(f"{file}: neither JSON nor YAML") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: holds no settings")
    if "plugins" not in content and "mappings" not in content:
        return content
    plugins = content.get("plugins", {}).get("mappers", []) if "plugins" in content else [content]
    found = {
        str(mapping["name"]): {**(plugin.get("config") or {}), **(mapping.get("config") or {})}
        for plugin in plugins
        for mapping in plugin.get("mappings") or []
    }
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name not in found:
        raise SettingsError(f"{file}: name one of its mappings: {', '.join(sorted(found)) or 'it has none'}")
    return found[name]


def rehearse(config: Mapping[str, Any], fixture: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Map the records of a fixture.

    Args:
        config: The settings of the mapper.
        fixture: The fixture.

    Returns:
        The mapped records.

    Raises:
        SettingsError: The settings or the fixture can't be used.
    """
    mapper = MapperCommerce(config=dict(config))
    stream, records = str(fixture.get("stream")), _listed(fixture, "record")
    if not mapper.knows(stream):
        raise SettingsError(f"the mapping has no stream '{stream}'; it has {', '.join(mapper.source_streams)}")
    if isinstance(fixture.get("schema"), dict):
        list(mapper.map_schema_message({"type": "SCHEMA", "stream": stream, "schema": fixture["schema"]}))
    return [mapper.map_record(stream, record, fixture.get("time_extracted")) for record in records]


def _listed(fixture: Mapping[str, Any], name: str) -> list[Any]:
    value = fixture.get(f"{name}s", fixture.get(name))
    return value if isinstance(value, list) else [] if value is None else [value]


def compare(config: Mapping[str, Any], fixture: Mapping[str, Any]) -> list[Difference]:
    """The differences between what a fixture expects and what the mapping makes; none when it is as expected."""
    made, expected = rehearse(config, fixture), _listed({"expected": fixture.get("expected")}, "expected")
    # A single one needs no index in front.
    one = len(made) == len(expected) == 1
    return list(
        differences(
            expected[0] if one else dict(enumerate(expected)),
            made[0] if one else dict(enumerate(made)),
            partial=fixture.get("partial") is True,
        )
    )


@click.command(name="mapper-commerce test")
@click.option("--config", type=click.Path(path_type=Path), help="The mapper's settings, JSON or YAML.")
@click.option("--mapping", help="A meltano.yml, with the mapping's name behind a colon: meltano.yml:afas-to-commerce.")
@click.option("--fixtures", type=click.Path(path_type=Path), required=True, help="Folder with fixtures, *.json.")
@click.option("--update", is_flag=True, help="Write what comes out into the fixtures, as what is expected.")
def test(config: Path | None, mapping: str | None, fixtures: Path, *, update: bool) -> None:
    """Map the records of fixtures and show every field that comes out otherwise than expected."""
    settings = _settings(config, mapping)
    files = sorted(fixtures.glob("*.json"))
    if not files:
        raise SettingsError(f"{fixtures}: no fixtures (*.json)")
    failed = 0
    for file in files:
        fixture = _read(file)
        if update:
            made = rehearse(settings, fixture)
            fixture["expected"] = made if "records" in fixture else made[0]
            file.write_text(json.dumps(fixture, indent=2, ensure_ascii=False, default=float) + "\n", encoding="utf-8")
            continue
        found = compare(settings, fixture)
        failed += bool(found)
        click.echo(f"{'differs' if found else 'ok     '} {file.name}")
        for one in found:
            click.echo(f"  {one}")
    click.echo(f"{len(files)} fixtures written" if update else f"{len(files)} fixtures, {failed} differ")
    raise click.exceptions.Exit(1 if failed else 0)


def _settings(config: Path | None, mapping: str | None) -> dict[str, Any]:
    if (config is None) == (mapping is None):
        raise SettingsError("give either --config or --mapping")
    if config is not None:
        return config_of(config)
    file, colon, name = str(mapping).rpartition(":")
    return config_of(Path(file), name) if colon else config_of(Path(name))


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (ValueError, OSError) as problem:
        raise SettingsError(f"{file}: can't be read: {type(problem).__name__}") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: a fixture is an object")
    return content
