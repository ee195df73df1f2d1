"""Client of the Lightspeed eCom (C-Series) REST API, without any framework."""

from lightspeed_ecom.auth import app_password
from lightspeed_ecom.budget import Budget
from lightspeed_ecom.client import PAGE_SIZE, Lightspeed, Page, Timeouts
from lightspeed_ecom.clock import SYSTEM_CLOCK, Clock
from lightspeed_ecom.errors import (
    BudgetSpent,
    InDoubt,
    Invalid,
    LightspeedError,
    NotAuthorised,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Unavailable,
    UnknownLanguage,
)
from lightspeed_ecom.retry import instant
from lightspeed_ecom.shapes import is_link, reference_id

__all__ = [
    "PAGE_SIZE",
    "SYSTEM_CLOCK",
    "Budget",
    "BudgetSpent",
    "Clock",
    "InDoubt",
    "Invalid",
    "Lightspeed",
    "LightspeedError",
    "NotAuthorised",
    "NotFound",
    "NotSent",
    "Page",
    "RateLimited",
    "Refused",
    "Timeouts",
    "Unavailable",
    "UnknownLanguage",
    "app_password",
    "instant",
    "is_link",
    "reference_id",
]
