"""What the README says is so."""

import json
import re
from pathlib import Path

import httpx
import pytest

import afas_profit
from afas_profit import Afas, AfasError, errors
from afas_profit.filters import pack_equals
from afas_profit.questions import Question

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(monkeypatch, capsys):
    """Word for word, against a server that answers as AFAS would."""
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    requests: list[httpx.Request] = []

    def afas(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if request.method == "POST":
            return httpx.Response(201, json={"results": {"FbSales": {"OrNu": "60005490"}}})
        return httpx.Response(
            200, json={"skip": 0, "take": 1000, "rows": [{"ItemCode": "A-1", "Description": "Fiets"}]}
        )

    def with_transport(code: str, auth: afas_profit.Auth) -> Afas:
        return original(code, auth, transport=httpx.MockTransport(afas))

    original = Afas.for_environment
    monkeypatch.setattr(Afas, "for_environment", with_transport)
    monkeypatch.setenv("AFAS_TOKEN", "0123456789ABCDEF" * 4)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the example is ours
    assert capsys.readouterr().out == "A-1 Fiets\n60005490\n"
    assert requests[0].url.query.endswith(b"filtervalues=2026-10-25T02:00:00&operatortypes=2")
    lines = json.loads(requests[1].content)["FbSales"]["Element"]["Objects"][0]["FbSalesLines"]["Element"]
    assert lines["Fields"]["Upri"] == 19.95


def test_every_error_has_its_line():
    """Each class of the tree that is raised stands in the table."""
    told = set(re.findall(r"^\| `(\w+)` \| (?:not_done|in_doubt)", README, re.MULTILINE))
    raised = {
        name
        for name in afas_profit.__all__
        if isinstance(kind := getattr(errors, name, None), type) and issubclass(kind, AfasError)
    }
    assert told == raised - {"AfasError", "Refused"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("Ref", "ORD{:05}", 140), ("Ref", "shop1-ORD{:05}", 100), ("Mail", "a{:06}@example.test.nl", 65)],
)
def test_as_many_values_fit_as_it_says(field, value, said):
    """Measured, not guessed."""
    room = Question.of("Own_Orders", "", [field]).room
    _, count = next(pack_equals([field], [value.format(number) for number in range(1000)], room))
    assert said <= count <= said * 1.15
