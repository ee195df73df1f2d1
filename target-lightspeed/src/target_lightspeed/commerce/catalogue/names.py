"""Brands, types, specifications and delivery dates: made once, by title, and remembered.

And what only the shop can make: taxes, by rate, and additional costs, by title.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from target_lightspeed.failures import reading
from target_lightspeed.fields import By
from target_lightspeed.item import Item
from target_lightspeed.port import ResourcePort
from target_lightspeed.resources import RESOURCES
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from target_lightspeed.commerce.catalogue.memory import Memory
    from target_lightspeed.commerce.catalogue.settings import CatalogueSettings
    from target_lightspeed.session import Session
    from upsert.kernel import Kernel
    from upsert.model import SourceKey

KINDS: Mapping[str, tuple[str, str]] = {
    "brand": ("brands", "title"),
    "type": ("types", "title"),
    "deliverydate": ("deliverydates", "name"),
    "attribute": ("attributes", "title"),
}
"""What refers to it -> resource, and the field by which it is meant."""

_CENT = Decimal(100)


class Names:
    """Ids of what products refer to by title.

    Args:
        session: Look-ups and store of the run.
        settings: Of the flow.
        memory: What is remembered.
    """

    def __init__(self, session: Session, settings: CatalogueSettings, memory: Memory) -> None:
        self.session, self.settings, self.memory = session, settings, memory
        self._ports: dict[str, ResourcePort] = {}
        self._problems: dict[tuple[str, str], Hold] = {}
        self._shown: dict[str, dict[str, str]] = {}
        self._costs: dict[str, int] | None = None
        self._taxes: list[tuple[int, Decimal]] | None = None
        self.uncarried: dict[str, Hold] = {}
        """Specification -> why the type doesn't bring it yet."""

    def resolve(self, field: str, value: By) -> int | Hold:
        """The id that a reference means.

        Raises:
            Outage: The shop must be asked for its taxes or additional costs, and doesn't answer.
        """
        if field == "tax":
            return self._tax(value.value)
        if field == "additionalcost":
            return self._cost(value.value)
        identity = self.memory.ids(_purpose(field), _key(field, value.value)).get("id", "")
        if identity:
            return int(identity)
        return self._problems.get((field, value.value.casefold())) or Hold("unknown_reference", field)

    def ensure(self, kernel: Kernel, wanted: Mapping[tuple[str, str], SourceKey]) -> None:
        """See to it that these exist; what can't be made is told by `resolve`.

        Args:
            kernel: Of the records that need them.
            wanted: Field and title -> a record that needs it.
        """
        groups: dict[str, dict[str, SourceKey]] = {}
        for (field, title), source in wanted.items():
            groups.setdefault(field, {}).setdefault(title, source)
        for field, titles in groups.items():
            self.memory.load(_purpose(field), [_key(field, title) for title in titles])
            missing = {
                t: s for t, s in titles.items() if not self.memory.ids(_purpose(field), _key(field, t)).get("id")
            }
            if missing:
                self._make(kernel, field, missing)

    def _make(self, kernel: Kernel, field: str, titles: Mapping[str, SourceKey]) -> None:
        resource, name = RESOURCES[KINDS[field][0]], KINDS[field][1]
        if field not in self._shown:
            with reading():
                rows = self.session.lookups.all(resource, (name,), owner=None, fresh=False)
            # Of two that differ in capitals only, the older one counts.
            self._shown[field] = {str(row.get(name) or "").casefold(): str(row.get(name)) for row in reversed(rows)}
        port = self._port(field)
        port.finder.begin()
        spelled: dict[str, list[str]] = {}
        documents = {}
        for title, source in titles.items():
            there = self._shown[field].setdefault(title.casefold(), title)
            spelled.setdefault(there, []).append(title)
            documents[there] = port.document(source, Item(key={name: there}, values={name: there}))
        for outcome in kernel.run(port, list(documents.values()), last=False):
            there = str(outcome.document.content.values[name])
            for title in spelled[there]:
                if outcome.action == "held":
                    self._problems[field, title.casefold()] = Hold(outcome.reason, field, outcome.retry_after)
                else:
                    ids = {"id": "-1", **outcome.ids} if outcome.action == "planned" else outcome.ids
                    self.memory.know(_purpose(field), _key(field, title), ids)
                    if title != there and outcome.action != "planned":
                        self.memory.put(_purpose(field), _key(field, title), outcome.ids)

    def _port(self, field: str) -> ResourcePort:
        if field not in self._ports:
            path = KINDS[field][0]
            port = ResourcePort(RESOURCES[path], self.session, self.session.settings.stream("products"), path)
            port.purpose = port.finder.purpose = _purpose(field)
            self._ports[field] = port
        return self._ports[field]

    def carry(self, kernel: Kernel, titles: Collection[str], source: SourceKey) -> None:
        """See to it that the type brings these specifications."""
        carrier = self.resolve("type", By("title", self.settings.type or ""))
        if isinstance(carrier, Hold):
            return
        resource = RESOURCES["types_attributes"]
        port = self._ports.get("link")
        if port is None:
            port = ResourcePort(resource, self.session, self.session.settings.stream("products"), "types_attributes")
            port.purpose = port.finder.purpose = "commerce.type_attributes"
            self._ports["link"] = port
        documents = {}
        for title in titles:
            attribute = self.resolve("attribute", By("title", title))
            if isinstance(attribute, int):
                values = {"type": carrier, "attribute": attribute}
                documents[title] = port.document(source, Item(key=values, values=values))
        port.finder.begin()
        outcomes = kernel.run(port, list(documents.values()), last=False)
        for title, outcome in zip(documents, outcomes, strict=True):
            if outcome.action == "held":
                self.uncarried[title] = Hold(outcome.reason, title, outcome.retry_after)

    def _cost(self, title: str) -> int | Hold:
        """The shop's additional cost of a title."""
        if self._costs is None:
            with reading():
                rows = [row for page in self.session.client.list("additionalcosts") for row in page]
            self._costs = {str(row.get("title") or "").casefold(): int(row["id"]) for row in reversed(rows)}
        return self._costs.get(title.casefold()) or Hold("unknown_reference", f"additionalcost: {title}")

    def _tax(self, text: str) -> int | Hold:
        """The shop's tax of a rate: as a setting says, else the only one with that rate."""
        code, _, rate = text.partition("|")
        for name in (code, rate):
            if name and name in self.settings.taxes:
                return self.settings.taxes[name]
        if not rate:
            return Hold("unknown_tax", code)
        if self._taxes is None:
            with reading():
                rows = [row for page in self.session.client.list("taxes") for row in page]
            self._taxes = [(int(row["id"]), Decimal(str(row.get("rate") or 0))) for row in rows]
        wanted = Decimal(rate) / _CENT
        fits = [identity for identity, one in self._taxes if one == wanted]
        if len(fits) == 1:
            return fits[0]
        return Hold("ambiguous_tax" if fits else "unknown_tax", f"{rate}%")


def _purpose(field: str) -> str:
    return f"commerce.{KINDS[field][0]}"


def _key(field: str, title: str) -> str:
    return f"{KINDS[field][1]}={title}"
