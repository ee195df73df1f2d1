"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import readme_tables

import target_lightspeed
from target_lightspeed.reasons import REASONS, SKIPS
from target_lightspeed.resources import ACTIONS, RESOURCES
from target_lightspeed.settings import read_settings
from upsert.reasons import KERNEL

SOURCES = sorted(Path(target_lightspeed.__file__).parent.rglob("*.py"))


def test_the_tables_of_the_readme_are_those_of_the_program() -> None:
    """Resources and settings stand in the README as they are; run tests/readme_tables.py when they change."""
    text = readme_tables.README.read_text("utf-8")
    assert readme_tables.filled(text) == text


def test_the_readme_example_is_valid() -> None:
    """The smallest useful configuration of the README is one that the program takes."""
    text = readme_tables.README.read_text("utf-8")
    read_settings(json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]))


def test_every_reason_in_the_code_has_its_sentence_and_the_other_way_round() -> None:
    """A reason code without a sentence can't be understood; a sentence without a code is dead."""
    code = "\n".join(path.read_text("utf-8") for path in SOURCES if path.name != "reasons.py")
    held = set(re.findall(r'(?:Hold|Rejected|_Held)\(\s*"([a-z_]+)"', code))
    assert held <= REASONS.keys() | KERNEL.keys()
    assert set(re.findall(r'Skip\(\s*"([a-z_]+)"', code)) <= SKIPS.keys()
    literals = set(re.findall(r'"([a-z_]+)"', code))
    assert (REASONS.keys() | SKIPS.keys()) - literals <= {"in_doubt"}


def test_the_capability_file_says_what_can_not_be_done() -> None:
    """What the API has no verb or no key for stands in capability.json, and nothing else."""
    told = json.loads((Path(target_lightspeed.__file__).parent / "capability.json").read_text("utf-8"))["cannot"]
    for word, verb in (("create", "C"), ("change", "U"), ("delete", "D")):
        assert sorted(told[word]) == sorted(name for name, one in RESOURCES.items() if verb not in one.verbs)
    keyless = {name for name, one in RESOURCES.items() if not one.keys and not one.single and not one.upload}
    assert set(told["look_up_without_id"]) == keyless
    assert set(told["actions"]) == {path for path in ACTIONS if not path.endswith("/bulk")}
