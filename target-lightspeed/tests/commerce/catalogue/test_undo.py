"""What a run has overwritten comes back from the plan that was kept."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import product, texts
from click.testing import CliRunner

from lightspeed_ecom import NotFound, Unavailable
from target_lightspeed.target import TargetLightspeed
from upsert.errors import ConfigurationError, Outage

if TYPE_CHECKING:
    from pathlib import Path

    from catalogue_world import Catalogue

BY_HAND = (
    "<p>Met de hand geschreven.\u2028</p>\n\n<p>"
    + "Twee  alinea's, en langer dan een regel van een tabel. " * 3
    + "</p>"
)


def write(shop: Catalogue, language: str, **fields: Any) -> None:
    """Somebody changes a text in the shop."""
    client = shop.make_client()
    client.update(f"products/{identity(shop)}", "product", fields, language=language)


def identity(shop: Catalogue) -> int:
    (row,) = shop.rows("products")
    return int(row["id"])


def shown(shop: Catalogue, name: str, language: str = "nl") -> Any:
    return shop.row("products", identity(shop), language)[name]


@pytest.fixture(autouse=True)
def _all_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def plan(shop: Catalogue, tmp_path: Path) -> str:
    """People have enriched a product; a run overwrites that, after a plan that was kept."""
    path = str(tmp_path / "plan.jsonl")
    shop.send(product(texts=texts("Theepot", long="<p>Oud</p>", en_title="Teapot")), visible_needs="nothing")
    write(shop, "nl", content=BY_HAND, title="De mooiste theepot", visibility="hidden")
    write(shop, "en", title="The finest teapot")
    changed = [product(texts=texts("Theepot 2", long="<p>Nieuw</p>", en_title="Teapot 2"), brand={"name": "Delft"})]
    shop.run(shop.messages(changed), mode="plan", plan_file=path, catalogue={"visible_needs": "nothing"})
    shop.send(*changed, visible_needs="nothing")
    return path


def test_texts_that_were_overwritten_come_back_whole(
    shop: Catalogue, plan: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To the letter, in each language, at one write per product and language; a second time there is nothing to do."""
    assert shown(shop, "content") == "<p>Nieuw</p>"
    shop.made().undo(plan)
    assert shown(shop, "content") == BY_HAND
    assert (shown(shop, "title"), shown(shop, "title", "en")) == ("De mooiste theepot", "The finest teapot")
    assert shop.writes() == {"PUT products/{id}": 2, "PUT variants/{id}": 2}, "its variant has the title too"
    assert "undo: left: commerce.products afas.12345:POT-1 brand: not a plain field: set it by hand" in caplog.text
    assert shop.row("products", identity(shop))["brand"], "a reference stays"
    caplog.clear()
    shop.made().undo(plan)
    assert shop.writes() == {}
    assert "0 values put back" in caplog.text


def test_what_changed_since_stays(shop: Catalogue, plan: str, caplog: pytest.LogCaptureFixture) -> None:
    """A text that somebody wrote after the run is nobody's old value."""
    write(shop, "nl", title="Nog mooier")
    shop.made().undo(plan)
    assert (shown(shop, "title"), shown(shop, "content")) == ("Nog mooier", BY_HAND)
    assert "commerce.products afas.12345:POT-1 title: changed since" in caplog.text


def test_the_next_run_leaves_it_until_the_source_changes(shop: Catalogue, plan: str) -> None:
    """It counts like a change by hand: not written again at once, but with the next change of that field."""
    shop.made().undo(plan)
    record = product(texts=texts("Theepot 2", long="<p>Nieuw</p>", en_title="Teapot 2"), brand={"name": "Delft"})
    shop.send(record, visible_needs="nothing")
    assert shown(shop, "content") == BY_HAND
    shop.send(record | {"texts": texts("Theepot 2", long="<p>3</p>", en_title="Teapot 2")}, visible_needs="nothing")
    assert (shown(shop, "content"), shown(shop, "title")) == ("<p>3</p>", "De mooiste theepot")


def test_in_plan_mode_nothing_is_written(shop: Catalogue, plan: str, caplog: pytest.LogCaptureFixture) -> None:
    """It says how much would come back."""
    shop.made(mode="plan").undo(plan)
    assert shop.writes() == {}
    assert "5 values would be put back" in caplog.text
    assert shown(shop, "content") == "<p>Nieuw</p>"


def test_a_product_that_is_gone(shop: Catalogue, plan: str, caplog: pytest.LogCaptureFixture) -> None:
    """There is nothing to put back, and that is said."""
    shop.make_client().delete(f"products/{identity(shop)}")
    shop.made().undo(plan)
    assert shop.writes() == {}
    assert "title: not in the shop" in caplog.text
    assert "0 values put back" in caplog.text


def test_it_goes_on_where_it_stopped(shop: Catalogue, plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop that doesn't answer stops it with its exit code; the next time does the rest."""
    update, done = shop.client.update, []

    def once(*args: Any, **options: Any) -> Any:
        if done:
            raise Unavailable("maintenance", request="PUT products")
        done.append(args)
        return update(*args, **options)

    monkeypatch.setattr(shop.client, "update", once)
    with pytest.raises(Outage):
        shop.made().undo(plan)
    monkeypatch.setattr(shop.client, "update", update)
    shop.made().undo(plan)
    assert shop.writes() == {"PUT products/{id}": 1, "PUT variants/{id}": 2}
    assert (shown(shop, "content"), shown(shop, "title", "en")) == (BY_HAND, "The finest teapot")


def test_what_the_shop_refuses_holds_up_nothing(
    shop: Catalogue, plan: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed, and the rest comes back."""
    update = shop.client.update

    def picky(path: str, envelope: str, body: Any, **options: Any) -> Any:
        if "content" in body:
            raise NotFound("gone", request="PUT products")
        return update(path, envelope, body, **options)

    monkeypatch.setattr(shop.client, "update", picky)
    shop.made().undo(plan)
    assert (shown(shop, "content"), shown(shop, "title", "en")) == ("<p>Nieuw</p>", "The finest teapot")
    assert "content: refused by the shop" in caplog.text


def test_a_plan_of_another_shop(shop: Catalogue, plan: str) -> None:
    """Two shops may have the same products; what stood in one is nothing for the other."""
    with pytest.raises(ConfigurationError, match="it is a plan of shop1, and this is shop2"):
        shop.made(shop="shop2").undo(plan)
    assert shop.writes() == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("{}\n", "line 1 is no line of a plan"),
        ('{"totals": {}}\nno', "line 2"),
        ("\xff", "no text"),
    ],
)
def test_a_file_that_is_no_plan(shop: Catalogue, tmp_path: Path, text: str | None, says: str) -> None:
    """One line with the file and the line; nothing is written."""
    path = tmp_path / "plan.jsonl"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=f"--undo .*{says}"):
        shop.made().undo(str(path))


def test_the_command(shop: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--undo FILE` beside the settings reads no messages."""
    given: list[str] = []
    monkeypatch.setattr(TargetLightspeed, "undo", lambda _, path: given.append(path))
    config = tmp_path / "config.json"
    config.write_text(json.dumps(shop.config), encoding="utf-8")
    arguments = ["--config", str(config), "--undo", "plan.jsonl"]
    assert CliRunner().invoke(TargetLightspeed.cli, arguments, input="no message").exit_code == 0
    assert given == ["plan.jsonl"]
