"""The program that serves a port, as the model has it."""

from __future__ import annotations

import pytest

from kubelb_gen.model import (
    BackendKind,
    BackendMode,
    ConfigMapKey,
    HeaderReading,
    Probe,
    ProbeType,
    ProxyAcceptance,
    RouteBackend,
    Tls,
)
from tests.support.specs import NGINX, PORT, estate, fleet, problem, problems, service


def routed(backend: str, gateway: str = "") -> str:
    return estate(
        f"- {{name: a, gateways: [{{name: g, namespace: n, {gateway}backends: ["
        f"{{name: b, port: 80, route: {{kind: HTTPRoute, name: r}}, {backend}}}]}}]}}"
    )


def route_backend(backend: str) -> RouteBackend:
    return fleet(routed(backend)).tenants[0].gateways[0].backends[0]


def test_an_upstream_of_the_port_wins_over_the_backends() -> None:
    text = service(ports="{port: 1, upstream: 'b:2'}\n{port: 2}")

    assert ["b:2", "127.0.0.1:8080"] == [
        each.backend.upstream
        for each in fleet(text).tenants[0].services[0].ports
        if each.backend
    ]


def test_a_program_that_is_written_for_needs_an_upstream() -> None:
    bare = "{kind: nginx, mode: stream}"
    none = "{kind: nginx, mode: stream, emit: none}"

    assert "missing-field" == problem(service(backend=bare)).id
    assert () == problems(service(backend=none))


def test_an_upstream_has_a_port_that_exists() -> None:
    assert (
        "out-of-range"
        == problem(service(backend="{kind: caddy, upstream: 'a:65536'}")).id
    )


@pytest.mark.parametrize(
    "host", ["a..b", "a.", "-a", "a-.b", "10.0.0", "10.0.0.256", "[::1", "[1:2]"]
)
def test_an_upstream_that_is_no_host_is_refused(host: str) -> None:
    assert (
        "malformed"
        == problem(service(backend=f"{{kind: caddy, upstream: '{host}:80'}}")).id
    )


@pytest.mark.parametrize("host", ["a", "a.b", "my_app", "10.0.0.1", "[::1]", "0a.b-c"])
def test_an_upstream_is_a_name_or_an_address(host: str) -> None:
    assert () == problems(service(backend=f"{{kind: caddy, upstream: '{host}:80'}}"))


def test_pins_and_probes_arrive_in_the_model() -> None:
    text = service(
        backend="{kind: haproxy, mode: tcp, upstream: 'a:1', acceptProxyProtocol: any,"
        " upstreamProxyProtocol: v2, trustedCIDRs: [10.0.0.0/8],"
        " probe: {type: httpGet, port: 8081}}",
        more="externalTrafficPolicy: Cluster\nproxyProtocol: none",
    )
    (web,) = fleet(text).tenants[0].services
    backend = web.ports[0].backend

    assert backend is not None
    assert ("Cluster", False) == (web.external_traffic_policy, web.proxy_protocol)
    assert (BackendKind.HAPROXY, BackendMode.TCP) == (backend.kind, backend.mode)
    assert ProxyAcceptance.ANY is backend.accept_proxy_protocol
    assert ProxyAcceptance.V2 is backend.upstream_proxy_protocol
    assert Probe(type=ProbeType.HTTP_GET, port=8081, path="/") == backend.probe
    assert ["10.0.0.0/8"] == [str(each) for each in backend.trusted_cidrs or ()]


def test_without_pins_the_plan_decides() -> None:
    (web,) = fleet(service()).tenants[0].services
    backend = web.ports[0].backend

    assert backend is not None
    assert (None, None, None, None) == (
        web.external_traffic_policy,
        web.proxy_protocol,
        backend.accept_proxy_protocol,
        backend.trusted_cidrs,
    )


@pytest.mark.parametrize(
    ("reading", "reads"),
    [
        (
            HeaderReading(header="X-Forwarded-For", from_right=3),
            "{header: X-Forwarded-For, fromRight: 3}",
        ),
        (HeaderReading(header="X-Forwarded-For", first=True), "{first: true}"),
        (HeaderReading(peer=True), "{peer: true}"),
    ],
)
def test_kind_other_says_how_it_reads(reading: HeaderReading, reads: str) -> None:
    assert reading == route_backend(f"kind: other, reads: {reads}").backend.reads


@pytest.mark.parametrize(
    "reads",
    [
        "{header: X}",
        "{first: true, fromRight: 1}",
        "{first: false}",
        "{peer: true, cidrs: []}",
    ],
)
def test_one_way_to_read_must_be_named(reads: str) -> None:
    assert "one-way-to-read" == problem(routed(f"kind: other, reads: {reads}")).id


def test_a_route_backend_takes_its_namespace_and_port_from_around_it() -> None:
    found = route_backend("kind: nginx, upstream: 'a:1'")

    assert ("n", 80, BackendMode.HTTP) == (
        found.namespace,
        found.listen,
        found.backend.mode,
    )


def test_no_proxies_and_their_ranges_contradict() -> None:
    gateway = "trustedProxies: {count: 0, cidrs: [10.0.0.0/8]}, "

    assert (
        "contradiction"
        == problem(routed("kind: other, reads: {peer: true}", gateway)).id
    )


def test_a_service_that_is_written_whole_needs_a_selector() -> None:
    bare = service().replace("selector: {app: web}", "everyNode: true")
    patched = service().replace("selector: {app: web}", "output: patch")

    assert "'selector' is missing in service 'web'" == problem(bare).message
    assert () == problems(patched)


@pytest.mark.parametrize("node", ["10.2.0.999", "1.2.3", "2001:db8::zz"])
def test_a_node_is_an_address_or_a_name(node: str) -> None:
    assert problem(estate(f"- {{name: a, nodes: ['{node}']}}")).id == "malformed"


def test_host_names_may_stand_for_nodes() -> None:
    text = estate("- {name: a, nodes: [node-1.example.com, 10.2.0.1, '2001:db8::1']}")

    assert ("node-1.example.com", "10.2.0.1", "2001:db8::1") == fleet(text).tenants[
        0
    ].nodes


def test_two_programs_of_one_name_would_share_a_file() -> None:
    backend = (
        "{name: web, namespace: default, kind: caddy, upstream: 'a:1', port: 80,"
        " route: {kind: HTTPRoute, name: r}}"
    )
    text = service(
        ports=PORT,
        backend=NGINX,
        tenant=f"gateways:\n  - {{name: g, namespace: n, backends: [{backend}]}}",
    )

    told = problem(text)
    assert "service 'default/web' is defined twice" == told.message
    assert "a Service for each" in (told.hint or "")


def test_certificates_and_config_maps_arrive_in_the_model() -> None:
    backend = route_backend(
        "kind: caddy, upstream: 'a:1', tls: {certificate: /a, key: /b},"
        " configMap: {name: c}"
    ).backend

    assert Tls(certificate="/a", key="/b") == backend.tls
    assert ConfigMapKey(name="c") == backend.config_map
