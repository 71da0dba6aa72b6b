"""What HAProxy backends say, beyond what a run shows."""

from __future__ import annotations

import pytest

from kubelb_gen.errors import RenderError
from kubelb_gen.model import BackendKind, BackendMode, Emit
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk, Listener
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    text,
)


def _text(*served: Listener, emit: Emit = Emit.COMPLETE) -> str:
    return text(backend_file(BackendKind.HAPROXY, *served, emit=emit))


def test_peers_are_pinned_before_the_header_is_read() -> None:
    written = _text(listener())

    assert "    acl trusted src 10.3.0.0/16\n" in written
    assert "    tcp-request connection reject if !trusted\n" in written


def test_the_header_of_the_client_goes_before_ours_comes() -> None:
    written = _text(behind_route(ByPosition(from_right=2)))
    steps = ("http-request set-src", "del-header X-Forwarded-For", "option forwardfor")

    assert sorted(steps, key=written.index) == list(steps)


def test_an_entry_is_counted_from_the_right() -> None:
    assert "req.hdr_ip(x-forwarded-for,-3)" in _text(
        behind_route(ByPosition(from_right=3))
    )
    assert "req.hdr_ip(x-envoy-external-address,-1)" in _text(
        behind_route(ByHeader(header="X-Envoy-External-Address"))
    )


def test_haproxy_does_not_walk() -> None:
    with pytest.raises(RenderError, match="by position"):
        _text(behind_route(ByWalk(trusted=networks("10.1.0.0/16"))))


def test_defaults_are_written_once_in_a_whole_file_and_never_in_a_fragment() -> None:
    two = (listener(), listener(label="kubelb_b", listen=5001, mode=BackendMode.TCP))

    whole, fragment = _text(*two), _text(*two, emit=Emit.FRAGMENT)
    assert (1, 1) == (whole.count("defaults\n"), whole.count("option dontlognull"))
    assert (0, 2) == (fragment.count("defaults\n"), fragment.count("dontlognull"))


def test_without_a_probe_there_is_one_section() -> None:
    assert 1 == _text(listener()).count("listen ")
    assert 2 == _text(listener(probe=http_get(8081))).count("listen ")


def test_a_probe_path_is_compared_encoded_and_without_its_query() -> None:
    assert "{ path '/a%20b' }" in _text(listener(probe=http_get(8081, "/a b?full=1")))


def test_who_trusts_an_ipv6_peer_listens_on_ipv6_as_well() -> None:
    dual = listener(trusted=networks("fd00::/8"))

    assert "    bind :::5000 v4v6 accept-proxy\n" in _text(dual)
    assert "    bind *:5000 accept-proxy\n" in _text(listener())


def test_a_file_ends_with_a_line_break() -> None:
    """HAProxy refuses a last line without one."""
    assert _text(listener()).endswith("8080\n")


def test_a_web_socket_may_be_silent_for_longer_than_a_request() -> None:
    """Where no tunnel timeout is set, that of the client ends it."""
    assert "timeout tunnel 1h\n" in _text(listener())
