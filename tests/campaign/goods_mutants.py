"""Couplings into the shop with one safeguard broken each, and for each the story in which it is what counts.

A campaign that can't tell them from the real one proves nothing.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from target_lightspeed.commerce.catalogue.images import ImageStep
from target_lightspeed.commerce.prices import flow
from target_lightspeed.commerce.stock import wants
from target_lightspeed.commerce.stock.inflight import Ordered
from tests.campaign.faults import FAULTS, SIDES
from tests.campaign.goods_life import ALL, ENDPOINTS, LOOKUPS
from tests.support.shop_plugins import ShopTarget
from upsert.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.campaign.living import Json, Step
    from upsert.model import Document
    from upsert.port import Port
    from upsert.store import StoredRow


class _Blind(Kernel):
    def _look_up(self, port: Port[Any, Any], documents: Sequence[Document[Any]]) -> Mapping[str, Sequence[Any]]:
        found = super()._look_up(port, documents)
        return {} if port.purpose == "commerce.products" else found


class _Forgetful(Kernel):
    def _commit_intent(self, seen: StoredRow | None, intent: StoredRow) -> StoredRow | None:
        return intent


class NoLookUp(ShopTarget):
    """Believes that no product exists in the shop."""

    kernel_class: ClassVar[type[Kernel]] = _Blind


class NoIntent(ShopTarget):
    """Writes to the shop without a durable intent."""

    kernel_class: ClassVar[type[Kernel]] = _Forgetful


class BookmarkFirst(ShopTarget):
    """Lets the state go out before what it stands for is done."""

    def _checkpoint(self) -> None:
        self._write_state_message(self._latest_state or {})
        super()._checkpoint()


class _Patched(ShopTarget):
    """With something else in place of one function."""

    where: ClassVar[Any]
    name: ClassVar[str]
    instead: ClassVar[Any]

    def listen(self, file_input: Any = None) -> None:
        """Read with the other function."""
        with patch.object(self.where, self.name, self.instead):
            super().listen(file_input)


class NoOrders(_Patched):
    """Forgets the orders that AFAS doesn't know yet."""

    where, name, instead = wants, "in_flight", staticmethod(lambda *_: Decimal(0))


class ByVariant(_Patched):
    """Knows what is ordered by the variant's id alone, so that one made anew owes nothing."""

    where, name, instead = Ordered, "is_of", lambda line, _, variant: line.variant == variant


class Tomorrow(_Patched):
    """Takes the prices of tomorrow."""

    where, name = flow, "choose"
    instead = staticmethod(lambda rows, own, lists, day, real=flow.choose: real(rows, own, lists, day + timedelta(1)))


class EveryImage(_Patched):
    """Takes no image for the one that stands there."""

    where, name, instead = ImageStep, "_listed", lambda *_: []


PLAIN: Json = {"start": 0, "rounding": 1, "limits": 0, "afas": 0, "batch": 0, "seed": 1}
"""An ordinary world."""


def _fault(side: str, name: str, endpoint: str, way: Json, *, nth: int = 1, times: int = 1) -> Step:
    """A fault that strikes at the next call of an endpoint, or a later one."""
    places = LOOKUPS if name.startswith("lookup_") else ENDPOINTS
    numbers = {"kind": SIDES.index((side, name)), "way": FAULTS[side][name].index(way)}
    return "fault", {**numbers, "place": places[side].index(endpoint), "nth": nth, "times": times}


def _run(flow_name: str) -> Step:
    return "run", {"wait": 1, "flow": ALL.index(flow_name)}


_FILLED: list[Step] = [("round", {"wait": 1}), _run("catalogue")]

MUTANTS: Mapping[str, tuple[type[ShopTarget], str, Sequence[Step]]] = {
    "no_look_up": (
        NoLookUp,
        "R1",
        [_fault("lightspeed", "timeout_after_work", "POST products", {}), _run("catalogue"), ("passes", {"how": 4})],
    ),
    "no_intent": (
        NoIntent,
        "R1",
        [_fault("lightspeed", "late_work", "POST products", {"after": 60}), _run("catalogue"), _run("catalogue")],
    ),
    "bookmark_first": (
        BookmarkFirst,
        "R3",
        [("kill", {"wait": 1, "flow": ALL.index("catalogue"), "plugin": 0, "call": 6, "when": 1, "half": 0})],
    ),
    "no_orders": (
        NoOrders,
        "R4",
        [*_FILLED, ("order", {"item": 0, "number": 1}), ("passes", {"how": 3}), _run("stock")],
    ),
    "by_variant": (
        ByVariant,
        "R4",
        [
            *_FILLED,
            ("round", {"wait": 1}),
            ("order", {"item": 2, "number": 4}),
            ("hand", {"item": 2, "how": 4, "number": 1}),
            ("passes", {"how": 5}),
        ],
    ),
    "tomorrow": (Tomorrow, "R4", [*_FILLED, ("price_later", {"item": 0, "number": 1})]),
    "every_image": (
        EveryImage,
        "R1",
        [
            _fault("lightspeed", "timeout_after_work", "POST products/{id}/images", {}),
            _run("catalogue"),
            ("passes", {"how": 4}),
        ],
    ),
}
"""By name: the mutant, the promise it breaks, and where."""

FOUND: Mapping[str, Sequence[Step]] = {
    # Its parent was never shown yet: it waits for a category.
    "variant_unticked_under_a_held_parent": [_run("catalogue"), ("tick", {"item": 3, "number": 0}), _run("catalogue")],
    # A sweep tells the next run of its flow.
    "price_by_hand_before_the_end": [*_FILLED, ("hand", {"item": 23, "how": 1, "number": 300})],
    # It waits for its price at that moment, and must not wait for its variants for ever.
    "deleted_by_hand_before_it_was_shown": [("round", {"wait": 0}), ("hand", {"item": 11, "how": 4, "number": 713})],
    # Its price was there, and nothing changed any more.
    "showing_it_failed_once": [
        ("double", {"wait": 2, "flow": 2, "other": 6, "plugin": 1, "call": 21}),
        _run("prices"),
        _fault("lightspeed", "status_503", "P* *", {"retry_after": None}),
        ("passes", {"how": 5}),
        _fault("lightspeed", "timeout_before_work", "P* *", {}),
        ("run", {"wait": 3, "flow": ALL.index("catalogue")}),
    ],
    # The record that was read again was that of the variant, which says nothing of this.
    "hidden_by_hand_after_a_variant_changed": [
        ("round", {"wait": 3}),
        ("variant", {"item": 16, "number": 270}),
        _run("catalogue"),
        ("hand", {"item": 2, "how": 3, "number": 11}),
    ],
    # The variant was there, and the run had no time to note under which product.
    "stopped_between_variant_and_note": [_fault("lightspeed", "denied", "PUT variants*", {}), _run("catalogue")],
    "brand_made_and_no_id_told": [_fault("lightspeed", "empty_2xx", "P* *", {}), _run("catalogue")],
    # Made by a run that was killed, and deleted in AFAS before the next one: no record tells of it any more.
    "begun_and_gone": [
        ("kill", {"wait": 2, "flow": 7, "plugin": 1, "call": 21, "when": 0, "half": 1}),
        ("kill", {"wait": 3, "flow": 7, "plugin": 0, "call": 7, "when": 1, "half": 0}),
        ("variant", {"item": 485, "number": 26}),
    ],
    # It has no price yet, so it stays hidden, and with it the variant that the shop made by itself.
    "list_was_late_and_no_price": [
        *_FILLED,
        ("new_item", {"item": 204, "number": 5}),
        _fault("lightspeed", "lookup_stale", "GET variants*", {"seconds": 60}, nth=2, times=3),
        _run("catalogue"),
    ],
    # Its variant goes when it gets its price, before it is shown.
    "list_was_late_and_a_price_came": [
        *_FILLED,
        ("new_item", {"item": 493, "number": 1}),
        _fault("lightspeed", "lookup_stale", "GET variants*", {"seconds": 60}, nth=2, times=3),
        _run("catalogue"),
    ],
    # It came and went between two readings of all keys, so it stood in neither.
    "came_and_went": [
        *_FILLED,
        ("new_item", {"item": 493, "number": 1}),
        ("round", {"wait": 1}),
        ("delete_item", {"item": 0, "number": 1}),
    ],
    # The run that made it broke off before its variant had a SKU.
    "renamed_by_hand_before_it_had_a_sku": [
        _fault("lightspeed", "denied", "PUT variants*", {}),
        _run("catalogue"),
        ("hand", {"item": 0, "how": 0, "number": 449}),
    ],
    # One of ours was about to become the variant that the shop made, and that was taken away meanwhile.
    "in_doubt_while_its_product_was_tidied": [
        _fault("lightspeed", "timeout_before_work", "PUT variants*", {}, nth=4),
        *(_run(flow_name) for flow_name in ("catalogue", "prices", "catalogue")),
    ],
    # Unticked with its parent, and not ticked again with it.
    "variant_that_stayed_away": [
        *_FILLED,
        ("tick", {"item": 3, "number": 0}),
        ("tick", {"item": 1, "number": 0}),
        _run("catalogue"),
        ("tick", {"item": 1, "number": 1}),
    ],
}
"""Stories that a campaign found."""
