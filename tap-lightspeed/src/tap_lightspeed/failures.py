"""What the client's errors mean for a run: who must do what, in one line."""

from __future__ import annotations

from lightspeed_ecom import LightspeedError, NotAuthorised, NotFound, UnknownLanguage
from upsert.errors import ConfigurationError, Failure, Outage


def concerns_one_stream(error: LightspeedError) -> bool:
    """Return whether other streams can be read all the same: a list that isn't there, or a right that lacks."""
    return isinstance(error, NotFound) or (isinstance(error, NotAuthorised) and error.status == 403)


def explain(error: LightspeedError) -> Failure:
    """Return the failure of the run behind an error of the client; its text is for the operator."""
    if isinstance(error, UnknownLanguage):
        return ConfigurationError(f"setting `language`: {error.message}; use an active language of the shop")
    if isinstance(error, NotAuthorised):
        if error.status == 403:
            return ConfigurationError(
                f"{error} (403): the key in `api_key` lacks a permission group; add it in the back office"
            )
        return ConfigurationError(
            f"settings `api_key`, `api_secret`, `cluster`: the shop refuses them ({error.message}); "
            "correct them or renew the key"
        )
    if isinstance(error, NotFound):
        # One record that is gone never comes this far: this is a list.
        return ConfigurationError(
            f"the shop has no such list: {error} (404); correct `base_url` or `cluster`, or run again when it is back"
        )
    if error.write == "not_done" and error.status is not None and 400 <= error.status < 500 and error.status != 429:
        return Failure(f"the shop refuses a request of ours: {error} ({error.status})")
    return Outage(f"Lightspeed is unavailable: {error}; the next run goes on where this one stopped")
