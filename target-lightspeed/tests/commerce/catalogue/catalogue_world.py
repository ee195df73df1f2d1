"""Products of the contract, loaded into an empty shop of the sandbox."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from target_lightspeed_world import World

from commerce.schemas import schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SOURCE = {"system": "afas", "instance": "12345"}
STREAM = "Commerce_Products"
VARIANTS = "Commerce_Variants"


def key(code: str) -> str:
    return f"afas.12345:{code}"


def picture(number: int) -> dict[str, Any]:
    content = b"\x89PNG\r\n\x1a\n" + f"picture {number}".encode()
    return {
        "filename": f"Picture {number}.png",
        "mime": "image/png",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "content": base64.b64encode(content).decode(),
    }


def pictures(*numbers: int) -> list[dict[str, Any]]:
    return [{"key": f"slot{n}", "position": n, **picture(number)} for n, number in enumerate(numbers, 1)]


def texts(title: str = "Theepot", **more: str) -> list[dict[str, Any]]:
    """Dutch texts by role; `en_title` and the like in other languages."""
    found = [{"language": "nl", "role": "title", "value": title}]
    for name, value in more.items():
        language, _, role = name.rpartition("_") if name[2:3] == "_" else ("nl", "", name)
        found.append(
            {"language": language, "role": role, "value": value, "format": "html" if role == "long" else "plain"}
        )
    return found


def product(code: str = "POT-1", **values: Any) -> dict[str, Any]:
    """A simple product."""
    return {
        "key": key(code),
        "source": SOURCE,
        "kind": "simple",
        "sku": code,
        "web_enabled": True,
        "active": True,
        "texts": texts(f"Product {code}"),
        "vat": {"category": "standard", "rate": "21"},
        **values,
    }


def parent(code: str = "SHIRT", **values: Any) -> dict[str, Any]:
    """A product whose variants are records of their own."""
    axes = [{"code": "colour", "label": "Kleur"}, {"code": "size", "label": "Maat"}]
    return product(code, kind="variant_parent", axes=axes, weight={"value": "200", "unit": "g"}, **values)


def variant(code: str, of: str, colour: str, size: str, position: int = 0, **values: Any) -> dict[str, Any]:
    """One of its variants: as small as the source sends them."""
    chosen = [
        {"axis": "colour", "value": {"code": colour[:2], "label": colour}},
        {"axis": "size", "value": {"code": size, "label": size}},
    ]
    return {
        "key": key(code),
        "source": SOURCE,
        "kind": "variant",
        "sku": code,
        "parent": {"key": key(of)},
        "axis_values": chosen,
        "position": position,
        **values,
        "_source_stream": VARIANTS,
    }


class Catalogue(World):
    """A shop without products; `send` loads records of the stream `products`."""

    def __init__(self, tmp_path: Path, switches: dict[str, Any] | None = None, **catalogue: Any) -> None:
        super().__init__(tmp_path, "empty", switches, catalogue=catalogue)

    def messages(self, records: Sequence[dict[str, Any]], held: dict[str, list[Any]] | None = None) -> str:
        mark = {"version": 1, "source": "afas.12345", "replication_key": "Modified"}
        held = held or {}
        first = {name: {**mark, "held": held.get(name, [])} for name in (STREAM, VARIANTS)}
        lines: list[dict[str, Any]] = [
            {"type": "STATE", "value": {"bookmarks": first}},
            {"type": "SCHEMA", "stream": "products", "schema": schema("products"), "key_properties": ["key"]},
        ]
        for record in records:
            own = {"_source_stream": STREAM, "_source_key": record["key"].partition(":")[2]}
            lines.append({"type": "RECORD", "stream": "products", "record": {**own, **record}})
        last = {name: {**mark, "replication_key_value": "2026-11-01T12:00:00Z"} for name in (STREAM, VARIANTS)}
        lines.append({"type": "STATE", "value": {"bookmarks": last}})
        return "".join(f"{json.dumps(one)}\n" for one in lines)

    def send(self, *records: dict[str, Any], **catalogue: Any) -> list[tuple[str, str, str]]:
        """A run; what is held afterwards: key, reason, subject."""
        settings = {**self.config["catalogue"], **catalogue}
        marks = self.run(self.messages(records), catalogue=settings)
        return sorted(
            (one["key"], one["reason"], one["subject"]) for name in marks for one in marks[name].get("held", [])
        )

    def go_on(
        self, held: dict[str, list[Any]], *records: dict[str, Any], **catalogue: Any
    ) -> dict[str, list[dict[str, Any]]]:
        """A run that begins with what the last one held; what is held after it, by stream."""
        settings = {**self.config["catalogue"], **catalogue}
        marks = self.run(self.messages(records, held), catalogue=settings)
        return {name: mark["held"] for name, mark in marks.items()}

    def price(self, *skus: str, excl: str = "10") -> None:
        """What the prices flow does."""
        client = self.make_client()
        for sku in skus:
            row = self.variant(sku)
            client.update(f"variants/{row['id']}", "variant", {"priceExcl": float(excl)})

    def the(self, title: str, language: str = "nl") -> dict[str, Any]:
        (found,) = [row for row in self.rows("products", language) if row["title"] == title]
        return found

    def variants_of(self, identity: int) -> list[dict[str, Any]]:
        rows = [row for rows in self.make_client().list("variants", product=identity) for row in rows]
        return sorted(rows, key=lambda row: (row["sortOrder"], row["id"]))

    def images(self, identity: int) -> list[dict[str, Any]]:
        return sorted(self.rows(f"products/{identity}/images"), key=lambda row: row["sortOrder"])

    def total(self) -> dict[str, int]:
        """All calls of the last run but the question for the time."""
        return {call: count for call, count in self.client.calls.items() if call != "GET account"}
