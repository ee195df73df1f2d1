"""What the demo does by hand, and how it compares: so that it doesn't go stale between its runs."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from demo.catalogue import Article, Catalogue, Product, compare, seen
from demo.changes import twenty

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request


def test_the_twenty_changes_can_be_made_in_the_seed() -> None:
    """Every step is one that a user of AFAS could do with the seed's items."""
    box = Box(AfasService(SandboxClock(), "small"))
    changes = twenty(date(2026, 11, 2), "")
    assert len(changes) == 20
    for change in changes:
        body = json.dumps({"steps": change.steps}).encode()
        reply = box.answer(Request("POST", "/_sandbox/user", body=body)).reply
        assert reply is not None
        assert reply.status == 200, f"{change.what}: {reply.body.decode()}"
        places = [place for one in changes if one is not change for place in one.expects]
        assert set(change.expects).isdisjoint(places), f"{change.what}: another one changes the same"


def _side(price: str, brand: str = "Delft", *, visible: bool = True) -> Catalogue:
    article = Article("SKU-1", price=Decimal(price), stock=4)
    return Catalogue({"SKU-1": Product("SKU-1", visible, brand=brand, articles={"SKU-1": article})})


def test_one_cent_is_a_difference() -> None:
    """Values are compared one by one; capitals of a brand are no difference, and a held record is named apart."""
    assert not any(one.unequal for one in compare(_side("9.95"), _side("9.950", "DELFT")))
    unequal = {one.name: one.unequal for one in compare(_side("9.95"), _side("9.96")) if one.unequal}
    assert unequal == {"prices incl. VAT": ("SKU-1",)}
    hidden = compare(_side("9.95"), _side("9.95", visible=False), {"SKU-1"})
    assert {one.name: one.held for one in hidden if one.held} == {"products, visible": ("SKU-1",)}
    assert not any(one.unequal for one in hidden)


def test_html_is_compared_by_what_a_reader_sees() -> None:
    """Tags and scripts are no text, entities are."""
    assert seen("<p>5 &lt; 10 <b>kg</b></p>\n<script>alert(1)</script>") == "5 < 10 kg"
