"""Tokens in every form people have, and OAuth in the shapes of Profit 8 and 9."""

import base64

import pytest

from afas_profit import ClassicToken, ClientCredentials
from afas_profit.auth import Grant

HEX = "0123456789ABCDEF" * 4
XML = f"<token><version>1</version><data>{HEX}</data></token>"
B64 = base64.b64encode(XML.encode()).decode()


@pytest.mark.parametrize(
    "given", [XML, B64, HEX, f"AfasToken {B64}", f"  {XML}\n", XML.replace("><", ">\n  <"), f"{HEX}\n"]
)
def test_every_form_of_a_token_gives_the_documented_header(given: str):
    """Raw XML, its base64, and only the 64 hex characters give the header of the documentation."""
    assert ClassicToken(given).header == (
        "AfasToken PHRva2VuPjx2ZXJzaW9uPjE8L3ZlcnNpb24+PGRhdGE+MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUYwMTIzNDU2Nzg5"
        "QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRjwvZGF0YT48L3Rva2VuPg=="
    )


@pytest.mark.parametrize("given", ["", "secret!", HEX[:-1], "<token></token>", base64.b64encode(b"\xff\xfe").decode()])
def test_something_else_is_refused_without_being_shown(given: str):
    """A wrong token is refused at once, and does not stand in the message."""
    with pytest.raises(ValueError, match="token") as caught:
        ClassicToken(given)
    assert not given or given not in str(caught.value)


def test_secrets_do_not_stand_in_a_repr():
    """Printing credentials shows nothing of them."""
    shown = repr(ClassicToken(HEX)) + repr(ClientCredentials("id", "s3cret")) + repr(Grant("Bearer abc", 1))
    assert HEX not in shown
    assert B64 not in shown
    assert "s3cret" not in shown
    assert "abc" not in shown


def test_client_credentials_go_in_the_body_or_in_a_basic_header():
    """Never in both."""
    headers, body = ClientCredentials("me", "a b&c").request()
    assert body == b"grant_type=client_credentials&client_id=me&client_secret=a+b%26c"
    assert "Authorization" not in headers
    headers, body = ClientCredentials("me", "x", basic=True).request()
    assert body == b"grant_type=client_credentials"
    assert headers["Authorization"] == "Basic bWU6eA=="


@pytest.mark.parametrize(("told", "lifetime"), [("3600", 3540), (3600, 3540), (100, 90), (None, 3540), ("soon", 3540)])
def test_the_life_of_a_token_may_be_text_or_number(told: object, lifetime: float):
    """Profit 8 sends text and a null refresh token, Profit 9 a number."""
    answer = {"access_token": "abc", "token_type": "Bearer", "expires_in": told, "refresh_token": None}
    assert Grant.read(answer) == Grant("Bearer abc", lifetime)


@pytest.mark.parametrize("answer", [None, [], {}, {"access_token": None}, {"access_token": ""}])
def test_an_answer_without_a_token_is_refused(answer: object):
    """Only an access token is one."""
    with pytest.raises(ValueError, match="no access token"):
        Grant.read(answer)


def test_empty_client_credentials_are_refused():
    """A missing setting is told before the first call."""
    with pytest.raises(ValueError, match="client secret"):
        ClientCredentials("me", "")
