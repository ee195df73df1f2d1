"""What the README says is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import httpx

import lightspeed_ecom
from lightspeed_ecom import Lightspeed, LightspeedError, Timeouts

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(monkeypatch, capsys):
    """Word for word, against a shop with one order."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    row = {"id": 7, "number": "ORD00001", "priceIncl": 3.49, "products": [{"id": 1}], "paymentStatus": "paid"}

    def shop(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadTimeout("no answer", request=request)
        single = request.url.path.endswith("/7.json")
        return httpx.Response(200, json={"order": row} if single else {"orders": [row]})

    class OverTransport(Lightspeed):
        def __init__(self, *args, **options):
            super().__init__(*args, **options, transport=httpx.MockTransport(shop))

    monkeypatch.setattr(lightspeed_ecom, "Lightspeed", OverTransport)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the example is ours
    promised = re.findall(r"# (ORD.*)", example)
    assert capsys.readouterr().out.splitlines() == promised


def test_every_argument_has_its_row():
    """The table of settings names the arguments of the client, and its defaults are theirs."""
    part = README.partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = {
        name: cells[0]
        for names, *cells in (row.split(" | ") for row in re.findall(r"^\| (.*) \|$", part, re.MULTILINE))
        for name in re.findall(r"`(\w+)`", names)
        if name != "Lightspeed"
    }
    arguments = inspect.signature(Lightspeed).parameters
    assert rows.keys() == arguments.keys()
    for name in ("cluster", "language", "attempts"):
        assert rows[name].strip("`") == str(arguments[name].default)
    assert rows["reserve"] == ", ".join(map(str, arguments["reserve"].default))
    assert rows["longest_wait"] == f"{arguments['longest_wait'].default:,.0f} s"
    times = Timeouts()
    assert rows["timeouts"] == f"{times.connect:.0f}, {times.read:.0f}, {times.write:.0f} s"


def test_every_error_is_in_the_tree():
    """Each class of error that can be caught stands in the README."""
    kinds = {
        name
        for name in lightspeed_ecom.__all__
        if isinstance(kind := getattr(lightspeed_ecom, name), type) and issubclass(kind, LightspeedError)
    }
    assert kinds <= set(re.findall(r"\w+", README.partition("\n## Errors\n")[2].partition("\n## ")[0]))
