from __future__ import annotations

import pytest

from kubelb_gen.errors import UsageError
from kubelb_gen.probe import Target, parse_name, parse_target


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.2.0.21:30500", "10.2.0.21", 30500),
        ("web.default.svc.cluster.local.:80", "web.default.svc.cluster.local.", 80),
        ("_dmarc.example.com:1", "_dmarc.example.com", 1),
        ("[2001:db8::1]:65535", "2001:db8::1", 65535),
        ("[fe80::1%eth0]:22", "fe80::1%eth0", 22),
    ],
)
def test_a_name_or_an_address_and_a_port_are_a_target(
    text: str, host: str, port: int
) -> None:
    assert Target(host=host, port=port) == parse_target(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":80",
        "web",
        "web:",
        "web:0",
        "web:65536",
        "web:-1",
        "web:+1",
        "web: 80",
        "web:80\n",
        "web:٣",
        "web:http",
        "web:80:80",
        "2001:db8::1:80",
        "2001:db8::1",
        "[2001:db8::1]",
        "[web]:80",
        "[10.0.0.1]:80",
        "[]:80",
        "[::1%]:80",
        "[::1%\x1b]:80",
        "we b:80",
        "we\x1bb:80",
        "we..b:80",
        "wéb:80",
        "http://web:80",
        "a" * 64 + ":80",
        ".".join(["a" * 60] * 5) + ":80",
        "web:" + "9" * 5000,
    ],
)
def test_anything_else_is_a_usage_error_that_prints_safely(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["", ".", ".web", "web\0", "-" * 64])
def test_a_server_name_is_a_host_name(name: str) -> None:
    with pytest.raises(UsageError):
        parse_name(name)
