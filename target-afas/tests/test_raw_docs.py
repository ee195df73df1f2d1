"""What the README says about raw streams is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from target_afas.raw.settings import RawStream
from target_afas.schema import config_schema
from target_afas.settings import read_settings

README = Path(__file__).parents[1] / "README.md"
MARKS = ("<!-- raw settings: made by tests/test_raw_docs.py -->", "<!-- end of raw settings -->")


def table() -> str:
    """The settings of a raw stream as they stand in the README. To renew it: `python tests/test_raw_docs.py`."""

    def rows(spec: dict[str, Any], path: str = "") -> list[str]:
        found = []
        for name, one in spec.get("properties", {}).items():
            found += [f"| `{path}{name}` | {one['description']} |", *rows(one, f"{path}{name}.")]
        return found

    lines = rows(config_schema()["properties"]["raw"]["additionalProperties"])
    return "\n".join([MARKS[0], "", "| `raw.<stream>.…` | Meaning |", "|---|---|", *lines, "", MARKS[1]])


def test_the_table_of_settings_is_the_programs() -> None:
    """Every setting of a raw stream stands in the README in the program's own words, and no other."""
    assert table() in README.read_text("utf-8")


def test_the_example_of_raw_streams_is_valid() -> None:
    """The example of the README is a configuration that the program takes."""
    part = README.read_text("utf-8").partition("## Raw streams")[2]
    settings = read_settings(json.loads(re.search(r"```json\n(.*?)```", part, re.DOTALL)[1]))
    assert isinstance(settings.raw["FbSales"], RawStream)


if __name__ == "__main__":
    text = README.read_text("utf-8")
    before, _, rest = text.partition(MARKS[0])
    README.write_text(before + table() + rest.partition(MARKS[1])[2], "utf-8")
