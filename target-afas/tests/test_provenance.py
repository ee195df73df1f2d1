"""Where the fields of an order come from, and what can be asked about it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from target_afas_builders import CONFIG, order, settings
from target_afas_world import World

from commerce.models import Code, Delivery, VatTreatment
from target_afas.provenance import origins

FETCHED = Delivery(method=Code(code="point-7"), pickup=True)


@pytest.mark.parametrize(
    ("changes", "config", "name", "origin"),
    [
        ({}, {}, "currency", "source"),
        ({}, {}, "reference", "setting:reference_template"),
        ({}, {}, "sales_book", "default:orders.sales_book"),
        ({"vat_treatment": VatTreatment.OSS}, {}, "sales_book", "rule 1:orders.sales_book"),
        ({"project": "P1"}, {}, "project", "source"),
        ({"project": "P1"}, {"project": "WEB"}, "project", "default:orders.project"),
        ({}, {}, "payment_method", "table:orders.payment_methods"),
        (
            {"payment_method": Code(code="new")},
            {"payment_methods": {"missing": "default", "default": "02"}},
            "payment_method",
            "default:orders.payment_methods",
        ),
        ({}, {}, "carrier", "table:orders.shipping_methods"),
        (
            {"delivery": Delivery(method=Code(code="new"))},
            {"shipping_methods": {"missing": "default", "default": "DHL"}},
            "carrier",
            "default:orders.shipping_methods",
        ),
        ({"delivery": FETCHED}, {"pickup_method": {"warehouse": "02"}}, "warehouse", "setting:orders.pickup_method"),
        (
            {"delivery": FETCHED},
            {"pickup_method": {"warehouse": "02"}, "pickup_condition": "2"},
            "delivery_condition",
            "setting:orders.pickup_condition",
        ),
        ({"delivery": None}, {"warehouse": "01"}, "warehouse", "default:orders.warehouse"),
    ],
)
def test_the_origin_of_a_field(changes: dict[str, Any], config: dict[str, Any], name: str, origin: str) -> None:
    """Each field says whether the record, a table, a rule or a default gave it (B18)."""
    assert origins(order(**changes), [name], settings(**config)) == {name: origin}


def test_a_default_of_the_settings_is_told_as_such_and_reaches_afas(caplog: pytest.LogCaptureFixture) -> None:
    """What the shop does not know (the administration) comes from the settings, and the log says so (B18)."""
    world = World()
    with caplog.at_level(logging.DEBUG, "target_afas.ports.orders"):
        world.run(order())
    (line,) = [text for text in caplog.messages if "administration from" in text]
    assert line.startswith("lightspeed.shop1:1: ")
    assert "administration from default:administration" in line
    assert "sales_book from default:orders.sales_book" in line
    assert "example" not in line, "no values"
    assert world.order()["administration"] == CONFIG["administration"]
