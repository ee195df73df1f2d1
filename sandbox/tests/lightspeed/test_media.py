"""Images and files: what an upload becomes, who shows it, and what is refused."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
TEXT = base64.b64encode(PNG).decode()


@pytest.fixture
def product(api) -> int:
    """A new product, without images."""
    return int(api.post("products", "product", title="Relais")["id"])


def add(api, product: int, filename: str = "relais 3v.png", attachment: str = TEXT) -> dict[str, Any]:
    answer: dict[str, Any] = api.post(
        f"products/{product}/images", "productImage", attachment=attachment, filename=filename
    )
    return answer


def order(api, product: int) -> list[int]:
    rows = api.get(f"products/{product}/images")
    return [row["id"] for row in sorted(rows, key=lambda row: row["sortOrder"])]


def test_an_upload_has_title_size_extension_and_addresses(api, product):
    """The title is the file name without extension; the file id in the address is not the image id."""
    image = add(api, product)
    assert (image["title"], image["extension"], image["size"]) == ("relais 3v", "png", len(PNG))
    assert image["src"].startswith("https://cdn.webshopapp.com/shops/356891/files/")
    assert image["src"].endswith("/relais%203v.png")
    assert "/50x50x2/" in image["thumb"]
    assert f"/{image['id']}/" not in image["src"]
    assert "attachment" not in image


def test_the_lowest_sort_order_is_the_products_image(api, product):
    """Images are added at the end; a PUT moves one; the product follows, also after a delete, down to false."""
    first, second = add(api, product, "a.png"), add(api, product, "b.png")
    assert (first["sortOrder"], second["sortOrder"]) == (1, 2)
    assert api.get(f"products/{product}")["image"]["title"] == "a"
    api.put(f"products/{product}/images/{first['id']}", "productImage", sortOrder=3)
    assert api.get(f"products/{product}")["image"]["title"] == "b"
    assert order(api, product) == [second["id"], first["id"]]
    api.call("DELETE", f"products/{product}/images/{second['id']}")
    assert api.get(f"products/{product}")["image"]["title"] == "a"
    assert "id" not in api.get(f"products/{product}")["image"]
    api.call("DELETE", f"products/{product}/images/{first['id']}")
    assert api.get(f"products/{product}")["image"] is False


def test_the_same_picture_twice_is_two_images_with_one_hash(api, product):
    """Nothing recognises it; the books show by a hash what is where."""
    add(api, product), add(api, product)
    rows = [row for row in api.control("GET", "books")["shop1"]["images"] if row["owner"] == f"products/{product}"]
    assert [row["sha256"] for row in rows] == [hashlib.sha256(PNG).hexdigest()] * 2


@pytest.mark.parametrize(
    ("owner", "create", "envelope"),
    [
        ("brands", ("brand", {"title": "Nieuw"}), "brandImage"),
        ("categories", ("category", {"title": "Nieuw"}), "categoryImage"),
        ("blogs/articles", ("blogArticle", {"title": "Nieuw"}), "blogArticleImage"),
    ],
)
def test_an_owner_has_one_image(api, owner, create, envelope):
    """A new one replaces it, DELETE takes it away; there is no PUT and no list."""
    name, fields = create
    if owner == "blogs/articles":
        fields = {**fields, "blog": api.get("blogs")[0]["id"]}
    made = api.post(owner, name, **fields)["id"]
    path = f"{owner}/{made}/image"
    assert api.call("GET", path).status_code == 404
    for filename in ("een.png", "twee.gif"):
        body = {"attachment": base64.b64encode(b"GIF89a" + filename.encode()).decode(), "filename": filename}
        assert api.call("POST", path, {envelope: body}).status_code == 201
    assert api.get(path)["title"] == "twee"
    assert api.get(f"{owner}/{made}")["image"]["extension"] == "gif"
    assert api.call("PUT", path, {envelope: body}).status_code == 405
    assert api.call("POST", path, {"image": body}).status_code == 400
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{owner}/{made}")["image"] is False


def test_a_variants_image_is_a_copy_among_the_products(api, product):
    """Set at its own path or in its body; deleting the product's copy clears it; null clears it too."""
    variant = api.get("variants", product=product)[0]["id"]
    api.post(f"variants/{variant}/image", "variantImage", attachment=TEXT, filename="maat.png")
    assert api.get(f"variants/{variant}")["image"]["title"] == "maat"
    assert api.get(f"products/{product}")["image"]["title"] == "maat"
    (copy,) = order(api, product)
    api.call("DELETE", f"products/{product}/images/{copy}")
    assert api.get(f"variants/{variant}")["image"] is False
    changed = api.put(f"variants/{variant}", "variant", image={"attachment": TEXT, "filename": "body.png"})
    assert changed["image"]["title"] == "body"
    assert len(order(api, product)) == 1
    assert api.put(f"variants/{variant}", "variant", image=None)["image"] is False
    assert len(order(api, product)) == 1
    assert api.call("PUT", f"variants/{variant}", {"variant": {"image": "a.png"}}).status_code == 400


def test_a_deleted_product_takes_its_images_along(api, product):
    """And everything else that hangs under it."""
    image = add(api, product)
    api.call("DELETE", f"products/{product}")
    assert image["id"] not in {row["id"] for row in api.control("GET", "books")["shop1"]["images"]}


@pytest.mark.parametrize(
    ("attachment", "filename"),
    [
        (f"data:image/png;base64,{TEXT}", "a.png"),
        ("not base64!", "a.png"),
        ("", "a.png"),
        (TEXT, ""),
        (TEXT, "a[1].png"),
        (TEXT, "a.exe"),
        (base64.b64encode(b"no picture").decode(), "a.png"),
        ("https://elsewhere.invalid/a.png", "a.png"),
    ],
)
def test_a_bad_upload_is_invalid_data_input(api, product, attachment, filename):
    """A data: prefix, brackets, other types, no picture, a host that is not allowed; nothing is kept of it."""
    body = {"productImage": {"attachment": attachment, "filename": filename}}
    answer = api.call("POST", f"products/{product}/images", body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid data input.")
    assert api.get(f"products/{product}/images") == []


@pytest.mark.parametrize(
    ("switch", "upload", "status"),
    [
        ({"filename_brackets": "accepted"}, (TEXT, "a[1].png"), 201),
        ({"image_check": False}, (base64.b64encode(b"no picture").decode(), "a.png"), 201),
        ({"upload_max_bytes": 5}, (TEXT, "a.png"), 400),
        ({"download_hosts": ""}, ("https://example.com/a.png", "a.png"), 400),
    ],
)
def test_what_is_refused_is_a_switch(api, product, switch, upload, status):
    """Unknown limits, so both ways."""
    api.control("POST", "switches", switch)
    body = {"productImage": {"attachment": upload[0], "filename": upload[1]}}
    assert api.call("POST", f"products/{product}/images", body).status_code == status


@pytest.mark.parametrize(("switch", "touched"), [(True, True), (False, False)])
def test_an_image_may_touch_its_product(api, clock, product, switch, touched):
    """Unknown, so both."""
    api.control("POST", "switches", {"image_touches_product": switch})
    before = api.get(f"products/{product}")["updatedAt"]
    clock.advance(60)
    add(api, product)
    assert (api.get(f"products/{product}")["updatedAt"] != before) == touched


def test_an_address_is_taken_from_an_allowed_host(api, product):
    """The name comes from the address, the hash is the address's own; nothing is fetched."""
    image = add(api, product, "", "https://cdn.example.com/p/een%20twee.jpg?v=2")
    again = add(api, product, "x.jpg", "https://cdn.example.com/p/een%20twee.jpg?v=2")
    assert (image["title"], image["extension"]) == ("een twee", "jpg")
    rows = {row["id"]: row["sha256"] for row in api.control("GET", "books")["shop1"]["images"]}
    assert rows[image["id"]] == rows[again["id"]]


def test_uploads_come_as_multipart_and_as_a_form_too(api, product):
    """Parts attachment and filename without envelope; `productImage[attachment]` in a form."""
    address = f"/nl/products/{product}/images.json"
    made = api.http.post(address, data={"filename": "deel.png"}, files={"attachment": ("x.png", PNG + b"\r\n\x00")})
    assert (made.status_code, made.json()["productImage"]["title"]) == (201, "deel")
    assert made.json()["productImage"]["size"] == len(PNG) + 3
    form = {"productImage[attachment]": TEXT, "productImage[filename]": "form.png"}
    assert api.http.post(address, data=form).json()["productImage"]["title"] == "form"
    broken = api.http.post(address, content=b"--x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 400


def test_files_are_of_any_type(api):
    """Created with an upload, renamed by PUT, deleted; what it holds can't be changed."""
    made = api.post("files", "file", attachment=base64.b64encode(b"%PDF").decode(), filename="hand.pdf")
    assert (made["title"], made["extension"], made["size"], made["type"]) == ("hand", "pdf", 4, "file")
    changed = api.put(f"files/{made['id']}", "file", title="Handleiding", size=9)
    assert (changed["title"], changed["size"], changed["src"]) == ("Handleiding", 4, made["src"])
    assert api.call("POST", "files", {"file": {"filename": "hand.pdf"}}).status_code == 400
    assert api.call("DELETE", f"files/{made['id']}").status_code == 204
