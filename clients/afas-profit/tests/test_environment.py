"""From an environment code to a base URL."""

import pytest

from afas_profit.environment import base_url_of, checked_base_url


@pytest.mark.parametrize(
    ("code", "kind", "host"),
    [
        ("O12345AA", None, "12345.rest"),
        ("T12345AA", None, "12345.resttest"),
        ("a12345ac", None, "12345.restaccept"),
        ("12345", None, "12345.rest"),
        ("12345", "test", "12345.resttest"),
        ("12345", "course", "12345.restcursus"),
        (" O12345AA ", "production", "12345.rest"),
        ("A123456AC", None, "123456.restaccept"),
    ],
)
def test_the_prefix_or_the_kind_gives_the_host(code, kind, host):
    """O is production, T test, A accept; only the digits stand in the host."""
    assert base_url_of(code, kind) == f"https://{host}.afas.online/ProfitRestServices"


@pytest.mark.parametrize(("code", "kind"), [("X12345", None), ("", None), ("O12AA", None), ("T12345AA", "production")])
def test_what_can_not_be_right_is_refused(code, kind):
    """A typing mistake is told before the first call, also when code and kind disagree."""
    with pytest.raises(ValueError, match="environment code"):
        base_url_of(code, kind)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.test/x/", "https://example.test/x"),
        ("https://example.test", "https://example.test/ProfitRestServices"),
        ("http://127.0.0.1:8701", "http://127.0.0.1:8701/ProfitRestServices"),
        ("http://localhost:8701/profitrestservices", "http://localhost:8701/profitrestservices"),
        ("http://sandbox:8701/", "http://sandbox:8701/ProfitRestServices"),
        ("http://[::1]:8701", "http://[::1]:8701/ProfitRestServices"),
    ],
)
def test_an_override_keeps_its_path_or_gets_the_usual_one(text, url):
    """A base URL may be given as people do, with or without path and slash."""
    assert checked_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    ["http://12345.rest.afas.online", "ftp://x", "12345.rest.afas.online", "https://u:p@x.test", "https://x.test/?a=1"],
)
def test_an_address_that_leaks_or_can_not_work_is_refused(text):
    """The token never travels in the clear, and credentials never stand in the address."""
    with pytest.raises(ValueError, match="base URL"):
        checked_base_url(text)
