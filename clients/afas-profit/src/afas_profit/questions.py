"""The URL of a page of rows, within what AFAS takes (read-api 2.1-2.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from afas_profit.call import Call
from afas_profit.elements import segment
from afas_profit.errors import FilterTooLong

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERY_LIMIT = 2049
"""Most characters of a query string, its `?` included; AFAS answers 404 to more."""

_MOST_CELLS = 150_000  # columns x rows must stay below this
_MOST_ROWS = 10_000
_FIRST_PAGE = 1_000  # while the number of fields is not known: enough for connectors of up to 149 fields
_UNSORTABLE = re.compile(r"[.,;]|^-?$")
_PAGE = "?skip={skip}&take={take}&orderbyfieldids={order}"


def most_rows(field_count: int | None) -> int:
    """Most rows to ask for at once, given the number of fields (None: not known yet)."""
    if field_count is None:
        return _FIRST_PAGE
    return max(1, min(_MOST_ROWS, (_MOST_CELLS - 1) // field_count))


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask a GetConnector, page after page.

    Attributes:
        connector: its id.
        filter_text: the filter as part of a query string, or "".
        order: the sort fields, encoded and joined.
    """

    connector: str
    filter_text: str
    order: str

    @classmethod
    def of(cls, connector: str, filter_text: str, order_by: Sequence[str]) -> Question:
        """Check the sort and put a question together.

        Raises:
            ValueError: no sort, or a field id with a dot, comma or semicolon, which AFAS can't sort on.
        """
        names = [order_by] if isinstance(order_by, str) else list(order_by)
        if not names:
            raise ValueError("paging needs a sort by a unique key: give order_by")
        if any(_UNSORTABLE.search(name) for name in names):
            raise ValueError("AFAS can't sort on a field id with a dot, comma or semicolon")
        return cls(connector, filter_text, ",".join(quote(name, safe="") for name in names))

    @property
    def room(self) -> int:
        """Characters left for a filter, when up to a million rows may be skipped."""
        return QUERY_LIMIT - len(self._query(100_000, _MOST_ROWS)) - 1

    def asking(self, filter_text: str) -> Question:
        """The same with another filter."""
        return replace(self, filter_text=filter_text)

    def check(self) -> None:
        """Raise `FilterTooLong` when not even the first page can be asked for."""
        self.call(0, 1)

    def call(self, skip: int, take: int) -> Call:
        """The call for one page.

        Raises:
            FilterTooLong: the query string would be too long.
        """
        query = self._query(skip, take)
        endpoint = f"connectors/{self.connector}"
        call = Call("GET", endpoint, f"connectors/{segment(self.connector)}{query}", connector=self.connector)
        if len(query) > QUERY_LIMIT:
            raise FilterTooLong(call=call.name, length=len(query), limit=QUERY_LIMIT)
        return call

    def _query(self, skip: int, take: int) -> str:
        page = _PAGE.format(skip=skip, take=take, order=self.order)
        return f"{page}&{self.filter_text}" if self.filter_text else page
