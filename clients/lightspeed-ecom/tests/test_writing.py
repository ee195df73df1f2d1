"""Bulk writes and uploads."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from client_script import Script, client, error

from lightspeed_ecom import InDoubt, Invalid


def sent(script: Script) -> tuple[str, str, Any]:
    """Verb, path and body of the last request."""
    request = script.requests[-1]
    return request.method, request.url.path, json.loads(request.content, parse_float=Decimal)


def test_a_bulk_is_one_put_with_a_list_in_a_singular_envelope():
    """Many variants go in one call, under the key `variant`."""
    script = Script({"variant": [{"id": 1}, {"id": 2}]})
    items = [{"id": 1, "stockLevel": 148}, {"id": 2, "priceExcl": Decimal("2.8843")}]
    assert client(script).bulk("variants/bulk", "variant", items) == [{"id": 1}, {"id": 2}]
    assert sent(script) == ("PUT", "/nl/variants/bulk.json", {"variant": items})


@pytest.mark.parametrize("answer", [(200, ""), (204, ""), (200, {"variant": []}), (200, {"ok": True}), (200, [])])
def test_any_good_answer_to_a_bulk_is_taken(answer):
    """What the shop answers to a bulk is unknown, so nothing is read into it."""
    assert client(Script(answer)).bulk("variants/bulk", "variant", [{"id": 1}]) == []


def test_a_refused_bulk_says_so():
    """One bad item may spoil all; the caller splits."""
    with pytest.raises(Invalid, match="Invalid data"):
        client(Script(error(400, "Invalid data input."))).bulk("variants/bulk", "variant", [{"id": 1}])


def test_an_image_goes_as_base64_without_prefix():
    """Bytes are encoded, brackets leave the file name, further fields stand beside."""
    script = Script((201, {"productImage": {"id": 9, "size": 3}}))
    row = client(script).upload("products/5/images", "productImage", b"abc", "relay (1).jpg", fields={"sortOrder": 2})
    assert row == {"id": 9, "size": 3}
    body = {"sortOrder": 2, "attachment": base64.b64encode(b"abc").decode(), "filename": "relay 1.jpg"}
    assert sent(script) == ("POST", "/nl/products/5/images.json", {"productImage": body})


def test_an_image_may_be_an_address():
    """A text is passed on: the shop downloads it."""
    script = Script((201, {"brandImage": {"id": 9}}))
    client(script).upload("brands/7/image", "brandImage", "https://img.example/a.png", "a.png")
    assert sent(script)[2]["brandImage"]["attachment"] == "https://img.example/a.png"


def test_an_upload_without_an_answer_is_sent_once():
    """A second image would be a double."""
    script = Script((500, "<h1>Error</h1>"))
    with pytest.raises(InDoubt):
        client(script).upload("files", "file", b"x", "x.pdf")
    assert len(script.requests) == 1


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_writes_need_not_be_repeated(verb):
    """A caller that can look first sends each write once; only one that was never sent is sent again."""
    lost = Script(httpx.ReadTimeout("no answer"))
    arguments = ("products/1", "product", {}) if verb == "update" else ("products/1",)
    with pytest.raises(InDoubt):
        getattr(client(lost, repeat_writes=False), verb)(*arguments)
    assert len(lost.requests) == 1
    unsent = Script(httpx.ConnectError("refused"), (204, ""))
    getattr(client(unsent, repeat_writes=False), verb)(*arguments)
    assert len(unsent.requests) == 2
