"""What users may import."""

import inspect
import types

import afas_profit
from afas_profit import errors


def test_every_public_name_is_exported():
    """Whatever users may import stands in __all__, and nothing else does."""
    public = {
        name
        for name, value in vars(afas_profit).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert public == set(afas_profit.__all__)


def test_the_tree_at_the_top_of_errors_is_the_tree():
    """Each exception stands in the drawing, and each name in the drawing is an exported exception."""
    drawn = {
        word for word in (errors.__doc__ or "").replace("─", " ").split() if word[0].isupper() and word in vars(errors)
    }
    real = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception) and not name.startswith("_")
    }
    assert drawn == real <= set(afas_profit.__all__)


def test_importing_it_sets_up_no_logging_handlers():
    """A library leaves logging to the program."""
    import logging

    assert logging.getLogger("afas_profit").handlers == []
