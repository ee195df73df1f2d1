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
        - name: wrong
          config: {size_units: cm}
        - name: label
          config:
            attributes:
            - {label: Merknaam, code: mark, optional: true}
            # - {label: Marke, code: mark}
            - code: brand
              label: Marke
        - name: field
          config: {overrides: {products: {hs_code: "record['UMark']"}}}
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
    fixture = {**FIXTURE, "record": None, "records": [FIXTURE["record"]] * 2}
    fixture["expected"] = [FIXTURE["expected"], {"sku": "B"}]
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
        (["--mapping", "{folder}/meltano.yml"], "name one of its mappings: field, from-afas, from-shop"),
        (["--mapping", "{folder}/meltano.yml:nope"], "name one of its mappings"),
        (["--config", "nowhere.json"], "nowhere.json: No such file"),
        (["--mapping", "{folder}/meltano.yml:from-shop"], "a.json: the mapping has no stream 'Commerce_Products'"),
        (["--mapping", "{folder}/meltano.yml:wrong"], "meltano.yml: size_units: there is no such thing; did you mean"),
        (
            ["--mapping", "{folder}/meltano.yml:label"],
            (
                "a.json: attributes.1 (meltano.yml line 19): no field of Commerce_Products has the label 'Marke'; the "
                "nearest is 'Merk'"
            ),
        ),
        (
            ["--mapping", "{folder}/meltano.yml:field"],
            (
                "a.json: overrides.products.hs_code (meltano.yml line 21): Commerce_Products has no field 'UMark'; the "
                "nearest is 'UMerk'; where it may be missing, say record.get('UMark')"
            ),
        ),
        (["--config", "{folder}/broken.yml"], "broken.yml: neither JSON nor YAML (line 2: "),
    ],
)
def test_mistakes(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, arguments: list[str], words: str
) -> None:
    """Exit 2 with one line that says what to mend."""
    folder = project.parent
    (folder / "a.json").write_text(json.dumps(FIXTURE), encoding="utf-8")
    (folder / "broken.yml").write_text("a:\n  - b: [", encoding="utf-8")
    given = [one.format(folder=folder) for one in arguments]
    monkeypatch.setattr(sys, "argv", ["mapper-commerce", "test", *given, "--fixtures", str(folder)])
    with pytest.raises(SystemExit) as found:
        main()
    assert found.value.code == 2
    assert words in caplog.messages[-1]
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"stream": "Commerce_Products",\n "record": {,}}', "a.json: no JSON (line 2: "),
        ("[1]", "a.json: a fixture is an object"),
        ('{"record": {}}', "a.json: stream: Field required"),
        ('{"stream": "Commerce_Products", "recrod": {}}', "recrod: there is no such thing; did you mean 'record'?"),
        ('{"stream": "Commerce_Products"}', "a.json: give either `record` or `records`"),
        ('{"stream": "Commerce_Products", "record": []}', "a.json: record: Input should be a valid dictionary"),
        ('{"stream": "Commerce_Products", "record": {}, "expected": []}', "`expected` is a list where `records`"),
        ('{"stream": "Commerce_Products", "record": {"ItemType": "2", "Item": "A"}}', "has no field WebEnabled"),
        (
            '{"stream": "Commerce_Products", "record": {"ItemType": "2", "Item": "A", "WebEnabled": true}}',
            "`expected` is missing; `--update` writes what comes out now",
        ),
    ],
)
def test_fixtures_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str, words: str
) -> None:
    """A fixture with a mistake ends the command with one line: which file, what, and what to do."""
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (tmp_path / "c.yml").write_text("source: afas", encoding="utf-8")
    arguments = ["--config", str(tmp_path / "c.yml"), "--fixtures", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["mapper-commerce", "test", *arguments])
    with pytest.raises(SystemExit) as found:
        main()
    assert found.value.code == 2
    assert words in caplog.messages[-1]
    assert "\n" not in caplog.messages[-1]


def test_a_label_without_a_schema() -> None:
    """A fixture that lacks the tap's SCHEMA can't be searched by label, and says what to copy."""
    fixture = {name: value for name, value in FIXTURE.items() if name != "schema"}
    with pytest.raises(SettingsError, match="the fixture has no `schema`: copy it from the tap's SCHEMA message"):
        compare(CONFIG, fixture)
    assert compare({"source": "afas", "connectors": {"products": {"fields": {"Brand": "UMerk"}}}}, fixture) == []


def test_updated_fixtures_are_exact(tmp_path: Path) -> None:
    """`--update` keeps every digit of a number."""
    price = "12.3456789012345678"
    record = {"ItemType": "2", "Item": "A", "WebEnabled": True}
    text = json.dumps({"stream": "Commerce_Products", "record": record})[:-2] + f', "CostPrice": {price}}}}}'
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    config = tmp_path / "c.yml"
    config.write_text("source: afas", encoding="utf-8")
    assert run(tmp_path, "--config", str(config), "--update").returncode == 0
    written = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert f'"CostPrice": {price}' in written
    assert f'"cost_price": "{price}"' in written


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
