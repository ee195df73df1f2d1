"""The forecast as a table that a person likes to read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.commerce.planner.forecast import first_load, forecast, hours, product_calls
from target_lightspeed.commerce.planner.priority import reserve_of
from target_lightspeed.commerce.planner.verdict import problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_lightspeed.commerce.planner.forecast import Flow
    from target_lightspeed.commerce.planner.sizes import Sizes

ASSUMED = (
    "orders: the tap on the same key; a list per run, and one call per order that came or changed",
    "stock: three lists per run, one call per new order, all levels once a day",
    "bulk: per {bulk} variants a call, and a list per 250 that shows what arrived",
    "prices: bulk; a quantity discount is a call each",
    "catalogue: a change is two writes per language, an image two calls; a new product takes {product:g}",
    "sweep: a call per 250 variants, per 250 products, and per 250 products in each language; at most {sweep} in a run",
    "first load: beside the flows means that these go on in between",
)
"""What the numbers rest on."""


def report(sizes: Sizes) -> tuple[str, list[str]]:
    """The table, and what is impossible (nothing when it all fits)."""
    flows = forecast(sizes)
    parts = [*_flows(sizes, flows), "", *_load(sizes, flows), "", *_assumed(sizes)]
    return "\n".join(parts) + "\n", problems(sizes)


def _flows(sizes: Sizes, flows: Sequence[Flow]) -> list[str]:
    allowed = sizes.key.allowed
    rows = [("flow", "every", "calls a run", "at peak", "peak hour", "a day", "of the day")]
    for flow in flows:
        share = f"{flow.day / allowed[2]:.0%}"
        rows.append(
            (flow.name, _every(flow.minutes), _n(flow.cycle), _n(flow.peak), _n(flow.hour), _n(flow.day), share)
        )
    hour, day = sum(flow.hour for flow in flows), sum(flow.day for flow in flows)
    total = ("in all", "", "", _n(sum(flow.peak for flow in flows)), _n(hour), _n(day), f"{day / allowed[2]:.0%}")
    free = tuple(f"{_n(limit)} - {_n(kept)}" for limit, kept in zip(sizes.key.limits, sizes.key.reserve, strict=True))
    return [
        *_table([*rows, total], line_before_last=True),
        f"allowed in 5 minutes: {_n(allowed[0])} ({free[0]})",
        f"        in an hour:   {_n(allowed[1])} ({free[1]})",
        f"        in a day:     {_n(allowed[2])} ({free[2]})",
    ]


def _load(sizes: Sizes, flows: Sequence[Flow]) -> list[str]:
    parts = first_load(sizes)
    calls = sum(part.calls for part in parts)
    if not calls:
        return ["first load: nothing"]
    allowed = sizes.key.allowed
    alone = hours(calls, allowed[1], allowed[2])
    beside = hours(calls, allowed[1] - sum(flow.hour for flow in flows), allowed[2] - sum(flow.day for flow in flows))
    left = reserve_of("content", sizes.key.reserve)
    as_content = hours(calls, sizes.key.limits[1] - left[1], sizes.key.limits[2] - left[2])
    rows = [("first load", "calls"), *((part.name, _n(part.calls)) for part in parts), ("in all", _n(calls))]
    beside_them = f"{_time(beside)} beside them, {_time(as_content)} with `priority: content`"
    return [*_table(rows, line_before_last=True), f"it takes {_time(alone)} with the flows off, {beside_them}"]


def _assumed(sizes: Sizes) -> list[str]:
    said = {"bulk": sizes.key.bulk_size, "product": round(product_calls(sizes), 1), "sweep": sizes.key.sweep_calls}
    return ["assumed:", *(f"  {line.format(**said)}" for line in ASSUMED)]


def _table(rows: Sequence[tuple[str, ...]], *, line_before_last: bool) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(_cell(one, width, n) for n, (one, width) in enumerate(zip(row, widths, strict=True))) for row in rows
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return [
        lines[0].rstrip(),
        rule,
        *(line.rstrip() for line in lines[1:-1]),
        *([rule] if line_before_last else []),
        lines[-1].rstrip(),
    ]


def _cell(text: str, width: int, column: int) -> str:
    return text.ljust(width) if column == 0 else text.rjust(width)


def _every(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"


def _time(number: float) -> str:
    if number == float("inf"):
        return "for ever"
    return f"{number:.1f} hours" if number < 48 else f"{number / 24:.1f} days"


def _n(number: float) -> str:
    return f"{number:,.1f}" if number < 10 and number != int(number) else f"{round(number):,}"
