"""Ports and names that only one user may have."""

from __future__ import annotations

import pytest

from kubelb_gen.diagnostics import Severity
from kubelb_gen.report.text import draw
from tests.support.specs import NGINX, estate, fleet, problem, problems, service


def test_a_port_used_twice_is_drawn_as_in_the_design() -> None:
    text = service(
        ports="{name: a, port: 5000}\n{name: b, port: 5000, targetPort: 5001}"
    )

    assert """\
error[port-in-use]: port 5000/TCP is used twice by service 'web'
  --> a.yaml:18:31  at spec.tenants[0].services[0].ports[1].port
   |
18 |             - {name: b, port: 5000, targetPort: 5001}
   |                               ^^^^ first used on line 17
   = hint: give the second port its own number
""" == draw(problem(text))


@pytest.mark.parametrize(
    ("ids", "ports"),
    [
        ([], "{port: 53}\n{port: 53, protocol: UDP}"),
        ([], "{port: 1, nodePort: 30001}\n{port: 2, nodePort: 30001, protocol: UDP}"),
        (["port-in-use"], "{port: 1, nodePort: 30001}\n{port: 2, nodePort: 30001}"),
        (["port-in-use"], "{port: 1, envoyPort: 10001}\n{port: 2, envoyPort: 10001}"),
        (["port-in-use"], "{port: 1, nodePort: 30001}\n{port: 2, envoyPort: 30001}"),
        (["port-in-use"], "{port: 1, envoyPort: 19001}"),
        ([], "{port: 1, envoyPort: 19001, protocol: UDP}"),
        (["port-name-in-use"], "{name: a, port: 1}\n{name: a, port: 2}"),
        (["port-name-in-use"], "{name: 2-tcp, port: 1}\n{port: 2}"),
    ],
)
def test_a_port_is_used_once_per_protocol(ids: list[str], ports: str) -> None:
    assert ids == [each.id for each in problems(service(ports=ports))]


@pytest.mark.parametrize("number", [1, 29999, 32768, 65535])
def test_a_node_port_outside_the_usual_range_is_a_warning(number: int) -> None:
    found = problem(service(ports=f"{{port: 1, nodePort: {number}}}"))

    assert ("node-port-range", Severity.WARNING) == (found.id, found.severity)


@pytest.mark.parametrize("number", [30000, 32767])
def test_the_ends_of_the_usual_range_are_in_it(number: int) -> None:
    assert () == problems(service(ports=f"{{port: 1, nodePort: {number}}}"))


def test_a_node_port_is_used_once_by_services_and_routes_together() -> None:
    backend = (
        "{name: b, kind: caddy, upstream: 'a:1', port: 80, nodePort: 30500,"
        " route: {kind: HTTPRoute, name: r}}"
    )
    text = service(
        tenant=f"gateways:\n  - {{name: g, namespace: n, backends: [{backend}]}}"
    )

    assert "nodePort 30500/TCP is used twice in tenant 'primary'" == (
        problem(text).message
    )


@pytest.mark.parametrize(
    ("route", "protocol", "ids"),
    [
        ("UDPRoute", "UDP", ["port-in-use"]),
        ("UDPRoute", "TCP", []),
        ("TCPRoute", "UDP", []),
    ],
)
def test_a_udp_route_takes_a_udp_port(
    route: str, protocol: str, ids: list[str]
) -> None:
    # Envoy has one listener for each port, and drops one of two (resource.go).
    backend = (
        "{name: b, kind: other, reads: {peer: true}, port: 53, nodePort: 30500,"
        f" route: {{kind: {route}, name: r}}}}"
    )
    text = service(
        ports=f"{{port: 53, protocol: {protocol}, nodePort: 30500}}",
        tenant=f"gateways:\n  - {{name: g, namespace: n, backends: [{backend}]}}",
    )

    assert ids == [each.id for each in problems(text)]


def test_two_tenants_may_use_one_node_port() -> None:
    one = (
        "services: [{name: a, namespace: n, selector: {a: b}, backend: "
        + NGINX
        + ", ports: [{port: 1, nodePort: 30001}]}]"
    )

    assert () == problems(estate(f"- {{name: a, {one}}}\n- {{name: b, {one}}}"))


def test_names_and_targets_have_the_defaults_that_kubelb_gives() -> None:
    ports = "{port: 8080}\n{name: n, port: 81, targetPort: http, listen: 8081}"
    first, second = fleet(service(ports=ports)).tenants[0].services[0].ports

    assert ("8080-tcp", 8080, 8080) == (first.name, first.target_port, first.listen)
    assert ("http", 8081) == (second.target_port, second.listen)


def test_two_ports_of_envoy_may_not_be_one() -> None:
    text = estate(
        management="management:\n  loadBalancer: {class: vip}\n"
        "  envoy: {statsPort: 9001}\n"
    )

    assert "port 9001 is both 'adminPort' and 'statsPort'" == problem(text).message
