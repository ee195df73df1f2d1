"""The commerce contract and its mapper: orders, goods and customers in one shape, whatever system they come from."""

from commerce.errors import CommerceError, MappingError, SettingsError, split_error
from commerce.models import CONTRACT_VERSION, Customer, Order
from commerce.schemas import MODELS, SOURCE_FIELDS, schema

__all__ = [
    "CONTRACT_VERSION",
    "MODELS",
    "SOURCE_FIELDS",
    "CommerceError",
    "Customer",
    "MappingError",
    "Order",
    "SettingsError",
    "schema",
    "split_error",
]
