"""What one run of the target works with: client, look-ups, ports, and the check before the first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afas_profit import Afas, ClassicToken, ClientCredentials
from target_afas.customers import CustomerFlow
from target_afas.failures import reading
from target_afas.flow import OrderFlow, Ports
from target_afas.lookups import Lookups
from target_afas.preflight import Preflight, claim, missing_connectors
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_afas.settings import Settings
    from upsert.kernel import Kernel
    from upsert.store import Store


def make_client(settings: Settings) -> Afas:
    """The AFAS client that the settings describe.

    Raises:
        ConfigurationError: Credentials or address are missing or can't be right.
    """
    try:
        if settings.token is not None:
            auth: ClassicToken | ClientCredentials = ClassicToken(settings.token.get_secret_value())
        elif settings.client_id and settings.client_secret is not None:
            auth = ClientCredentials(
                settings.client_id, settings.client_secret.get_secret_value(), basic=settings.oauth_basic
            )
        else:
            raise ConfigurationError("settings: `token` is missing (or `client_id` and `client_secret`)")
        if settings.base_url:
            return Afas(settings.base_url, auth, language=settings.language, integration_id=settings.integration_id)
        if settings.environment:
            return Afas.for_environment(
                settings.environment, auth, language=settings.language, integration_id=settings.integration_id
            )
    except ValueError as error:
        raise ConfigurationError(f"settings: {error}") from None
    raise ConfigurationError("settings: `environment` is missing (or `base_url`)")


class Session:
    """Made at the first record; asks AFAS who it is before anything is believed of the store.

    Args:
        client: The AFAS client.
        settings: All settings.
        store: The store.
        kernel: Makes the kernel of a source stream, given stream and scope.
    """

    def __init__(self, client: Afas, settings: Settings, store: Store, kernel: Callable[[str, str], Kernel]) -> None:
        self.client, self.settings, self.store, self._kernel = client, settings, store, kernel
        self.streams: set[str] = set()
        self._checked: set[str] = set()
        with reading():
            self.meta = client.metainfo()
        self.lookups = Lookups(client, settings, (one.id for one in self.meta.get_connectors))
        fallback = settings.environment or settings.base_url or ""
        self.environment = claim(self.meta, store, fallback)
        self.ports = Ports(self.lookups, settings, store, self.check)

    def check(self) -> None:
        """The check before the first write, once per run and stream."""
        if not self.settings.preflight or self.streams <= self._checked:
            return
        Preflight(self.lookups, self.settings, self.streams).run()
        self._checked = set(self.streams)

    def _add(self, stream: str) -> None:
        """A commerce stream is about to be loaded: the app connector must hold what it needs."""
        if stream in self.streams:
            return
        self.streams.add(stream)
        if self.settings.preflight and (absent := missing_connectors(self.meta, self.settings, self.streams)):
            raise ConfigurationError(
                f"The app connector lacks {', '.join(absent)}: add it there (see docs/afas-connectors.md)."
            )

    def orders(self, stream: str) -> OrderFlow:
        """The flow of orders from a source stream."""
        self._add("orders")
        return OrderFlow(self.ports, self._kernel(stream, self.environment))

    def customers(self, stream: str) -> CustomerFlow:
        """The flow of customers from a source stream."""
        self._add("customers")
        return CustomerFlow(self.ports, self._kernel(stream, self.environment))

    def calls(self) -> Mapping[str, int]:
        """Calls made so far."""
        return self.client.calls
