"""The house: which package may import which, and what every package must have."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(
    path.parent for pattern in ("*/pyproject.toml", "clients/*/pyproject.toml") for path in ROOT.glob(pattern)
)

OURS = {next((package / "src").iterdir()).name: package for package in PACKAGES}

CLIENTS = {"afas_profit", "lightspeed_ecom"}
ALLOWED: dict[str, set[str]] = {
    **{name: set() for name in CLIENTS | {"commerce", "upsert", "sandbox"}},
    "tap_afas": CLIENTS | {"upsert"},
    "tap_lightspeed": CLIENTS | {"upsert"},
    "target_afas": CLIENTS | {"upsert", "commerce"},
    "target_lightspeed": CLIENTS | {"upsert", "commerce"},
    "audit": {"upsert"},
}


def imports(file: Path) -> set[str]:
    """The top-level modules that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def declared(package: Path) -> set[str]:
    """The distribution names that a package declares, its extras included."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    requirements = [*project["dependencies"], *(one for extra in extras for one in extra)]
    return {re.split(r"[\[><~=;! ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("name", sorted(OURS))
def test_dependencies_point_one_way(name: str) -> None:
    """A package imports only those of our packages that stand below it."""
    used = {module for file in (OURS[name] / "src").rglob("*.py") for module in imports(file)}
    assert used & OURS.keys() - {name} <= ALLOWED[name]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_third_party_import_is_declared(name: str) -> None:
    """What a package imports it declares, so that it can be installed by itself."""
    known_as = {
        "afas_profit": "afas-profit",
        "commerce": "mapper-commerce",
        "jsonschema": "jsonschema",
        "lightspeed_ecom": "lightspeed-ecom",
        "msgspec": "singer-sdk",
        "phonenumbers": "phonenumberslite",
        "psycopg": "psycopg",
        "sandbox": "commerce-sandbox",
        "singer_sdk": "singer-sdk",
        "upsert": "singer-upsert",
        "yaml": "pyyaml",
    }
    used = {module for file in (OURS[name] / "src").rglob("*.py") for module in imports(file)}
    third_party = used - {name} - set(sys.stdlib_module_names)
    have = declared(OURS[name])
    missing = {module for module in third_party if known_as.get(module, module) not in have and module not in have}
    assert not missing


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_package_is_complete(name: str) -> None:
    """Each package can be published by itself: licence, README, type marker, tests of its own."""
    package = OURS[name]
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert len((package / "README.md").read_text(encoding="utf-8").splitlines()) > 20
    assert (package / "src" / name / "py.typed").exists()
    assert list((package / "tests").rglob("test_*.py"))
