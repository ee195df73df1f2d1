"""The command `target-lightspeed --budget FILE`: sizes in, forecast out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its types are a package of their own, not worth one import

from target_lightspeed.commerce.planner.report import report
from target_lightspeed.commerce.planner.sizes import read_sizes
from upsert.errors import ConfigurationError


def run(name: str) -> int:
    """Print the forecast; what is impossible goes to standard error.

    Args:
        name: A JSON or YAML file, or ``-`` for standard input.

    Returns:
        Exit code: 0 when it fits, 2 when something is impossible or can't be read.
    """
    try:
        table, wrong = report(read_sizes(_read(name)))
    except ConfigurationError as error:
        sys.stderr.write(f"target-lightspeed: {error.text}\n")
        return error.exit_code
    sys.stdout.write(table)
    for line in wrong:
        sys.stderr.write(f"impossible: {line}\n")
    return 2 if wrong else 0


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return (json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)) or {}
    except OSError as error:
        raise ConfigurationError(f"budget: {name}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigurationError(f"budget: {name} is neither JSON nor YAML") from error
