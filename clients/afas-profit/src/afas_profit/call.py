"""A call and its answer: plain data between the decisions and the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["read", "write", "token"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        verb: HTTP verb.
        endpoint: path without keys, as shown in errors, logs and counts, such as `connectors/FbSales`.
        target: path and query below the base URL, encoded. Carries data: never shown.
        kind: decides time-out, retries, and what a lost answer means.
        body: what is sent, or None.
        connector: id of the connector asked for, or the name of the right that the endpoint needs.
    """

    verb: str
    endpoint: str
    target: str = field(repr=False)
    kind: Kind = "read"
    body: bytes | None = field(default=None, repr=False)
    connector: str = ""

    @property
    def name(self) -> str:
        """Verb and endpoint."""
        return f"{self.verb} {self.endpoint}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. Header names are lower case; a header that comes twice keeps its first value."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
