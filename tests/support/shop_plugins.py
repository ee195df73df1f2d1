"""The plugins of the flows into the shop, in this process: tap-afas and target-lightspeed on the sandbox's wire."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tap_afas.tap import TapAfas
from target_lightspeed.session import make_client
from target_lightspeed.target import TargetLightspeed
from tests.support.plugins import HOST, InTurn

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    from afas_profit import Afas
    from lightspeed_ecom import Lightspeed
    from upsert.store import Store


class AfasTap(TapAfas):
    """The tap on a wire; one call after the other."""

    wire: httpx.BaseTransport

    @classmethod
    def on(cls, wire: httpx.BaseTransport) -> type[AfasTap]:
        """The tap on this wire: it asks AFAS as soon as it is made."""
        return type(cls.__name__, (cls,), {"wire": wire})

    @cached_property
    def pool(self) -> ThreadPoolExecutor:
        """Where calls are made."""
        return cast("ThreadPoolExecutor", InTurn())

    def make_client(self, **options: Any) -> Afas:
        """The client of the settings, on the wire."""
        return super().make_client(transport=self.wire, clock=HOST, **options)


class ShopTarget(TargetLightspeed):
    """The target on a wire. Every STATE is a checkpoint, so that there are as many as can be."""

    clock = HOST
    checkpoint_seconds: ClassVar[float] = 0.0
    wire: httpx.BaseTransport
    opened: Store | None = None

    def make_client(self) -> Lightspeed:
        """The client of the settings, on the wire."""
        return make_client(self.settings, transport=self.wire, clock=HOST, jitter=lambda: 0.5)

    def open_store(self) -> Store:
        """The store of the settings; kept, so that a killed process gives its file back."""
        self.opened = super().open_store()
        return self.opened
