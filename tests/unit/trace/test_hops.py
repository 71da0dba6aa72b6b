"""What single hops do to a flow that no plan sends them, and where lies end."""

from __future__ import annotations

import pytest

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.trace import Carried, LiePlace, Origin, Role
from kubelb_gen.trace.backends import other
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.edge import EdgeHop, forward
from kubelb_gen.trace.flow import Claim, Flow, Named, ProxyHeader
from tests.support.traces import port_paths, route_paths
from tests.support.wishes import REQUIRED

BALANCER = Named(Role.LOAD_BALANCER)
CLIENT = Named(Role.CLIENT)
V1 = ProxyHeader(ProxyVersion.V1, Claim(CLIENT, Role.LOAD_BALANCER))
V2 = ProxyHeader(ProxyVersion.V2, Claim(BALANCER, Role.ENVOY_POD))


@pytest.mark.parametrize(
    ("reads_proxy", "headers", "works"),
    [
        (False, (), True),
        (False, (V1,), False),
        (True, (), False),
        (True, (V1,), True),
        (True, (V1, V2), False),
    ],
)
def test_an_edge_reads_one_header_or_none(
    reads_proxy: bool, headers: tuple[ProxyHeader, ...], works: bool
) -> None:
    """One side without the other breaks all traffic."""
    hop = EdgeHop(name="eg", reads_proxy=reads_proxy)
    step = forward(Flow(source=BALANCER, headers=headers), hop)

    assert (step.broken is None) is works


def test_an_edge_that_passes_bytes_on_lets_headers_through() -> None:
    step = forward(Flow(source=BALANCER, headers=(V1,)), EdgeHop(name="eg", http=False))

    assert step.broken is None
    assert step.flow.headers == (V1,)


@pytest.mark.parametrize(
    ("accept", "header", "carried"),
    [
        (ProxyAcceptance.V1, V1, Carried.PROXY_V1),
        (ProxyAcceptance.V2, V2, Carried.PROXY_V2),
        (ProxyAcceptance.ANY, V1, Carried.PROXY_V1),
        (ProxyAcceptance.V1, V2, None),
        (ProxyAcceptance.V2, V1, None),
    ],
)
def test_a_program_that_reads_one_version_reads_no_other(
    accept: ProxyAcceptance, header: ProxyHeader, carried: Carried | None
) -> None:
    flow = Flow(source=Named(Role.MANAGEMENT_EGRESS), headers=(header,))
    step = other.forward(flow, BackendHop(accept=accept, waits=True))

    assert (step.carried, step.broken is None) == (carried, carried is not None)


def test_of_two_headers_envoys_stands_first() -> None:
    """Measured: the load balancer's or node's address, the client's as payload."""
    path = port_paths(
        REQUIRED,
        balancer={"class": "proxying", "proxyProtocol": "v1"},
        service={"proxyProtocol": "v2"},
    )[Origin.INTERNET_IPV4]

    assert path.verdict == "broken"
    assert path.because == ("it reads one PROXY header; PROXY v1 behind it is payload",)


def test_a_header_of_the_clients_own_ends_at_the_edge() -> None:
    backend = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
    lies = route_paths(backend)[Origin.INTERNET_IPV4].lies

    assert {lie.hop for lie in lies if lie.place is LiePlace.PROXY_V2} == {"edge"}


def test_a_forged_list_reaches_the_backend_and_is_passed_over() -> None:
    backend = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
    (lie,) = [
        each
        for each in route_paths(backend)[Origin.INTERNET_IPV4].lies
        if each.place is LiePlace.FORWARDED_FOR
    ]

    assert (lie.believed, lie.hop, lie.header) == (False, "backend", "X-Forwarded-For")
    assert lie.fate.startswith("the backend still sees the client")
