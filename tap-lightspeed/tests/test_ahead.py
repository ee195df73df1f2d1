"""Two pages under way: what falls between them is found."""

from __future__ import annotations

import json
import threading

import httpx

from lightspeed_ecom import PAGE_SIZE, Lightspeed
from tap_lightspeed.listing import Listing
from tap_lightspeed.resources import BY_NAME

OLD, NEW = "2026-11-01T10:00:00+00:00", "2026-11-29T11:59:59+00:00"


class Shop:
    """A list of 700 variants. The first time that page 2 is asked for, page 3 is answered and one is added first."""

    def __init__(self) -> None:
        self.rows = [{"id": number, "updatedAt": OLD} for number in range(700, 0, -1)]
        self.later_answered = threading.Event()
        self.asked = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {"Date": "Sun, 29 Nov 2026 12:00:00 GMT"}
        if request.url.path.endswith("count.json"):
            return httpx.Response(200, json={"count": len(self.rows)}, headers=headers)
        page = int(request.url.params["page"])
        self.asked.append(page)
        if page == 2 and self.asked.count(2) == 1:
            assert self.later_answered.wait(10)
            self.rows.insert(0, {"id": 701, "updatedAt": NEW})
        start = (page - 1) * PAGE_SIZE
        body = json.dumps({"variants": self.rows[start : start + PAGE_SIZE]})
        if page == 3:
            self.later_answered.set()
        return httpx.Response(200, content=body, headers=headers)


def test_a_record_that_falls_between_two_pages_is_found():
    """Page 3 before, page 2 after a record came: the last one of page 2 is in neither, so the list is read again."""
    shop = Shop()
    client = Lightspeed("key", "secret", transport=httpx.MockTransport(shop))
    resource = BY_NAME["variants"]
    listing = Listing(shop=client, resource=resource, regular=dict, changed=lambda row: row["updatedAt"])
    found = {row["id"] for page in listing.pages() for row in page.rows}
    assert found >= set(range(1, 701))
    assert shop.asked.count(2) == 2
    assert listing.complete
