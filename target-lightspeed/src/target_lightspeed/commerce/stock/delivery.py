"""From which day an item is back in stock: the earliest goods on their way, as the delivery date of its product.

A delivery date of the shop is a text with a name that products refer to. One is made per text, and none is ever deleted
or changed; only products that got theirs from here lose it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.fields import By
from target_lightspeed.item import Item
from target_lightspeed.port import ResourcePort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from target_lightspeed.commerce.stock.settings import StockSettings
    from target_lightspeed.session import Session
    from upsert.kernel import Kernel
    from upsert.model import Outcome, SourceKey

TEXTS = "commerce.delivery_texts"
PRODUCTS = "commerce.delivery_dates"


def next_day(lots: Iterable[tuple[date | None, Decimal]], today: date) -> date | None:
    """The first day, from today on, on which something arrives. Pure."""
    days = [day for day, quantity in lots if day is not None and day >= today and quantity > 0]
    return min(days, default=None)


def text_of(day: date, settings: StockSettings) -> str:
    """The text of a day. Pure."""
    return settings.delivery_text.format(day=day.day, month=day.month, year=day.year)


class DeliveryDates:
    """Writes delivery dates of products.

    Args:
        session: Client, settings, look-ups and store of the run.
        kernel: The kernel of the source stream.
    """

    def __init__(self, session: Session, kernel: Kernel) -> None:
        self.session, self.kernel, self.settings = session, kernel, session.settings.stock

    def write(self, days: Mapping[int, date | None], sources: Mapping[int, Sequence[SourceKey]]) -> Iterator[Outcome]:
        """Bring the days of some products into the shop.

        Args:
            days: Product -> the day; None: it is in stock, or nobody knows a day.
            sources: Product -> the records behind it.
        """
        texts = {product: text_of(day, self.settings) for product, day in days.items() if day is not None}
        first = {text: product for product, text in reversed(texts.items())}
        port = self._port("deliverydates", TEXTS)
        names = {"inStockMessage": self.settings.delivery_in_stock}
        made = [
            port.document(
                sources[product][0], Item({"name": text}, values={"name": text, "outStockMessage": text, **names})
            )
            for text, product in first.items()
        ]
        port.finder.begin()
        yield from self.kernel.run(port, made, last=False)
        port = self._port("products", PRODUCTS)
        mine = {row.key for row in self.session.store.known(self.session.scope, PRODUCTS)}
        changes = []
        for product in sorted(days):
            value = By("name", texts[product]) if product in texts else False
            document = port.document(sources[product][0], Item({"id": product}, values={"deliverydate": value}))
            if product in texts or document.key in mine:
                changes.append(document)
        port.finder.begin()
        yield from self.kernel.run(port, changes, last=False)

    def _port(self, resource: str, purpose: str) -> ResourcePort:
        stream = self.session.settings.stream("stock_levels")
        fields = frozenset({"deliverydate"}) if resource == "products" else None
        port = ResourcePort(self.session.resource(resource), self.session, stream, purpose, fields=fields)
        port.purpose = port.finder.purpose = purpose
        return port
