"""The generated parts of the README. Run this file to write them anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from target_lightspeed.resources import RESOURCES
from target_lightspeed.schema import config_schema

README = Path(__file__).parents[1] / "README.md"


def resources() -> str:
    """The table of resources."""
    rows = ["| stream | verbs | by | fields | mandatory to create |", "|---|---|---|---|---|"]
    for name, one in RESOURCES.items():
        fields = [f"*{field.name}*" if field.local else f"{field.name}" for field in one.fields]
        fields += [f"{flag} (mail)" for flag in one.flags] + (["any other"] if one.open else [])
        keys = ["+".join(key) for key in one.keys]
        by = ["id"] if not one.single and one.upload != "single" else []
        by += ["title" if one.path == "files" else f"{one.owner} and title"] if one.upload == "list" else keys
        by = [*by[1:], "id"] if one.id_last else by
        by += ["there is one"] if one.single else [one.owner] if one.upload == "single" else []
        needed = [*([one.owner] if one.owner else []), *one.required] if "C" in one.verbs else []
        cells = (f"`{name}`", one.verbs, ", ".join(by), ", ".join(fields), ", ".join(needed))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def settings() -> str:
    """The table of settings."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    schema = config_schema()

    def add(properties: dict[str, Any], before: str) -> None:
        for name, spec in properties.items():
            parts = spec.get("properties")
            default = "" if parts else spec.get("default", "")
            shown = f"`{default}`" if default != "" else "required" if name in schema["required"] else ""
            choices = [one for one in spec.get("enum") or () if one is not None]
            meaning = spec["description"] + (f" One of {', '.join(f'`{one}`' for one in choices)}." if choices else "")
            rows.append(f"| `{before}{name}` | {shown} | {meaning} |")
            if parts:
                add(parts, f"{before}{name}.")
            inner = spec.get("additionalProperties")
            if isinstance(inner, dict) and "properties" in inner:
                add(inner["properties"], f"{before}{name}.<{'stream' if name == 'streams' else 'name'}>.")

    add(schema["properties"], "")
    return "\n".join(rows)


PARTS = {"resources": resources, "settings": settings}


def filled(text: str) -> str:
    """The README with its tables as they must be."""
    for name, make in PARTS.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        table = make()
        text = re.sub(pattern, lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
