"""The errors of the Lightspeed client, as what they mean for a run. The only place where the two trees meet."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import lightspeed_ecom
from upsert import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightspeed_ecom import LightspeedError

logger = logging.getLogger("target-lightspeed")


def translate(error: LightspeedError, *, writing: bool) -> errors.Failure:
    """What an error of the client means.

    Args:
        error: The client's error.
        writing: It came from a write, so a refusal concerns one record; from a read it concerns the resource.
    """
    if isinstance(error, lightspeed_ecom.NotSent):
        return errors.NotSent(
            f"Lightspeed can't be reached: {error.message}. Check the network and `cluster`/`base_url`."
        )
    if isinstance(error, lightspeed_ecom.InDoubt) or error.write == "in_doubt":
        return errors.InDoubt(str(error))
    if isinstance(error, lightspeed_ecom.NotAuthorised):
        if error.status == 403:
            return errors.ConfigurationError(
                f"Lightspeed: the key lacks the permission group for {error.request}. Give it that group in the back "
                "office (Settings, Developers), or deselect the stream."
            )
        return errors.ConfigurationError(
            f"Lightspeed: the key is refused ({error.request}). Check `api_key`, `api_secret` and `cluster`."
        )
    if isinstance(error, lightspeed_ecom.UnknownLanguage):
        return errors.ConfigurationError(
            f"Lightspeed: {error.message.rstrip('.')}. Check `language` and the records' languages against the shop."
        )
    if isinstance(error, lightspeed_ecom.BudgetSpent):
        return errors.Outage(f"Lightspeed: {error.message}. Run again then, or raise `longest_wait_seconds`.")
    if isinstance(error, lightspeed_ecom.Unavailable):
        return errors.Outage(f"Lightspeed is not available: {error.message.rstrip('.')}.{_back(error.retry_after)}")
    if writing:
        if isinstance(error, lightspeed_ecom.NotFound):
            return errors.Rejected("not_found", "", str(error))
        return errors.Rejected("refused_by_shop", "", str(error))
    return errors.ConfigurationError(f"Lightspeed refused a question: {error}. This shop may not have the resource.")


def _back(seconds: float | None) -> str:
    return " Try again later." if seconds is None else f" Try again in {math.ceil(seconds / 60)} minutes."


@contextmanager
def reading() -> Iterator[None]:
    """Around reads."""
    try:
        yield
    except lightspeed_ecom.LightspeedError as error:
        raise translate(error, writing=False) from error


@contextmanager
def writing(secrets: frozenset[str] = frozenset()) -> Iterator[None]:
    """Around a write of one record.

    Args:
        secrets: Personal values of the record; should the shop's words quote one, only the debug log shows them.
    """
    try:
        yield
    except lightspeed_ecom.LightspeedError as error:
        failure = translate(error, writing=True)
        if isinstance(failure, errors.Rejected):
            low = error.message.lower()
            said = "no word of it here: it quotes the record" if any(one in low for one in secrets) else error.message
            logger.warning("Lightspeed refused %s: %s", error.request, said)
        raise failure from error
