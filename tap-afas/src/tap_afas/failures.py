"""What the client's errors mean for a run: which stop a stream, which the run, and what a person must do."""

from __future__ import annotations

from afas_profit import (
    AfasError,
    ConnectorBlocked,
    ConnectorDenied,
    FilterTooLong,
    NotAuthorised,
    NotSent,
    Refused,
    Unavailable,
)
from upsert.errors import ConfigurationError, Failure, Outage


def stops_all(error: AfasError) -> bool:
    """Whether no other stream can be read either."""
    if isinstance(error, NotAuthorised | NotSent):
        return True
    return isinstance(error, Unavailable) and error.retry_after is not None


def explain(error: AfasError) -> Failure:
    """The failure behind an error of the client; its text is for the operator."""
    if isinstance(error, NotAuthorised):
        return ConfigurationError(
            f"AFAS refuses the token ({error}); renew `token` or `client_secret`, "
            "or correct the app connector's IP rules"
        )
    if isinstance(error, ConnectorDenied):
        return ConfigurationError(
            f"{error}; add {error.connector} to the app connector, or leave it out with `connectors` or the catalog"
        )
    if isinstance(error, ConnectorBlocked):
        return ConfigurationError(
            f"{error}; an administrator must lift the block, and the connector may need fewer columns or a filter"
        )
    if isinstance(error, FilterTooLong):
        return ConfigurationError(f"{error}; shorten the stream's filter or its keys")
    if isinstance(error, Refused):
        return ConfigurationError(f"AFAS refuses the question: {error}; correct the stream's settings or the connector")
    return Outage(f"AFAS is unavailable: {error}; the next run goes on where this one stopped")


class StreamsFailed(Failure):
    """Some streams could not be read to their end; all others were.

    Args:
        failures: Stream to its failure.
    """

    def __init__(self, failures: dict[str, Failure]) -> None:
        codes = {failure.exit_code for failure in failures.values()}
        self.exit_code = next(code for code in (4, 2, 3, *codes) if code in codes)
        names = ", ".join(failures)
        super().__init__(
            f"{len(failures)} stream{'s' if len(failures) > 1 else ''} failed: {names}; see the line of each. "
            "The others were read to their end"
        )
