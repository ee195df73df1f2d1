"""`mapper-commerce test`: a mapping tried on records of one's own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commerce.errors import SettingsError
from commerce.mapper import main
from commerce.rehearsal import compare, config_of, differences

FIXTURE: dict[str, Any] = {
    "stream": "Commerce_Products",
    "schema": {"properties": {"ItemType": {}, "Item": {}, "WebEnabled": {}, "UMerk": {"title": "Merk"}}},
    "record": {"ItemType": "2", "Item": "A", "WebEnabled": True, "UMerk": "Gazelle"},
    "partial": True,
    "expected": {"sku": "A", "brand": {"name": "Gazelle"}},
}
CONFIG = {"source": "afas", "connectors": {"products": {"fields": {"Brand": "Merk"}}}}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "commerce.mapper", "test", *arguments, "--fixtures", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Meltano project with two mappings."""
    text = """
    plugins:
      mappers:
      - name: mapper-commerce
        config: {source: afas}
        mappings:
        - name: from-afas
          config: {connectors: {products: {fields: {Brand: Merk}}}}
        - name: from-shop
          config: {source: lightspeed}
    """
    (tmp_path / "meltano.yml").write_text(text, encoding="utf-8")
    return tmp_path / "meltano.yml"


def test_as_expected() -> None:
    """A fixture whose fields come out as it says has no differences."""
    assert compare(CONFIG, FIXTURE) == []


def test_the_example_of_the_readme() -> None:
    """The fixture that the README shows is as expected."""
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```json\n")[2].partition("```")[0]
    assert compare({"source": "afas"}, json.loads(example)) == []


def test_field_by_field() -> None:
    """Each field that differs is named, also one within a list, and one that should not be there."""
    expected = {"a": 1, "b": {"c": [1, 2]}, "gone": None}
    found = {"a": "1", "b": {"c": [1, 3, 4]}, "more": True, "_error": None, "_source_key": "x"}
    assert [str(one) for one in differences(expected, found)] == [
        'a: expected 1, found "1"',
        "b.c.1: expected 2, found 3",
        "b.c.2: expected absent, found 4",
        "gone: expected null, found absent",
        "more: expected absent, found true",
    ]
    assert [one.field for one in differences(expected, found, partial=True)] == ["a", "b.c.1", "b.c.2", "gone"]
    assert [one.field for one in differences({}, {"_error": "missing_value: Item"})] == ["_error"]


def test_several_records() -> None:
    """Records are compared one by one, and a missing one is a difference."""
    fixture = {**FIXTURE, "records": [FIXTURE["record"]] * 2, "expected": [FIXTURE["expected"], {"sku": "B"}]}
    assert [str(one) for one in compare(CONFIG, fixture)] == ['1.sku: expected "B", found "A"']
    fixture["expected"] = [FIXTURE["expected"]]
    assert [one.expected for one in compare(CONFIG, {**fixture, "partial": False})][-1] == "absent"


def test_the_command(tmp_path: Path, project: Path) -> None:
    """Exit 0 when all is as expected, 1 with the fields when not, and `--update` writes what comes out."""
    folder = tmp_path / "fixtures"
    folder.mkdir()
    (folder / "brand.json").write_text(json.dumps(FIXTURE), encoding="utf-8")
    done = run(folder, "--mapping", f"{project}:from-afas")
    assert (done.returncode, done.stdout) == (0, "ok      brand.json\n1 fixtures, 0 differ\n"), done.stderr
    (folder / "brand.json").write_text(
        json.dumps({**FIXTURE, "expected": {"brand": {"name": "Batavus"}}}), encoding="utf-8"
    )
    done = run(folder, "--mapping", f"{project}:from-afas")
    assert done.returncode == 1
    assert '  brand.name: expected "Batavus", found "Gazelle"' in done.stdout
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    assert run(folder, "--config", str(config), "--update").returncode == 0
    assert run(folder, "--config", str(config)).returncode == 0
    assert json.loads((folder / "brand.json").read_text(encoding="utf-8"))["expected"]["sku"] == "A"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either --config or --mapping"),
        (["--mapping", "{folder}/meltano.yml"], "name one of its mappings: from-afas, from-shop"),
        (["--mapping", "{folder}/meltano.yml:nope"], "name one of its mappings"),
        (["--config", "nowhere.json"], "nowhere.json: No such file"),
        (["--mapping", "{folder}/meltano.yml:from-shop"], "the mapping has no stream 'Commerce_Products'"),
    ],
)
def test_mistakes(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, arguments: list[str], words: str
) -> None:
    """Exit 2 with one line that says what to mend."""
    folder = project.parent
    (folder / "a.json").write_text(json.dumps(FIXTURE), encoding="utf-8")
    given = [one.format(folder=folder) for one in arguments]
    monkeypatch.setattr(sys, "argv", ["mapper-commerce", "test", *given, "--fixtures", str(folder)])
    with pytest.raises(SystemExit) as found:
        main()
    assert found.value.code == 2
    assert words in caplog.messages[-1]
    assert len(caplog.messages) == 1


def test_settings_in_files(tmp_path: Path, project: Path) -> None:
    """Settings come from a file of their own, or from a mapping with the plugin's below it."""
    assert config_of(project, "from-afas") == CONFIG
    assert config_of(project, "from-shop") == {"source": "lightspeed"}
    broken = tmp_path / "broken.yml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="neither JSON nor YAML"):
        config_of(broken)
    broken.write_text("[1]", encoding="utf-8")
    with pytest.raises(SettingsError, match="holds no settings"):
        config_of(broken)
