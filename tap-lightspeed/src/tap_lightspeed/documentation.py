"""The tables of the README, made from the code, so that the two can't differ.

python -m tap_lightspeed.documentation README.md     writes them
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tap_lightspeed.resources import BY_NAME, RESOURCES
from tap_lightspeed.resources._make import COSTLY
from tap_lightspeed.settings import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_lightspeed.resource import Resource


def streams() -> list[str]:
    """Return the table of all streams."""
    rows = ["| stream | a record | read | key |", "|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.title.removesuffix(COSTLY)} | {_read(one)} | {', '.join(one.keys)} |"
        for one in RESOURCES
    ]
    return rows


def _read(resource: Resource) -> str:
    if resource.parent:
        below = BY_NAME[resource.parent]
        if resource.inside is not None:
            how = f"inside `{below.name}`"
        elif below.replication_key is None:
            how = f"a call per record of `{below.name}`"
        else:
            how = f"a call per changed record of `{below.name}`"
    elif resource.single:
        how = "one record"
    elif resource.listed:
        how = "changed ids, then each by its id"
    elif resource.replication_key is None:
        how = "whole list"
    else:
        how = "what was created since" if resource.replication_key == "createdAt" else "what changed since"
    return how if resource.selected else f"{how} (not by default)"


def settings() -> list[str]:
    """Return the table of all settings."""
    schema = json_schema()
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, one in schema["properties"].items():
        default = "required" if name in schema["required"] else _shown(one.get("default"))
        rows.append(f"| `{name}` | {default} | {one['description']} |")
    return rows


def _shown(value: object) -> str:
    if value in (None, "", [], ()):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


TABLES = {"streams": streams, "settings": settings}
_PLACE = re.compile(r"(<!-- (\w+): generated -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """Return a README with its tables made anew."""
    return _PLACE.sub(lambda found: f"{found[1]}{''.join(_lines(found[2]))}{found[3]}", text)


def _lines(name: str) -> Iterator[str]:
    yield "\n"
    for row in TABLES[name]():
        yield f"{row}\n"
    yield "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
