"""The smallest service: a counter. What a test of the box needs and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.faults import Fault, FaultKind, FaultView
from sandbox.http import Reply, Request
from sandbox.store import Change, Table
from sandbox.switches import Switch, Switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.clock import SandboxClock


class Toy:
    """POST adds its body to a list, GET shows the list."""

    name = "toy"
    fault_kinds: Mapping[str, FaultKind] = {"grumpy": FaultKind("refusal", "says no")}

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.switches = Switches([Switch("loud", False, "for tests", (False, True))])
        self.said: Table[int, dict[str, Any]] = Table("said", int)

    def handle(self, request: Request, faults: FaultView) -> Reply:
        """Add or show."""
        if request.method == "POST":
            self.said.put(len(self.said), {"text": request.body.decode(), "at": self.clock.now().isoformat()})
            return Reply.json(201, {"said": len(self.said)})
        rows = list(self.said.values())
        if fault := faults.active("lookup_filtered"):
            kept = [row for row in rows if row["text"] != fault.params["pattern"]]
            if kept != rows:
                fault.fire()
            rows = kept
        return Reply.json(200, {"rows": rows})

    def endpoint(self, request: Request) -> str:
        """The path as it is."""
        return f"{request.method} {request.path.strip('/')}"

    def refusal(self, fault: Fault, request: Request) -> Reply:
        """The fault's name and, of a status fault, its status."""
        digits = fault.name.removeprefix("status_")
        return Reply.json(int(digits) if digits.isdigit() else 418, {"error": fault.name})

    def control(self, path: str, request: Request) -> Reply | None:
        """One path of its own."""
        return Reply.json(200, {"toy": True}) if path == "toy" else None

    def books(self) -> dict[str, Any]:
        """Everything said."""
        return {"said": list(self.said.values())}

    def reset(self, seed: str | None) -> None:
        """Silence."""
        if seed not in {None, "empty"}:
            raise ValueError(f"unknown seed {seed!r}")
        self.said.clear()

    def credentials(self) -> dict[str, Any]:
        """None needed."""
        return {}

    def changes(self) -> Iterable[Change]:
        """From the table."""
        return self.said.changes()

    def restore(self, rows: Sequence[Change]) -> None:
        """Into the table."""
        for _, key, value in rows:
            self.said.restore(key, value)
