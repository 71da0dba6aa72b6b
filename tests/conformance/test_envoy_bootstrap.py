"""A bare Envoy runs what we say KubeLB sends it, and the client arrives."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import EnvoyPorts, Protocol, Tenant
from kubelb_gen.render.draft import Kind
from tests.support import servers
from tests.support.applications import (
    HttpApplication,
    TcpApplication,
    http_application,
    tcp_application,
)
from tests.support.edge_envoy import EDGE, OUTER_PROXY, edge_envoy
from tests.support.envoy_estates import (
    bootstrap,
    envoy_plan,
    port_plan,
    route_plan,
    service_plan,
)
from tests.support.loopback import (
    CLIENT,
    Running,
    connect,
    eventually,
    exchange,
    free_ports,
    request,
    running,
)
from tests.support.proxy_protocol import v2
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import Plan

NODES = ("127.0.0.1",)
HOSTS = Tenant(name="primary", nodes=("10.2.0.21", "node-1.example"))
IPV6 = Tenant(name="primary", nodes=("2001:db8::21", "::1"))
DNS = port_plan(name="dns", protocol=Protocol.UDP, node_port=30053)
PLANS = {
    "TCP with PROXY": envoy_plan(service_plan()),
    "TCP without PROXY": envoy_plan(service_plan(proxy_annotation=False)),
    "UDP": envoy_plan(service_plan(DNS)),
    "TCP and UDP on one number": envoy_plan(
        service_plan(port_plan(node_port=30053), DNS)
    ),
    "HTTPRoute": envoy_plan(routes=[route_plan()]),
    "HTTPRoute, KubeLB 1.5": envoy_plan(routes=[route_plan()], version="1.5.0"),
    "GRPCRoute": envoy_plan(routes=[route_plan(route_kind="GRPCRoute")]),
    "GRPCRoute, KubeLB 1.5": envoy_plan(
        routes=[route_plan(route_kind="GRPCRoute")], version="1.5.0"
    ),
    "UDPRoute": envoy_plan(routes=[route_plan(as_http=False, route_kind="UDPRoute")]),
    "TLS passed through": envoy_plan(routes=[route_plan(as_http=False)]),
    "affinity": envoy_plan(service_plan(port_plan(), DNS, source_ip_persistence=True)),
    "IPv6 nodes": envoy_plan(service_plan(tenant=IPV6), tenant=IPV6),
    "two routes to one Service": envoy_plan(
        routes=[route_plan(), route_plan(route_name="other")]
    ),
}
NAMED = envoy_plan(service_plan(tenant=HOSTS), routes=[route_plan()], tenant=HOSTS)


def verdict(path: Path, text: str) -> str:
    """What Envoy says to *text* when it only validates; it has to accept it."""
    path.write_text(text, encoding="utf-8")
    command = servers.envoy_command(
        path, "--mode", "validate", "--service-node", "n", "--service-cluster", "c"
    )
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_envoy_accepts_a_static_bootstrap(plan: Plan, tmp_path: Path) -> None:
    said = verdict(tmp_path / "envoy.yaml", bootstrap(plan, Kind.ENVOY_BOOTSTRAP))

    # UDP's other spelling is "work in progress", which is no better.
    deprecated = [line for line in said.splitlines() if "Deprecated" in line]
    assert [line for line in deprecated if "UdpProxyConfig.cluster" not in line] == []


def test_envoy_accepts_nodes_that_have_names(tmp_path: Path) -> None:
    verdict(tmp_path / "envoy.yaml", bootstrap(NAMED, Kind.ENVOY_BOOTSTRAP))


@pytest.mark.parametrize("version", ["1.3.2", "1.4.3", "1.5.0"])
def test_envoy_accepts_what_kubelb_starts_it_with(version: str, tmp_path: Path) -> None:
    text = bootstrap(
        envoy_plan(service_plan(), version=version), Kind.ENVOY_BOOTSTRAP_XDS
    )
    verdict(tmp_path / "envoy.yaml", text)


@pytest.mark.parametrize("kind", [Kind.ENVOY_BOOTSTRAP, Kind.ENVOY_BOOTSTRAP_XDS])
@pytest.mark.parametrize("plan", [*PLANS.values(), NAMED], ids=[*PLANS, "named"])
def test_readers_of_yaml_1_1_and_1_2_agree(plan: Plan, kind: Kind) -> None:
    assert read_one(bootstrap(plan, kind))["static_resources"]["clusters"]


@dataclass(frozen=True, slots=True)
class World:
    """KubeLB's Envoy with one of everything behind it, on ports of this run."""

    envoy: Running
    ports: EnvoyPorts
    tcp: int
    raw: int
    udp: int
    http: int
    grpc: int
    proxied: TcpApplication
    plain: TcpApplication
    datagrams: list[bytes]
    web: HttpApplication
    account: TcpApplication


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    tcp, raw, udp, http, grpc, *own = free_ports(9)
    ports = EnvoyPorts(
        bind="127.0.0.1",
        admin_port=own[0],
        stats_port=own[1],
        ready_port=own[2],
        health_port=own[3],
    )
    with ExitStack() as stack:
        proxied = stack.enter_context(tcp_application())
        plain = stack.enter_context(tcp_application())
        web = stack.enter_context(http_application())
        account = stack.enter_context(tcp_application())
        udp_upstream, datagrams = stack.enter_context(udp_application())
        tenant = Tenant(name="primary", nodes=NODES)
        plan = envoy_plan(
            service_plan(
                port_plan(node_port=proxied.port, envoy_port=tcp),
                port_plan(
                    name="dns",
                    protocol=Protocol.UDP,
                    node_port=udp_upstream,
                    envoy_port=udp,
                ),
                tenant=tenant,
            ),
            service_plan(
                port_plan(node_port=plain.port, envoy_port=raw),
                tenant=tenant,
                name="plain",
                proxy_annotation=False,
            ),
            routes=[
                route_plan(node_port=web.port, envoy_port=http),
                route_plan(
                    name="account",
                    route_kind="GRPCRoute",
                    node_port=account.port,
                    envoy_port=grpc,
                ),
            ],
            tenant=tenant,
            envoy=ports,
        )
        folder = tmp_path_factory.mktemp("envoy")
        text = bootstrap(plan, Kind.ENVOY_BOOTSTRAP)
        config = folder / "envoy.yaml"
        config.write_text(text, encoding="utf-8")
        # Envoy keeps its access log back for ten seconds otherwise.
        command = servers.envoy_command(config, "--file-flush-interval-msec", "100")
        envoy = stack.enter_context(
            running(command, folder=folder, ports=[tcp, raw, http, grpc, *own])
        )
        yield World(
            envoy,
            ports,
            tcp,
            raw,
            udp,
            http,
            grpc,
            proxied,
            plain,
            datagrams,
            web,
            account,
        )


def test_the_backend_gets_28_bytes_and_then_the_payload(world: World) -> None:
    with connect(world.tcp) as link:
        dialled = link.getsockname()[1]
        link.sendall(b"HELLO")
        seen = world.proxied.talk()
        eventually(lambda: seen.received.endswith(b"HELLO"))

    # backends-and-envoy.md, section 1: what a byte-recording server got.
    expected = bytes.fromhex("0d0a0d0a000d0a515549540a2111000c7f0000057f000001")
    expected += struct.pack("!HH", dialled, world.tcp)
    assert len(expected) == 28
    assert seen.received == expected + b"HELLO"


def test_a_silent_client_is_announced_at_once(world: World) -> None:
    before = len(world.proxied.connections)
    with connect(world.tcp, source="127.0.0.7") as link:
        port = link.getsockname()[1]
        expected = v2(("127.0.0.7", port), ("127.0.0.1", world.tcp))
        eventually(
            lambda: (
                expected
                in [each.received for each in world.proxied.connections[before:]]
            )
        )


def test_without_the_annotation_the_backend_gets_the_payload_alone(
    world: World,
) -> None:
    assert exchange(world.raw, b"HELLO") == b"HELLO"
    assert world.plain.talk().received == b"HELLO"


def test_a_header_from_the_load_balancer_is_passed_on_untouched(world: World) -> None:
    header = v2(("192.0.2.7", 4711), ("192.0.2.1", 80))

    assert exchange(world.raw, header + b"HELLO") == header + b"HELLO"


def test_a_health_check_sends_nothing(world: World) -> None:
    eventually(lambda: world.account.connections)
    # The first comes at start-up, before any client.
    (first, *_) = world.account.connections
    eventually(lambda: first.closed)

    assert first.received == b""
    (proxied, *_) = world.proxied.connections
    assert proxied.received == b""


def test_udp_carries_the_datagram_and_no_header(world: World) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((CLIENT, 0))
        client.settimeout(10)
        client.sendto(b"PING", ("127.0.0.1", world.udp))

        assert client.recv(100) == b"PING"
    assert world.datagrams == [b"PING"]


def test_grpc_goes_upstream_over_http_2(world: World) -> None:
    with connect(world.grpc) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        start = world.account.talk().received

    assert start.startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


def test_the_readiness_listener_asks_the_admin_interface(world: World) -> None:
    answer = request(world.ports.ready_port, path="/ready")

    assert (answer.status, answer.body) == (200, b"LIVE\n")
    assert request(world.ports.ready_port, path="/quitquitquit").status == 404


def test_the_health_listener_answers_healthz_alone(world: World) -> None:
    assert request(world.ports.health_port, path="/healthz").status == 200
    assert request(world.ports.health_port, path="/").status == 404


def test_the_stats_listener_shows_prometheus_the_listeners(world: World) -> None:
    answer = request(world.ports.stats_port, path="/stats/prometheus")

    assert answer.status == 200
    assert b"tenant-primary-uid-default-my-tcp-service-ep-0-port" in answer.body
    assert request(world.ports.stats_port, path="/stats").status == 404


def test_the_access_log_names_the_client(world: World) -> None:
    exchange(world.raw, b"HELLO", source="127.0.0.11")

    eventually(lambda: '"127.0.0.11:' in world.envoy.log_text())


@pytest.mark.parametrize("forged", [None, "6.6.6.6", "6.6.6.6, 7.7.7.7", "127.0.0.2"])
def test_behind_the_edge_the_client_is_second_from_the_right(
    world: World, tmp_path: Path, forged: str | None
) -> None:
    headers = [("X-Forwarded-For", forged)] if forged else []
    with edge_envoy(tmp_path, world.http) as edge:
        told = request(edge.port, headers=headers).json()

    kept = f"{forged}," if forged else ""
    assert header_of(told, "x-forwarded-for") == f"{kept}{CLIENT},{EDGE}"
    assert header_of(told, "x-envoy-external-address") == CLIENT


def test_a_forged_external_address_is_overwritten(world: World, tmp_path: Path) -> None:
    forged = [("X-Envoy-External-Address", "6.6.6.6")]
    with edge_envoy(tmp_path, world.http) as edge:
        told = request(edge.port, headers=forged).json()

    assert header_of(told, "x-envoy-external-address") == CLIENT


@pytest.mark.parametrize("forged", ["", "6.6.6.6, "])
@pytest.mark.parametrize(
    "trust", [{"trusted_cidrs": (f"{OUTER_PROXY}/32",)}, {"trusted_hops": 1}]
)
def test_behind_one_more_proxy_the_client_is_third_from_the_right(
    world: World,
    tmp_path: Path,
    trust: dict[str, tuple[str, ...] | int],
    forged: str,
) -> None:
    headers = [("X-Forwarded-For", f"{forged}{CLIENT}")]
    with edge_envoy(tmp_path, world.http, **trust) as edge:  # type: ignore[arg-type]
        told = request(edge.port, source=OUTER_PROXY, headers=headers).json()

    entries = header_of(told, "x-forwarded-for").replace(" ", "").split(",")
    assert entries[-3:] == [CLIENT, OUTER_PROXY, EDGE]


def test_an_edge_that_reads_proxy_headers_passes_their_address_on(
    world: World, tmp_path: Path
) -> None:
    header = v2(("203.0.113.7", 4711), ("192.0.2.1", 80))
    with edge_envoy(tmp_path, world.http, proxy_protocol=True) as edge:
        told = request(edge.port, before=header).json()

    assert header_of(told, "x-forwarded-for") == f"203.0.113.7,{EDGE}"


def header_of(told: dict[str, list[list[str]]], name: str) -> str:
    (value,) = (each for key, each in told["headers"] if key.lower() == name)
    return value


@contextmanager
def udp_application() -> Iterator[tuple[int, list[bytes]]]:
    """Answer every datagram with itself; the port, and what came."""
    received: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", free_ports(1)[0]))
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, peer = server.recvfrom(2048)
                except TimeoutError:
                    continue
                received.append(data)
                server.sendto(data, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], received
        finally:
            over.set()
            thread.join(2)
