"""What plugins on these bases say of their settings, once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SDK_SETTINGS = frozenset(
    {
        "faker_config",
        "flattening_enabled",
        "flattening_max_depth",
        "flattening_max_key_length",
        "flattening_separator",
        "stream_map_config",
        "stream_maps",
    }
)
"""Settings that the SDK adds to every tap and checks itself."""

TARGET_SETTINGS: dict[str, dict[str, Any]] = {
    "store": {
        "type": "string",
        "description": "Where intents and what was written are kept: sqlite:///path/to/file.db, or postgresql://… for "
        "more than one host. Holds no personal data.",
    },
    "hold_limit": {
        "type": "integer",
        "minimum": 1,
        "default": 20,
        "description": "More new held records than this with one cause stop the run: that is an outage.",
    },
    "on_error": {
        "type": "string",
        "enum": ["hold", "abort"],
        "default": "hold",
        "description": "A record that can't be loaded: hold it (the tap must know the protocol) or stop the run.",
    },
    "mode": {
        "type": "string",
        "enum": ["apply", "plan"],
        "default": "apply",
        "description": "`plan`: the same run with nothing written, neither to the target system nor to the store, and "
        "no state; at its end it lists every value that would change or be lost, the calls that takes, and mails to "
        "customers.",
    },
    "plan_file": {
        "type": "string",
        "description": "With `mode: plan`: write the list to this file as JSON lines, instead of a table in the log.",
    },
}
"""Settings that `TargetBase` reads, as properties of a JSON schema."""


class LateSchema:
    """A class attribute that makes the JSON schema of the settings when somebody asks for it; an ordinary run doesn't.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made


def problems(error: Any) -> str:
    """Return all that is wrong with settings in one line, without any value.

    Args:
        error: A pydantic ``ValidationError``.
    """
    lines = []
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        name = ".".join(str(part) for part in one["loc"])
        text = "no such setting" if one["type"] == "extra_forbidden" else one["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {text}" if name else text)
    return "; ".join(lines)
