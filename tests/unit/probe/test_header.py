from __future__ import annotations

import ipaddress

import pytest

from kubelb_gen.probe import header
from tests.support import proxy_protocol

CASES = pytest.mark.parametrize(
    ("client", "dialled"),
    [("192.0.2.1", "192.0.2.2"), ("203.0.113.7", "192.0.2.2"), ("::5", "2001:db8::2")],
)


@CASES
def test_another_reader_understands_version_1(client: str, dialled: str) -> None:
    sent = header.v1(ipaddress.ip_address(client), 80) + b"rest"

    expected = proxy_protocol.Header(
        proxy_protocol.Version.V1, (client, 40000), (dialled, 80)
    )
    assert (expected, b"rest") == proxy_protocol.split(sent)


@CASES
def test_another_reader_understands_version_2(client: str, dialled: str) -> None:
    sent = header.v2(ipaddress.ip_address(client), 80) + b"rest"

    expected = proxy_protocol.Header(
        proxy_protocol.Version.V2, (client, 40000), (dialled, 80)
    )
    assert (expected, b"rest") == proxy_protocol.split(sent)


def test_a_local_header_is_the_one_of_envoys_health_check() -> None:
    # facts/backends-and-envoy.md, section 1.
    assert bytes.fromhex("0d0a0d0a000d0a515549540a20000000") == header.v2_local()
