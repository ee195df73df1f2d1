"""Images and files: what an upload becomes, and what follows for its owner. Only a hash of the content is kept."""

from __future__ import annotations

import base64
import hashlib
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from sandbox.lightspeed.bodies import Upload
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.shapes import PICTURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

IMAGES = "products/{}/images"
ONE_IMAGE = {path: f"{path}/{{}}/image" for path in ("brands", "categories", "variants", "blogs/articles")}
"""Owner -> the resource of its one image."""
_OWNER = {image: owner for owner, image in ONE_IMAGE.items()}
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"RIFF")
_TYPES = ("gif", "jpeg", "jpg", "png", "webp")


def received(shop: Shop, body: Mapping[str, Any], *, image: bool) -> Record:
    """The stored fields of an upload.

    Args:
        shop: Where.
        body: With `attachment` (base64, an http(s) address or an uploaded part) and `filename`.
        image: It must be a picture.

    Raises:
        ApiError: 400, no file, an unreadable one, one too many bytes, an address whose host isn't allowed.
    """
    attachment, filename = body.get("attachment"), body.get("filename")
    if isinstance(attachment, Upload):
        content, filename = attachment.content, filename or attachment.filename
    elif not isinstance(attachment, str) or not attachment:
        raise ApiError(400, INVALID)
    elif attachment.lower().startswith(("http://", "https://")):
        content, filename = _downloaded(shop, attachment), filename or _last_part(attachment)
    else:
        content = _plain(attachment)
        if image and shop.switches["image_check"] and not content.startswith(_MAGIC):
            raise ApiError(400, INVALID)
    name = str(filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    path = PurePosixPath(name or ".")
    extension = path.suffix.removeprefix(".").lower()
    refused = shop.switches["filename_brackets"] == "refused" and any(sign in name for sign in "[](){}")
    if not name or refused or not content or len(content) > shop.switches["upload_max_bytes"]:
        raise ApiError(400, INVALID)
    if image and extension not in _TYPES:
        raise ApiError(400, INVALID)
    stem = path.stem
    number = shop.next_id("cdn")
    folder = f"https://cdn.webshopapp.com/shops/{shop.profile.number}/files/{number}"
    sources = f"{quote(stem)}.{extension}"
    return {
        "extension": extension,
        "size": len(content),
        "title": stem,
        **({"thumb": f"{folder}/50x50x2/{sources}"} if image else {"type": _kind(extension)}),
        "src": f"{folder}/{sources}",
        "_hash": hashlib.sha256(content).hexdigest(),
    }


def _plain(attachment: str) -> bytes:
    try:
        return base64.b64decode("".join(attachment.split()), validate=True)
    except ValueError:
        raise ApiError(400, INVALID) from None


def _downloaded(shop: Shop, address: str) -> bytes:
    """What lies at an address. Nothing is fetched: the content is made from the address, so its hash is stable."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        raise ApiError(400, INVALID) from None
    allowed = [one.strip().lower() for one in str(shop.switches["download_hosts"]).split(",")]
    if not any(fnmatchcase(host, one) for one in allowed):
        raise ApiError(400, INVALID)
    return f"the file at {address}".encode("utf-8", "replace")


def _last_part(address: str) -> str:
    return unquote(urlsplit(address).path).rsplit("/", 1)[-1]


def _kind(extension: str) -> str:
    return "image" if extension in _TYPES else "file"


def inline(record: Record) -> Record:
    """The image as its owner shows it."""
    return {one.name: record[one.name] for one in PICTURE if one.name in record}


def lowest(shop: Shop, product: int) -> Record | None:
    """The image with the lowest sort order: the product's main one."""
    rows = shop.find(IMAGES, "_parent", product)
    return min(rows, key=lambda one: (one.get("sortOrder", 1), one["id"]), default=None)


def show_main(shop: Shop, product: int) -> None:
    """Show the right image in the product again."""
    record = shop.get("products", product)
    if record is None:
        return
    first = lowest(shop, product)
    image = inline(first) if first is not None else False
    if record.get("image", False) == image:
        return
    if shop.switches["image_touches_product"]:
        shop.change("products", product, image=image)
    else:
        shop.put("products", {**record, "image": image})


def replaced(shop: Shop, path: str, record: Record) -> None:
    """A new single image: the old one goes, the owner shows it, and a variant's is added to its product's images."""
    owner = record["_parent"]
    for other in shop.find(path, "_parent", owner):
        if other["id"] != record["id"]:
            shop.delete(path, other["id"])
    if path == ONE_IMAGE["variants"]:
        product = shop.need("variants", owner)["product"]
        copy = {name: value for name, value in record.items() if name not in {"id", "_parent"}}
        order = len(shop.find(IMAGES, "_parent", product)) + 1
        added = shop.add(IMAGES, {**copy, "_parent": product, "sortOrder": order})
        shop.put(path, {**record, "_copy": added["id"]})
        show_main(shop, product)
    shop.change(_OWNER[path], owner, image=inline(record))


def removed(shop: Shop, path: str, record: Record) -> None:
    """An image was deleted: its owner shows it no more, nor does a variant whose image it was a copy of."""
    if path in _OWNER:
        if shop.get(_OWNER[path], record["_parent"]) is not None:
            shop.change(_OWNER[path], record["_parent"], image=False)
    elif path == IMAGES:
        for variant in shop.find("variants", "product", record["_parent"]):
            for one in shop.find(ONE_IMAGE["variants"], "_parent", variant["id"]):
                if one.get("_copy") == record["id"]:
                    shop.delete(ONE_IMAGE["variants"], one["id"])
                    shop.change("variants", variant["id"], image=False)
        show_main(shop, record["_parent"])
