"""Specs as plain data that hypothesis draws: sound in form, right or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import assume
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan

if TYPE_CHECKING:
    from kubelb_gen.plan import Plan

Spec = dict[str, Any]

BECAUSE = "a test says so"
TRUSTED = (
    "10.3.0.0/16",
    "10.2.0.0/16",
    "10.1.16.0/20",
    "203.0.113.0/24",
    "192.0.2.0/24",
)


def maybe(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Draw nothing, or *name* with one of *values*."""
    return st.one_of(st.just({}), values.map(lambda value: {name: value}))


def merged(*parts: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    """Draw the union of *parts*."""
    return st.tuples(*parts).map(
        lambda drawn: {key: value for part in drawn for key, value in part.items()}
    )


def _known(name: str) -> st.SearchStrategy[Spec]:
    support = provider(name).proxy
    versions = ["none", *(support.versions if support else ())]
    return merged(
        st.just({"provider": name}),
        maybe("proxyProtocol", st.sampled_from([str(each) for each in versions])),
        _FAMILIES,
    )


_FAMILIES = maybe("ipFamilies", st.sampled_from([["IPv4"], ["IPv4", "IPv6"]]))
CUSTOM_BALANCERS = merged(
    st.sampled_from(["passThrough", "vip", "proxying"]).map(
        lambda kind: {"class": kind}
    ),
    maybe("proxyProtocol", st.sampled_from(["v1", "v2", "none"])),
    _FAMILIES,
)
BALANCERS = st.sampled_from(provider_names()).flatmap(_known) | CUSTOM_BALANCERS
POLICIES = maybe("externalTrafficPolicy", st.sampled_from(["Local", "Cluster"]))
WISHES = st.sampled_from(
    [
        {},
        {},
        {"clientIP": "preferred", "because": BECAUSE},
        {"clientIP": "ignored", "because": BECAUSE},
    ]
)
CILIUM = st.sampled_from(["snat", "dsr", "hybrid"]).map(
    lambda mode: {
        "cilium": {
            "version": "1.20",
            "mode": mode,
            "routing": "tunnel",
            "apiServer": {"host": "10.1.0.10"},
        }
    }
)
PROBES = maybe(
    "probe",
    st.sampled_from(
        [
            {"type": "tcpSocket"},
            {"type": "httpGet"},
            {"type": "httpGet", "port": 8081},
            {"type": "tcpSocket", "port": 8081},
        ]
    ),
)
PINNED_TRUST = maybe("trustedCIDRs", st.sampled_from(TRUSTED).map(lambda one: [one]))
ACCEPTANCE = maybe("acceptProxyProtocol", st.sampled_from(["none", "v1", "v2", "any"]))


def _written(kind: str, modes: list[str]) -> st.SearchStrategy[Spec]:
    return merged(
        st.just({"kind": kind, "upstream": "127.0.0.1:8080"}),
        st.sampled_from(modes).map(lambda mode: {"mode": mode}),
        maybe("upstreamProxyProtocol", st.just("v1")),
        ACCEPTANCE,
        PINNED_TRUST,
        PROBES,
    )


# Traefik, Caddy and Envoy can tell whether a header comes.
DETECTING = maybe(
    "acceptProxyProtocol", st.sampled_from(["none", "v1", "v2", "any", "optional"])
)
HANDOVERS = maybe(
    "handover",
    st.sampled_from(
        [
            {"listen": 7001},
            {"listen": 7001, "acceptProxyProtocol": "none"},
            {"listen": 7001, "adapter": 7002},
            {"listen": 7001, "adapter": 7002, "serves": True},
        ]
    ),
)
BALANCER_OFF = maybe("loadBalancerProxyProtocol", st.just("none"))
# What an edge reads optionally it reads of clients, past proxies that count.
EDGE_READS = maybe("acceptProxyProtocol", st.sampled_from(["none", "required"]))
OTHER_AT_LAYER_4 = merged(
    st.sampled_from(["none", "accepted", "required"]).map(
        lambda word: {"kind": "other", "proxyProtocol": word}
    ),
    PROBES,
)
LAYER_4_BACKENDS = st.one_of(
    _written("nginx", ["http", "stream"]),
    _written("haproxy", ["http", "tcp"]),
    merged(_written("envoy", ["http", "tcp"]), DETECTING),
    st.sampled_from(["traefik", "caddy"]).flatmap(
        lambda kind: merged(_written(kind, ["http"]), DETECTING)
    ),
    _written("apache", ["http"]),
    OTHER_AT_LAYER_4,
)
READS = st.one_of(
    st.integers(1, 5).map(lambda place: {"fromRight": place}),
    st.just({"first": True}),
    st.just({"peer": True}),
    st.lists(st.sampled_from(TRUSTED), min_size=1, max_size=4, unique=True).map(
        lambda ranges: {"cidrs": ranges}
    ),
    st.sampled_from(["X-Envoy-External-Address", "X-Real-IP", "CF-Connecting-IP"]).map(
        lambda header: {"header": header, "fromRight": 1}
    ),
)
WRITTEN = ["nginx", "haproxy", "envoy", "traefik", "caddy", "apache"]
LAYER_7_BACKENDS = st.one_of(
    merged(
        st.sampled_from(WRITTEN).map(
            lambda kind: {"kind": kind, "upstream": "127.0.0.1:3000", "listen": 8080}
        ),
        PINNED_TRUST,
        PROBES,
    ),
    READS.map(lambda reads: {"kind": "other", "reads": reads}),
)
ROUTES = st.sampled_from(
    [*["HTTPRoute"] * 6, "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"]
)
PROXIES: st.SearchStrategy[Spec] = st.one_of(
    st.just({}),
    merged(
        st.integers(1, 3).map(lambda count: {"count": count}),
        maybe("cidrs", st.just(["203.0.113.0/24"])),
        maybe("onlyWayIn", st.booleans()),
    ).map(lambda proxies: {"trustedProxies": proxies}),
)


@st.composite
def services(draw: st.DrawFn) -> Spec:
    """Draw a layer-4 service with a port or two."""
    ports = []
    for number in range(draw(st.integers(1, 2))):
        port = {"name": f"p{number}", "port": 5000 + number, "nodePort": 30500 + number}
        port["protocol"] = draw(st.sampled_from(["TCP", "TCP", "UDP"]))
        port |= draw(maybe("plain", st.just({"port": 6000 + number})))
        if port["protocol"] == "TCP":
            port |= draw(HANDOVERS) if number == 0 and draw(st.booleans()) else {}
        port |= draw(WISHES) | {"backend": draw(LAYER_4_BACKENDS)}
        ports.append(port)
    return draw(
        merged(
            st.just({"name": "web", "namespace": "default", "ports": ports}),
            st.just({"selector": {"app": "web"}}),
            POLICIES,
            maybe("proxyProtocol", st.sampled_from(["v2", "none"])),
            BALANCER_OFF,
            maybe("callers", st.just(["internet", "cluster"])),
            maybe("everyNode", st.booleans()),
        )
    )


@st.composite
def gateways(draw: st.DrawFn) -> Spec:
    """Draw a gateway with one backend behind a route."""
    backend = {"name": "app", "port": 80, "nodePort": 31080} | draw(LAYER_7_BACKENDS)
    backend["route"] = {"kind": draw(ROUTES), "name": "app"}
    backend |= draw(maybe("protocol", st.sampled_from(["HTTP", "HTTPS"]))) | draw(
        WISHES
    )
    return {
        "name": "kubelb",
        "namespace": "default",
        "backends": [backend],
        **draw(PROXIES),
    }


@st.composite
def ingresses(draw: st.DrawFn) -> Spec:
    """Draw an Ingress with one backend."""
    backend = {"name": "shop", "port": 80, "nodePort": 31081} | draw(LAYER_7_BACKENDS)
    backend |= draw(maybe("protocol", st.sampled_from(["HTTP", "HTTPS"])))
    return {
        "name": "shop",
        "namespace": "default",
        "backends": [backend | draw(WISHES)],
        **draw(PROXIES),
    }


@st.composite
def specs(draw: st.DrawFn, *, ranges: bool = True) -> Spec:
    """Draw a whole spec of one tenant; with *ranges* it knows all its networks."""
    tenant: Spec = {"name": "primary", "nodes": ["10.2.0.21"]}
    management: Spec = {
        "loadBalancer": draw(BALANCERS),
        "edges": [
            {"name": "eg"} | draw(POLICIES) | draw(BALANCER_OFF) | draw(EDGE_READS),
            {"name": "nginx", "kind": "ingress-nginx"}
            | draw(POLICIES)
            | draw(BALANCER_OFF),
        ],
    } | draw(maybe("dataplane", CILIUM))
    if ranges:
        management |= {"podCIDRs": ["10.1.16.0/20"], "egressCIDRs": ["10.3.0.0/16"]}
        tenant["internalCIDRs"] = ["10.2.0.0/16"]
    tenant |= draw(maybe("dataplane", CILIUM))
    tenant["services"] = [draw(services())]
    tenant["gateways"] = [draw(gateways())]
    tenant["ingresses"] = [draw(ingresses())]
    version = draw(st.sampled_from(["1.4.3", "1.4.3", "1.3.0", "1.2.1"]))
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "drawn"},
        "spec": {
            "kubelb": {
                "version": version,
                "edition": draw(st.sampled_from(["CE", "EE"])),
            },
            "management": management,
            "tenants": [tenant],
        },
    }


def planned(spec: Spec) -> Plan:
    """What is decided about *spec*; one that is refused is none of a law's."""
    try:
        return make_plan(kubelb_gen.from_data(spec))
    except SpecError:
        assume(False)
        raise
