"""The check before the first write of a run: is everything there that the settings name?

Each failure is one line that says what is missing and what to do, and stops the run with exit code 2. The questions
are asked at once, so the check takes as long as its slowest answer.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from target_afas.connectors import UPDATE_CONNECTORS, Reader
from target_afas.diff import item_type
from target_afas.document_types import in_use
from target_afas.failures import reading
from target_afas.lookups import Lookups, at_once
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from afas_profit import MetaInfo
    from target_afas.document_types import DocumentType
    from target_afas.settings import Settings
    from upsert.store import Store

SETTLE = "FbSettleOrder"
WHERE = "see docs/afas-connectors.md"


def claim(meta: MetaInfo, store: Store, fallback: str) -> str:
    """Tie the store to the environment that answered, before anything is believed of it (X27).

    Args:
        meta: What the token may use.
        store: The store.
        fallback: Name of the environment where AFAS does not tell it (old versions).

    Returns:
        The environment id.

    Raises:
        ConfigurationError: The store belongs to another environment.
    """
    environment = (meta.info.environment_id if meta.info else "") or fallback
    store.claim_environment(environment)
    return environment


def missing_connectors(meta: MetaInfo, settings: Settings, streams: Iterable[str]) -> list[str]:
    """Connectors that the app connector lacks."""
    gets = {one.id.casefold() for one in meta.get_connectors}
    updates = {one.id.casefold() for one in meta.update_connectors}
    roles = ["relations", "addresses"]
    needed = [one for one in UPDATE_CONNECTORS if one != "FbSales"]
    if "orders" in streams:
        kinds = settings.orders.document_types
        roles += [role for kind in kinds for role in (kind.headers_role, kind.lines_role)] + ["items"]
        needed += [kind.connector for kind in kinds]
        if settings.orders.on_cancel == "settle":
            needed.append(SETTLE)
    names = [getattr(settings.connectors, role).name for role in roles]
    if "orders" in streams:
        names += [name for name, _ in _standard(settings)]
    absent = [f"GetConnector {name}" for name in dict.fromkeys(names) if name.casefold() not in gets]
    return absent + [f"UpdateConnector {name}" for name in needed if name.casefold() not in updates]


def _standard(settings: Settings) -> list[tuple[str, str]]:
    """Standard connectors that the settings make necessary, and the role they play."""
    orders = settings.orders
    pairs = [
        (settings.administration, settings.connectors.administrations, "administrations"),
        (orders.sales_book, settings.connectors.journals, "journals"),
        (orders.project, settings.connectors.projects, "projects"),
    ]
    needed = [(name, role) for choice, name, role in pairs if choice.values()]
    if _warehouses(settings):
        needed.append((settings.connectors.warehouses, "warehouses"))
    return needed


def _warehouses(settings: Settings) -> set[str]:
    orders = settings.orders
    names = set(orders.warehouse.values()) | set(orders.warehouses.entries.values())
    methods = [*orders.shipping_methods.entries.values(), orders.shipping_methods.default, orders.pickup_method]
    names |= {one.warehouse for one in methods if one and one.warehouse}
    return names - {"*****"}


class Preflight:
    """The check, once per run.

    Args:
        lookups: Questions to AFAS.
        settings: All settings.
        streams: The streams that are loaded.
    """

    def __init__(self, lookups: Lookups, settings: Settings, streams: Iterable[str]) -> None:
        self.lookups, self.settings = lookups, settings
        self.orders = "orders" in set(streams)
        self.client = lookups.client

    def run(self) -> None:
        """Check everything.

        Raises:
            ConfigurationError: The first thing that is wrong.
            Outage: AFAS can't be asked.
        """
        readers = [
            self.lookups.readers[role]
            for role in (
                (*self._document_roles(), "relations", "addresses", "items")
                if self.orders
                else ("relations", "addresses")
            )
        ]
        checks: list[Callable[[], None]] = [partial(self._fields, reader) for reader in readers]
        if self.orders:
            made = in_use(self.settings.orders.document_type.values())
            checks += [*(partial(self._sales_fields, kind) for kind in made), self._cost_items]
            named = {role: name for name, role in _standard(self.settings)}
            by_role = {
                "administrations": self._administrations,
                "journals": self._sales_books,
                "projects": self._projects,
                "warehouses": self._warehouses,
            }
            checks += [by_role[role] for role in named]
        with reading():
            at_once(*checks)

    def _document_roles(self) -> list[str]:
        kinds = self.settings.orders.document_types
        return [role for kind in kinds for role in (kind.headers_role, kind.lines_role)]

    def _fields(self, reader: Reader) -> None:
        there = {one.casefold() for one in self.client.get_metainfo(reader.name).field_ids}
        absent = [name for name in reader.required() if name.casefold() not in there]
        if absent:
            raise ConfigurationError(
                f"GetConnector {reader.name} lacks the field{'s' if len(absent) > 1 else ''} {', '.join(absent)}: add "
                f"it, or name its field id in `connectors.{reader.role}.fields` ({WHERE})."
            )

    def _sales_fields(self, kind: DocumentType) -> None:
        orders = self.settings.orders
        schema = self.client.update_metainfo(kind.connector)
        numbering = schema.field("OrNu")
        if numbering is not None and numbering.mandatory and orders.order_number == "afas":
            raise ConfigurationError(
                f"AFAS demands a number: switch on automatic numbering of {kind.numbered} (menu Ordermanagement / "
                f"Inrichting, the numbering of the {kind.numbered}), or set orders.order_number to shop."
            )
        known = {field.field_id.upper() for field in schema.fields}
        codes = [*orders.header_fields.values(), *orders.default_debtor_fields.values()]
        absent = [code for code in codes if known and code.upper() not in known]
        lines = schema.object(kind.lines)
        if lines is not None and lines.fields:
            of_lines = {field.field_id.upper() for field in lines.fields}
            absent += [code for code in orders.line_fields.values() if code.upper() not in of_lines]
        if absent:
            raise ConfigurationError(
                f"{kind.connector} has no field {', '.join(absent)}: correct orders.header_fields, line_fields or "
                "default_debtor_fields (free field codes differ per environment)."
            )

    def _cost_items(self) -> None:
        costs = self.settings.orders.items
        codes = costs.codes()
        rows = self.lookups.rows("items", "Item", codes.values())
        there = {(str(row["Item"]).upper(), item_type(row.get("ItemType"))): bool(row.get("Blocked")) for row in rows}
        for role, code in codes.items():
            blocked = there.get((code.upper(), item_type(costs.item_type)))
            if blocked is None:
                raise ConfigurationError(
                    f"AFAS has no item {code} of type {costs.item_type}: make it, or correct orders.items.{role}."
                )
            if blocked:
                raise ConfigurationError(f"Item {code} is blocked in AFAS: unblock it, or change orders.items.{role}.")

    def _all(self, name: str, *order_by: str) -> list[Mapping[str, Any]]:
        return list(self.client.rows(name, order_by=list(order_by)))

    def _administrations(self) -> None:
        there = {str(row["AdminId"]) for row in self._all(self.settings.connectors.administrations, "AdminId")}
        for value in sorted(self.settings.administration.values()):
            if value not in there:
                raise ConfigurationError(
                    f"Administration {value} does not exist in AFAS (there are {', '.join(sorted(there)) or 'none'}): "
                    "correct the setting `administration`, or have the user authorised for it."
                )

    def _sales_books(self) -> None:
        rows = self._all(self.settings.connectors.journals, "UnitId", "JournalId")
        units = self.settings.administration.values()
        for value in sorted(self.settings.orders.sales_book.values()):
            mine = [
                row
                for row in rows
                if str(row["JournalId"]) == value and (not units or str(row.get("UnitId") or "") in {*units, ""})
            ]
            if not mine:
                raise ConfigurationError(
                    f"Sales book {value} does not exist in administration {', '.join(sorted(units)) or '(any)'}: "
                    "correct orders.sales_book."
                )
            if all(row.get("Blocked") for row in mine):
                raise ConfigurationError(
                    f"Sales book {value} is blocked in AFAS: unblock it, or change orders.sales_book."
                )

    def _projects(self) -> None:
        rows = {str(row["ProjectId"]): row for row in self._all(self.settings.connectors.projects, "ProjectId")}
        for value in sorted(self.settings.orders.project.values()):
            if value not in rows:
                raise ConfigurationError(f"Project {value} does not exist in AFAS: correct orders.project.")
            if rows[value].get("CheckedOut"):
                raise ConfigurationError(f"Project {value} is closed in AFAS: open it or change orders.project.")

    def _warehouses(self) -> None:
        rows = {str(row["Warehouse"]): row for row in self._all(self.settings.connectors.warehouses, "Warehouse")}
        for value in sorted(_warehouses(self.settings)):
            if value not in rows:
                raise ConfigurationError(f"Warehouse {value} does not exist in AFAS: correct the warehouse settings.")
            if rows[value].get("Blocked"):
                raise ConfigurationError(f"Warehouse {value} is blocked in AFAS: unblock it or change the settings.")
