"""A whole target and a whole tap on the bases, for the tests; run as a script it is the target.

Its target system is a JSON-lines file, so that a test can see what arrived although the process was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap

from upsert.errors import Outage, Rejected
from upsert.model import Applied, Create, Document, Outcome, Plan, Skip, Update
from upsert.port import Port
from upsert.singer import HeldSink, Incoming, TapMixin, TargetBase, run_plugin
from upsert.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class FilePort(Port[dict[str, Any], dict[str, Any]]):
    purpose = "row"
    lookup_name = "file"
    workers = 2

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.now(UTC)

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def look_up(self, documents: Sequence[Document[Any]]) -> Mapping[str, Sequence[dict[str, Any]]]:
        rows = self.rows()
        return {doc.key: [row for row in rows if row["key"] == doc.key][-1:] for doc in documents}

    def ids(self, existing: dict[str, Any]) -> Mapping[str, str]:
        return {"key": existing["key"]}

    def plan(self, document: Document[Any], existing: Any, applied: Applied | None) -> Plan:
        if existing is None:
            return Create()
        if existing["content"] == document.content:
            return Skip("unchanged", same=True)
        return Update(document.key)

    def create(self, document: Document[Any], plan: Create) -> Mapping[str, str]:
        what = document.content.get("do")
        if what == "reject":
            raise Rejected("unknown_item", "SKU-9")
        if what == "outage":
            raise Outage("maintenance until 12:00")
        if what == "bug":
            raise KeyError("Jansen")
        if what == "sigterm":
            os.kill(os.getpid(), signal.SIGTERM)
        if what == "hang":
            threading.Event().wait()
        with self.path.open("a") as file:
            file.write(json.dumps({"key": document.key, "content": document.content}) + "\n")
        return {"key": document.key}

    def update(self, document: Document[Any], existing: Any, plan: Update) -> Mapping[str, str]:
        return self.create(document, Create())


class DemoSink(HeldSink):
    def parse(self, record: dict[str, Any]) -> dict[str, Any]:
        if record.get("do") == "invalid":
            raise ValueError("a value that must not be shown")
        return json.loads(json.dumps(record, default=str))

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        kernel = self.target.kernel(batch[0].source.stream)
        port = FilePort(Path(self.config["file"]))
        documents = [
            Document(
                key=f"{one.source.stream}:{one.source.key}",
                source=one.source,
                content=one.content,
                hashes={name: kernel.store.hasher(str(value)) for name, value in one.content.items()},
            )
            for one in batch
        ]
        return kernel.run(port, documents)


class DemoTarget(TargetBase):
    """A target that writes a file."""

    name = "target-demo"
    default_sink_class = DemoSink
    checkpoint_seconds: ClassVar[float] = 0.0
    config_jsonschema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            "file": {"type": "string"},
            "store": {"type": "string"},
            "token": {"type": "string", "secret": True},
            "hold_limit": {"type": "integer"},
            "on_error": {"type": "string", "enum": ["hold", "abort"]},
            "mode": {"type": "string", "enum": ["apply", "plan"]},
            "plan_file": {"type": "string"},
        },
        "required": ["file"],
    }

    def open_store(self) -> Store:
        return Store.open(self.config.get("store", "sqlite://"))

    def calls(self) -> Mapping[str, int]:
        return {"POST row": 2}


class Orders(Stream):
    name = "orders"
    schema: ClassVar[dict[str, Any]] = {"type": "object", "properties": {"id": {"type": "integer"}}}
    primary_keys = ("id",)

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        yield {"id": 1}


class DemoTap(TapMixin, Tap):
    """A tap of one record."""

    name = "tap-demo"
    config_jsonschema: ClassVar[dict[str, Any]] = {"type": "object", "properties": {}}

    def discover_streams(self) -> list[Stream]:
        return [Orders(self)]

    def held_sources(self) -> Mapping[str, str]:
        return {"orders": "shop.shop1"}


if __name__ == "__main__":
    run_plugin(DemoTap if sys.argv[1] == "tap" else DemoTarget, sys.argv[2:])
