"""What all parts of the flow work with: the run's memory, kernel runs of one step, outcomes of a batch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.memory import Memory
from target_lightspeed.commerce.catalogue.names import KINDS, Names
from target_lightspeed.commerce.catalogue.ownership import Rules
from target_lightspeed.commerce.catalogue.step import Context, Step
from target_lightspeed.commerce.catalogue.steps import SpecificationStep
from target_lightspeed.failures import reading
from target_lightspeed.fields import By
from upsert.model import Document, Outcome, SourceKey
from upsert.store import DecisionKind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_lightspeed.commerce.catalogue.step import Piece
    from target_lightspeed.commerce.catalogue.wants import Wants
    from target_lightspeed.target import TargetLightspeed
    from upsert.kernel import Kernel
    from upsert.port import Port


@dataclass(slots=True)
class Record:
    """One record of a batch."""

    source: SourceKey
    wants: Wants

    @property
    def key(self) -> str:
        """Our key."""
        return self.wants.key


@dataclass
class Batch:
    """What becomes of one batch."""

    held: set[SourceKey] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    touched: dict[str, SourceKey] = field(default_factory=dict)
    """Products whose variants changed -> a record that did it."""


class Work:
    """The catalogue of one run.

    Args:
        target: The target: session, kernels, held lists.
    """

    def __init__(self, target: TargetLightspeed) -> None:
        self.target, self.session = target, target.session
        self.settings = target.session.settings.catalogue
        self.language = target.session.settings.language
        self.rules = Rules(self.settings.preset, self.settings.fields)
        self.memory = Memory(self.session)
        self.names = Names(self.session, self.settings, self.memory)
        self.context = Context(self.session, self.settings, self.rules, self.memory, self.names)
        self._carried = False
        self._doubted: set[tuple[str, str]] = set()
        self._active: frozenset[str] | None = None

    def kernel(self, stream: str) -> Kernel:
        """The run's kernel for a source stream."""
        return self.target.kernel(stream, scope=self.session.scope)

    def run(
        self, run: Batch, port: Port[Any, Any], documents: Sequence[Document[Any]], *, last: bool = False
    ) -> list[Outcome]:
        """One step for a batch: its ids are remembered, and who is held."""
        if self.settings.resync:
            self._doubt(port.purpose, documents)
        done: list[Outcome] = []
        streams: dict[str, list[Document[Any]]] = {}
        for one in documents:
            streams.setdefault(one.source.stream, []).append(one)
        for stream, part in streams.items():
            if isinstance(port, Step):
                self._needed(stream, port, part)
            done += self.kernel(stream).run(port, part, last=last)
        for outcome in done:
            if outcome.action == "held":
                run.held.add(outcome.document.source)
            elif outcome.ids:
                self.memory.know(port.purpose, outcome.document.key, outcome.ids)
        run.outcomes += done
        return done

    def _doubt(self, purpose: str, documents: Sequence[Document[Any]]) -> None:
        """What was written counts for nothing, once in a run: the shop is read."""
        keys = [one.key for one in documents if (purpose, one.key) not in self._doubted]
        self._doubted |= {(purpose, key) for key in keys}
        known = self.session.store.rows(self.session.scope, purpose, keys)
        self.session.store.change_all(
            (row, replace(row, content_hash="", hashes={})) for row in known.values() if row.state is State.DONE
        )

    def unsettled(self, port: Port[Any, Any], documents: Sequence[Document[Any]]) -> list[Document[Any]]:
        """Those that the kernel will look at."""
        known = self.session.store.rows(self.session.scope, port.purpose, [one.key for one in documents])
        return [
            one
            for one in documents
            if (row := known.get(one.key)) is None
            or row.state is not State.DONE
            or row.content_hash != one.content_hash
        ]

    def _needed(self, stream: str, port: Step, documents: Sequence[Document[Piece]]) -> None:
        """Make brands, types and the like that these documents refer to."""
        wanted: dict[tuple[str, str], SourceKey] = {}
        for one in self.unsettled(port, documents):
            if one.content.problem:
                continue
            if isinstance(port, SpecificationStep):
                wanted |= {("attribute", title): one.source for title in one.content.values}
                continue
            for name, value in one.content.values.items():
                if isinstance(value.value, By) and name in KINDS:
                    wanted[name, value.value.value] = one.source
        if not wanted:
            return
        kernel = self.kernel(stream)
        self.names.ensure(kernel, wanted)
        if isinstance(port, SpecificationStep) and not self._carried and self.settings.type:
            self._carried = True
            source = next(iter(wanted.values()))
            titles = self.settings.specifications
            self.names.ensure(kernel, {("type", self.settings.type): source})
            self.names.ensure(kernel, {("attribute", title): source for title in titles})
            self.names.carry(kernel, titles, source)

    def early(self, source: SourceKey, key: str, action: Any, reason: str, subject: str = "") -> Outcome:
        """An outcome that no port was asked for."""
        document: Document[None] = Document(key, source, None, {})
        outcome = Outcome(document, action, reason=reason, subject=subject)
        self.kernel(source.stream).report(rows.PRODUCTS, [outcome])
        return outcome

    def note(self, run: Batch, one: Record, action: Any, reason: str, subject: str = "") -> None:
        """Such an outcome of a record of this batch."""
        run.outcomes.append(self.early(one.source, one.key, action, reason, subject))
        if action == "held":
            run.held.add(one.source)

    def late(self, outcomes: Iterable[Outcome]) -> None:
        """Outcomes at the end of a run, of records that perhaps didn't come in it."""
        for outcome in outcomes:
            source = outcome.document.source
            self.target.count("products", outcome.action, outcome.reason)
            if outcome.action == "held" and self.target.held.spoken(source.stream):
                self.target.hold(source, outcome.reason, outcome.subject, outcome.retry_after)

    def use_up(self, run: Batch, records: Iterable[Record]) -> None:
        """A person's word about a record counts once: a retry for this try, a release until it is loaded."""
        if self.target.plan_only:
            return
        for one in records:
            if (kind := self.target.decision(one.source)) is None:
                continue
            if kind is DecisionKind.RETRY or one.source not in run.held:
                source = self.target.source(one.source.stream)
                self.session.store.use_decisions(source, [(one.source, kind)], self.target.clock.now())

    def languages(self) -> frozenset[str]:
        """Active languages of the shop beside its default; asked once."""
        if self._active is None:
            with reading():
                found = [row for page in self.session.client.list("languages") for row in page]
            self._active = frozenset(str(row["code"]) for row in found if row.get("isActive")) - {self.language}
        return self._active


class Part:
    """A part of the flow.

    Args:
        work: What it works with.
    """

    def __init__(self, work: Work) -> None:
        self.work, self.target, self.session = work, work.target, work.session
        self.settings, self.rules = work.settings, work.rules
        self.memory, self.context = work.memory, work.context
