"""The state machine: hypothesis chooses what happens next, a `Life` lives it, a `Tally` counts what was proven."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.campaign import chance
from tests.campaign.faults import PASSES, SIDES, SKEWS, WAITS
from tests.campaign.life import EDITS, HANDS, ORDER_KINDS, Life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.campaign.living import Json, Living

STEPS = 32
"""Steps of each seed."""
FEWEST = 30
"""A seed with fewer does not count."""
TOP_UP = 12
"""Further seeds, at most, for faults and rules that have not met their call yet."""

_WHICH = st.integers(0, 39)
_CALL = st.integers(1, 24)
_NUMBER = st.integers(0, 999)
_WAIT = st.integers(0, len(WAITS) - 1)
_NTH = st.sampled_from([1, 1, 1, 2, 3, 5])
_SMALL = st.integers(0, 2)

COMMON = frozenset({"passes", "skew", "spend", "fault", "lift", "run", "kill", "double", "amidst"})
"""Steps of every life."""
RULES = COMMON | frozenset(
    {"order", "edit", "pay", "cancel", "refund", "ship", "touch", "lose_item", "mend_item", "hand"}
)
"""Every step of a `Life`; each must have been lived in a campaign."""
_SAID = {"steps", "runs", "kills", "faults", "violations"}
EVERY_FAULT = frozenset(SIDES)
"""Every kind of fault on either side; each must have struck in a campaign."""


@dataclass
class Tally:
    """What a campaign has done, over all its seeds.

    Attributes:
        wanted: Steps that must have been lived.
        seeds: Lives of at least `FEWEST` steps.
        counts: Steps, orders, runs, kills, faults that fired, violations.
        rules: Steps by name. struck: Kinds of faults that fired.
        failures: Of each seed that broke a promise: its violations and its story.
        lives: The story of every seed.
    """

    wanted: frozenset[str] = RULES
    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[tuple[list[str], str]] = field(default_factory=list)
    lives: list[str] = field(default_factory=list)

    def add(self, life: Living) -> None:
        """Count one life."""
        if len(life.story) >= FEWEST:
            self.seeds += 1
        self.lives.append(life.told())
        self.counts += life.figures()
        self.counts["steps"] += len(life.story)
        self.counts["violations"] += len(life.violations)
        self.rules += life.did
        for fault in life.world.faults():
            if fault["fired"]:
                self.struck[fault["side"], fault["name"]] += fault["fired"]
        if life.violations:
            self.failures.append(([str(one) for one in life.violations], life.told()))

    def join(self, other: Tally) -> None:
        """Count another campaign's lives too."""
        self.seeds += other.seeds
        self.counts += other.counts
        self.rules += other.rules
        self.struck += other.struck
        self.failures += other.failures

    @property
    def silent(self) -> list[tuple[str, str]]:
        """Faults that never fired."""
        return sorted(EVERY_FAULT - set(self.struck))

    @property
    def unlived(self) -> list[str]:
        """Rules that never ran."""
        return sorted(self.wanted - set(self.rules))

    def line(self) -> str:
        """The figures, in one line."""
        counts = self.counts
        own = ", ".join(f"{number} {name}" for name, number in counts.items() if name not in _SAID)
        return (
            f"{self.seeds} seeds, {counts['steps']} steps, {own}, {counts['runs']} runs, "
            f"{counts['kills']} kills, {counts['faults']} faults fired of {len(self.struck)}/{len(EVERY_FAULT)} kinds, "
            f"{len(self.rules.keys() & self.wanted)}/{len(self.wanted)} rules, {counts['violations']} violations"
        )

    def report(self, most: int = 3) -> str:
        """What is wrong, with the stories of the first few failing seeds."""
        parts = [self.line()]
        if self.silent:
            parts.append("never fired: " + ", ".join(f"{side} {name}" for side, name in self.silent))
        if self.unlived:
            parts.append("never lived: " + ", ".join(self.unlived))
        for violations, story in self.failures[:most]:
            parts += ["", *violations[:10], "the story (python -m tests.campaign --replay FILE):", story]
        return "\n".join(parts)

    @property
    def proven(self) -> bool:
        """Whether every promise held, and everything that can happen did."""
        return not (self.failures or self.silent or self.unlived)


class Machine(RuleBasedStateMachine):
    """One life, chosen by hypothesis. Subclassed anew by `live` for each campaign."""

    tally: ClassVar[Tally]
    wanted: ClassVar[frozenset[str]] = RULES
    make: ClassVar[Callable[[Json], Living]]
    kinds: ClassVar[Sequence[int]] = range(len(SIDES))
    written: ClassVar[str] = "afas"
    writes: ClassVar[Sequence[int]] = (1, 1, 2, 3)
    """The side that is written to, and those of its endpoints that are writes."""

    def __init__(self) -> None:
        super().__init__()
        self.life: Living | None = None

    @initialize(start=_SMALL, rounding=_SMALL, limits=_SMALL, afas=_SMALL, batch=_SMALL, seed=st.integers(0, 999_999))
    def world(self, **setting: Any) -> None:
        """Where it takes place. Hypothesis tries the simplest life first, all zeros: nobody lives that."""
        if setting["seed"]:
            self.life = type(self).make(setting)

    def _do(self, step: str, **numbers: Any) -> None:
        if self.life is not None:
            self.life.do(step, **numbers)

    # time, other people

    @rule(how=st.integers(0, len(PASSES) - 1), again=st.integers(0, len(PASSES) - 1))
    def passes(self, how: int, again: int) -> None:
        """Time, this long or that."""
        self._do("passes", how=max(how, again))

    @rule(how=st.integers(0, len(SKEWS) - 1), calls=st.integers(5, 39), what=st.sampled_from(["skew", "spend", "lift"]))
    def others(self, how: int, calls: int, what: str) -> None:
        """Somebody sets our clock, uses up our calls, or ends the bad days."""
        self._do(what, **{"skew": {"how": how}, "spend": {"calls": calls}}.get(what, {}))

    # faults

    def _fault(self, kind: int, way: int, place: int, nth: int, times: int) -> None:
        self._do("fault", kind=self.kinds[kind % len(self.kinds)], way=way, place=place, nth=nth, times=times)

    @rule(kind=_NUMBER, way=st.integers(0, 3), place=st.integers(0, 8), nth=_NTH, times=st.integers(1, 3))
    def fault(self, kind: int, way: int, place: int, nth: int, times: int) -> None:
        """A bad day."""
        self._fault(kind, way, place, nth, times)

    @rule(kind=_NUMBER, way=st.integers(0, 3), place=st.integers(0, 8))
    def fault_at_once(self, kind: int, way: int, place: int) -> None:
        """A bad day that begins with the next call."""
        self._fault(kind, way, place, 1, 1)

    @rule(kind=_NUMBER, way=st.integers(0, 3), write=st.integers(0, 3))
    def fault_on_write(self, kind: int, way: int, write: int) -> None:
        """A bad day for what is written."""
        names = [n for n in self.kinds if SIDES[n][0] == self.written and not SIDES[n][1].startswith("lookup")]
        if names:
            place = self.writes[write % len(self.writes)]
            self._do("fault", kind=names[kind % len(names)], way=way, place=place, nth=1, times=1)

    def teardown(self) -> None:
        """The end: heal, check everything, count."""
        if self.life is None:
            return
        try:
            self.life.end()
            self.tally.add(self.life)
        finally:
            self.life.close()


class Orders(Machine):
    """The life of a shop whose orders go to AFAS."""

    make = Life

    # the shop

    @rule(kind=st.integers(0, len(ORDER_KINDS) - 1), seed=_NUMBER)
    def order(self, kind: int, seed: int) -> None:
        """One order."""
        self._do("order", kind=kind, seed=seed, count=1)

    @rule(kind=st.integers(0, len(ORDER_KINDS) - 1), seed=_NUMBER, count=st.integers(2, 7))
    def orders(self, kind: int, seed: int, count: int) -> None:
        """Several orders."""
        self._do("order", kind=kind, seed=seed, count=count)

    @rule(order=_WHICH, how=st.integers(0, len(EDITS) - 1), number=_NUMBER)
    def edit(self, order: int, how: int, number: int) -> None:
        """A change of an order."""
        self._do("edit", order=order, how=how, number=number)

    @rule(order=_WHICH, what=st.sampled_from(["pay", "pay", "cancel", "cancel", "refund", "ship", "touch"]))
    def staff(self, order: int, what: str) -> None:
        """What else the staff does with an order."""
        self._do(what, order=order)

    # AFAS

    @rule(number=st.integers(0, 299), how=st.integers(0, 1), lose=st.booleans())
    def item(self, number: int, how: int, lose: bool) -> None:
        """An item goes, or comes back."""
        if lose:
            self._do("lose_item", number=number, how=how)
        else:
            self._do("mend_item", number=number)

    @rule(order=_WHICH, how=st.integers(0, len(HANDS) - 1))
    def hand(self, order: int, how: int) -> None:
        """A user's hand."""
        self._do("hand", order=order, how=how)

    # runs

    @rule(wait=_WAIT)
    def run(self, wait: int) -> None:
        """An ordinary run."""
        self._do("run", wait=wait)

    @rule(wait=_WAIT)
    def run_again(self, wait: int) -> None:
        """Another ordinary run: what happens most in the life of a coupling."""
        self._do("run", wait=wait)

    @rule(wait=_WAIT, plugin=_SMALL, call=_CALL, when=st.integers(0, 1), half=st.integers(0, 1))
    def kill(self, wait: int, plugin: int, call: int, when: int, half: int) -> None:
        """A run that is killed."""
        self._do("kill", wait=wait, plugin=plugin, call=call, when=when, half=half)

    @rule(wait=_WAIT, plugin=st.integers(0, 1), call=_CALL)
    def double(self, wait: int, plugin: int, call: int) -> None:
        """Two runs at once."""
        self._do("double", wait=wait, plugin=plugin, call=call)

    @rule(wait=_WAIT, plugin=st.integers(0, 1), call=_CALL, what=st.integers(0, 4), order=_WHICH, number=_NUMBER)
    def amidst(self, wait: int, plugin: int, call: int, *, what: int, order: int, number: int) -> None:
        """Something in the middle of a run."""
        self._do("amidst", wait=wait, plugin=plugin, call=call, what=what, order=order, number=number)


def live(
    seeds: Iterable[str],
    machine: type[Machine] = Orders,
    *,
    make: Callable[[Json], Living] | None = None,
    kinds: Sequence[int] = (),
) -> Tally:
    """Live some seeds; the same seed is the same life.

    Args:
        seeds: Any texts.
        machine: What can happen in them.
        make: Makes a life, when it isn't the machine's own: that of a mutant.
        kinds: Only these kinds of faults, as indexes of `SIDES`; all when empty.
    """
    tally = Tally(machine.wanted)
    settings = hypothesis.settings(
        backend=chance.NAME,
        max_examples=2,
        stateful_step_count=STEPS + 1,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    for seed in seeds:
        chance.Even.seed = seed
        space = {"tally": tally, "make": staticmethod(make or machine.make), "kinds": kinds or range(len(SIDES))}
        run_state_machine_as_test(type("Campaign", (machine,), space), settings=settings)
    return tally


def topped_up(tally: Tally, name: str, machine: type[Machine] = Orders) -> Tally:
    """Live further seeds for faults and rules that have not come up yet; what stays silent then, fails.

    Args:
        tally: Of the campaign so far.
        name: Of the campaign; the further seeds are named after it.
        machine: As before.
    """
    for extra in range(TOP_UP):
        if not tally.silent and not tally.unlived:
            break
        kinds = [SIDES.index(one) for one in tally.silent]
        tally.join(live([f"{name}/more/{extra}"], machine, kinds=kinds))
    return tally
