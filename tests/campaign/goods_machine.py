"""The state machine of a shop that AFAS fills: hypothesis chooses what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.campaign.faults import SIDES, WAITS
from tests.campaign.goods_life import ALL, CHANGES, HANDS, WRITES, GoodsLife
from tests.campaign.machine import COMMON, Machine
from tests.support.world import JOB

if TYPE_CHECKING:
    from collections.abc import Sequence

_ITEM = st.integers(0, 39)
_NUMBER = st.integers(0, 999)
_WAIT = st.integers(0, len(WAITS) - 1)
_FLOW = st.integers(0, 8)
_CALL = st.integers(1, 30)
_PLUGIN = st.sampled_from([0, 0, 1, 2])

_BUSY = tuple(ALL.index(name) for name in ("stock", "prices", "catalogue"))
"""Flows that have something to ask of both sides whenever they run, or when they run first."""

RULES = COMMON | {*CHANGES, "deliver", "order", "pay", "cancel", "hand", "round"}
"""Every step of a `GoodsLife`."""


class Goods(Machine):
    """The life of a shop that AFAS fills."""

    make = GoodsLife
    wanted = RULES
    written: ClassVar[str] = "lightspeed"
    writes: ClassVar[Sequence[int]] = WRITES

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0

    # AFAS

    @rule(what=st.sampled_from(CHANGES), item=_ITEM, number=_NUMBER)
    def change(self, what: str, item: int, number: int) -> None:
        """A user of AFAS changes something."""
        self._do(what, item=item, number=number)

    @rule(what=st.sampled_from(CHANGES), item=_ITEM, number=_NUMBER, again=_NUMBER)
    def changes(self, what: str, item: int, number: int, again: int) -> None:
        """Two changes, one after the other."""
        self._do(what, item=item, number=number)
        self._do(CHANGES[again % len(CHANGES)], item=again, number=item)

    @rule(order=_ITEM)
    def deliver(self, order: int) -> None:
        """AFAS delivers an order."""
        self._do("deliver", order=order)

    # the shop

    @rule(item=_ITEM, number=_NUMBER)
    def order(self, item: int, number: int) -> None:
        """A shopper buys something."""
        self._do("order", item=item, number=number)

    @rule(order=_ITEM, what=st.sampled_from(["pay", "cancel"]))
    def staff(self, order: int, what: str) -> None:
        """What becomes of an order."""
        self._do(what, order=order)

    @rule(item=_ITEM, how=st.integers(0, len(HANDS) - 1), number=_NUMBER)
    def hand(self, item: int, how: int, number: int) -> None:
        """The shop's people change something."""
        self._do("hand", item=item, how=how, number=number)

    # bad days that are sure to come

    def _bad(self, kind: int, way: int, number: int) -> None:
        """A fault and a run that meets it. Those of a life are of different kinds."""
        self._turn += 1
        chosen = self.kinds[(kind + self._turn) % len(self.kinds)]
        side, name = SIDES[chosen]
        flow = _BUSY[number % len(_BUSY)]
        place = {"lookup_stale": 1, "lookup_filtered": 1}.get(name, 0)
        if (side, name) == ("afas", "lookup_stale"):
            flow = ALL.index("groups")
        elif (side, name) == ("afas", "lookup_filtered"):
            # What target-afas wrote itself is looked for when it changes.
            flow = ALL.index(JOB)
            self._do("order", item=number, number=number | 1)
            self._do("run", wait=0, flow=flow)
            self._do("cancel", order=-1)
        self._do("fault", kind=chosen, way=way, place=place, nth=1 + number % 2, times=1)
        self._do("run", wait=number % len(WAITS), flow=flow)

    @rule(kind=_NUMBER, way=st.integers(0, 3), number=_NUMBER)
    def bad(self, kind: int, way: int, number: int) -> None:
        """A bad day."""
        self._bad(kind, way, number)

    @rule(kind=_NUMBER, way=st.integers(0, 3), number=_NUMBER)
    def bad_again(self, kind: int, way: int, number: int) -> None:
        """Another one."""
        self._bad(kind, way, number)

    # runs

    @rule(wait=_WAIT, flow=_FLOW)
    def run(self, wait: int, flow: int) -> None:
        """An ordinary run."""
        self._do("run", wait=wait, flow=flow)

    @rule(wait=_WAIT, flow=_FLOW)
    def run_again(self, wait: int, flow: int) -> None:
        """Another one: what happens most in the life of a coupling."""
        self._do("run", wait=wait, flow=flow)

    @rule(wait=_WAIT)
    def round(self, wait: int) -> None:
        """All flows."""
        self._do("round", wait=wait)

    @rule(wait=_WAIT, flow=_FLOW, plugin=_PLUGIN, call=_CALL, when=st.integers(0, 1), half=st.integers(0, 1))
    def kill(self, wait: int, flow: int, *, plugin: int, call: int, when: int, half: int) -> None:
        """A run that is killed."""
        self._do("kill", wait=wait, flow=flow, plugin=plugin, call=call, when=when, half=half)

    @rule(wait=_WAIT, flow=_FLOW, other=_FLOW, plugin=st.integers(0, 1), call=_CALL)
    def double(self, wait: int, flow: int, other: int, plugin: int, call: int) -> None:
        """Two runs at once."""
        self._do("double", wait=wait, flow=flow, other=other, plugin=plugin, call=call)

    @rule(
        wait=_WAIT, flow=_FLOW, plugin=st.integers(0, 1), call=_CALL, what=st.integers(0, 4), item=_ITEM, number=_NUMBER
    )
    def amidst(self, wait: int, flow: int, *, plugin: int, call: int, what: int, item: int, number: int) -> None:
        """Something in the middle of a run."""
        self._do("amidst", wait=wait, flow=flow, plugin=plugin, call=call, what=what, item=item, number=number)
