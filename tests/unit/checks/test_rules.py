"""Every rule: a spec that breaks it, one that keeps it, and one that only looks bad.

A rule without these three fails when this file is collected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.api import check, from_data
from kubelb_gen.checks import RULES
from kubelb_gen.diagnostics import Severity
from kubelb_gen.errors import RenderError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.wishes import (
    ACCEPTED,
    CDN,
    EGRESS,
    HAPROXY,
    IGNORED,
    INTERNAL,
    NGINX,
    NONE,
    PREFERRED,
    REQUIRED,
    Data,
    cilium,
    document,
    gateway,
    service,
)

if TYPE_CHECKING:
    from kubelb_gen.checks import Report

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
UDP: Data = {"protocol": "UDP", **IGNORED}
PROXY: Data = {"kind": "haproxy", "mode": "http", "upstream": "127.0.0.1:8080"}
CADDY: Data = {"kind": "caddy", "upstream": "127.0.0.1:8080"}
HTTP: Data = {"kind": "nginx", "mode": "http", "upstream": "127.0.0.1:8080"}
WEB: Data = {"kind": "nginx", "upstream": "127.0.0.1:3000"}
WIDE = ["10.0.0.0/8"]
PROBE: Data = {"type": "httpGet", "port": 8081, "path": "/healthz"}
TLS: Data = {"certificate": "/tls/a.crt", "key": "/tls/a.key"}
CALLERS = ["internet", "cluster"]
FROM_INSIDE: Data = {
    "callers": CALLERS,
    "externalTrafficPolicy": "Cluster",
    "balancer": "hetzner",
}
LOCATION: Data = {"load-balancer.hetzner.cloud/location": "fsn1"}
PROPAGATED: Data = {
    "propagatedAnnotations": {
        "load-balancer.hetzner.cloud/location": "",
        "load-balancer.hetzner.cloud/uses-proxyprotocol": "",
    }
}
HTTP_CHECK: Data = {"kubelb.k8c.io/health-check-type": "HTTP"}
BEHIND_CDN: Data = {"trustedProxies": {"count": 1, "cidrs": [CDN]}}
WALLED: Data = {"trustedProxies": {"count": 1, "cidrs": [CDN], "onlyWayIn": True}}


@dataclass(frozen=True)
class Case:
    """*bad* breaks the rule once; *good* and *near* do not."""

    bad: Data
    good: Data
    near: Data


def l4(
    *ports: Data,
    tenant: Data | None = None,
    kubelb: Data | None = None,
    **rest: Any,  # noqa: ANN401
) -> Data:
    """A spec with one Service; what `document` knows goes there, the rest to it."""
    known = ("version", "edition", "balancer", "dataplane", "management", "more")
    facts = {key: rest.pop(key) for key in known if key in rest}
    value = service(*(ports or ({"backend": NGINX},)), **rest)
    data = document(tenant={"services": [value], **(tenant or {})}, **facts)
    data["spec"]["kubelb"].update(kubelb or {})
    return data


def edge(version: str) -> Data:
    return {"edges": [{"name": "eg", "version": version}]}


def two(port: Data, *, second: str, **config_map: str) -> Data:
    """A spec with a Service `web` and another one beside it."""
    backend = NGINX | ({"configMap": config_map} if config_map else {})
    beside = service({"backend": backend, "nodePort": 30900}) | {"name": second}
    first = service({**port, "backend": backend})
    return document(tenant={"services": [first, beside]})


def mounted(path: str | None, *, container: str) -> Data:
    """Two Services over one Deployment; *path* and *container* are the second's."""
    first: Data = {"name": "app", "container": "nginx"}
    second: Data = {"name": "app", "container": container}
    if path is not None:
        second["mountPath"] = path
    return document(
        tenant={
            "services": [
                service({"backend": NGINX | {"workload": first}}),
                service({"backend": NGINX | {"workload": second}, "nodePort": 30900})
                | {"name": "api"},
            ]
        }
    )


def l7(*backends: Data, gateway_fields: Data | None = None, **facts: Any) -> Data:  # noqa: ANN401
    value = gateway(*backends, **(gateway_fields or {}))
    return document(tenant={"gateways": [value]}, **facts)


def plane(**fields: Any) -> Data:  # noqa: ANN401  a spec
    known = cilium("dsr")["cilium"] | fields
    return {"cilium": {key: each for key, each in known.items() if each is not None}}


def native(**fields: Any) -> Data:  # noqa: ANN401  a spec
    settings = {
        "routing": "native",
        "nativeRoutingCIDR": "10.0.0.0/8",
        "podRoutes": "bgp",
    }
    return plane(**(settings | fields))


def ingress(**fields: Any) -> Data:  # noqa: ANN401  a spec
    edges = [{"name": "nginx", "kind": "ingress-nginx"}]
    tenant = {"ingresses": [gateway(WEB, name="in")]}
    return document(tenant=tenant, management={"edges": edges}, **fields)


CASES: dict[str, Case] = {
    "affinity-behind-snat": Case(
        bad=l4(sessionAffinity="ClientIP", version="1.5", balancer="hetzner"),
        good=l4(version="1.5", balancer="hetzner"),
        near=l4(sessionAffinity="ClientIP", version="1.5"),
    ),
    "affinity-loses-clients": Case(
        bad=l4({"backend": NGINX}, UDP, sessionAffinity="ClientIP", version="1.5"),
        good=l4(
            {"backend": NGINX},
            UDP,
            sessionAffinity="ClientIP",
            version="1.5",
            everyNode=True,
        ),
        near=l4({"backend": NGINX}, UDP, sessionAffinity="ClientIP"),
    ),
    "affinity-not-followed": Case(
        bad=l4(sessionAffinity="ClientIP", version="1.4.3"),
        good=l4(sessionAffinity="ClientIP", version="1.5"),
        near=l4(sessionAffinity="None"),
    ),
    "annotation-not-propagated": Case(
        bad=l4(annotations=LOCATION, balancer="hetzner"),
        good=l4(annotations=LOCATION, balancer="hetzner", kubelb=PROPAGATED),
        near=l4(annotations={"argocd.example/sync-wave": "1"}, balancer="hetzner"),
    ),
    "annotation-without-effect": Case(
        bad=l4(annotations=HTTP_CHECK, version="1.5", edition="CE"),
        good=l4(annotations=HTTP_CHECK, version="1.5", edition="EE"),
        near=l4(annotations={"service.cilium.io/forwarding-mode": "dsr"}),
    ),
    "caddy-ports-differ": Case(
        bad=l4(
            {"backend": CADDY},
            {"backend": {**CADDY, "trustedCIDRs": ["10.3.0.0/24"]}},
        ),
        good=l4({"backend": CADDY}, {"backend": CADDY}),
        # What believes nobody takes the others' block for what it is.
        near=l4(
            {"backend": CADDY}, {"backend": {**CADDY, "acceptProxyProtocol": "none"}}
        ),
    ),
    "callers-can-forge": Case(
        bad=l4({"backend": ACCEPTED}, **FROM_INSIDE),
        good=l4({"backend": ACCEPTED, "plain": {"port": 8082}}, **FROM_INSIDE),
        # Under Local its trusted ranges are the management cluster's alone.
        near=l4(
            {"backend": {**ACCEPTED, "trustedCIDRs": [EGRESS]}},
            callers=["internet", "cluster"],
        ),
    ),
    "callers-in-cluster": Case(
        bad=l4(callers=["internet", "cluster"]),
        good=l4(
            {"backend": NGINX, "plain": {"port": 8082}}, callers=["internet", "cluster"]
        ),
        near=l4({"backend": ACCEPTED}, callers=["internet", "cluster"]),
    ),
    "cilium-aks-geneve": Case(
        bad=l4(dataplane=plane(platform="aks-byocni", version="1.16")),
        good=l4(dataplane=plane(platform="aks-byocni", version="1.17")),
        near=l4(dataplane=plane(platform="aks-byocni", version="1.16", mode="snat")),
    ),
    "cilium-api-server-missing": Case(
        bad=l4(dataplane=plane(apiServer=None)),
        good=l4(dataplane=plane()),
        near=l4(dataplane=plane(apiServer=None, kubeProxy="present")),
    ),
    "cilium-dispatch-needs-native": Case(
        bad=l4(dataplane=plane(dispatch="opt")),
        good=l4(dataplane=plane(dispatch="geneve")),
        near=l4(dataplane=native(dispatch="opt")),
    ),
    "cilium-dsr-cloud": Case(
        bad=l4(
            dataplane=plane(),
            balancer="gcp-passthrough",
            externalTrafficPolicy="Cluster",
        ),
        good=l4(dataplane=plane(), externalTrafficPolicy="Cluster"),
        near=l4(dataplane=plane(), balancer="gcp-passthrough"),
    ),
    "cilium-dsr-idle": Case(
        bad=l4(dataplane=plane()),
        good=l4(dataplane=plane(), externalTrafficPolicy="Cluster"),
        near=l4(dataplane=plane(mode="snat")),
    ),
    "cilium-dsr-udp-mtu": Case(
        bad=l4({"backend": NGINX, **UDP}, dataplane=plane()),
        good=l4({"backend": NGINX, **UDP}, dataplane=plane(mode="hybrid")),
        near=l4(dataplane=plane()),
    ),
    "cilium-dsr-useless": Case(
        bad=l4(dataplane=plane(), balancer="hetzner"),
        good=l4(dataplane=plane(mode="snat"), balancer="hetzner"),
        near=l4(dataplane=plane()),
    ),
    "cilium-native-cidr-missing": Case(
        # The loader asks for it on every other platform.
        bad=l4(dataplane=native(nativeRoutingCIDR=None, platform="gke")),
        good=l4(dataplane=native()),
        near=l4(dataplane=native(nativeRoutingCIDR=None, platform="eni")),
    ),
    "cilium-native-setting-unused": Case(
        bad=l4(dataplane=plane(podRoutes="bgp")),
        good=l4(dataplane=plane()),
        near=l4(dataplane=native()),
    ),
    "cilium-platform-routing": Case(
        bad=l4(dataplane=plane(platform="gke", nativeRoutingCIDR="10.0.0.0/8")),
        good=l4(dataplane=native(platform="gke")),
        near=l4(dataplane=plane()),
    ),
    "cilium-pod-routes-unstated": Case(
        bad=l4(dataplane=native(podRoutes=None)),
        good=l4(dataplane=native()),
        near=l4(dataplane=native(podRoutes=None, platform="gke")),
    ),
    "cilium-version-unstated": Case(
        bad=l4(balancer="cilium-bgp"),
        good=l4(balancer="cilium-bgp", dataplane=plane(mode="snat")),
        near=l4(balancer="metallb-bgp"),
    ),
    "cilium-version-unsupported": Case(
        bad=l4(dataplane=plane(version="1.13")),
        good=l4(dataplane=plane(version="1.14")),
        near=l4(dataplane=plane(version="1.20")),
    ),
    "client-ip-broken": Case(
        bad=l4({"backend": NONE}, proxyProtocol="v2"),
        good=l4({"backend": NONE, **IGNORED}),
        near=l4({"backend": REQUIRED, **IGNORED}, proxyProtocol="v2"),
    ),
    "client-ip-forgeable": Case(
        bad=l7({"kind": "other", "reads": {"first": True}}),
        good=l7({"kind": "other", "reads": {"fromRight": 2}}),
        near=l7({"kind": "other", "reads": {"fromRight": 1}, **IGNORED}),
    ),
    "client-ip-lost": Case(
        bad=l4({"backend": NGINX, "protocol": "UDP"}),
        good=l4(),
        near=l4({"backend": NGINX, **UDP}),
    ),
    "edge-can-be-lied-to": Case(
        bad=l7(WEB, gateway_fields=BEHIND_CDN, management=edge("1.2")),
        good=l7(WEB, gateway_fields=BEHIND_CDN, management=edge("1.3")),
        near=l7(WEB, gateway_fields=WALLED, management=edge("1.2")),
    ),
    "facts-missing": Case(
        bad=l4(tenant={"nodes": []}),
        good=l4(),
        near=l4({"backend": NGINX, "envoyPort": 20000}),
    ),
    "fragment-unsupported": Case(
        bad=l4({"backend": {**CADDY, "emit": "fragment"}}),
        good=l4({"backend": CADDY}),
        near=l4({"backend": {**HTTP, "emit": "fragment"}}),
    ),
    "grammar-refused": Case(
        bad=l4({"backend": {**HTTP, "probe": {**PROBE, "path": "/$x"}}}),
        good=l4({"backend": {**HTTP, "probe": {**PROBE, "path": "/~x?a=$b"}}}),
        near=l4({"backend": {**HTTP, "emit": "none", "probe": PROBE | {"path": "/$"}}}),
    ),
    "health-check-blind": Case(
        bad=l4({"backend": HTTP}, version="1.5", edition="EE"),
        good=l4({"backend": HTTP}, version="1.5", edition="EE", annotations=HTTP_CHECK),
        near=l4({"backend": HTTP}, version="1.5", edition="CE"),
    ),
    "health-check-without-header": Case(
        bad=l4(version="1.5", edition="EE", annotations=HTTP_CHECK, balancer="hetzner"),
        good=l4(version="1.5", edition="EE", annotations=HTTP_CHECK),
        near=l4(
            {"backend": ACCEPTED},
            version="1.5",
            edition="EE",
            annotations=HTTP_CHECK,
            balancer="hetzner",
        ),
    ),
    "listener-conflict": Case(
        bad=l4(
            {"backend": NGINX, "targetPort": 8443},
            {"backend": {**NGINX, "upstream": "127.0.0.1:9"}, "targetPort": 8443},
        ),
        good=l4(
            {"backend": NGINX, "targetPort": 8443},
            {"backend": {**NGINX, "upstream": "127.0.0.1:9"}, "targetPort": 8444},
        ),
        near=l4(
            {"backend": NGINX, "targetPort": 8443},
            {"backend": NGINX, "targetPort": 8443},
        ),
    ),
    "load-balancer-health-checks": Case(
        bad=l4(balancer="exoscale"),
        good=l4(balancer="metallb-bgp"),
        # The annotation that it needs is written.
        near=l4(balancer="octavia-amphora"),
    ),
    "mount-unusable": Case(
        bad=mounted("/etc/nginx/kubelb-gen/", container="nginx"),
        good=mounted("/etc/nginx/api", container="nginx"),
        near=mounted(None, container="api"),
    ),
    "not-written-yet": Case(
        bad=l4({"backend": {**PROXY, "tls": TLS | {"key": "/tls/a.pem"}}}),
        good=l4({"backend": {**PROXY, "tls": TLS}}),
        near=l4({"backend": {**CADDY, "tls": TLS | {"key": "/tls/a.pem"}}}),
    ),
    "object-name-taken": Case(
        bad=two({"backend": NGINX, "plain": {"port": 8082}}, second="web-plain"),
        good=two({"backend": NGINX, "plain": {"port": 8082}}, second="inner"),
        near=two({"backend": NGINX}, second="web-plain"),
    ),
    "one-gateway-per-tenant": Case(
        bad=document(
            tenant={"gateways": [gateway(name="a"), gateway(name="b")]}, edition="CE"
        ),
        good=document(
            tenant={"gateways": [gateway(name="a"), gateway(name="b")]}, edition="EE"
        ),
        near=document(
            tenant={"gateways": [gateway()], "ingresses": [gateway(name="in")]},
            management={
                "edges": [
                    {"name": "eg"},
                    {"name": "nginx", "kind": "ingress-nginx"},
                ]
            },
            edition="CE",
        ),
    ),
    "peers-unguarded": Case(
        bad=l4({"backend": REQUIRED}),
        good=l4({"backend": {**REQUIRED, "trustedCIDRs": [EGRESS]}}),
        near=l4({"backend": NONE, **IGNORED}),
    ),
    "pin-without-effect": Case(
        bad=l4({"backend": NGINX, **PREFERRED}, proxyProtocol="v2", version="1.3.1"),
        good=l4(proxyProtocol="v2", version="1.3.2"),
        near=l4(version="1.3.1"),
    ),
    "policy-sync-off": Case(
        bad=l7(WEB, gateway_fields=BEHIND_CDN, edition="EE"),
        good=l7(WEB, gateway_fields=BEHIND_CDN, edition="CE"),
        near=l7(WEB, edition="EE"),
    ),
    "probe-refused": Case(
        bad=l4({"backend": {**HTTP, "probe": {"type": "httpGet"}}}),
        good=l4({"backend": {**HTTP, "probe": PROBE}}),
        near=l4({"backend": {**HTTP, "probe": {"type": "httpGet"}}, **IGNORED}),
    ),
    "provider-unverified": Case(
        bad=l4(balancer="vultr"),
        good=l4(balancer="cloudscale"),
        # What nobody checked is about UDP and TCP in one Service.
        near=l4(balancer="linode"),
    ),
    "proxy-stays-on": Case(
        bad=l4(
            {"backend": NGINX, **PREFERRED},
            balancer={"provider": "oci-lb", "proxyProtocol": "none"},
        ),
        good=l4(
            {"backend": NGINX, **PREFERRED},
            balancer={"provider": "hetzner", "proxyProtocol": "none"},
        ),
        near=l4(balancer="oci-lb"),
    ),
    "public-address-short-cut": Case(
        bad=l4({"backend": NGINX, "plain": {"port": 8082}}, callers=CALLERS),
        good=l4(
            {"backend": NGINX, "plain": {"port": 8082}},
            callers=CALLERS,
            balancer="hetzner",
        ),
        near=l4({"backend": NGINX, "plain": {"port": 8082}}),
    ),
    "reserved-annotation": Case(
        bad=l4(annotations={"kubelb.k8c.io/proxy-protocol": "v2"}),
        good=l4(annotations={"a.example/owner": "me"}),
        near=l4(
            annotations={"load-balancer.hetzner.cloud/uses-proxyprotocol": "true"},
            balancer="hetzner",
        ),
    ),
    "route-not-served": Case(
        bad=l7({**WEB, "route": {"kind": "GRPCRoute", "name": "web"}}),
        good=l7(WEB),
        near=l7({**WEB, "emit": "none", "protocol": "GRPC"}),
    ),
    "tenant-list-replaces": Case(
        bad=l4(balancer="hetzner"),
        good=l4(balancer="hetzner", kubelb={"propagateAllAnnotations": True}),
        near=l4(balancer="metallb-bgp"),
    ),
    "tls-behind-plain-route": Case(
        bad=l7({**WEB, "emit": "none", "tls": TLS}),
        good=l7({**WEB, "emit": "none"}),
        near=l7({**WEB, "emit": "none", "tls": TLS, "protocol": "HTTPS", **IGNORED}),
    ),
    "trust-range-narrow": Case(
        bad=l4({"backend": {**NGINX, "trustedCIDRs": ["10.3.2.0/24"]}}),
        good=l4({"backend": {**NGINX, "trustedCIDRs": [EGRESS]}}),
        # Under Cluster, connections come from the tenant's own nodes.
        near=l4(
            {"backend": {**NGINX, "trustedCIDRs": [INTERNAL]}},
            balancer="hetzner",
            externalTrafficPolicy="Cluster",
        ),
    ),
    "trust-range-public": Case(
        bad=l4(management={"egressCIDRs": ["128.0.0.0/1"]}),
        good=l4(management={"egressCIDRs": ["198.18.0.4/32", "100.64.0.0/10"]}),
        near=l7(WEB, gateway_fields=BEHIND_CDN),
    ),
    "trust-range-shared": Case(
        bad=l4(management={"egressCIDRs": ["10.0.0.0/8"]}),
        good=l4(),
        near=l7(WEB, management={"egressCIDRs": ["10.0.0.0/8"]}),
    ),
    "trust-range-wide": Case(
        bad=l4({"backend": {**NGINX, "trustedCIDRs": ["10.0.0.0/8"]}}),
        good=l4({"backend": {**NGINX, "trustedCIDRs": ["10.3.2.0/24"]}}),
        near=l4(
            {"backend": {**NGINX, "trustedCIDRs": ["10.2.0.0/16"]}},
            balancer="hetzner",
            externalTrafficPolicy="Cluster",
        ),
    ),
    "trust-ranges-missing": Case(
        bad=l4(management={"egressCIDRs": []}),
        good=l4(),
        near=l4({"backend": REQUIRED}, management={"egressCIDRs": []}),
    ),
    "udp-loses-datagrams": Case(
        bad=l4({"backend": NGINX}, {"backend": NGINX, **UDP}),
        good=l4({"backend": NGINX}, {"backend": NGINX, **UDP}, everyNode=True),
        near=l4({"backend": NGINX, **UDP}),
    ),
    "udp-not-forwarded": Case(
        bad=l4({"backend": HAPROXY, **UDP}),
        good=l4({"backend": NGINX, **UDP}),
        near=l4({"backend": {**HAPROXY, "emit": "none"}, **UDP}),
    ),
    "unknown-fact": Case(
        bad=l4({"backend": {"kind": "unknown"}}),
        good=l4({"backend": REQUIRED}),
        near=l4({"backend": NONE, **IGNORED}),
    ),
    "upstream-proxy-unsupported": Case(
        bad=l4({"backend": {**HTTP, "upstreamProxyProtocol": "v1"}}),
        good=l4({"backend": {**NGINX, "upstreamProxyProtocol": "v1"}}),
        near=l4({"backend": {**HAPROXY, "upstreamProxyProtocol": "v2"}}),
    ),
}

if CASES.keys() != RULES.keys():
    missing = sorted(RULES.keys() ^ CASES.keys())
    raise AssertionError(f"rules and cases differ: {', '.join(missing)}")

ids = pytest.mark.parametrize("rule", RULES)


def report(data: Data) -> Report:
    return check(from_data(data))


def found(data: Data, rule: str) -> list[str]:
    return [each.message for each in report(data).findings if each.id == rule]


@ids
def test_a_spec_that_breaks_the_rule_is_told_once_and_where(rule: str) -> None:
    findings = [each for each in report(CASES[rule].bad).findings if each.id == rule]

    assert len(findings) == 1, findings
    assert findings[0].severity is RULES[rule].SEVERITY
    assert findings[0].at is not None


@ids
def test_a_spec_that_keeps_the_rule_is_left_in_peace(rule: str) -> None:
    assert found(CASES[rule].good, rule) == []


@ids
def test_a_spec_that_only_looks_as_if_is_left_in_peace(rule: str) -> None:
    assert found(CASES[rule].near, rule) == []


@ids
def test_a_rule_is_called_as_its_file_and_has_a_manual_page(rule: str) -> None:
    module = RULES[rule]
    name = module.__name__  # type: ignore[attr-defined]
    page = module.__doc__ or ""

    assert module.ID == rule == name.rpartition(".")[2].replace("_", "-")
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", rule)
    head, _, rest = page.partition("\n")
    assert head.endswith(".")
    assert all(word in rest for word in ("What:", "Why:"))
    examples = re.findall(r"\n\n    \S", page)
    assert examples, "a manual page shows a spec"
    assert re.search(r"^(Bad|Left out|Told)", page, re.MULTILINE)
    assert re.search(r"^(Good|Told)", page, re.MULTILINE)


# Rules with more to them than one case.


@pytest.mark.parametrize("rule", ["client-ip-lost"])
def test_a_preferred_wish_that_is_not_met_is_a_warning(rule: str) -> None:
    data = l4({"backend": NGINX, "protocol": "UDP", **PREFERRED})

    (finding,) = [each for each in report(data).findings if each.id == rule]

    assert finding.severity is WARNING


@pytest.mark.parametrize("wish", [PREFERRED, IGNORED])
def test_broken_and_forgeable_are_errors_at_every_level(wish: Data) -> None:
    broken = report(l4({"backend": NONE, **wish}, proxyProtocol="v2")).errors
    lied_to = report(l7({"kind": "other", "reads": {"first": True}, **wish})).errors

    assert [each.id for each in broken] == ["client-ip-broken"]
    assert [each.id for each in lied_to] == ["client-ip-forgeable"]


def test_ipv6_at_layer_4_is_told_beside_what_ipv4_says() -> None:
    families = {"provider": "metallb-bgp", "ipFamilies": ["IPv4", "IPv6"]}

    sound = report(l4(balancer=families)).errors
    alike = report(l4({"backend": NONE}, proxyProtocol="v2", balancer=families)).errors

    assert [each.id for each in sound] == ["client-ip-broken"]
    assert "0.0.0.0" in sound[0].message
    assert [each.id for each in alike] == ["client-ip-broken", "client-ip-broken"]


@pytest.mark.parametrize("kind", ["envoy", "traefik", "caddy"])
def test_what_cannot_include_a_file_is_told(kind: str) -> None:
    mode = {"mode": "http"} if kind == "envoy" else {}
    backend = {"kind": kind, "upstream": "127.0.0.1:8080", "emit": "fragment", **mode}

    assert len(found(l4({"backend": backend}), "fragment-unsupported")) == 1


def test_an_ingress_is_written() -> None:
    assert not found(ingress(), "not-written-yet")


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ({"kind": "traefik"}, True),
        ({"kind": "apache"}, True),
        ({"kind": "caddy"}, False),
        ({"kind": "envoy", "mode": "http"}, False),
        ({"kind": "envoy", "mode": "tcp"}, False),
    ],
)
def test_who_cannot_send_a_header_is_told(backend: Data, told: bool) -> None:
    asked = {**backend, "upstream": "127.0.0.1:8080", "upstreamProxyProtocol": "v2"}

    assert bool(found(l4({"backend": asked}), "upstream-proxy-unsupported")) is told


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ({**NGINX, "upstreamProxyProtocol": "v1", "probe": PROBE}, True),
        (
            {**NGINX, "upstreamProxyProtocol": "v1", "probe": {"type": "tcpSocket"}},
            False,
        ),
        ({**NGINX, "probe": PROBE}, False),
        ({**HTTP, "upstreamProxyProtocol": "v1", "emit": "none"}, False),
    ],
)
def test_a_probe_that_asks_http_meets_no_program_that_wants_a_header(
    backend: Data, told: bool
) -> None:
    assert bool(found(l4({"backend": backend}), "upstream-proxy-unsupported")) == told


def test_a_probe_on_the_number_of_a_port_is_a_conflict() -> None:
    probed = {**HTTP, "probe": {**PROBE, "port": 8443}}
    data = l4(
        {"backend": probed, "targetPort": 8080}, {"backend": probed, "targetPort": 8443}
    )

    assert found(data, "listener-conflict")


@pytest.mark.parametrize(
    "path", ["/$x", "/*", "/{x}", "/a`b", "/'x", "/%24", '/"', "/a;b"]
)
@pytest.mark.parametrize(
    "backend",
    [
        HTTP,
        NGINX,
        PROXY,
        CADDY,
        {**CADDY, "kind": "traefik"},
        {**CADDY, "kind": "apache"},
        {**PROXY, "kind": "envoy"},
    ],
    ids=lambda each: f"{each['kind']}-{each.get('mode')}",
)
def test_a_path_is_refused_where_it_could_not_be_rendered(
    backend: Data, path: str
) -> None:
    data = l4({"backend": {**backend, "probe": {**PROBE, "path": path}}})
    told = found(data, "grammar-refused")
    try:
        render_plan(make_plan(from_data(data)))
        refused = []
    except RenderError as error:
        refused = [error]

    assert len(told) == len(refused)


def test_a_certificate_is_refused_where_it_could_not_be_rendered() -> None:
    tls = {"certificate": "/tls/$a.crt", "key": "/tls/{a}.key"}

    assert 1 == len(found(l4({"backend": {**HTTP, "tls": tls}}), "grammar-refused"))
    assert 2 == len(found(l4({"backend": {**CADDY, "tls": tls}}), "grammar-refused"))


def test_traefik_finds_its_dynamic_file_in_one_folder_alone() -> None:
    backend: Data = {"kind": "traefik", "upstream": "127.0.0.1:8080"}
    workload: Data = {"name": "app", "container": "traefik"}
    right, wrong = (
        l4({"backend": backend | {"workload": workload | {"mountPath": path}}})
        for path in ("/etc/traefik/", "/config")
    )

    assert [] == found(right, "mount-unusable")
    assert "'/etc/traefik'" in found(wrong, "mount-unusable")[0]


def test_ports_of_one_program_are_in_one_workload() -> None:
    one, other = (
        {"backend": NGINX | {"workload": {"name": name, "container": "nginx"}}}
        for name in ("app", "other")
    )

    assert found(l4(one, other), "listener-conflict")
    assert not found(l4(one, one), "listener-conflict")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"management": {"podCIDRs": []}}, "podCIDRs"),
        # KubeLB's Envoy does not append the edge's pod yet.
        ({"management": {"podCIDRs": []}, "version": "1.2"}, None),
        ({"management": {"egressCIDRs": []}}, None),
    ],
)
def test_a_walk_needs_the_pods_that_it_passes(facts: Data, field: str | None) -> None:
    proxies = {"trustedProxies": {"count": 1, "cidrs": ["173.245.48.0/20"]}}
    messages = found(l7(WEB, gateway_fields=proxies, **facts), "trust-ranges-missing")

    assert [each.partition(" is ")[0] for each in messages] == (
        [] if field is None else [f"management.{field}"]
    )


def test_what_is_not_written_needs_no_range() -> None:
    by_hand = {**NGINX, "emit": "none"}
    data = l4({"backend": by_hand}, management={"egressCIDRs": []})

    assert not found(data, "trust-ranges-missing")


def test_two_backends_in_one_config_map_are_told() -> None:
    """Another key in it is no way out: it would be two objects all the same."""
    assert found(two({}, second="api", name="shared"), "object-name-taken")
    assert not found(two({}, second="api", key="web.conf"), "object-name-taken")


@pytest.mark.parametrize(
    ("annotation", "balancer"),
    [
        (
            "service.beta.kubernetes.io/aws-load-balancer-proxy-protocol",
            "aws-nlb-instance",
        ),
        (
            "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes.443",
            "aws-nlb-instance",
        ),
        ("service.beta.kubernetes.io/linode-loadbalancer-port-80", "linode"),
        ("kubelb.k8c.io/proxy-protocol", "metallb-bgp"),
    ],
)
def test_a_switch_of_the_balancer_is_not_the_users_to_write(
    annotation: str, balancer: str
) -> None:
    """By hand it would put a second header before Envoy's."""
    value = "proxy_protocol_v2.enabled=true" if "attributes" in annotation else "*"
    data = l4(annotations={annotation: value}, balancer=balancer)

    assert len(found(data, "reserved-annotation")) == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("deregistration_delay.timeout_seconds=30", 0),
        # The plan counts on what the balancer does by default.
        ("preserve_client_ip.enabled=false", 1),
    ],
)
@pytest.mark.parametrize("port", ["", ".80"])
def test_other_attributes_of_a_target_group_are_the_users_to_write(
    value: str, told: int, port: str
) -> None:
    key = f"service.beta.kubernetes.io/aws-load-balancer-target-group-attributes{port}"
    data = l4(annotations={key: value}, balancer="aws-nlb-ip")

    assert told == len(found(data, "reserved-annotation"))


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("affinity-behind-snat", "services[0].sessionAffinity"),
        (
            "annotation-not-propagated",
            "annotations['load-balancer.hetzner.cloud/location']",
        ),
        ("cilium-dsr-idle", "dataplane.cilium.mode"),
        ("edge-can-be-lied-to", "gateways[0].trustedProxies"),
        ("one-gateway-per-tenant", "gateways[1].name"),
        ("peers-unguarded", "backend.proxyProtocol"),
        ("probe-refused", "backend.probe"),
        ("provider-unverified", "management.loadBalancer.provider"),
        ("proxy-stays-on", "loadBalancer.proxyProtocol"),
        ("public-address-short-cut", "ports[0].plain"),
        (
            "reserved-annotation",
            "annotations['kubelb.k8c.io/proxy-protocol']",
        ),
        ("trust-range-narrow", "backend.trustedCIDRs"),
        ("trust-range-public", "management.egressCIDRs"),
        ("trust-range-wide", "backend.trustedCIDRs"),
        ("udp-loses-datagrams", "ports[1].protocol"),
        ("udp-not-forwarded", "ports[0].protocol"),
        ("unknown-fact", "backend.kind"),
        ("upstream-proxy-unsupported", "backend.upstreamProxyProtocol"),
    ],
)
def test_a_finding_points_at_the_field_that_says_it(rule: str, field: str) -> None:
    findings = report(CASES[rule].bad).findings

    (at,) = [each.at for each in findings if each.id == rule]
    assert str(at).endswith(f".{field}")


def test_a_probe_that_conflicts_is_shown_at_its_own_port() -> None:
    probed = {**HTTP, "probe": {**PROBE, "port": 8443}}
    data = l4(
        {"backend": probed, "targetPort": 8080}, {"backend": HTTP, "targetPort": 8443}
    )
    findings = report(data).findings

    (at,) = [each.at for each in findings if each.id == "listener-conflict"]
    assert str(at).endswith("ports[0].backend.probe.port")


def test_what_stands_in_defaults_is_shown_there_and_accepted_by_its_service() -> None:
    """The caret is where it is put right; the suppression is about the port."""
    data = l4({}, more={"defaults": {"backend": {**NGINX, "trustedCIDRs": WIDE}}})
    accepted = {"rule": "trust-range-wide", "reason": "lab", "service": "web"}

    (finding,) = [
        each for each in report(data).findings if each.id == "trust-range-wide"
    ]
    data["spec"]["suppress"] = [accepted]

    assert str(finding.at) == "spec.defaults.backend.trustedCIDRs"
    assert not found(data, "trust-range-wide")


@pytest.mark.parametrize(
    ("probe", "port", "told"),
    [
        ({"type": "httpGet"}, {}, True),
        ({"type": "tcpSocket"}, {}, False),
        ({"type": "tcpSocket"}, UDP, True),
        ({"type": "tcpSocket", "port": 8081}, UDP, False),
        (PROBE, UDP, False),
    ],
)
def test_a_probe_is_refused_where_nothing_answers_without_a_header(
    probe: Data, port: Data, told: bool
) -> None:
    data = l4({**port, "backend": {**NGINX, "probe": probe}})

    assert bool(found(data, "probe-refused")) == told


def test_a_tcp_port_of_the_same_number_answers_the_probe_of_a_udp_port() -> None:
    probed = {"backend": {**NGINX, "probe": {"type": "tcpSocket"}}, "targetPort": 5353}

    assert not found(l4({**probed, **UDP}, probed), "probe-refused")


def test_what_other_programs_listen_on_is_theirs_to_know() -> None:
    dns = {**NONE, "probe": {"type": "tcpSocket"}}

    assert not found(l4({"backend": dns, **UDP}), "probe-refused")


def test_a_program_that_waits_cannot_be_asked_over_http_at_its_own_port() -> None:
    """Of a program with a header that is merely accepted, the probe passes."""
    asked = {"probe": {"type": "httpGet", "port": 5000}}

    assert found(l4({"backend": {**REQUIRED, **asked}}), "probe-refused")
    assert not found(l4({"backend": {**ACCEPTED, **asked}}), "probe-refused")


@pytest.mark.parametrize(
    "provider", ["gcp-passthrough", "metallb-l2", "azure-standard"]
)
def test_affinity_is_told_where_nodes_hide_the_clients(provider: str) -> None:
    facts: Data = {
        "sessionAffinity": "ClientIP",
        "version": "1.5",
        "balancer": provider,
    }

    assert not found(l4(**facts), "affinity-behind-snat")
    hidden = l4(
        {"backend": NGINX, **PREFERRED}, externalTrafficPolicy="Cluster", **facts
    )
    (message,) = found(hidden, "affinity-behind-snat")
    assert "a node of the management cluster" in message


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        (["10.0.0.0/7"], True),
        (["8.0.0.0/7"], True),
        (["2000::/3"], True),
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"], False),
        (["20.30.0.0/16"], False),
        (["fd00::/8"], False),
    ],
)
def test_a_range_is_public_where_strangers_have_its_addresses(
    ranges: list[str], told: bool
) -> None:
    data = l4(management={"egressCIDRs": ranges})

    assert bool(found(data, "trust-range-public")) == told


def test_the_ranges_of_a_cdn_are_no_strangers() -> None:
    """Cloudflare's largest is a /13, and a /29 of IPv6."""
    ranges = ["104.16.0.0/13", "172.64.0.0/13", "2a06:98c0::/29"]
    proxies = {"trustedProxies": {"count": 1, "cidrs": ranges}}

    assert not found(l7(WEB, gateway_fields=proxies), "trust-range-public")
    proxies["trustedProxies"]["cidrs"] = ["64.0.0.0/2"]
    assert found(l7(WEB, gateway_fields=proxies), "trust-range-public")


@pytest.mark.parametrize(
    ("annotation", "balancer", "told"),
    [
        ("metallb.io/address-pool", "metallb-bgp", True),
        ("metallb.universe.tf/loadBalancerIPs", "metallb-l2", True),
        ("lbipam.cilium.io/ips", "cilium-bgp", True),
        ("metallb.io/address-pool", "hetzner", False),
        ("loadbalancer.openstack.org/flavor-id", "octavia-amphora", True),
    ],
)
def test_an_annotation_is_missed_by_the_balancer_that_reads_it(
    annotation: str, balancer: str, told: bool
) -> None:
    data = l4(annotations={annotation: "x"}, balancer=balancer)

    assert bool(found(data, "annotation-not-propagated")) == told


def test_ciliums_mode_for_one_service_is_told_where_the_values_are_ours() -> None:
    annotation = {"service.cilium.io/forwarding-mode": "dsr"}
    ours = l4(annotations=annotation, dataplane=plane(mode="snat"))
    theirs = l4(annotations=annotation, dataplane=plane(mode="snat", output="none"))

    assert found(ours, "annotation-without-effect")
    assert not found(theirs, "annotation-without-effect")


@pytest.mark.parametrize(
    ("version", "edition", "told"),
    [("1.4.3", "EE", True), ("1.5", "CE", True), ("1.5", "EE", False)],
)
def test_health_check_annotations_are_of_one_edition_and_release(
    version: str, edition: str, told: bool
) -> None:
    data = l4(annotations=HTTP_CHECK, version=version, edition=edition)

    assert bool(found(data, "annotation-without-effect")) == told


@pytest.mark.parametrize(
    ("pins", "fields"),
    [
        ({"proxyProtocol": "v2"}, ["proxyProtocol"]),
        ({"externalTrafficPolicy": "Local"}, ["externalTrafficPolicy"]),
        ({"proxyProtocol": "none"}, []),
    ],
)
def test_a_kubelb_that_heeds_no_pin_is_told(pins: Data, fields: list[str]) -> None:
    data = l4({"backend": NGINX, **PREFERRED}, version="1.3.1", **pins)

    messages = found(data, "pin-without-effect")
    assert [each.partition(" ")[0] for each in messages] == fields


def test_a_pinned_header_on_udp_alone_has_no_effect() -> None:
    assert found(
        l4({"backend": NGINX, **UDP}, proxyProtocol="v2"), "pin-without-effect"
    )
    mixed = l4({"backend": NGINX}, {"backend": NGINX, **UDP}, proxyProtocol="v2")
    assert not found(mixed, "pin-without-effect")


@pytest.mark.parametrize(
    "facts",
    [
        {"proxyProtocol": "none"},
        {"version": "1.3.1"},
        {"balancer": {"provider": "hetzner", "proxyProtocol": "none"}},
    ],
)
def test_a_header_that_is_accepted_and_that_nobody_sends_is_the_clients_to_write(
    facts: Data,
) -> None:
    """Envoy passes the client's own bytes on, and the program looks at those first."""
    errors = report(l4({"backend": ACCEPTED, **IGNORED}, **facts)).errors

    assert [each.id for each in errors] == ["client-ip-forgeable"]


@pytest.mark.parametrize("facts", [{"proxyProtocol": "none"}, {"version": "1.3.1"}])
def test_a_header_that_is_required_and_that_nobody_sends_is_waited_for(
    facts: Data,
) -> None:
    errors = report(l4({"backend": REQUIRED, **IGNORED}, **facts)).errors

    assert [each.id for each in errors] == ["client-ip-broken"]


def test_a_probe_that_names_the_number_of_its_udp_port_is_refused_too() -> None:
    probe = {"type": "tcpSocket", "port": 5000}

    assert found(l4({**UDP, "backend": {**NGINX, "probe": probe}}), "probe-refused")


def test_a_port_that_fails_for_all_is_told_once() -> None:
    """What is graver says it; the rules about callers and ranges keep still."""
    # A host name in the status, which nobody short-cuts.
    down = l4(
        {"backend": NONE, "plain": {"port": 8082}},
        callers=CALLERS,
        proxyProtocol="v2",
        balancer="aws-nlb-instance",
    )
    lied_to = l4({"backend": ACCEPTED}, callers=CALLERS, proxyProtocol="none")
    shut = l4({"backend": {**NGINX, "trustedCIDRs": ["192.0.2.0/24"]}})

    assert found(down, "client-ip-broken")
    assert not found(down, "public-address-short-cut")
    assert found(lied_to, "client-ip-forgeable")
    assert not found(lied_to, "callers-can-forge")
    assert found(shut, "client-ip-broken")
    assert not found(shut, "trust-range-narrow")


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
@pytest.mark.parametrize(
    ("route", "fields", "told"),
    [
        ("HTTPRoute", {}, False),
        ("TCPRoute", {}, False),
        ("GRPCRoute", {}, True),
        ("HTTPRoute", {"protocol": "GRPC"}, True),
        ("HTTPRoute", {"protocol": "HTTPS"}, True),
        ("HTTPRoute", {"protocol": "HTTPS", "tls": TLS}, False),
        ("TLSRoute", {}, True),
    ],
)
def test_a_route_that_speaks_no_plain_http_is_told(
    kind: str, route: str, fields: Data, told: bool
) -> None:
    backend = {**WEB, "kind": kind, **fields, **IGNORED}
    backend["route"] = {"kind": route, "name": "web"}

    assert told == bool(found(l7(backend), "route-not-served"))
