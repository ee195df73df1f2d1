"""The base of our targets: state behind effect, held lists, a clean end."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from singer_sdk import Target
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import JSONSchemaValidator

from upsert.clock import SYSTEM_CLOCK, Clock
from upsert.errors import Aborted, BadInput, Beyond, ConfigurationError
from upsert.held import HOLD_LIMIT, HeldLists, has_bookmark, source_of
from upsert.kernel import Kernel
from upsert.plans import Plans
from upsert.reasons import waiting
from upsert.singer.declared import TARGET_SETTINGS
from upsert.singer.progress import Progress
from upsert.singer.reader import SafeReader
from upsert.singer.sink import HeldSink
from upsert.store import DecisionKind, LogRow, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import timedelta
    from types import FrameType

    from upsert.model import SourceKey
    from upsert.store import Decision

UNAVAILABLE_REASONS = frozenset({"busy", "exists_unseen", "in_doubt", "new_store", "taken"})
"""Reasons that lie with the other side, not with the record: without a held protocol they exit with 3."""

_SHOWN = 10


class TargetBase(Target):
    """A Singer target on the kernel. Give it sinks made from `HeldSink`.

    Settings that it reads from ``config`` when they are there: ``store`` (URL), ``hold_limit`` (20), ``on_error``
    (``hold`` or ``abort``), ``mode`` (``apply`` or ``plan``), ``plan_file``, and the SDK's ``batch_size_rows``.

    Attributes:
        checkpoint_seconds: A STATE that arrives this long after the last checkpoint makes all sinks drain, and only
            then goes out with our held lists in it.
        progress_seconds: At most one progress line in this time.
        clock: Time for throttling, back-off and the log.
        kernel_class: Only a test changes it.
        own_settings: Settings that `check_settings` checks, so that the JSON schema of all of them is only made when
            somebody asks for it; none: the schema checks them.
    """

    message_reader_class = SafeReader
    checkpoint_seconds: ClassVar[float] = 10.0
    progress_seconds: ClassVar[float] = 5.0
    clock: Clock = SYSTEM_CLOCK
    kernel_class: ClassVar[type[Kernel]] = Kernel
    own_settings: ClassVar[Collection[str]] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # One sink after the other, in this thread: in the order of the streams.
        self.max_parallelism = 1
        self.run_id = os.environ.get("MELTANO_RUN_ID") or uuid.uuid4().hex
        self.held = HeldLists(int(self.config.get("hold_limit", HOLD_LIMIT)), self.waits)
        self.plans = Plans() if self.config.get("mode") == "plan" else None
        self.progress = Progress()
        self.ended = ""
        self._at_last = False
        self.beside_bookmark = False
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._sources: dict[str, str] = {}
        self._store: Store | None = None
        self._kernels: dict[tuple[str, str], Kernel] = {}
        self._decided: dict[str, Mapping[SourceKey, Decision]] = {}
        self._begun = False
        self._checkpoint_at = self._progress_at = self.clock.monotonic()

    # -- for subclasses -----------------------------------------------------------------------------------------------

    def open_store(self) -> Store:
        """Open the store; called once, when it is first needed."""
        url = self.config.get("store")
        if not url:
            raise ConfigurationError("settings: `store` is missing, such as sqlite:///.meltano/upsert.db")
        if self.plans is not None and not Store.exists(str(url)):
            return Store.open("sqlite://")
        return Store.open(str(url))

    def check_settings(self) -> None:
        """Check the settings of `own_settings`.

        Raises:
            ConfigurationError: One line that names what is wrong, without any value.
        """

    def calls(self) -> Mapping[str, int]:
        """How many calls were made, by kind, for the last line."""
        return {}

    def enough(self, error: Exception) -> str:
        """Whether an error only means that this run has done its share and is to end well: then one line, else ""."""
        del error
        return ""

    def at_end(self) -> None:
        """Called when all input is loaded, before the last STATE goes out; not in plan mode or when it ended early."""

    def end_early(self, error: Exception) -> bool:
        """End here, if the error allows it: the rest of the input is read and left, the next run goes on from there.

        The tap before us must not find its output closed, or Meltano takes it for a failure.
        """
        if not self.ended:
            self.ended = self.enough(error)
        return bool(self.ended)

    @property
    def store(self) -> Store:
        """The store, opened at the first use."""
        if self._store is None:
            self._store = self.open_store()
            if self.plans is not None:
                with self._store as real:
                    self._store = real.scratch()
        return self._store

    @property
    def plan_only(self) -> bool:
        """Whether this run only plans: whoever writes without the kernel must not write then."""
        return self.plans is not None

    def within(self, check: Callable[..., None], *arguments: Any) -> None:
        """Check a run's limits before its first write.

        Args:
            check: Raises `Beyond` when the run would do too much.
            arguments: For the check.

        Raises:
            Beyond: It does. In plan mode that is told at the end instead, beside the plan.
        """
        try:
            check(*arguments)
        except Beyond as error:
            if self.plans is None:
                raise
            self.plans.beyond.append(error.text)

    def kernel(self, stream: str, *, scope: str = "") -> Kernel:
        """The run's kernel for a source stream.

        Args:
            stream: The source's stream name; decides which bookmark and decisions count.
            scope: What document keys are unique in (environment and administration).
        """
        kernel = self._kernels.get((stream, scope))
        if kernel is None:
            kernel = self._kernels[stream, scope] = self.kernel_class(
                self.store,
                run_id=self.run_id,
                scope=scope,
                flow=stream,
                source=self.source(stream),
                beside_bookmark=self.beside_bookmark,
                clock=self.clock,
                plans=self.plans,
            )
        return kernel

    def source(self, stream: str) -> str:
        """The source that a stream's bookmark names, or ""."""
        return self._sources.get(stream, "")

    # -- held records -------------------------------------------------------------------------------------------------

    def waits(self, reason: str) -> bool:
        """Whether a record held for this reason only waits for something that is on its way."""
        return reason in waiting()

    def decision(self, record: SourceKey) -> DecisionKind | None:
        """What a person decided about a source record."""
        source = self.source(record.stream)
        if source not in self._decided:
            self._decided[source] = self.store.decisions(source)
        decision = self._decided[source].get(record)
        return decision.kind if decision else None

    def hold(self, record: SourceKey, reason: str, subject: str = "", retry_after: timedelta | None = None) -> None:
        """Hold a record, so that the bookmark may pass it.

        Raises:
            Aborted: Nobody would remember it: the tap doesn't speak the protocol, or ``on_error`` is ``abort``.
            Outage: More than ``hold_limit`` new holds have this reason.
        """
        if self.plans is not None:
            self.plans.held[reason] += 1
            return
        if self.config.get("on_error", "hold") == "abort" or not self.held.spoken(record.stream):
            why = "on_error is abort" if self.held.spoken(record.stream) else "the tap keeps no held records"
            raise Aborted(
                f"{record.stream} {record.key} can't be loaded: {f'{reason} {subject}'.strip()}; the run stops here "
                f"because {why}",
                3 if reason in UNAVAILABLE_REASONS else None,
            )
        self.held.hold(record.stream, record.key, reason, subject, now=self.clock.now(), retry_after=retry_after)

    def settle(self, record: SourceKey) -> None:
        """Loaded, gone or given up: no longer held."""
        if not self.plan_only:
            self.held.settle(record.stream, record.key)

    def note(self, record: SourceKey, action: str, reason: str, subject: str = "") -> None:
        """Log what became of a record that never reached the kernel, and count it."""
        self.store.log(
            [
                LogRow(
                    run_id=self.run_id,
                    flow=record.stream,
                    stream=record.stream,
                    source_key=record.key,
                    purpose="",
                    key="",
                    action=action,
                    ids={},
                    reason=reason,
                    subject=subject,
                    at=self.clock.now(),
                )
            ]
        )
        used = [(record, DecisionKind.RETRY)]
        if self.decision(record) is DecisionKind.RETRY:
            self.store.use_decisions(self.source(record.stream), used, self.clock.now())
        self.count(record.stream, action, reason)

    # -- state --------------------------------------------------------------------------------------------------------

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        super()._process_state_message(message_dict)
        state = message_dict["value"]
        if not isinstance(state, dict):
            raise BadInput("the value of a STATE message is not an object")
        if not self._begun:
            self._begin(state)
        self.held.begin(state)
        if not self.ended:
            self.progress.state(state)
        if self.clock.monotonic() - self._checkpoint_at >= self.checkpoint_seconds and not self._gathering:
            self._checkpoint()
            self._checkpoint_at = self.clock.monotonic()

    def loaded(self, sink: HeldSink, taken: int) -> None:
        """A sink that spools has loaded a part: the newest STATE that is true by now goes out, if it is time for one.

        Args:
            sink: The sink.
            taken: How many of its records are loaded.
        """
        self.progress.load(sink, taken)
        late = self.clock.monotonic() - self._checkpoint_at >= self.checkpoint_seconds
        if late and self.progress.done is not None and not self.plan_only:
            self._checkpoint_at = self.clock.monotonic()
            self._emit(self.progress.done)

    @property
    def _gathering(self) -> bool:
        """Whether some sink waits for all of its records."""
        sinks = [sink for sink in self._sinks_active.values() if isinstance(sink, HeldSink)]
        return any(sink.gathers or sink.spools for sink in sinks)

    def _handle_max_record_age(self) -> None:
        if not self._gathering:
            super()._handle_max_record_age()

    def _begin(self, state: dict[str, Any]) -> None:
        """The tap's first STATE: where it comes from, what is held, and what people decided since."""
        self._begun = True
        # After records it is no bookmark of an earlier run: a foreign tap says only how far this one has come.
        records = bool(self.counts) or any(sink.current_size for sink in self._sinks_active.values())
        self.beside_bookmark = has_bookmark(state) and not records
        self.held.begin(state)
        self._sources = {stream: source_of(state, stream) for stream in state.get("bookmarks") or {}}
        for stream in self.held.streams:
            if not self.beside_bookmark:
                # Noted by the flow's first run, also when that has no record: the second one finds a bookmark.
                flow = f"{self.source(stream)} {stream}".strip()
                self.store.birth(self.clock.now(), beside_bookmark=False, flow=flow)
            entries = self.held.entries(stream)
            if not entries:
                continue
            decisions = self.store.decisions(self.source(stream))
            now = self.clock.now()
            for record, decision in decisions.items():
                if record.stream != stream or self.held.get(stream, record.key) is None:
                    continue
                if decision.kind is DecisionKind.SKIP:
                    self.settle(record)
                    self.logger.info("%s %s: given up by decision of %s", stream, record.key, decision.who)
                else:
                    self.held.hurry(stream, record.key, now)

    def _checkpoint(self) -> None:
        """Seam: everything received is loaded or held, and only then the STATE goes out."""
        self.drain_all()

    def _write_state_message(self, state: dict[str, Any]) -> None:
        if self._at_last and not (self.plan_only or self.ended):
            self._at_last = False
            try:
                self.at_end()
            except Exception as error:
                if not self.end_early(error):
                    raise
        if not (self.plan_only or self.ended):
            self._emit(state)

    def _emit(self, state: dict[str, Any]) -> None:
        # Our reader makes numbers with a fraction decimals; json knows only floats, and no bookmark of ours has any.
        text = json.dumps(self.held.merge(state) if self.held.streams else state, default=float)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    # -- progress and end ---------------------------------------------------------------------------------------------

    def count(self, stream: str, action: str, reason: str = "") -> None:
        """Count an outcome, and say now and then how far we are."""
        self.counts[stream, action, reason] += 1
        if self.clock.monotonic() - self._progress_at >= self.progress_seconds:
            self._progress_at = self.clock.monotonic()
            self.logger.info("%s", self.figures())

    def figures(self) -> str:
        """What was done so far, in one line."""
        parts = []
        for stream in dict.fromkeys(stream for stream, _, _ in self.counts):
            done: Counter[str] = Counter()
            for (name, action, reason), number in self.counts.items():
                if name == stream:
                    waits = action == "held" and self.waits(reason)
                    done["waiting" if waits else reason if action == "skipped" and reason else action] += number
            parts.append(f"{stream}: " + ", ".join(f"{number} {action}" for action, number in done.items()))
        if self.ended and (left := self.progress.unfinished):
            parts.append(f"{left} records left to the next run")
        return "; ".join(parts) or "no records"

    def summary(self) -> str:
        """The last line of a run: figures, what is held and why, calls made."""
        entries = [(stream, entry) for stream in self.held.streams for entry in self.held.entries(stream)]
        held = [(stream, entry) for stream, entry in entries if not entry.waiting]
        held.sort(key=lambda item: (item[1].reason, item[1].subject, item[1].key))
        names = [f"{f'{one.reason} {one.subject}'.strip()} ({stream} {one.key})" for stream, one in held[:_SHOWN]]
        if len(held) > _SHOWN:
            names.append(f"and {len(held) - _SHOWN} more")
        line = f"{self.figures()}; {len(held)} held" + (f": {', '.join(names)}" if names else "")
        if waits := Counter(entry.reason for _, entry in entries if entry.waiting):
            shown = waits if len(waits) == 1 else (f"{number} {reason}" for reason, number in waits.most_common())
            line += f"; {waits.total()} wait: {', '.join(shown)}"
        calls = self.calls()
        return f"{line}; {sum(calls.values())} calls" if calls else line

    def process_endofpipe(self) -> None:
        """All input is read: load the rest, emit the last STATE, close, sum up."""
        self._at_last = True
        try:
            super().process_endofpipe()
        except Exception as error:
            # A sink's own last work may be what can't be done now.
            if not self.end_early(error):
                raise
        if self.ended and self.progress.done is not None and not self.plan_only:
            self._emit(self.progress.done)
        if self._store is not None:
            self._store.close()
            self._store = None
        if self.plans is not None:
            self._show(self.plans)
        if self.ended:
            self.logger.warning("ended early: %s", self.ended)
        self.logger.info("done: %s", self.summary())

    def _show(self, plans: Plans) -> None:
        """What was planned: into the file, or into the log."""
        from upsert.singer import plan  # noqa: PLC0415 - most runs write

        path = self.config.get("plan_file")
        if path:
            plan.write(plans, str(path))
        else:
            for line in plan.table(plans):
                self.logger.info("plan: %s", line)
        if plans.held:
            reasons = ", ".join(f"{number} {reason}" for reason, number in plans.held.most_common())
            self.logger.info("plan: would be held: %s", reasons)
        for line in plans.beyond:
            self.logger.warning("plan: this run would stop: %s", line)
        self.logger.info("plan: %s%s", plan.totals(plans), f"; listed in {path}" if path else "")

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        try:
            if self.own_settings:
                self._check_base_settings()
                self.check_settings()
                return []
            return super()._validate_config(raise_errors=raise_errors)
        except ConfigValidationError as error:
            from upsert.singer.settings import refuse  # noqa: PLC0415 - only when something is wrong

            raise refuse(error.schema or self.config_jsonschema, self._config) from None
        except ConfigurationError as error:
            if raise_errors:
                raise
            return [error.text]

    def _check_base_settings(self) -> None:
        """Check what the plugin's own model doesn't, and fill in defaults."""
        schema = {"properties": dict(TARGET_SETTINGS), "required": ["store"], "additionalProperties": False}
        self.append_builtin_config(schema)
        rest = {name: value for name, value in self._config.items() if name not in self.own_settings}
        # The SDK's validator puts defaults into what it checks.
        if next(JSONSchemaValidator(schema).iter_errors(rest), None) is not None:
            from upsert.singer.settings import refuse  # noqa: PLC0415 - only when something is wrong

            raise refuse(schema, rest)
        self._config.update(rest)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> NoReturn:
        """Leave at once. The SDK drains here, drops the batch in flight and then emits the newest STATE."""
        del frame
        raise SystemExit(128 + signum)
