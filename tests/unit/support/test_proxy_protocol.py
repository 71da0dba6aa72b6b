"""The headers that tests send are the ones that were seen on the wire."""

from __future__ import annotations

import pytest

from tests.support import proxy_protocol
from tests.support.proxy_protocol import Header, HeaderError, Version

# Recorded from Envoy 1.40 (KubeLB's layer 4 data plane as a static bootstrap).
RECORDED = bytes.fromhex("0d0a0d0a000d0a515549540a2111000c7f0000057f000001d2ff3a98")
SOURCE, DESTINATION = ("127.0.0.5", 0xD2FF), ("127.0.0.1", 15000)


def test_v2_is_what_envoy_sends() -> None:
    assert RECORDED == proxy_protocol.v2(SOURCE, DESTINATION)


def test_what_envoy_sends_is_read_as_v2() -> None:
    expected = Header(Version.V2, SOURCE, DESTINATION)

    assert (expected, b"HELLO") == proxy_protocol.split(RECORDED + b"HELLO")


def test_a_local_header_is_sixteen_bytes_and_names_nobody() -> None:
    data = proxy_protocol.v2_local()

    assert bytes.fromhex("0d0a0d0a000d0a515549540a20000000") == data
    assert (Header(Version.V2, None, None), b"PING") == proxy_protocol.split(
        data + b"PING"
    )


def test_v1_is_one_line() -> None:
    data = proxy_protocol.v1(SOURCE, DESTINATION)

    assert data == b"PROXY TCP4 127.0.0.5 127.0.0.1 54015 15000\r\n"
    assert (Header(Version.V1, SOURCE, DESTINATION), b"x") == proxy_protocol.split(
        data + b"x"
    )


@pytest.mark.parametrize("write", [proxy_protocol.v1, proxy_protocol.v2])
def test_ipv6_survives(write: type) -> None:
    source, destination = ("2001:db8::7", 4000), ("2001:db8::1", 443)
    header, rest = proxy_protocol.split(write(source, destination))

    assert header is not None
    assert (source, destination) == (header.source, header.destination)
    assert rest == b""


def test_v2_over_ipv6_is_fifty_two_bytes() -> None:
    assert len(proxy_protocol.v2(("::1", 1), ("::2", 2))) == 52


def test_tlvs_are_written_as_envoy_writes_them_and_read_back() -> None:
    tlvs = ((0xE0, b"tenant-a"), (0xE1, b"127.0.0.1"))
    data = proxy_protocol.v2(SOURCE, DESTINATION, tlvs=tlvs)
    header, _ = proxy_protocol.split(data)

    assert data.endswith(b"\xe0\x00\x08tenant-a\xe1\x00\x09127.0.0.1")
    assert header is not None
    assert tlvs == header.tlvs


def test_plain_data_has_no_header() -> None:
    assert proxy_protocol.split(b"GET / HTTP/1.1\r\n") == (None, b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(RECORDED[:20], id="v2 cut in its addresses"),
        pytest.param(RECORDED[:13], id="v2 cut in its length"),
        pytest.param(b"PROXY TCP4 127.0.0.5", id="v1 without an end"),
        pytest.param(b"PROXY TCP4 127.0.0.5\r\n", id="v1 without ports"),
        pytest.param(RECORDED[:13] + b"\x31" + RECORDED[14:], id="v2 over UNIX"),
    ],
)
def test_half_a_header_is_not_taken_for_one(data: bytes) -> None:
    with pytest.raises(HeaderError):
        proxy_protocol.split(data)
