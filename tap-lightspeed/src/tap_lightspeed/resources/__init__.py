"""The streams of the tap, one module per resource."""

from __future__ import annotations

from tap_lightspeed.resources.customers import CUSTOMERS
from tap_lightspeed.resources.orders import ORDERS

RESOURCES = (CUSTOMERS, ORDERS)
"""Every stream, in the order of their names."""
