"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import target_afas
from target_afas.connectors import FIELDS, OPTIONAL, SHARED, STANDARD, UPDATE_CONNECTORS
from target_afas.reasons import REASONS, SKIPS
from target_afas.schema import config_schema
from target_afas.settings import read_settings

DOCS = Path(__file__).parents[2] / "docs"
SOURCES = sorted(Path(target_afas.__file__).parent.rglob("*.py"))


def test_every_reason_in_the_code_has_its_sentence_and_the_other_way_round() -> None:
    """A reason code without a sentence can't be understood; a sentence without a code is dead."""
    code = "\n".join(path.read_text("utf-8") for path in SOURCES if path.name != "reasons.py")
    raised = set(re.findall(r'(?:CannotLoad|Hold|Rejected)\(\s*"([a-z_]+)"', code))
    skipped = set(re.findall(r'Skip\(\s*"([a-z_]+)"', code))
    assert raised <= REASONS.keys()
    assert skipped <= SKIPS.keys()
    literals = set(re.findall(r'"([a-z_0-9]+)"', code))
    kernel = {"in_doubt", "new_store", "unchanged"}
    assert (REASONS.keys() | SKIPS.keys()) - literals <= kernel


def test_every_reason_stands_in_the_documentation() -> None:
    """The tables of reasons are the ones of the program, word for word."""
    text = (DOCS / "target-afas.md").read_text("utf-8")
    for reason, sentence in {**REASONS, **SKIPS}.items():
        assert f"| `{reason}` | {sentence} |" in text


def test_every_setting_stands_in_the_documentation() -> None:
    """A setting without a line in the documentation does not exist, and no other is promised."""
    text = (DOCS / "target-afas.md").read_text("utf-8")

    def names(schema: dict, path: str = "") -> set[str]:
        found = set()
        for name, spec in schema.get("properties", {}).items():
            found |= {f"{path}{name}"} | names(spec, f"{path}{name}.")
        return found

    table = set(re.findall(r"^\| `([a-z_.]+)` \|", text.partition("## All settings")[2], re.MULTILINE))
    assert table == names(config_schema())


def test_the_example_is_valid() -> None:
    """The full example of the documentation is a configuration that the program takes."""
    yaml = __import__("pytest").importorskip("yaml")
    text = (DOCS / "target-afas.md").read_text("utf-8")
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])["config"]
    read_settings(example | {"token": "0" * 64})


def test_the_connectors_are_described_field_by_field() -> None:
    """Each field of each connector, and each connector of the app connector, stands in its document."""
    text = (DOCS / "afas-connectors.md").read_text("utf-8")
    for role, fields in FIELDS.items():
        part = text.partition(f"(role `{role}`)")[2].partition("\n##")[0]
        if role in SHARED:
            assert set(fields) <= set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
            continue
        rows = {found[0]: found[1] for found in re.findall(r"^\| `(\w+)` \|.*\| (optional)? ?\|$", part, re.MULTILINE)}
        assert list(rows) == list(fields)
        assert {name for name, mark in rows.items() if mark} == OPTIONAL[role]
    for name in (*STANDARD.values(), *UPDATE_CONNECTORS):
        assert f"`{name}`" in text


def test_the_readme_example_is_valid() -> None:
    """The smallest useful configuration of the README is one that the program takes."""
    import json

    text = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    read_settings(json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]))
