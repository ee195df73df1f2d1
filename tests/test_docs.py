"""What the documents name exists: links, commands, jobs, settings, reasons."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from commerce.settings import config_schema
from tap_lightspeed.settings import json_schema
from target_afas.reasons import REASONS, SKIPS
from upsert.reasons import KERNEL

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page for page in ROOT.rglob("*.md") if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
THIRD = "tap-csv"
"""Somebody else's tap, in examples of what our targets take."""


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def project() -> Any:
    return YAML(typ="safe").load(read("meltano.yml"))


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get: lower case, signs left out, blanks as hyphens."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()).replace(" ", "-") for head in heads}


def code(text: str) -> str:
    """What stands in code, in blocks and in the line."""
    return "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^[ ]*```{language}\n(.*?)```", text, re.DOTALL | re.MULTILINE)


def table(text: str, heading: str) -> dict[str, list[str]]:
    """Rows of the first table below a heading, by the name in their first cell."""
    part = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in row.split(" | ")] for row in re.findall(r"^\| (.*) \|$", part, re.MULTILINE)]
    return {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    """A relative link is a file or folder of the repository, its anchor a heading there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_exists(name: str) -> None:
    """`make something` is in the Makefile."""
    known = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", code(read(name)))) <= known


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    """A path into the repository is one, from its root or from the page's folder."""
    tops = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
    text = re.sub(r"`\[[^`]*|\]\([^)]*\)", "", read(name))
    for path in re.findall(rf"`((?:{tops})/[\w./-]+)`", text):
        places = (ROOT, (ROOT / name).parent, (ROOT / name).parent / "src")
        assert any((place / path).exists() for place in places), path


@pytest.mark.parametrize("name", NAMES)
def test_every_meltano_command_is_of_the_project(name: str) -> None:
    """Jobs, commands, plugins and environments that a page uses are those of meltano.yml."""
    plugins = [plugin for kind in project()["plugins"].values() for plugin in kind]
    commands = {f"{one['name']}:{command}" for one in plugins for command in one.get("commands", {})}
    runnable = {job["name"] for job in project()["jobs"]} | commands
    text = code(read(name))
    assert set(re.findall(r"\bmeltano (?:--\S+ )?run ([\w:-]+)", text)) - {"tap-lightspeed", THIRD} <= runnable
    assert set(re.findall(r"\bmeltano (?:--\S+ )?invoke ([\w-]+)", text)) <= {one["name"] for one in plugins}
    assert set(re.findall(r"--environment=(\w+)", text)) <= {one["name"] for one in project()["environments"]}
    jobs = set(re.findall(r"\b(?:orders|customers)--shop\d\b", text))
    assert jobs <= {job["name"] for job in project()["jobs"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_ours_exists(name: str) -> None:
    """A command at the start of a line is a script of one of the packages, or of everyday use."""
    scripts = {THIRD, "tap", "meltano", "make", "python", "curl", "export", "echo", "grep", "."}
    for package in ROOT.rglob("pyproject.toml"):
        if ".venv" not in package.parts:
            scripts |= tomllib.loads(package.read_text(encoding="utf-8"))["project"].get("scripts", {}).keys()
    lines = [line for block in (*blocks(read(name), "sh"), *blocks(read(name), "bash")) for line in block.splitlines()]
    used = {re.split(r"[\s=]", line, maxsplit=1)[0] for line in lines if line and not line.startswith((" ", "#"))}
    assert {word for word in used if not re.fullmatch("[A-Z_]+", word)} <= scripts


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_read(name: str) -> None:
    """Examples in Python compile, those in JSON and YAML parse."""
    for text in blocks(read(name), "python"):
        compile(text, name, "exec")
    for text in blocks(read(name), "json"):
        json.loads(text)
    for text in blocks(read(name), "yaml"):
        YAML(typ="safe").load(text)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("tap-lightspeed/README.md", json_schema()["properties"]), ("commerce/README.md", config_schema()["properties"])],
    ids=["tap-lightspeed", "mapper-commerce"],
)
def test_the_settings_are_those_of_the_program(name: str, settings: dict[str, Any]) -> None:
    """Each setting has its row and its default, and no other is promised; those of target-afas have their own test."""
    rows = table(read(name), "Settings")
    assert list(rows) == list(settings) or rows.keys() == settings.keys()
    for setting, one in settings.items():
        default = one.get("default")
        if isinstance(default, str | int | float) and not isinstance(default, bool):
            assert rows[setting][0].strip("`") == str(default), setting
        elif isinstance(default, bool):
            assert rows[setting][0] == f"`{str(default).lower()}`", setting


def test_every_reason_of_a_held_record_is_explained() -> None:
    """Whatever `held:list` may show stands in the documentation of the target, in the same words."""
    text = read("docs/target-afas.md")
    for reason, sentence in {**KERNEL, **REASONS, **SKIPS}.items():
        assert f"| `{reason}` | {sentence} |" in text


def test_every_code_of_the_mapper_is_explained() -> None:
    """A record that can't be mapped is held under the mapper's code, so each code stands in its README."""
    sources = (ROOT / "commerce/src").rglob("*.py")
    raised = {
        one for path in sources for one in re.findall(r'MappingError\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", read("commerce/README.md"), re.MULTILINE)
    told = {one for row in rows for one in re.findall(r"`([a-z_]+)`", row)}
    assert raised
    assert raised <= told


def test_the_first_steps_name_every_variable() -> None:
    """The README exports whatever the first shop needs in the environment `test`."""
    test = next(one for one in project()["environments"] if one["name"] == "test")
    needed = {name for name in re.findall(r"\$([A-Z0-9_]+)", json.dumps(test)) if not name.startswith("SHOP2")}
    assert needed
    assert needed <= set(re.findall(r"\b([A-Z0-9_]+)=", read("README.md")))


def test_every_package_is_on_the_first_page() -> None:
    """The README leads to each package."""
    packages = {
        str(path.parent.relative_to(ROOT))
        for pattern in ("*/pyproject.toml", "clients/*/pyproject.toml")
        for path in ROOT.glob(pattern)
    }
    assert packages <= set(re.findall(r"\]\(([^)]+)\)", read("README.md")))
