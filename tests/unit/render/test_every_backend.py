"""What Envoy, Traefik, Caddy and Apache are told, beyond what a run shows.

Each trap was seen on the real programs: facts/backends-and-envoy.md, section 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from kubelb_gen.errors import RenderError
from kubelb_gen.model import BackendKind, BackendMode, Emit, Tls
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk, Listener
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    texts,
)

if TYPE_CHECKING:
    from kubelb_gen.plan import Reading

ENVOY, TRAEFIK = BackendKind.ENVOY, BackendKind.TRAEFIK
CADDY, APACHE = BackendKind.CADDY, BackendKind.APACHE
KINDS = pytest.mark.parametrize("kind", [ENVOY, TRAEFIK, CADDY, APACHE])
EXTERNAL = ByHeader(header="X-Envoy-External-Address")
WALK = ByWalk(trusted=networks("10.1.16.0/20", "203.0.113.0/24"))


def _text(kind: BackendKind, *served: Listener, emit: Emit = Emit.COMPLETE) -> str:
    return "".join(texts(backend_file(kind, *served, emit=emit)).values())


@KINDS
def test_a_trust_list_is_there_even_where_nobody_is_trusted(kind: BackendKind) -> None:
    assert "10.3.0.0" in _text(kind, listener())
    assert "0.0.0.0/32" in _text(kind, listener(trusted=())).replace(
        'address_prefix: "0.0.0.0", prefix_len: 32', "0.0.0.0/32"
    )


@KINDS
def test_nobody_is_believed_blindly(kind: BackendKind) -> None:
    """Each of these takes a header from whoever sends one, or swallows it unread."""
    written = _text(kind, listener(probe=http_get(8081)))

    for blind in (
        "insecure",
        "fallback_policy use",
        "fallback_policy ignore",
        "RemoteIPProxyProtocolExceptions",
        "RemoteIPTrustedProxy",
        "allow_requests_without_proxy_protocol",
        "0.0.0.0/0",
        "::/0",
    ):
        assert blind not in written


def test_envoy_pins_the_peer_and_not_whom_it_names() -> None:
    written = yaml.safe_load(_text(ENVOY, listener()))
    (only,) = written["static_resources"]["listeners"]
    (chain,) = only["filter_chains"]

    assert {
        "direct_source_prefix_ranges": [
            {"address_prefix": "10.3.0.0", "prefix_len": 16}
        ]
    } == chain["filter_chain_match"]


def test_envoy_reads_no_string_as_a_boolean() -> None:
    """Its YAML reader takes a bare `y` or `n` for one."""
    written = _text(ENVOY, listener(label="y", upstream="n:80"))

    assert 'name: "y"' in written
    assert 'address: "n"' in written


def test_envoy_counts_entries_from_the_right() -> None:
    assert "xff_num_trusted_hops: 3" in _text(
        ENVOY, behind_route(ByPosition(from_right=3))
    )
    assert "xff_num_trusted_hops" not in _text(ENVOY, listener())


def test_envoy_looks_names_up_and_dials_addresses() -> None:
    for upstream, kind in (
        ("app.local:80", "STRICT_DNS"),
        ("127.0.0.1:80", "STATIC"),
        ("[::1]:80", "STATIC"),
    ):
        assert f'type: "{kind}"' in _text(ENVOY, listener(upstream=upstream))
    assert 'address: "::1"' in _text(ENVOY, listener(upstream="[::1]:80"))


def test_who_trusts_an_ipv6_peer_listens_on_ipv6_as_well() -> None:
    dual = _text(ENVOY, listener(trusted=networks("fd00::/8")))

    assert 'address: "::", ipv4_compat: true' in dual
    assert '"::"' not in _text(ENVOY, listener())


def test_traefik_trusts_where_it_must_and_no_further() -> None:
    proxied = _text(TRAEFIK, listener())
    routed = _text(TRAEFIK, behind_route(ByPosition(from_right=2)))

    assert ("proxyProtocol" in proxied, "forwardedHeaders" in proxied) == (True, False)
    assert ("proxyProtocol" in routed, "forwardedHeaders" in routed) == (False, True)
    assert ("ipAllowList" in proxied, "ipAllowList" in routed) == (False, True)


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (ByHeader(header="X-Envoy-External-Address"), "X-Envoy-External-Address"),
        (ByPosition(from_right=3), "X-Forwarded-For, entry 4 from the right"),
    ],
)
def test_traefik_says_where_its_application_looks(reading: Reading, told: str) -> None:
    written = texts(backend_file(TRAEFIK, behind_route(reading)))[
        "web.traefik.dynamic.yaml"
    ]

    assert f"# Where the application finds the client: {told}\n" in written
    removed = "X-Envoy-External-Address: " in written
    assert removed is isinstance(reading, ByPosition)


def test_caddy_binds_servers_to_no_address_and_is_strict() -> None:
    proxied, routed = _text(CADDY, listener()), _text(CADDY, behind_route(EXTERNAL))

    assert "\n\tservers {\n" in proxied
    assert "allow 10.3.0.0/16" in proxied
    assert "fallback_policy reject" in proxied
    assert "\n\tservers {\n" in routed
    assert "trusted_proxies static 10.3.0.0/16\n" in routed
    assert "trusted_proxies_strict" in routed
    assert "client_ip_headers X-Envoy-External-Address" in routed


def test_caddy_reads_the_header_before_tls() -> None:
    tls = Tls(certificate="/tls/tls.crt", key="/tls/tls.key")
    written = _text(CADDY, listener(tls=tls))
    wrappers = written[written.index("listener_wrappers") :]

    assert wrappers.index("proxy_protocol {") < wrappers.index("\t\t\ttls\n")


@pytest.mark.parametrize(
    ("kind", "trusts"),
    [
        (CADDY, "trusted_proxies static 10.3.0.0/16 10.1.16.0/20 203.0.113.0/24"),
        (APACHE, "RemoteIPInternalProxy 10.3.0.0/16 10.1.16.0/20 203.0.113.0/24"),
    ],
)
def test_a_walk_passes_the_peer_and_the_proxies(kind: BackendKind, trusts: str) -> None:
    written = _text(kind, behind_route(WALK))

    assert trusts in written
    assert "X-Forwarded-For\n" in written


@pytest.mark.parametrize(
    ("kind", "reading"),
    [
        (ENVOY, WALK),
        (ENVOY, EXTERNAL),
        (TRAEFIK, WALK),
        (CADDY, ByPosition(from_right=2)),
        (APACHE, ByPosition(from_right=2)),
    ],
)
def test_what_a_program_cannot_read_is_refused(
    kind: BackendKind, reading: ByHeader | ByPosition | ByWalk
) -> None:
    with pytest.raises(RenderError):
        _text(kind, behind_route(reading))


def test_apache_loads_modules_in_a_whole_file_alone() -> None:
    assert "LoadModule remoteip_module" in _text(APACHE, listener())
    fragment = _text(APACHE, listener(), emit=Emit.FRAGMENT)
    assert "LoadModule" not in fragment
    assert "# Included at the top level, with the modules" in fragment


@pytest.mark.parametrize("path", ["/'", '/"', "/${HOME}", "/%25{x}", "/\\"])
def test_a_probe_path_cannot_leave_its_quotes_in_apache(path: str) -> None:
    with pytest.raises(RenderError, match="cannot be written into Apache"):
        _text(APACHE, listener(probe=http_get(8081, path)))


@pytest.mark.parametrize("path", ["/*", "/{x}", "/`x`", "/$x", "/\\"])
def test_a_probe_path_is_no_pattern_and_no_placeholder_in_caddy(path: str) -> None:
    with pytest.raises(RenderError, match="cannot be written into a Caddyfile"):
        _text(CADDY, listener(probe=http_get(8081, path)))


def test_a_probe_path_cannot_leave_its_quotes_in_traefik() -> None:
    with pytest.raises(RenderError, match="Traefik"):
        _text(TRAEFIK, listener(probe=http_get(8081, "/`x")))


def test_envoy_hands_on_bytes_untouched() -> None:
    written = _text(ENVOY, listener(mode=BackendMode.TCP))

    assert "tcp_proxy" in written
    assert "http_connection_manager" not in written
