"""The README says everything that can be ordered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.afas.control import ACTIONS
from sandbox.afas.service import AfasService
from sandbox.cli import main
from sandbox.clock import SandboxClock
from sandbox.faults import KINDS
from sandbox.lightspeed.plan import KEYS
from sandbox.lightspeed.service import LightspeedService
from sandbox.lightspeed.shopper import STEPS
from sandbox.seed import kinds

if TYPE_CHECKING:
    from sandbox.switches import Switch

README = (Path(__file__).parents[1] / "README.md").read_text()


def word(value: Any) -> str:
    return f"`{json.dumps(value)}`"


def switch_row(switch: Switch) -> str:
    """One row of a switches table."""
    others = ", ".join(word(value) for value in switch.values if value != switch.default)
    return f"| `{switch.name}` | {word(switch.default)} | {others} | {switch.reason} |"


@pytest.mark.parametrize("service", [LightspeedService, AfasService])
def test_every_switch_has_its_row(service):
    """Name, default, the other values and the reason."""
    declared = service(SandboxClock(), "empty").switches.declared.values()
    missing = [switch_row(switch) for switch in declared if switch_row(switch) not in README]
    assert missing == []


@pytest.mark.parametrize("faults", [KINDS, AfasService.fault_kinds, LightspeedService.fault_kinds])
def test_every_fault_has_its_row(faults):
    """Name, what it does and its parameters with their defaults."""
    rows = [f"| `{name}` | {one.text} | {params(one.params)} |" for name, one in faults.items()]
    assert [row for row in rows if row not in README] == []


def params(given: Any) -> str:
    return ", ".join(f"`{name}` {json.dumps(value)}" for name, value in given.items())


def test_every_kind_key_and_step_is_named():
    """Orders of every kind, the keys of a description, what staff do, and what a user does in AFAS."""
    names = [*kinds.KINDS, *KEYS, *STEPS, *ACTIONS]
    assert [name for name in names if f"`{name}`" not in README] == []


def test_the_commands_options_are_those_of_the_readme(capsys):
    """Every option of `sandbox serve` is named."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert [option for option in options if f"`{option}" not in README and f" {option}" not in README] == []
