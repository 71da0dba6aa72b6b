"""Snippets in the frameworks that they are for: forged headers change nothing.

Rails and Spring Boot are not run here: no registry that CI reaches has the one, and the
other would download half a server.  Both were run once, as `render.snippet` says.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen import api
from kubelb_gen.plan.applications import Application
from tests.support import loopback, servers
from tests.support.edge_envoy import EDGE, OUTER_PROXY, edge_envoy
from tests.support.frameworks import FRAMEWORKS, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Data = dict[str, Any]
KUBELB, CDN, LIE = "127.0.0.3", "127.0.0.7", "6.6.6.6"
LISTED, NAMED = "X-Forwarded-For", "X-Envoy-External-Address"


def _application(header: str, place: int | None, *ranges: str) -> Application:
    return Application(
        tenant="primary",
        namespace="default",
        name="account",
        header=header,
        from_right=place,
        peers=(ip_network(f"{KUBELB}/32"),),
        ranges=tuple(ip_network(each) for each in ranges),
    )


APPLICATIONS = {
    "counted": _application(LISTED, 3),
    "walked": _application(LISTED, None, f"{EDGE}/32", f"{CDN}/32", "fd00::/8"),
    "named": _application(NAMED, 1),
}
LISTS = {
    "clean": [f"{loopback.CLIENT},{CDN},{EDGE}"],
    "forged": [f"{LIE}, {loopback.CLIENT},{CDN},{EDGE}"],
    "forged proxies": [f"{LIE}, {CDN}, {loopback.CLIENT},{CDN},{EDGE}"],
    "in two lines": [LIE, f"{loopback.CLIENT},{CDN},{EDGE}"],
    "nonsense first": [f"::1%x, a.example, ,{loopback.CLIENT}, {CDN} ,{EDGE}"],
}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of a program in each framework."""
    codes = {
        name: api.snippet(request.param, each) for name, each in APPLICATIONS.items()
    }
    folder = tmp_path_factory.mktemp(request.param)
    with serving(request.param, folder, codes) as port:
        yield port


def _told(port: int, way: str, source: str, *headers: tuple[str, str]) -> str:
    answer = loopback.request(port, source=source, path=f"/{way}", headers=headers)
    assert 200 == answer.status
    return answer.body.decode().removeprefix("::ffff:")


@pytest.mark.parametrize("values", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("way", ["counted", "walked"])
def test_the_client_is_found_from_the_right(
    program: int, way: str, values: list[str]
) -> None:
    # Where names of headers become variables, this one would be the list, too.
    lies = [("X_Forwarded_For", LIE), (NAMED, LIE), ("Forwarded", f"for={LIE}")]
    listed = [(LISTED, each) for each in values]

    assert loopback.CLIENT == _told(program, way, KUBELB, *lies, *listed)


def test_one_value_is_read_alone(program: int) -> None:
    headers = ((LISTED, LIE), ("X-Real-IP", LIE), (NAMED, loopback.CLIENT))

    assert loopback.CLIENT == _told(program, "named", KUBELB, *headers)


@pytest.mark.parametrize("way", list(APPLICATIONS))
def test_a_stranger_is_the_stranger(program: int, way: str) -> None:
    headers = ((LISTED, f"{LIE},{CDN},{EDGE}"), (NAMED, LIE))

    assert loopback.ATTACKER == _told(program, way, loopback.ATTACKER, *headers)


@pytest.mark.parametrize("way", list(APPLICATIONS))
def test_without_the_header_the_peer_is_the_client(program: int, way: str) -> None:
    assert KUBELB == _told(program, way, KUBELB)


def test_a_list_that_is_too_short_names_nobody(program: int) -> None:
    assert KUBELB == _told(program, "counted", KUBELB, (LISTED, f"{LIE}, {EDGE}"))


def test_a_walk_passes_over_ipv6_and_ends_at_the_first_of_all(program: int) -> None:
    over = ((LISTED, f"2001:db8::5, fd00::7,{EDGE}"),)
    all_known = ((LISTED, f"{CDN},{EDGE}"),)

    assert "2001:db8::5" == _told(program, "walked", KUBELB, *over)
    assert CDN == _told(program, "walked", KUBELB, *all_known)


def _spec(ports: tuple[int, int], proxies: Data | None) -> Data:
    public, served = ports
    admin = ("adminPort", "statsPort", "readyPort", "healthPort")
    envoy = dict(zip(admin, loopback.free_ports(4), strict=True))
    place = 2 + (proxies or {}).get("count", 0)
    backend: Data = {
        "name": "account",
        "namespace": "default",
        "kind": "other",
        "port": 80,
    }
    backend |= {"listen": served, "nodePort": served, "envoyPort": public}
    backend |= {"reads": {"header": LISTED, "fromRight": place}}
    backend |= {"route": {"kind": "HTTPRoute", "name": "account"}}
    gateway: Data = {"name": "kubelb", "namespace": "default", "backends": [backend]}
    if proxies is not None:
        gateway["trustedProxies"] = proxies
    tenant = {"name": "primary", "nodes": ["127.0.0.1"], "gateways": [gateway]}
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "loopback"},
        "spec": {
            "kubelb": {"version": "1.4.3", "edition": "EE"},
            "management": {
                "loadBalancer": {"provider": "metallb-bgp"},
                "envoy": {"bind": "127.0.0.1", **envoy},
                "egressCIDRs": ["127.0.0.1/32"],
                "podCIDRs": [f"{EDGE}/32"],
            },
            "tenants": [tenant | {"internalCIDRs": ["127.0.0.1/32"]}],
        },
    }


@contextmanager
def _path(tmp_path: Path, count: int) -> Iterator[int]:
    """The port of the edge in front of what was rendered, down to the application."""
    public, served = loopback.free_ports(2)
    cidrs = (f"{OUTER_PROXY}/32",) if count else ()
    proxies: Data | None = None
    if count:
        proxies = {"count": count, "cidrs": [*cidrs], "onlyWayIn": True}
    fleet = kubelb_gen.from_data(_spec((public, served), proxies))
    (application,) = api.applications(fleet)
    bootstrap = kubelb_gen.render(fleet)["expected/tenant-primary/envoy-bootstrap.yaml"]
    with ExitStack() as stack:
        folder = tmp_path / "application"
        folder.mkdir()
        code = {"application": api.snippet("gunicorn", application)}
        port = stack.enter_context(serving("gunicorn", folder, code))
        text = bootstrap.text.replace(f"port_value: {served}", f"port_value: {port}")
        assert text != bootstrap.text
        stack.enter_context(servers.envoy(tmp_path / "envoy", text, ports=[public]))
        edge = edge_envoy(tmp_path / "edge", public, trusted_cidrs=cidrs)
        yield stack.enter_context(edge).port


@pytest.mark.parametrize("proxies", [0, 1])
def test_behind_edge_and_kubelb_the_place_is_the_plans(
    tmp_path: Path, proxies: int
) -> None:
    source = OUTER_PROXY if proxies else loopback.CLIENT
    own = [loopback.CLIENT] if proxies else []
    with _path(tmp_path, proxies) as port:
        for lies in ([], [LIE], [LIE, EDGE, OUTER_PROXY]):
            listed = ",".join([*lies, *own])
            headers = ((LISTED, listed),) if listed else ()
            ask = partial(_told, port, "application", source, *headers)
            # Until its first health check Envoy may say 503 by itself.
            assert loopback.CLIENT == loopback.eventually(ask)
