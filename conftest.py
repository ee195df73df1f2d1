"""Imports our packages first: pytest's importlib mode would take a folder of the same name for them."""

import commerce  # noqa: F401
import sandbox  # noqa: F401
import upsert  # noqa: F401
