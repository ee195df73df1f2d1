"""Places orders of every kind, as shoppers would, and does the steps that shop staff do."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import orders
from sandbox.seed.kinds import KINDS, describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

STEPS = ("pay", "cancel", "edit", "ship", "refund", "hold", "touch")


def place_kinds(
    shop: Shop, count: int, kinds: Sequence[str] = (), seed: int = 1, instants: Sequence[datetime] = ()
) -> Iterator[tuple[str, Record]]:
    """Place orders, the kinds in turn.

    Args:
        shop: Where.
        count: How many.
        kinds: Names out of `KINDS`; empty: all.
        seed: Same seed, same shop state: same orders.
        instants: When each was placed; empty: now.

    Yields:
        The kind and the order's record.

    Raises:
        ValueError: an unknown kind, or the shop sells nothing.
    """
    names = list(kinds) or list(KINDS)
    if unknown := set(names) - set(KINDS):
        raise ValueError(f"no kind {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
    skus = [sku for sku in (str(one.get("sku", "")) for one in shop.all("variants")) if _sold(sku)]
    if count and not skus:
        raise ValueError(f"{shop.profile.name} sells nothing: reset with a seed that has a catalogue")
    chance = random.Random(seed)  # noqa: S311 - repeatable chance is the purpose
    # Numbered on from the shop's first order number, so that no two shops invent the same people.
    first = shop.profile.first_order - 1 + len(shop.tables["orders"])
    for index in range(count):
        kind = names[index % len(names)]
        said = describe(kind, chance, first + index + 1, shop.profile.basis, skus)
        after = said.pop("after", ())
        with shop.clock.at(instants[index] if instants else shop.clock.now()):
            record = orders.place(shop, said)
            for name in after:
                step(shop, record["id"], name, {"tracking": f"3STEST{record['id']}"})
        yield kind, shop.need("orders", record["id"])


def step(shop: Shop, number: int, name: str, body: Mapping[str, Any]) -> None:
    """Do one of `STEPS` to an order.

    Raises:
        ValueError: unknown step, or one that the order's state does not allow.
    """
    match name:
        case "pay":
            orders.pay(shop, number)
        case "cancel":
            orders.cancel(shop, number)
        case "edit":
            orders.edit(shop, number, body)
        case "ship":
            orders.ship(shop, number, str(body.get("tracking", "")))
        case "refund":
            orders.refund(shop, number, body)
        case "hold":
            orders.moved(shop, number, status="on_hold")
            orders.note(shop, number, "on hold")
        case "touch":
            shop.change("orders", number)
        case _:
            raise ValueError(f"an order can {', '.join(STEPS)}, not {name}")


def _sold(sku: str) -> bool:
    return sku.startswith("SKU-") and sku[4:].isdigit()
