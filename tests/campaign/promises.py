"""The promises that hold for every flow alike: exit codes (R6) and the call budget (R7). Standard library only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KILLED = 137
"""How a process that was killed is noted."""


class Violation(NamedTuple):
    """A broken promise.

    Attributes:
        promise: R1 to R7.
        order: The shop's order number, or "".
        why: For a person.
    """

    promise: str
    order: str
    why: str

    def __str__(self) -> str:
        return f"{self.promise} {self.order or '-'}: {self.why}"


def instant(text: str) -> datetime:
    """An instant of the evidence."""
    return datetime.fromisoformat(text)


# R6 -----------------------------------------------------------------------------------------------------------------

_ORDER = ("tap", "mapper", "target")
_CODES = {0, 2, 3, 143, KILLED}
HIDES = {"lookup_filtered", "lookup_stale", "temporary_404", "wrong_envelope", "empty_2xx", "error_200"}
_SAYS_NO = {"expired_token", "denied", "connector_blocked", "temporary_404", "lookup_filtered", "lookup_stale"}
_SAYS_NO |= {"status_500", "error_200", "out_of_memory", "locked", "too_many_calls"}
"""Faults in which the other side refuses a question; AFAS says 500 to whatever is wrong with one, even a setting."""


def exit_codes(
    run: Mapping[str, Any], faults: Mapping[int, Mapping[str, Any]], *, many: bool = False
) -> Iterator[Violation]:
    """R6: the exit code of each plugin fits what happened, and one line says why.

    Args:
        run: One run.
        faults: All faults, by number.
        many: Whether there may be more new holds with one cause than the limit: then a run stops where it is.
    """
    names = {faults[number]["name"] for number in run["faults"]}
    for plugin, code in run["exits"].items():
        line = run["last"].get(plugin, "")
        before = _ORDER[: _ORDER.index(plugin)]
        if code in {2, 3} and set(before) & {*run["killed"]}:
            continue  # It got half a line from the one that was killed, and said so.
        where = f"run {run['number']}: {plugin} ended with {code}"
        if code == 4 and "error_200" in names and "refuses a request" in line:
            continue  # The fault is an answer that says 400: "what you ask is wrong".
        if code == 3 and "for one reason" in line and many:
            continue
        if code == 2 and run["exits"].get("tap") == 3 and "load the stream" in line:
            continue  # The tap could not read the stream that should have come first; the target can't know that.
        if code not in _CODES:
            yield Violation("R6", "", f"{where} ({line})")
        elif code == KILLED and plugin not in run["killed"]:
            yield Violation("R6", "", f"{where}, but nobody killed it")
        elif code == 143:
            yield Violation("R6", "", f"{where}, but nobody asked it to stop")
        elif code in {2, 3} and not names and not run["overlapped"] and not run.get("excuse"):
            yield Violation("R6", "", f"{where} although nothing was wrong ({line})")
        elif code == 2 and not names & _SAYS_NO and not run.get("excuse"):
            yield Violation("R6", "", f"{where}, configuration, but the faults were {sorted(names)} ({line})")
        elif code in {2, 3} and not line.strip():
            yield Violation("R6", "", f"{where} without a line that says why")


# R7 -------------------------------------------------------------------------------------------------------------------


def within_budget(evidence: Mapping[str, Any]) -> Iterator[Violation]:
    """R7: no 429 but by a fault, and no call when the last answer said that only the reserve is left.

    The first call of a process can't know what is left, nor what others have spent: it is free, whatever it meets.
    """
    reserves = {run["number"]: run["reserve"] for run in evidence["runs"] if "reserve" in run}
    known: tuple[list[int], list[datetime]] | None = None
    process = None
    for call in evidence["calls"]:
        at = instant(call["at"])
        if call["run"] != process:
            process, known = call["run"], None
        reserve = reserves.get(process, evidence["config"]["reserve"])
        if call["status"] == 429 and not call["fault"] and known is not None:
            yield Violation("R7", "", f"run {call['run']} was refused with 429 at {call['at']}, and by no fault")
        if known is not None:
            for window, (left, until) in enumerate(zip(*known, strict=True)):
                if at < until and left <= reserve[window]:
                    yield Violation(
                        "R7",
                        "",
                        f"run {call['run']} called at {call['at']} although {left} calls were left in window "
                        f"{window + 1} and {reserve[window]} are reserved",
                    )
        if call["remaining"] and not call["fault"]:
            known = call["remaining"], [at + timedelta(seconds=seconds) for seconds in call["reset"]]
