"""What every life has in common: its story, bad days, time, runs that are killed or doubled, and how it is told again.

Nothing here decides by chance: who lives it (a state machine, a replay, a scenario) says every number. Numbers that
pick something (an order, an endpoint) count round, so that any number fits any moment.
"""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.faults import NO_FAULTS
from sandbox.http import Headers, Request
from tests.campaign.faults import FAULTS, PASSES, SIDES, SKEWS, WAITS
from tests.support import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.campaign.promises import Violation
    from tests.support.world import World

Json = dict[str, Any]
Step = tuple[str, Json]

STARTS = (
    datetime(2026, 11, 2, 9, tzinfo=UTC),
    datetime(2027, 3, 27, 20, 30, tzinfo=UTC),
    datetime(2027, 10, 30, 20, 30, tzinfo=UTC),
)
"""An ordinary morning, and the evenings before both nights in which the clocks change."""


class Living(ABC):
    """One life in one world.

    Attributes:
        endpoints: Where a fault may strike, per side.
        lookups: Per side, where one may that hides rows of a list.
    """

    endpoints: ClassVar[Mapping[str, tuple[str, ...]]]
    lookups: ClassVar[Mapping[str, tuple[str, ...]]]

    def __init__(self, setting: Json, world: World) -> None:
        self.setting, self.world = setting, world
        self.story: list[Step] = []
        self.did: Counter[str] = Counter()
        self.violations: list[Violation] = []

    def close(self) -> None:
        """Give everything back."""
        self.world.close()

    def do(self, step: str, /, **numbers: Any) -> None:
        """Live one step; it is part of the story from here on."""
        self.story.append((step, numbers))
        self.did[step] += 1
        getattr(self, step)(**numbers)

    def told(self) -> str:
        """The story as JSON lines; `replay` lives it again."""
        lines = [json.dumps(self.setting), *(json.dumps([step, numbers]) for step, numbers in self.story)]
        return "\n".join(lines)

    @abstractmethod
    def checked(self, run: Callable[[], object]) -> None:
        """Do a run, and check what can be checked after it."""

    @abstractmethod
    def end(self) -> list[Violation]:
        """Heal, and check everything.

        Returns:
            Every broken promise.
        """

    @abstractmethod
    def figures(self) -> Counter[str]:
        """Counts of what happened."""

    # -- other people, time -------------------------------------------------------------------------------------------

    def spend(self, calls: int) -> None:
        """Another app spends calls of the same key."""
        login = base64.b64encode(":".join(settings.SHOP_KEY).encode()).decode()
        headers = Headers({"Authorization": f"Basic {login}"})
        for _ in range(calls):
            self.world.shop.service.handle(Request("GET", "/nl/account.json", headers=headers), NO_FAULTS)

    def passes(self, how: int) -> None:
        """Time passes."""
        self.world.passes(PASSES[how % len(PASSES)])

    def skew(self, how: int) -> None:
        """Somebody sets the clock of our host."""
        self.world.host.skew = timedelta(seconds=SKEWS[how % len(SKEWS)])

    # -- faults -------------------------------------------------------------------------------------------------------

    def fault(self, kind: int, way: int, place: int, nth: int, times: int) -> None:
        """A bad day is ordered; it strikes when its call comes."""
        side, name = SIDES[kind % len(SIDES)]
        ways = FAULTS[side][name]
        places = self.places(side, name)
        if name == "temporary_404" and side == "lightspeed":
            # A third 404 in a row is no passing one any more: the record is gone.
            times = min(times, 2)
            if any(one["name"] == name and one["fired"] < one["times"] for one in self.world.faults()):
                return
        order = {"name": name, "endpoint": places[place % len(places)], "nth": nth, "times": times}
        self.world.fault(side, **order, params=ways[way % len(ways)])
        self.did[f"fault {side} {name}"] += 1

    def places(self, side: str, name: str) -> tuple[str, ...]:
        """Where a fault may strike."""
        return self.lookups[side] if name.startswith("lookup_") else self.endpoints[side]

    def lift(self) -> None:
        """The bad days are over."""
        self.world.lift()

    # -- helpers ------------------------------------------------------------------------------------------------------

    def wait(self, how: int) -> None:
        """Some time before a run."""
        self.world.passes(WAITS[how % len(WAITS)])

    def pick(self, order: int) -> int | None:
        """An order of the shop."""
        known = list(self.world.orders)
        return known[order % len(known)] if known else None

    def by_id(self, order: int, step: str) -> None:
        """The shop's staff does something with an order."""
        identity = self.pick(order)
        if identity is not None:
            self.staff(identity, step)

    def staff(self, identity: int, step: str, **wish: Any) -> None:
        """The same, by its id; what can't be done isn't."""
        try:
            self.world.step(identity, step, **wish)
        except ValueError:
            self.did[f"{step} refused"] += 1


def replay(told: str, life: Callable[[Json], Living]) -> Living:
    """Live a told story again, up to its end.

    Args:
        told: The story.
        life: Makes the life from its setting.
    """
    first, *rest = told.strip().splitlines()
    lived = life(json.loads(first))
    try:
        for line in rest:
            step, numbers = json.loads(line)
            lived.do(step, **numbers)
        lived.end()
    finally:
        lived.close()
    return lived
