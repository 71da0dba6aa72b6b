from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.errors import UsageError
from kubelb_gen.probe import Target, unescape
from kubelb_gen.probe.payload import escape, http_request


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        (r"PING\r\n", b"PING\r\n"),
        (r"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x2f"),
        (r"\\r\t\0", b"\\r\t\0"),
        ("ü", b"\xc3\xbc"),
        ("\udcff", b"\xff"),
    ],
)
def test_escapes_stand_for_bytes(text: str, data: bytes) -> None:
    assert data == unescape(text)


@pytest.mark.parametrize("text", ["\\", r"\q", r"\x1", r"\xgg", "\\\n"])
def test_other_escapes_are_usage_errors(text: str) -> None:
    with pytest.raises(UsageError, match="is no escape"):
        unescape(text)


@pytest.mark.property
@given(st.binary())
def test_what_is_shown_is_printable_ascii(data: bytes) -> None:
    shown = escape(data)

    assert shown.isascii()
    assert shown.isprintable() or not shown


def test_the_host_of_a_request_is_the_targets_or_the_one_asked_for() -> None:
    target = Target(host="2001:db8::1", port=80)

    assert b"\r\nHost: [2001:db8::1]\r\n" in http_request(target, None)
    assert b"\r\nHost: web.example\r\n" in http_request(target, "web.example")
