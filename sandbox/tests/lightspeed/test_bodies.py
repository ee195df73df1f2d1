"""Bodies: whatever comes is read or refused, and an upload comes out as it went in."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from sandbox.http import Headers, Request
from sandbox.lightspeed.bodies import Upload, decoded
from sandbox.lightspeed.errors import ApiError

TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    'multipart/form-data; boundary="cut"',
    "multipart/form-data",
)


def request(body: bytes, kind: str) -> Request:
    return Request("POST", "/nl/files.json", "", Headers({"Content-Type": kind}), body)


@given(
    st.binary(max_size=200) | st.binary(max_size=80).map(lambda part: b"--cut\r\n" + part + b"\r\n--cut--"),
    st.sampled_from(TYPES),
)
def test_no_body_breaks_the_reader(body, kind):
    """Every body is a dict or invalid data input."""
    with suppress(ApiError):
        assert isinstance(decoded(request(body, kind)), dict)


@given(st.binary(max_size=300).filter(lambda content: b"--cut" not in content))
def test_an_uploaded_part_is_kept_byte_for_byte(content):
    """Line ends at its edges too."""
    head = b'--cut\r\nContent-Disposition: form-data; name="attachment"; filename="a b.png"\r\n\r\n'
    name = b'--cut\r\nContent-Disposition: form-data; name="filename"\r\n\r\nc.png\r\n'
    body = name + head + content + b"\r\n--cut--\r\n"
    assert decoded(request(body, TYPES[2])) == {"attachment": Upload("a b.png", content), "filename": "c.png"}


@given(st.recursive(st.text(max_size=3) | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=9))
def test_only_an_object_is_a_body(value):
    """A list or a bare value carries nothing."""
    import json

    body = json.dumps([value]).encode()
    assert decoded(request(body, "application/json")) == {}
