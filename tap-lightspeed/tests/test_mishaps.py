"""A list that is refused or missing, a setting that was changed or mistyped: nothing else suffers or is silent."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import re

import pytest
from fake_shop import CONFIG, Stdout
from sandbox_shop import SandboxShop, last_state, records, selected

from lightspeed_ecom import NotAuthorised, NotFound
from tap_lightspeed.convert import utc
from tap_lightspeed.stream import check_position
from tap_lightspeed.tap import TapLightspeed
from upsert.errors import ConfigurationError, Failure

MISSING = (404, NotFound)
FORBIDDEN = (403, NotAuthorised)


def with_fault(shop, pattern, fault):
    """Return a plugin class for which the shop refuses the paths that match."""
    status, kind = fault

    class Refused(shop.tap()):
        def make_client(self):
            client = super().make_client()
            call = client._call

            def refuse(verb, path, query, **options):
                if re.fullmatch(pattern, path):
                    raise kind("no", request=f"{verb} {path}", status=status)
                return call(verb, path, query, **options)

            client._call = refuse
            return client

    return Refused


def run_to_failure(shop, tap, *streams, state=None):
    """Run the tap and return its messages and how it failed."""
    stdout = Stdout()
    made = tap(config=shop.config, state=copy.deepcopy(state), catalog=selected(*streams))
    with contextlib.redirect_stdout(stdout), pytest.raises(Failure) as failure:
        made.sync_all()
    return stdout.messages(), failure.value


@pytest.mark.parametrize(
    ("parents", "children", "path"),
    [("shipments", "shipments_products", "shipments/.*/products"), ("taxes", "taxes_overrides", "taxes/.*/overrides")],
)
def test_a_refused_list_below_the_parents_fails_only_its_own_stream(parents, children, path):
    """A 403 on the children's calls: the parents come whole, exit code 2, and the children come when they may."""
    shop = SandboxShop()
    both = shop.run(parents, children)
    messages, failure = run_to_failure(shop, with_fault(shop, path, FORBIDDEN), parents, children)
    assert len(records(messages, parents)) == len(records(both, parents))
    assert records(messages, children) == []
    assert failure.exit_code == 2
    second = shop.run(parents, children, state=last_state(messages))
    assert records(second, parents) == []
    assert len(records(second, children)) == len(records(both, children))


def test_a_right_that_goes_deletes_nothing():
    """Children that were sent before aren't deleted when the key may not read them any more."""
    shop = SandboxShop()
    first = shop.run("taxes", "taxes_overrides")
    tap = with_fault(shop, "taxes/.*/overrides", FORBIDDEN)
    messages, _ = run_to_failure(shop, tap, "taxes", "taxes_overrides", state=last_state(first))
    assert records(messages) == []
    assert records(shop.run("taxes", "taxes_overrides", state=last_state(messages))) == []


def test_a_missing_list_below_a_parent_that_is_there_deletes_nothing():
    """A 404 on the children's list of a parent that exists is no deletion of what it held."""
    shop = SandboxShop()
    first = shop.run("taxes", "taxes_overrides")
    tap = with_fault(shop, "taxes/.*/overrides", MISSING)
    second = shop.run("taxes", "taxes_overrides", state=last_state(first), tap=tap)
    assert records(second) == []
    assert records(shop.run("taxes", "taxes_overrides", state=last_state(second))) == []


def test_children_that_were_not_found_come_with_the_next_run():
    """A passing 404 on the children's list of a changed parent loses nothing: the next run asks again."""
    shop = SandboxShop()
    before = shop.run("shipments_products")
    number = records(before)[0]["_parent_id"]
    shop.clock.advance(60)
    shop.client().update(f"shipments/{number}", "shipment", {"trackingCode": "T1"})
    shop.clock.advance(60)
    tap = with_fault(shop, "shipments/.*/products", MISSING)
    first = shop.run("shipments_products", state=last_state(before), tap=tap)
    assert records(first) == []
    shop.clock.advance(60)
    second = shop.run("shipments_products", state=last_state(first))
    assert {one["_parent_id"] for one in records(second)} == {number}
    assert records(shop.run("shipments_products", state=last_state(second))) == []


def test_a_passing_404_below_a_parent_is_waited_for():
    """The list below a record that was just shown is asked for again before a 404 is believed."""
    shop = SandboxShop()
    everything = shop.run("shipments_products")
    refused = []

    class Late(shop.tap()):
        def make_client(self):
            client = super().make_client()
            send = client._send

            def missing(call, query, content):
                answer = send(call, query, content)
                if re.fullmatch("shipments/.*/products", call.path) and not refused:
                    refused.append(call.path)
                    body = b'{"error":{"code":404,"method":"READ","message":"Not found."}}'
                    return dataclasses.replace(answer, status=404, body=body)
                return answer

            client._send = missing
            return client

    assert len(records(shop.run("shipments_products", tap=Late))) == len(records(everything))
    assert refused


def test_a_held_child_is_not_gone_while_its_parent_is_there():
    """A held child whose list isn't found stays held as long as its parent is there."""
    shop = SandboxShop()
    first = shop.run("shipments_products")
    state = last_state(first)
    key = records(first)[0]["_source_key"]
    entry = {"key": key, "reason": "r", "first": "2026-11-20T11:00:00Z", "next": "2026-11-20T11:00:00Z"}
    entry["attempts"] = 1
    state["bookmarks"]["shipments_products"]["held"] = [entry]
    tap = with_fault(shop, "shipments/.*/products", MISSING)
    assert records(shop.run("shipments_products", state=state, tap=tap)) == []
    assert [one["_source_key"] for one in records(shop.run("shipments_products", state=state))] == [key]


def test_a_language_that_is_left_out_costs_nothing():
    """Records of a language that isn't read any more are forgotten: not deleted, and not asked for in every run."""
    shop = SandboxShop()
    first = shop.run("types", languages=["nl", "en"])
    second = shop.run("types", state=last_state(first), languages=["nl"])
    assert records(second) == []
    assert shop.calls["types/{id}"] == 0


def test_a_new_language_comes_for_old_records_too():
    """A language that is added brings the texts of records that haven't changed since; then all is quiet again."""
    shop = SandboxShop()
    first = shop.run("brands", "customers", languages=["nl"])
    second = shop.run("brands", "customers", state=last_state(first), languages=["nl", "en"])
    english = [one["id"] for one in records(second, "brands") if one["_language"] == "en"]
    assert english
    assert sorted(english) == sorted(one["id"] for one in records(first, "brands"))
    assert records(second, "customers") == []
    assert records(shop.run("brands", state=last_state(second), languages=["nl", "en"])) == []


def test_a_start_in_the_future_leaves_no_bookmark_there(caplog):
    """A start date that lies in the future reads nothing and says so; corrected, everything comes."""
    shop = SandboxShop()
    first = shop.run("orders", "customers", start_date="2030-01-01T00:00:00Z")
    assert records(first) == []
    assert "lies in the future" in caplog.text
    second = shop.run("orders", "customers", state=last_state(first))
    assert len(records(second, "orders")) == len(shop.shop.tables["orders"])


def test_a_stream_that_does_not_exist_is_refused():
    """A catalog that selects an unknown stream ends the run, rather than to read all but that."""
    catalog = selected("taxes")
    catalog["streams"].append({**catalog["streams"][0], "tap_stream_id": "taxxes", "stream": "taxxes"})
    with pytest.raises(ConfigurationError, match="taxxes"):
        TapLightspeed(config=CONFIG, catalog=catalog)


@pytest.mark.parametrize("catalog", [{}, {"streams": {}}, {"streams": [5]}, [5]])
def test_what_is_no_catalog_is_refused(catalog):
    """A file of another kind given as catalog is the operator's to correct, not a defect."""
    with pytest.raises(ConfigurationError, match="catalog"):
        TapLightspeed(config=CONFIG, catalog=catalog)


def test_a_catalog_without_a_selected_stream_is_said(caplog):
    """A run that reads nothing because nothing is selected says so."""
    TapLightspeed(config=CONFIG, catalog={"streams": []})
    assert "no stream is selected" in caplog.text


@pytest.mark.parametrize("setting", ["changes_only", "detect_deletes"])
def test_a_mistyped_stream_in_the_settings_is_refused(setting):
    """A name or pattern of no stream would do nothing; it is refused."""
    with pytest.raises(ConfigurationError, match="brnads"):
        TapLightspeed(config=CONFIG | {setting: ["brands", "brnads"]})


@pytest.mark.parametrize("name", ["orders", "products_images", "invoices_*"])
def test_deletes_that_cannot_be_found_are_refused(name):
    """Where no ids can be compared, naming the stream would do nothing without a word; it is refused."""
    with pytest.raises(ConfigurationError, match=r"could be compared; that can be done with .*brands"):
        TapLightspeed(config=CONFIG | {"detect_deletes": [name]})


@pytest.mark.parametrize(
    "part", [{"compared": "abc"}, {"compared": 5}, {"closed": 5}, {"window": [1]}, {"languages": "nl"}]
)
def test_a_damaged_position_is_refused(part):
    """Every part of a position that can't be read is the operator's to restore, not a defect."""
    with pytest.raises(ConfigurationError, match="restore"):
        check_position(part, "brands")


def test_a_time_at_the_edge_of_the_calendar_stays_text():
    """A time that has no instant in UTC doesn't stop the stream."""
    assert utc("0001-01-01T00:00:00+01:00") == "0001-01-01T00:00:00+01:00"
