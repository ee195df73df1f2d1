"""The streams of the tap, by theme; each module has the resources of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_lightspeed.resources import catalogue, content, goods, sales, shop
from tap_lightspeed.resources.customers import CUSTOMERS
from tap_lightspeed.resources.orders import ORDERS

if TYPE_CHECKING:
    from tap_lightspeed.resource import Resource

RESOURCES: tuple[Resource, ...] = tuple(
    sorted(
        (CUSTOMERS, ORDERS, *sales.ALL, *goods.ALL, *catalogue.ALL, *content.ALL, *shop.ALL), key=lambda one: one.name
    )
)
"""Every stream, in the order of their names."""

BY_NAME = {one.name: one for one in RESOURCES}
"""The streams by their names."""
