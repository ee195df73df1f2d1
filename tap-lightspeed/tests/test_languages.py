"""Several languages: a record per language, with as few calls as can be."""

from __future__ import annotations

from sandbox_shop import SandboxShop, faults, last_state, records

TWO = {"languages": ["nl", "en"]}


def test_only_streams_with_texts_are_read_per_language():
    """Brands are read in both languages, customers in one."""
    shop = SandboxShop()
    messages = shop.run("brands", "customers", **TWO)
    assert shop.calls["brands"] == 2
    assert shop.calls["customers"] == 1
    assert faults(messages) == []
    assert {(one["id"], one["_language"]) for one in records(messages, "brands")} == {
        (number, language) for number in shop.shop.tables["brands"] for language in TWO["languages"]
    }
    assert all("_language" not in one for one in records(messages, "customers"))


def test_a_quiet_run_asks_in_one_language():
    """When nothing changed, the second language is not asked; when something did, once."""
    shop = SandboxShop()
    first = shop.run("products", **TWO)
    shop.clock.advance(60)
    second = shop.run("products", state=last_state(first), **TWO)
    assert (shop.asked, shop.calls["en"], records(second)) == (1, 0, [])
    number = records(first)[0]["id"]
    shop.client().update(f"products/{number}", "product", {"title": "Lamp"}, language="en")
    shop.clock.advance(60)
    third = shop.run("products", state=last_state(second), **TWO)
    assert shop.asked == 2
    titles = {one["_language"]: one["title"] for one in records(third)}
    assert set(titles) == {"nl", "en"}
    assert titles["en"] == "Lamp"


def test_children_are_read_per_language_too():
    """Specifications out of the catalog and values of filters, asked for by calls, come in both; images come once."""
    shop = SandboxShop()
    messages = shop.run("products_attributes", "products_images", "filters_values", **TWO)
    for stream in ("products_attributes", "filters_values"):
        rows = records(messages, stream)
        assert {one["_language"] for one in rows} == {"nl", "en"}
        assert len({(one["_parent_id"], one["id"]) for one in rows}) * 2 == len(rows)
    images = records(messages, "products_images")
    assert len({one["id"] for one in images}) == len(images)


def test_one_record_and_whole_lists_per_language():
    """The website and the types of products come in both languages, and only what changed comes again."""
    shop = SandboxShop()
    first = shop.run("shop_website", "types", **TWO)
    assert {one["_language"] for one in records(first, "shop_website")} == {"nl", "en"}
    number = records(first, "types")[0]["id"]
    shop.client().update(f"types/{number}", "type", {"title": "Lamps"}, language="en")
    second = shop.run("shop_website", "types", state=last_state(first), **TWO)
    assert [(one["id"], one["_language"], one["title"]) for one in records(second)] == [(number, "en", "Lamps")]


def test_a_held_key_comes_in_every_language():
    """A held record of a stream with texts is read again in each language."""
    shop = SandboxShop()
    state = last_state(shop.run("brands", **TWO))
    number = next(iter(shop.shop.tables["brands"]))
    entry = {"key": str(number), "reason": "x", "subject": "", "attempts": 1}
    entry |= {"first": "2026-11-20T10:00:00Z", "next": "2026-11-20T10:00:00Z"}
    state["bookmarks"]["brands"]["held"] = [entry, entry | {"key": "999999999"}]
    messages = shop.run("brands", state=state, **TWO)
    read = {(one["id"], one["_language"]): one.get("_gone") for one in records(messages)}
    assert read == {
        (number, "nl"): None,
        (number, "en"): None,
        (999999999, "nl"): True,
        (999999999, "en"): True,
    }


def test_a_held_key_of_a_child_is_found_under_its_parent():
    """A held child is read again through its parent, for what is embedded and for what is asked for."""
    shop = SandboxShop()
    first = shop.run("invoices_items", "products_images", "tags_products")
    state = last_state(first)
    wanted = set()
    for name in ("invoices_items", "products_images", "tags_products"):
        key = records(first, name)[0]["_source_key"]
        wanted.add((name, key))
        state["bookmarks"][name]["held"] = [
            {
                "key": key,
                "reason": "x",
                "subject": "",
                "attempts": 1,
                "first": "2026-11-20T10:00:00Z",
                "next": "2026-11-20T10:00:00Z",
            }
        ]
    again = shop.run("invoices_items", "products_images", "tags_products", state=state)
    assert {(one["_source_stream"], one["_source_key"]) for one in records(again)} == wanted
    assert not any(one.get("_gone") for one in records(again))
