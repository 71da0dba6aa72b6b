"""The real programs that the other tests stand on are there, and do their work."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import programs, servers
from tests.support.applications import http_application, tcp_application
from tests.support.loopback import CLIENT, eventually, exchange, free_port, request
from tests.support.proxy_protocol import v2
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORGED = ("192.0.2.7", 4711)


@pytest.mark.parametrize(
    ("program", "option", "name"),
    [
        (programs.nginx, "-v", "nginx/1."),
        (programs.envoy, "--version", "envoy"),
        (programs.haproxy, "-v", "HAProxy version"),
        (programs.helm, "version", "Version:"),
    ],
)
def test_a_program_tells_its_version(
    program: Callable[[], Path], option: str, name: str
) -> None:
    done = subprocess.run(
        [program(), option],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=60,
    )

    assert name in done.stdout


def test_kubectl_builds_a_kustomization(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "namespace: there\n"
        "resources: [map.yaml]\n"
    )
    (tmp_path / "map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"
    )
    done = subprocess.run(
        [programs.kubectl(), "kustomize", tmp_path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert read_one(done.stdout)["metadata"] == {"name": "m", "namespace": "there"}


def test_nginx_reads_a_proxy_header_in_http(tmp_path: Path) -> None:
    port = free_port()
    fragment = f"""
        server {{
            listen 127.0.0.1:{port} proxy_protocol;
            set_real_ip_from 127.0.0.5;
            real_ip_header proxy_protocol;
            location / {{ return 200 "$remote_addr $realip_remote_addr"; }}
        }}
    """
    with servers.nginx(tmp_path, http=[fragment], ports=[port]):
        answer = request(port, before=v2(FORGED, ("192.0.2.1", 80)))
        with pytest.raises(ConnectionError):
            request(port, before=b"")

    assert answer.body == f"{FORGED[0]} {CLIENT}".encode()


def test_nginx_passes_a_proxy_header_on_in_stream(tmp_path: Path) -> None:
    port = free_port()
    with tcp_application() as application:
        fragment = f"""
            server {{
                listen 127.0.0.1:{port};
                proxy_pass 127.0.0.1:{application.port};
                proxy_protocol on;
            }}
        """
        with servers.nginx(tmp_path, stream=[fragment], ports=[port]):
            exchange(port, b"HELLO")
            header, rest = application.talk().split()

    assert header is not None
    assert header.source is not None
    assert (header.source[0], rest) == (CLIENT, b"HELLO")


def test_haproxy_reads_a_proxy_header(tmp_path: Path) -> None:
    port = free_port()
    with http_application() as application:
        config = f"""
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind 127.0.0.1:{port} accept-proxy
    option forwardfor
    default_backend b
backend b
    server s 127.0.0.1:{application.port}
"""
        with servers.haproxy(tmp_path, config, ports=[port]):
            request(port, before=v2(FORGED, ("192.0.2.1", 80)))

    (kept,) = application.requests
    assert kept.header("X-Forwarded-For") == FORGED[0]
    assert servers.haproxy_verdict(tmp_path / "haproxy.cfg").accepted


def test_envoy_writes_a_proxy_header(tmp_path: Path) -> None:
    port = free_port()
    with tcp_application() as application:
        config = json.dumps(_envoy(port, application.port))
        with servers.envoy(tmp_path, config, ports=[port]):
            eventually(lambda: exchange(port, b"HELLO"))
            header, rest = application.talk().split()

    assert header is not None
    assert header.source is not None
    assert (header.source[0], rest) == (CLIENT, b"HELLO")
    assert servers.envoy_verdict(tmp_path / "envoy.yaml").accepted


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("nginx.conf", servers.nginx_verdict),
        ("haproxy.cfg", servers.haproxy_verdict),
        ("envoy.yaml", servers.envoy_verdict),
    ],
)
def test_nonsense_is_refused_with_a_word(
    tmp_path: Path, name: str, verdict: Callable[[Path], servers.Verdict]
) -> None:
    config = tmp_path / name
    config.write_text("nonsense\n", encoding="utf-8")
    said = verdict(config)

    assert not said.accepted
    assert said.output


def _envoy(port: int, upstream: int) -> dict[str, object]:
    types = "type.googleapis.com/envoy.extensions"
    proxy = {
        "@type": f"{types}.filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": "l4",
        "cluster": "b",
    }
    transport = {
        "@type": f"{types}.transport_sockets.proxy_protocol.v3"
        ".ProxyProtocolUpstreamTransport",
        "config": {"version": "V2"},
        "transport_socket": {
            "name": "raw",
            "typed_config": {
                "@type": f"{types}.transport_sockets.raw_buffer.v3.RawBuffer"
            },
        },
    }
    endpoint = {"endpoint": {"address": _address(upstream)}}
    listener = {
        "address": _address(port),
        "filter_chains": [{"filters": [{"name": "tcp", "typed_config": proxy}]}],
    }
    cluster = {
        "name": "b",
        "type": "STATIC",
        "transport_socket": {"name": "proxy", "typed_config": transport},
        "load_assignment": {
            "cluster_name": "b",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
