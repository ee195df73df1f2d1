"""The table of writable resources: stream name -> resource."""

from __future__ import annotations

from target_lightspeed.resources import catalogue, content, customers, orders, shop

RESOURCES = {
    one.name: one
    for one in sorted(
        (
            *catalogue.RESOURCES,
            *content.RESOURCES,
            *customers.RESOURCES,
            *orders.RESOURCES,
            *shop.RESOURCES,
        ),
        key=lambda one: one.name,
    )
}

ACTIONS = (
    "categories/products/bulk",
    "checkouts/{}/order",
    "customers/{}/login",
    "customers/{}/tokens",
    "orders/{}/credit",
    "quotes/{}/convert",
    "variants/bulk",
)
"""Paths that take a POST or PUT and hold no records: no streams."""
