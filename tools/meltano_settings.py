"""Writes the `settings` of meltano.yml from what the plugins say of themselves, so that the two can't differ.

The file declares the settings that it sets somewhere, and a few more that are meant for an environment variable.
Meltano looks up each declared setting in many places, several times for each plugin of a run: with all of them, most of
a run's time would go there. To declare one more, add `- name: hold_limit` and run this.

python tools/meltano_settings.py           write them
python tools/meltano_settings.py --check   say whether they are current (exit code 1 when not)
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

ROOT = Path(__file__).parents[1]
FILE = ROOT / "meltano.yml"
BIN = Path(sys.executable).parent
PLUGINS = {
    "extractors": ["tap-afas", "tap-lightspeed"],
    "mappers": ["mapper-commerce"],
    "loaders": ["target-afas", "target-lightspeed"],
}
KINDS = {"integer": "integer", "number": "string", "boolean": "boolean", "array": "array", "object": "object"}


def about(plugin: str) -> dict[str, Any]:
    """What a plugin says of itself."""
    said = subprocess.run([BIN / plugin, "--about", "--format", "json"], capture_output=True, text=True, check=True)
    described: dict[str, Any] = json.loads(said.stdout)
    return described


def setting(name: str, described: dict[str, Any]) -> CommentedMap:
    """One setting in Meltano's terms."""
    types = described.get("type", "object" if "anyOf" in described or "$ref" in described else "string")
    kind = next((one for one in ([types] if isinstance(types, str) else types) if one != "null"), "string")
    entry = CommentedMap(name=name, label=described.get("title") or name.replace("_", " ").capitalize())
    if described.get("secret"):
        entry |= {"kind": "password", "sensitive": True}
    elif "enum" in described:
        entry |= {
            "kind": "options",
            "options": [CommentedMap(label=str(one), value=one) for one in described["enum"] if one is not None],
        }
    elif described.get("format") == "date-time":
        entry["kind"] = "date_iso8601"
    else:
        entry["kind"] = KINDS.get(kind, "string")
    entry["description"] = described.get("description", "")
    return entry


def used(project: dict[str, Any], kind: str, name: str) -> set[str]:
    """The settings that the project gives to a plugin, to those that inherit from it, and in its mappings."""
    blocks = [one for one in project["plugins"][kind] if one.get("inherit_from", one["name"]) == name]
    names = {one["name"] for one in blocks}
    blocks += [mapping for one in blocks for mapping in one.get("mappings", ())]
    for environment in project["environments"]:
        blocks += [one for one in environment["config"]["plugins"].get(kind, ()) if one["name"] in names]
    return {setting for one in blocks for setting in one.get("config", ())}


def current() -> str:
    """meltano.yml as it should be."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=2, offset=0)
    project = yaml.load(FILE.read_text(encoding="utf-8"))
    for kind, names in PLUGINS.items():
        for plugin in project["plugins"][kind]:
            if plugin["name"] in names:
                wanted = {one["name"] for one in plugin.get("settings", ())} | used(project, kind, plugin["name"])
                properties = about(plugin["executable"])["settings"]["properties"]
                plugin["settings"] = CommentedSeq(
                    setting(name, one) for name, one in properties.items() if name in wanted
                )
    text = io.StringIO()
    yaml.dump(project, text)
    return text.getvalue()


def main() -> int:
    """Write or check; 1 when a check finds that the file is not current."""
    text = current()
    if "--check" in sys.argv[1:]:
        same = text == FILE.read_text(encoding="utf-8")
        print(
            "meltano.yml is current" if same else "meltano.yml is not current: run `python tools/meltano_settings.py`"
        )
        return 0 if same else 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
