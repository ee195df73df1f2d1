"""What one run of the target works with: client, look-ups, ports, and warnings that are given once."""

from __future__ import annotations

import itertools
import logging
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import Lightspeed, app_password
from target_lightspeed.commerce.planner.priority import LONGEST_WAIT, reserve_of
from target_lightspeed.commerce.stock.bundles import Bundles
from target_lightspeed.lookups import Lookups
from target_lightspeed.port import ResourcePort
from target_lightspeed.resources import RESOURCES
from target_lightspeed.titles import Titles
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from target_lightspeed.resource import Resource
    from target_lightspeed.settings import Settings
    from upsert.store import Store

logger = logging.getLogger("target-lightspeed")

WRITES = frozenset({"bulk", "create", "delete", "update", "upload"})
"""What the client can write with."""

_NAMED = 12


def make_client(settings: Settings, **options: Any) -> Lightspeed:
    """The client that the settings describe.

    Args:
        settings: All settings.
        options: Further arguments of the client; tests bring a transport and a clock.

    Raises:
        ConfigurationError: Credentials or address are missing or can't be right.
    """
    if not settings.api_key or settings.api_secret is None:
        raise ConfigurationError("settings: `api_key` and `api_secret` are needed")
    secret = settings.api_secret.get_secret_value()
    if settings.app_token is not None:
        secret = app_password(settings.app_token.get_secret_value(), secret)
    wait, reserve = settings.longest_wait_seconds, settings.reserve
    if settings.ends_early:
        wait = min(wait, LONGEST_WAIT)
    try:
        return Lightspeed(
            settings.api_key,
            secret,
            cluster=settings.cluster,
            base_url=settings.base_url,
            language=settings.language,
            reserve=reserve_of(settings.priority, reserve),
            longest_wait=wait,
            # The kernel looks first: a try that seemed lost must not be done after what was written next.
            repeat_writes=False,
            **options,
        )
    except ValueError as error:
        raise ConfigurationError(f"settings: {error}") from None


class Session:
    """Made at the first record.

    Args:
        client: The Lightspeed client.
        settings: All settings.
        store: The store.
        explains: Whether a person reads what would change: the shop is then asked for values that would be lost, and
            for titles, though no write depends on them.
    """

    def __init__(self, client: Lightspeed, settings: Settings, store: Store, *, explains: bool = False) -> None:
        self.client, self.settings, self.store, self.explains = client, settings, store, explains
        self.scope = settings.shop
        self.lookups = Lookups(client, settings.language)
        self.titles = Titles(self.lookups)
        self.slots = threading.BoundedSemaphore(settings.workers)
        self.groups: dict[str, int] = {}
        """Code -> id of the customer groups that this run has met or would make."""
        self._ports: dict[tuple[str, str, bool], ResourcePort] = {}
        self._warned: set[tuple[str, str, str]] = set()
        self._placeholders = itertools.count(-1, -1)

    @staticmethod
    def resource(path: str) -> Resource:
        """The resource of a path."""
        return RESOURCES[path.replace("/", "_")]

    def port(
        self,
        stream: str,
        resource: Resource,
        *,
        language: str = "",
        blind: bool = False,
        fields: frozenset[str] | None = None,
    ) -> ResourcePort:
        """The port of a stream."""
        key = (stream, language, blind)
        if key not in self._ports:
            self._ports[key] = ResourcePort(
                resource,
                self,
                self.settings.stream(stream),
                stream,
                language=language,
                blind=blind,
                fields=fields,
            )
        return self._ports[key]

    def dropped(self, stream: str, words: str, fields: Iterable[str]) -> None:
        """Warn about fields that are left out: one line, and each field once per run."""
        new = sorted(field for field in set(fields) if (stream, words, field) not in self._warned)
        if new:
            self._warned.update((stream, words, field) for field in new)
            more = f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""
            logger.warning("%s: fields that %s: %s%s", stream, words, ", ".join(new[:_NAMED]), more)

    def placeholder(self) -> int:
        """An id below zero, for something that a run in plan mode would make; the shop is never asked about it."""
        return next(self._placeholders)

    @cached_property
    def bundles(self) -> Bundles:
        """What is in the bundles: learnt from product relations, used for their stock."""
        return Bundles(self.store, self.scope)

    def calls(self) -> Mapping[str, int]:
        """Calls made so far."""
        return self.client.calls
