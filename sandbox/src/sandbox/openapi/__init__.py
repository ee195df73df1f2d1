"""The OpenAPI 3.1 descriptions of the imitated APIs, one YAML file per service, written by hand from the references."""

from __future__ import annotations

from importlib.resources import files


def description(service: str) -> bytes | None:
    """The description of a service ("afas", "lightspeed") as YAML text in UTF-8; None when it has none."""
    found = files(__name__).joinpath(f"{service}.yaml")
    return found.read_bytes() if found.is_file() else None
