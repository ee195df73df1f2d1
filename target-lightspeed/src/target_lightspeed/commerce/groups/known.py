"""Which group of the shop a code means: by setting, by what was made before, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.commerce.groups.settings import IGNORE
from target_lightspeed.failures import reading
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection

    from target_lightspeed.session import Session

PURPOSE = "commerce.groups"
"""Rows of groups in the store: the code is the key, ``ids["id"]`` the shop's id."""


def title_of(session: Session, code: str, name: str | None) -> str:
    """The title of the shop's group; "" when the settings leave it out, or nothing says."""
    title = session.settings.groups.titles.get(code, name or "")
    return "" if title == IGNORE else title.strip()


def made_groups(session: Session, codes: Collection[str]) -> dict[str, int]:
    """Code -> id of the groups that were made, or found, in an earlier run."""
    rows = session.store.rows(session.scope, PURPOSE, list(codes))
    return {
        code: int(row.ids["id"]) for code, row in rows.items() if row.state is not State.INTENT and row.ids.get("id")
    }


def shop_groups(session: Session) -> dict[str, list[int]]:
    """Title -> ids of all groups of the shop; one list, asked once per run.

    Raises:
        Outage: The shop doesn't answer.
    """
    with reading():
        rows = session.lookups.all(session.resource("groups"), ("id", "title"), owner=None, fresh=False)
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(str(row.get("title") or "").strip(), []).append(row["id"])
    return found
