"""What of a forecast is impossible, with the arithmetic, and the nearest plan that would do. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from target_lightspeed.commerce.planner.forecast import ORDER, Flow, first_load, forecast, hours

if TYPE_CHECKING:
    from target_lightspeed.commerce.planner.sizes import Sizes

_STEPS = (5, 10, 15, 20, 30, 60, 120, 240, 360, 720, 1_440)


def problems(sizes: Sizes) -> list[str]:
    """One line per thing that can't be, with its arithmetic and a way out."""
    flows = forecast(sizes)
    found = []
    for number, name, unit in ((2, "day", "a day"), (1, "hour", "in the busiest hour")):
        needed = sum(_of(flow, name) for flow in flows)
        if needed > sizes.key.allowed[number]:
            found.append(_too_many(sizes, flows, name, unit, number))
    if line := _bursts(sizes, flows):
        found.append(line)
    if line := _too_long(sizes):
        found.append(line)
    return found


def _of(flow: Flow, window: str) -> float:
    return flow.day if window == "day" else flow.hour


def _too_many(sizes: Sizes, flows: list[Flow], window: str, unit: str, number: int) -> str:
    allowed, limit = sizes.key.allowed[number], sizes.key.limits[number]
    parts = " + ".join(_part(flow, window) for flow in flows if _of(flow, window) >= 1)
    needed = sum(_of(flow, window) for flow in flows)
    return (
        f"{window}: {parts} = {_n(needed)} calls {unit}, allowed are {_n(limit)} - {_n(limit - allowed)} kept free = "
        f"{_n(allowed)}: {_n(math.ceil(needed) - allowed)} too many{_way_out(sizes, window, allowed)}"
    )


def _part(flow: Flow, window: str) -> str:
    runs = 1_440 / flow.minutes if window == "day" else max(1.0, 60 / flow.minutes)
    calls = flow.cycle if window == "day" else flow.peak
    return f"{flow.name} {runs:g} x {_n(calls)} = {_n(_of(flow, window))}"


def _way_out(sizes: Sizes, window: str, allowed: int) -> str:
    """The least important flow that, run less often, makes it fit."""
    for name in reversed(ORDER[:-1]):
        minutes = int(getattr(sizes.flows, name))
        for step in (one for one in _STEPS if minutes and one > minutes):
            flows = sizes.flows.model_copy(update={name: step})
            slower = sizes.model_copy(update={"flows": flows})
            if sum(_of(flow, window) for flow in forecast(slower)) <= allowed:
                return f"; {name} every {step} minutes instead of {minutes} would do"
    return "; no flow alone can make room: fewer changes, or a second key for the orders"


def _bursts(sizes: Sizes, flows: list[Flow]) -> str:
    """Runs that meet must be done before the next ones begin."""
    often = [flow for flow in flows if flow.name != "sweep"]
    if not often:
        return ""
    shortest = min(flow.minutes for flow in often)
    meet = sum(flow.peak for flow in often)
    windows = math.ceil(meet / sizes.key.allowed[0])
    due = sum(flow.peak * shortest / flow.minutes for flow in often)
    room = sizes.key.allowed[0] * shortest / 5
    if due <= room:
        return ""
    return (
        f"5 minutes: in {shortest} minutes of the busiest hour {_n(due)} calls come due, and {shortest} / 5 x "
        f"{_n(sizes.key.allowed[0])} = {_n(room)} are allowed; where all flows meet, {_n(meet)} calls take "
        f"{windows * 5} minutes"
    )


def _too_long(sizes: Sizes) -> str:
    wanted = sizes.key.first_load_days
    calls = sum(part.calls for part in first_load(sizes))
    if not wanted or not calls:
        return ""
    day = sizes.key.allowed[2]
    if calls <= wanted * day:
        return ""
    takes = hours(calls, sizes.key.allowed[1], day) / 24
    return (
        f"first load: {_n(calls)} calls / {_n(day)} a day = {takes:.1f} days even with all flows off, wanted are "
        f"{wanted:g}: {_n(calls - wanted * day)} too many; leave out images or specifications, or take longer"
    )


def _n(number: float) -> str:
    """A number for a person."""
    return f"{number:,.1f}" if number < 10 and number != int(number) else f"{round(number):,}"
