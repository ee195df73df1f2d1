"""The target on the sandbox, fed as a third-party tap or one of ours would feed it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from target_afas_world import World

from target_afas.target import TargetAfas
from upsert.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def messages(stream: str, *records: dict[str, Any], key: Sequence[str] = ("id",), held: list[Any] | None = None) -> str:
    """SCHEMA, RECORDs and STATE; with `held`, the tap speaks the held protocol."""
    lines: list[dict[str, Any]] = []
    mark = {"version": 1, "source": "csv.files", "replication_key": "modified"}
    if held is not None:
        lines.append({"type": "STATE", "value": {"bookmarks": {stream: {**mark, "held": held}}}})
    names = {name for record in records for name in record} | set(key)
    schema = {"type": "object", "properties": {name: {} for name in sorted(names)}}
    lines.append({"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": list(key)})
    lines += [{"type": "RECORD", "stream": stream, "record": record} for record in records]
    lines.append({"type": "STATE", "value": {"bookmarks": {stream: {**mark, "replication_key_value": "2026-11-02"}}}})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


class RawPlugin:
    """Runs of the target over one AFAS and one store file."""

    def __init__(self, tmp_path: Path, world: World | None = None, **raw: Any) -> None:
        self.world = world or World()
        self.file = tmp_path / "store.db"
        self.config = {**self.world.config, "store": f"sqlite:///{self.file}", "raw": raw}
        self.target: TargetAfas | None = None

    def run(self, text: str) -> dict[str, Any]:
        """One run over Singer messages; gives the bookmarks of the last STATE."""
        world = self.world
        world.client.calls.clear()

        class OnSandbox(TargetAfas):
            clock = world.host

            def make_client(self) -> Any:
                return world.client

        out = io.StringIO()
        self.target = OnSandbox(config=self.config)
        with redirect_stdout(out):
            self.target.listen(io.StringIO(text))
        states = [json.loads(one) for one in out.getvalue().splitlines()]
        return states[-1]["bookmarks"] if states else {}

    def load(self, stream: str, *records: dict[str, Any], key: Sequence[str] = ("id",), held: Any = ()) -> list[Any]:
        """One run of a tap that speaks the held protocol; gives the held entries."""
        state = self.run(messages(stream, *records, key=key, held=list(held)))
        return state[stream]["held"]

    def writes(self) -> dict[str, int]:
        """Writes of the last run, by call."""
        return {call: count for call, count in self.world.client.calls.items() if not call.startswith("GET")}

    def counts(self) -> dict[str, int]:
        """What became of the records of the last run, by action and reason."""
        assert self.target is not None
        return {
            f"{action} {reason}".strip(): count for (_, action, reason), count in self.target.counts.items() if count
        }

    def rows(self, connector: str, **equals: str) -> list[dict[str, Any]]:
        """Rows of a GetConnector."""
        ((name, value),) = equals.items()
        order = self.world.client.get_metainfo(connector).field_ids[0]
        return list(self.world.client.rows_where_any(connector, name, [value], order_by=[order]))

    def store(self) -> Store:
        """The store, for what a person decides."""
        return Store.open(f"sqlite:///{self.file}")
