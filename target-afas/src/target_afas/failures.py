"""The errors of the AFAS client, as what they mean for a run. The only place where the two trees meet."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import afas_profit
from upsert import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afas_profit import AfasError

logger = logging.getLogger(__name__)


def translate(error: AfasError, *, writing: bool) -> errors.Failure:
    """What an error of the client means.

    Args:
        error: The client's error.
        writing: It came from a write, so a refusal concerns one record; from a read it concerns the connector.

    Returns:
        The failure to raise. Its text has AFAS's words, which may quote a name: only the debug log shows them.
    """
    if isinstance(error, afas_profit.NotSent):
        return errors.NotSent(
            f"AFAS can't be reached: {error.message}. Check the network and `environment`/`base_url`."
        )
    if isinstance(error, afas_profit.InDoubt) or error.write == "in_doubt":
        return errors.InDoubt(str(error))
    if isinstance(error, afas_profit.NotAuthorised):
        reason = "the address of this host is not allowed" if error.status == 403 else "the credentials are refused"
        return errors.ConfigurationError(
            f"AFAS: {reason} ({error.call}). Renew the setting `token` (or `client_id` and `client_secret`), or have "
            "the administrator check the app connector and its IP rules."
        )
    if isinstance(error, afas_profit.ConnectorBlocked):
        return errors.ConfigurationError(
            f"AFAS: the connector {error.connector} is blocked; have the administrator unblock it (Algemeen / "
            "Uitvoer / Beheer / GetConnector)."
        )
    if isinstance(error, afas_profit.ConnectorDenied):
        return errors.ConfigurationError(
            f"AFAS: the connector {error.connector} is missing in the app connector, or its user may not use it; add "
            "it there (see docs/afas-connectors.md)."
        )
    if isinstance(error, afas_profit.Unavailable):
        return errors.Outage(f"AFAS is not available: {error.message.rstrip('.')}.{_back(error.retry_after)}")
    if isinstance(error, afas_profit.BadRequest) and error.status == 404:
        return errors.ConfigurationError(f"AFAS does not know the address ({error.call}). Check `base_url`.")
    if writing:
        return _of_write(error)
    return errors.ConfigurationError(
        f"AFAS refused a question: {error}. Check the setting `connectors` against docs/afas-connectors.md."
    )


def _of_write(error: AfasError) -> errors.Failure:
    if isinstance(error, afas_profit.Locked):
        return errors.Busy(str(error))
    if isinstance(error, afas_profit.AlreadyExists):
        return errors.AlreadyExists("AFAS says that it exists already")
    if isinstance(error, afas_profit.Invalid):
        return errors.Rejected("refused_by_afas", error.label or "", str(error))
    return errors.Rejected("refused_by_afas", "", str(error))


def _back(seconds: float | None) -> str:
    """When to come back; as a span, because the line in the log has its own time."""
    return " Try again later." if seconds is None else f" Try again in {math.ceil(seconds / 60)} minutes."


@contextmanager
def reading() -> Iterator[None]:
    """Around reads."""
    try:
        yield
    except afas_profit.AfasError as error:
        raise translate(error, writing=False) from error


@contextmanager
def writing() -> Iterator[None]:
    """Around a write of one record."""
    try:
        yield
    except afas_profit.AfasError as error:
        failure = translate(error, writing=True)
        if isinstance(failure, errors.Rejected):
            # AFAS's own words may quote a name, so they stand in the debug log only; its log has the whole story.
            logger.warning(
                "AFAS refused %s%s%s",
                error.call,
                f", field '{failure.subject}'" if failure.subject else "",
                f", AFAS log {error.log_reference}" if error.log_reference else "",
            )
        raise failure from error
