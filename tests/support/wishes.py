"""Estates as plain data with one port or one route, and what the plan says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.api import from_data
from kubelb_gen.plan.decide import make_plan

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan, PortPlan, RoutePlan, ServicePlan

Data = dict[str, Any]

EGRESS = "10.3.0.0/16"
INTERNAL = "10.2.0.0/16"
PODS = "10.1.16.0/20"
CDN = "173.245.48.0/20"

NGINX: Data = {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:8080"}
HAPROXY: Data = {"kind": "haproxy", "mode": "tcp", "upstream": "127.0.0.1:8080"}
NONE: Data = {"kind": "other", "proxyProtocol": "none"}
ACCEPTED: Data = {"kind": "other", "proxyProtocol": "accepted"}
REQUIRED: Data = {"kind": "other", "proxyProtocol": "required"}
IGNORED: Data = {"clientIP": "ignored", "because": "a test says so"}
PREFERRED: Data = {"clientIP": "preferred", "because": "a test says so"}


def cilium(mode: str, version: str = "1.20") -> Data:
    """A management data plane for which no rule has a word to say."""
    return {
        "cilium": {
            "version": version,
            "mode": mode,
            "routing": "tunnel",
            "apiServer": {"host": "10.1.0.10", "port": 6443},
        }
    }


def document(
    *,
    version: str = "1.4.3",
    edition: str = "CE",
    balancer: Data | str = "metallb-bgp",
    dataplane: Data | None = None,
    tenant: Data | None = None,
    management: Data | None = None,
    more: Data | None = None,
) -> Data:
    """A whole spec; *tenant* holds the services or the gateways of the one tenant."""
    if isinstance(balancer, str):
        balancer = {"provider": balancer}
    cluster: Data = {
        "loadBalancer": balancer,
        "egressCIDRs": [EGRESS],
        "podCIDRs": [PODS],
    }
    if dataplane is not None:
        cluster["dataplane"] = dataplane
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "acme"},
        "spec": {
            "kubelb": {"version": version, "edition": edition},
            "management": cluster | (management or {}),
            "tenants": [
                {
                    "name": "primary",
                    "nodes": ["10.2.0.21"],
                    "internalCIDRs": [INTERNAL],
                    **(tenant or {}),
                }
            ],
            **(more or {}),
        },
    }


def service(*ports: Data, **fields: Any) -> Data:  # noqa: ANN401  it is a spec
    """A Service; each port gets the numbers that it does not name."""
    return {
        "name": "web",
        "namespace": "default",
        "selector": {"app": "web"},
        "ports": [
            {"name": f"p{index}", "port": 5000 + index, "nodePort": 30500 + index}
            | each
            for index, each in enumerate(ports)
        ],
        **fields,
    }


def fleet_of(*services: Data, **facts: Any) -> Fleet:  # noqa: ANN401  it is a spec
    """A fleet whose one tenant has *services*; *facts* are those of `document`."""
    tenant = {**facts.pop("tenant", {}), "services": list(services)}
    return from_data(document(tenant=tenant, **facts))


def plan_of_service(value: Data, **facts: Any) -> ServicePlan:  # noqa: ANN401  a spec
    """What is decided about one Service."""
    return make_plan(fleet_of(value, **facts)).tenants[0].services[0]


def plan_of_port(
    backend: Data | None = None,
    *,
    port: Data | None = None,
    service: Data | None = None,
    **facts: Any,  # noqa: ANN401  it is a spec
) -> PortPlan:
    """What is decided about the only port of a Service; its backend is NGINX."""
    entry = {**(port or {}), "backend": backend or NGINX}
    value = _service(entry, **(service or {}))
    return plan_of_service(value, **facts).ports[0]


_service = service


def gateway(*backends: Data, **fields: Any) -> Data:  # noqa: ANN401  it is a spec
    """A Gateway; each backend gets the names and the route that it does not name."""
    return {
        "name": "gw",
        "namespace": "default",
        "backends": [
            {
                "name": f"app{index}",
                "port": 8080,
                "nodePort": 31080 + index,
                "route": {"kind": "HTTPRoute", "name": f"app{index}"},
            }
            | each
            for index, each in enumerate(backends)
        ],
        **fields,
    }


def plan_of_gateway(value: Data, **facts: Any) -> Plan:  # noqa: ANN401  it is a spec
    """What is decided about an estate with one Gateway."""
    tenant = {**facts.pop("tenant", {}), "gateways": [value]}
    return make_plan(from_data(document(tenant=tenant, **facts)))


def plan_of_route(
    backend: Data,
    *,
    proxies: Data | None = None,
    **facts: Any,  # noqa: ANN401  it is a spec
) -> RoutePlan:
    """What is decided about the only backend behind a Gateway."""
    fields = {} if proxies is None else {"trustedProxies": proxies}
    plan = plan_of_gateway(gateway(backend, **fields), **facts)
    return plan.tenants[0].gateways[0].routes[0]
