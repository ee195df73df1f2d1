"""The command `held`: what waits, why, and what a person decides about it.

Exit codes: 0 fine, 1 the check fails, 2 bad usage or unreadable input.
"""

from __future__ import annotations

import getpass
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from upsert._states import Held, from_files, from_meltano, held_in
from upsert.clock import SYSTEM_CLOCK, to_text
from upsert.errors import Failure
from upsert.model import SourceKey
from upsert.reasons import UNKNOWN, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from upsert.store import DecisionKind


class _Command(click.Group):
    """Turns our errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Failure as error:
            click.echo(f"held: {error}", err=True)
            ctx.exit(2)


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which states are meant."""
    for option in (
        click.option(
            "--state-file",
            "files",
            multiple=True,
            envvar="HELD_STATE_FILE",
            show_envvar=True,
            help="Read states from files.",
        ),
        click.option(
            "--state-id",
            "state_ids",
            multiple=True,
            envvar="HELD_STATE_ID",
            show_envvar=True,
            help="Only this Meltano state id (default: all of the environment).",
        ),
        click.option("--stream", "streams", multiple=True, help="Only this source stream."),
    ):
        command = option(command)
    return command


def _found(files: Sequence[str], state_ids: Sequence[str], streams: Sequence[str]) -> list[Held]:
    return held_in(from_files(files) if files else from_meltano(state_ids), streams)


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Held records: what could not be loaded yet, why, and what to do about it."""


@main.command("list")
@_where
@click.option(
    "--reasons", envvar="HELD_REASONS", show_envvar=True, help="JSON file with sentences for more reason codes."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print.")
def show(
    files: Sequence[str], state_ids: Sequence[str], streams: Sequence[str], reasons: str | None, form: str
) -> None:
    """Print the held records, grouped by reason."""
    _print(_found(files, state_ids, streams), reasons, form)


@main.command()
@_where
@click.option(
    "--reasons", envvar="HELD_REASONS", show_envvar=True, help="JSON file with sentences for more reason codes."
)
@click.option(
    "--fail-on",
    type=click.Choice(["never", "new", "any"]),
    default="new",
    envvar="HELD_FAIL_ON",
    show_envvar=True,
    show_default=True,
    help="Exit 1 never, when a record is held for the first time, or when any is held; one that only waits for "
    "something on its way doesn't count.",
)
def check(
    files: Sequence[str], state_ids: Sequence[str], streams: Sequence[str], reasons: str | None, fail_on: str
) -> None:
    """Print the held records and fail by setting: the last block of a job."""
    found = _found(files, state_ids, streams)
    _print(found, reasons, "table")
    wrong = [held for held in found if not held.entry.waiting]
    new = sum(held.entry.attempts == 1 for held in wrong)
    if (fail_on == "any" and wrong) or (fail_on == "new" and new):
        click.echo(f"held: failing on purpose: {new} new, {len(wrong)} in all (HELD_FAIL_ON={fail_on})", err=True)
        raise SystemExit(1)


def _decision(name: str, text: str) -> None:
    """Make one of the commands by which a person decides."""

    @main.command(name, help=text)
    @click.argument("key")
    @_where
    @click.option("--source", help="The bookmark's source, if several states hold this key.")
    @click.option(
        "--unlisted", is_flag=True, help="The tap keeps no held records, so no state lists the key: --stream names it."
    )
    @click.option("--store", envvar="HELD_STORE", show_envvar=True, required=True, help="The target's store (URL).")
    @click.option("--who", envvar="HELD_WHO", show_envvar=True, help="Who decides (default: the user's name).")
    def command(
        *,
        key: str,
        files: Sequence[str],
        state_ids: Sequence[str],
        streams: Sequence[str],
        source: str | None,
        unlisted: bool,
        store: str,
        who: str | None,
    ) -> None:
        from upsert.store import DecisionKind  # noqa: PLC0415 - list and check need no database

        if unlisted:
            _decide_unlisted(DecisionKind(name), key, streams, source=source or "", store=store, who=who)
            return
        _decide(DecisionKind(name), key, _found(files, state_ids, streams), source=source, store=store, who=who)


_decision("skip", "Never load the record KEY; it leaves the held list at the next run.")
_decision("release", "Load the record KEY in spite of the reason it is held for, as soon as it can be read again.")
_decision("retry", "Try the record KEY as soon as it can be read again, instead of waiting for its time.")


def _decide_unlisted(
    kind: DecisionKind, key: str, streams: Sequence[str], *, source: str, store: str, who: str | None
) -> None:
    """Decide about a record that stopped the run, because its tap keeps no held records."""
    from upsert.store import Store  # noqa: PLC0415 - list and check need no database

    if len(streams) != 1:
        raise click.UsageError("--unlisted needs one --stream, the one that the run's last line names")
    who = who or getpass.getuser()
    with Store.open(store) as opened:
        opened.decide(source, SourceKey(streams[0], key), kind, who=who, at=SYSTEM_CLOCK.now())
    click.echo(f"{streams[0]} {key}: {kind.value}, decided by {who}; it counts when the record comes again")


def _decide(
    kind: DecisionKind, key: str, found: list[Held], *, source: str | None, store: str, who: str | None
) -> None:
    from upsert.store import DecisionKind, Store  # noqa: PLC0415 - list and check need no database

    places = {
        (held.source, held.stream): held
        for held in found
        if held.entry.key == key and (source is None or held.source == source)
    }
    if not places:
        raise click.UsageError(f"{key} is not held; `held list` shows what is")
    if len(places) > 1:
        names = ", ".join(f"--source {name or chr(34) * 2} --stream {stream}" for name, stream in sorted(places))
        raise click.UsageError(f"{key} is held in several places; choose one: {names}")
    ((name, stream),) = places
    who = who or getpass.getuser()
    with Store.open(store) as opened:
        opened.decide(name, SourceKey(stream, key), kind, who=who, at=SYSTEM_CLOCK.now())
    # The tap reads what its state calls due, and the target is first to learn of the decision.
    waits = kind is not DecisionKind.SKIP and places[name, stream].entry.next > SYSTEM_CLOCK.now()
    when = "the next run makes it due, the one after that reads it again" if waits else "it counts from the next run"
    click.echo(f"{stream} {key}: {kind.value}, decided by {who}; {when}")


def _print(found: list[Held], reasons: str | None, form: str) -> None:
    known = sentences(reasons)
    if form == "json":
        rows = [
            {
                "state_id": held.state_id,
                "source": held.source,
                "stream": held.stream,
                **held.entry.to_json(),
                "meaning": known.get(held.entry.reason, UNKNOWN),
            }
            for held in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    if not found:
        click.echo("nothing is held")
        return
    by_reason = sorted(found, key=lambda held: held.entry.reason)
    for reason, group in groupby(by_reason, key=lambda held: held.entry.reason):
        alike = list(group)
        click.echo(f"{reason} ({len(alike)}): {known.get(reason, UNKNOWN)}")
        _table(alike)
    waiting = sum(held.entry.waiting for held in found)
    click.echo(f"{len(found) - waiting} held" + (f", {waiting} wait" if waiting else ""))


def _table(found: list[Held]) -> None:
    head = ("stream", "key", "subject", "first seen", "attempts", "next try", "state")
    lines = [
        (
            held.stream,
            held.entry.key,
            held.entry.subject or "-",
            to_text(held.entry.first),
            str(held.entry.attempts),
            to_text(held.entry.next),
            held.state_id,
        )
        for held in found
    ]
    widths = [max(len(line[n]) for line in (head, *lines)) for n in range(len(head))]
    for line in (head, *lines):
        click.echo("  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
