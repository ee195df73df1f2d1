"""The command `held`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from upsert.cli import main
from upsert.model import SourceKey
from upsert.reasons import sentences
from upsert.store import DecisionKind, Store


def entry(key: str, reason: str = "unknown_item", attempts: int = 1, subject: str = "SKU-9") -> dict[str, Any]:
    times = {"first": "2026-11-01T10:00:00Z", "next": "2026-11-01T10:15:00Z"}
    return {"key": key, "reason": reason, "subject": subject, "attempts": attempts, **times}


def states(folder: Path, *held: dict[str, Any], source: str = "shop.shop1", name: str = "state.json") -> str:
    path = folder / name
    path.write_text(json.dumps({"singer_state": {"bookmarks": {"orders": {"source": source, "held": list(held)}}}}))
    return str(path)


def held(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_list_groups_by_reason_with_a_sentence(tmp_path: Path) -> None:
    """Key, subject, first seen, attempts, next try, and what it means."""
    file = states(tmp_path, entry("1"), entry("2", "in_doubt", 3, ""), entry("3"))
    result = held("list", "--state-file", file)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"in_doubt (1): {sentences()['in_doubt']}"
    assert lines[2].split() == ["orders", "2", "-", "2026-11-01T10:00:00Z", "3", "2026-11-01T10:15:00Z", file]
    assert lines[3].startswith("unknown_item (2): ")
    assert lines[-1] == "3 held"


def test_list_as_json(tmp_path: Path) -> None:
    """The same for machines."""
    result = held("list", "--state-file", states(tmp_path, entry("1", "busy")), "--format", "json")
    (row,) = json.loads(result.output)
    assert (row["key"], row["source"], row["meaning"]) == ("1", "shop.shop1", sentences()["busy"])


@pytest.mark.parametrize(
    ("fail_on", "attempts", "code"),
    [("never", 1, 0), ("new", 1, 1), ("new", 2, 0), ("any", 2, 1)],
)
def test_check_fails_by_setting(tmp_path: Path, fail_on: str, attempts: int, code: int) -> None:
    """New means held for the first time; the setting may come from the environment."""
    file = states(tmp_path, entry("1", attempts=attempts))
    assert held("check", "--state-file", file, "--fail-on", fail_on).exit_code == code
    assert held("check", HELD_STATE_FILE=file, HELD_FAIL_ON=fail_on).exit_code == code


def test_what_only_waits_is_shown_and_fails_nothing(tmp_path: Path) -> None:
    """Listed with the others, counted apart."""
    file = states(tmp_path, entry("1", "waits_for_parent") | {"waiting": True}, entry("2", attempts=2))
    result = held("check", "--state-file", file, "--fail-on", "new")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 held, 1 wait")
    file = states(tmp_path, entry("1", "waits_for_parent") | {"waiting": True})
    assert held("check", "--state-file", file, "--fail-on", "any").exit_code == 0


def test_check_is_fine_when_nothing_is_held(tmp_path: Path) -> None:
    """Whatever the setting."""
    result = held("check", "--state-file", states(tmp_path), "--fail-on", "any")
    assert (result.exit_code, result.output) == (0, "nothing is held\n")


@pytest.mark.parametrize("arguments", [["check", "--fail-on", "sometimes"], ["nonsense"], ["skip"], ["skip", "1"]])
def test_bad_usage_is_2(arguments: list[str]) -> None:
    """A wrong option, command or a missing store."""
    assert held(*arguments).exit_code == 2


def test_an_unreadable_state_is_2(tmp_path: Path) -> None:
    """One line, and not "nothing is held"."""
    path = tmp_path / "state.json"
    path.write_text('{"bookmarks": {"orders": {"held": 1}}}')
    result = held("list", "--state-file", str(path))
    assert result.exit_code == 2
    assert "bookmarks.orders.held is not a list" in result.output
    assert held("list", "--state-file", str(tmp_path / "none")).exit_code == 2


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_a_decision_is_kept_with_who_and_when(tmp_path: Path, kind: DecisionKind) -> None:
    """It goes into the target's store, under the source that the bookmark names."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    file = states(tmp_path, entry("123"))
    result = held(kind.value, "123", "--state-file", file, "--who", "ann", HELD_STORE=url)
    assert result.exit_code == 0, result.output
    with Store.open(url) as store:
        (record, decision), *rest = store.decisions("shop.shop1").items()
    assert not rest
    assert (record, decision.kind, decision.who) == (SourceKey("orders", "123"), kind, "ann")


def test_a_key_of_two_shops_must_be_told_apart(tmp_path: Path) -> None:
    """The same order number in two shops is two records."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    files = [
        states(tmp_path, entry("1"), name="one.json"),
        states(tmp_path, entry("1"), source="shop.shop2", name="two.json"),
    ]
    both = ["--state-file", files[0], "--state-file", files[1], "--store", url]
    result = held("skip", "1", *both)
    assert result.exit_code == 2
    assert "--source shop.shop2 --stream orders" in result.output
    assert held("skip", "1", *both, "--source", "shop.shop2", "--who", "ann").exit_code == 0
    assert held("skip", "7", *both).exit_code == 2


def test_a_record_that_no_state_lists_can_be_decided(tmp_path: Path) -> None:
    """A tap without held records has none in its state: stream and key say which record is meant."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    assert held("release", "17", "--unlisted", "--store", url).exit_code == 2
    assert held("release", "17", "--unlisted", "--stream", "KnPerson", "--store", url, "--who", "ann").exit_code == 0
    with Store.open(url) as store:
        ((record, decision),) = store.decisions("").items()
    assert (record, decision.kind) == (SourceKey("KnPerson", "17"), DecisionKind.RELEASE)


def test_more_reasons_from_a_file(tmp_path: Path) -> None:
    """A target's own codes get their sentence."""
    path = tmp_path / "reasons.json"
    path.write_text('{"unknown_item": "The item code is not known; make the item."}')
    file = states(tmp_path, entry("1"))
    result = held("list", "--state-file", file, "--reasons", str(path))
    assert result.output.startswith("unknown_item (1): The item code is not known")
    path.write_text("[]")
    assert held("list", "--state-file", file, "--reasons", str(path)).exit_code == 2


def test_every_reason_of_the_kernel_has_a_sentence() -> None:
    """Codes that stand in the source have a text for the merchant."""
    import re

    sources = Path(sys.modules["upsert.kernel"].__file__ or "").parent
    code = "".join((sources / name).read_text() for name in ("_batch.py", "decide.py", "kernel.py"))
    used = set(re.findall(r'(?:Hold\(|reason=|else )"([a-z_]+)"', code)) - {"superseded", "unchanged", "created"}
    assert used >= {"ambiguous", "in_doubt", "vanished", "new_store", "taken", "unconfirmed", "defect"}
    assert used <= set(sentences())


@pytest.mark.parametrize(
    ("kind", "at", "when"),
    [
        ("retry", "2999-01-01T00:00:00Z", "the next run makes it due, the one after that reads it again"),
        ("retry", "2026-11-01T10:15:00Z", "it counts from the next run"),
        ("skip", "2999-01-01T00:00:00Z", "it counts from the next run"),
    ],
)
def test_a_decision_says_when_it_counts(tmp_path: Path, kind: str, at: str, when: str) -> None:
    """The tap reads what its state calls due, so a record that waits is read one run later."""
    file = states(tmp_path, entry("1") | {"next": at})
    result = held(kind, "1", "--state-file", file, "--store", f"sqlite:///{tmp_path}/store.db", "--who", "ann")
    assert result.output.strip().endswith(when)


@pytest.mark.meltano
def test_states_come_from_meltano(tmp_path: Path) -> None:
    """In a Meltano project the states of the environment are read from its backend."""
    (tmp_path / "meltano.yml").write_text(
        "project_id: held\nsend_anonymous_usage_stats: false\nenvironments: [{name: dev}, {name: prod}]\n"
        f"state_backend: {{uri: 'file://{tmp_path}/state'}}\n"
    )
    binary = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{binary}{os.pathsep}{os.environ['PATH']}",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
    }

    def call(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(binary / command[0]), *command[1:]],
            cwd=tmp_path,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    value = Path(states(tmp_path, entry("1"))).read_text()
    done = call("meltano", "state", "set", "--force", "dev:a-to-b", value)
    assert done.returncode == 0, done.stderr
    listed = call("held", "check")
    assert listed.returncode == 1
    assert "unknown_item (1)" in listed.stdout
    assert call("held", "check", "--state-id", "dev:a-to-b").returncode == 1
    assert call("held", "check", MELTANO_ENVIRONMENT="prod").returncode == 0
