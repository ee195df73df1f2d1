"""Records that are computed: as good as stored ones for whoever reads a list."""

from __future__ import annotations


def everything(api, path):
    rows, page = [], 1
    while len(rows) == 250 * (page - 1):
        rows += api.get(path, limit=250, page=page)
        page += 1
    return rows


def test_computed_records_are_listed_counted_and_read(api):
    """Each has an id, a SKU and instants of its own; the list is newest first, the stored ones at its end."""
    stored = [row["id"] for row in everything(api, "variants")]
    first = int(api.control("POST", "volume", {"resource": "variants", "rows": 700})["first"])
    rows = everything(api, "variants")
    assert [row["id"] for row in rows] == [*range(first + 699, first - 1, -1), *stored]
    assert api.get("variants/count") == len(rows)
    assert len({row["sku"] for row in rows[:700]}) == 700
    assert all(row["createdAt"] <= row["updatedAt"] for row in rows)
    assert api.get(f"variants/{first}") == rows[699]
    since = rows[0]["createdAt"]
    assert api.get("variants/count", updated_at_min=since) == sum(row["updatedAt"] >= since for row in rows)


def test_computed_records_can_be_changed_and_deleted(api):
    """A change is kept, and what is deleted is gone."""
    first = int(api.control("POST", "volume", {"resource": "customers", "rows": 3})["first"])
    before = int(api.get("customers/count"))
    assert api.put(f"customers/{first + 1}", "customer", firstname="Anders")["firstname"] == "Anders"
    assert api.get(f"customers/{first + 1}")["firstname"] == "Anders"
    assert api.call("DELETE", f"customers/{first}").status_code < 300
    assert api.call("GET", f"customers/{first}").status_code == 404
    assert api.get("customers/count") == before - 1


def test_a_second_order_replaces_the_first(api):
    """None are left over, and 0 takes them all away."""
    stored = api.get("customers/count")
    for rows in (5, 2, 0):
        api.control("POST", "volume", {"resource": "customers", "rows": rows})
        assert api.get("customers/count") == stored + rows
