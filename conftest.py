"""Imports our packages first: pytest's importlib mode would take a folder of the same name for them."""

import logging

import pytest

import commerce  # noqa: F401
import sandbox  # noqa: F401
import upsert  # noqa: F401


@pytest.fixture(autouse=True)
def _loggers_speak() -> None:
    """Undo what a plugin that ran in this process, or a world that was silenced, did to logging."""
    for one in logging.getLogger().manager.loggerDict.values():
        if isinstance(one, logging.Logger):
            one.disabled = False
            if one.level == logging.CRITICAL:
                one.setLevel(logging.NOTSET)
    for name in ("tap-lightspeed", "mapper-commerce", "target-afas"):
        logging.getLogger(name).propagate = True
