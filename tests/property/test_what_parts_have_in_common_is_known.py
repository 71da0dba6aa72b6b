"""Two parts of a fleet that have something in common say so, and others do not."""

from __future__ import annotations

from typing import Any

import pytest

from kubelb_gen.errors import SpecError
from tests.support.parts import assert_law, in_common, split
from tests.support.wishes import HAPROXY, IGNORED, NGINX, cilium, fleet_of, gateway
from tests.support.wishes import service as service_of

pytestmark = pytest.mark.property

Data = dict[str, Any]
UDP: Data = {"protocol": "UDP", **IGNORED}
CLUSTER: Data = {"externalTrafficPolicy": "Cluster"}
DIGITALOCEAN: Data = {"balancer": "digitalocean-network"}


def service(name: str, number: int, *, kind: Data = NGINX, **fields: Any) -> Data:  # noqa: ANN401
    """A Service with one port, whose numbers and program are its own."""
    own = {key: fields.pop(key) for key in ("plain", "envoyPort") if key in fields}
    own |= fields.pop("port", {})
    more = {key: fields.pop(key) for key in ("configMap", "workload") if key in fields}
    port = {"backend": kind | more, "nodePort": 30500 + number} | own
    return service_of(port, name=name, **fields)


def runs_in(container: str, name: str = "web") -> Data:
    return {"workload": {"name": name, "container": container}}


NAMED: Data = {"configMap": {"name": "web-nginx", "key": "main.conf"}}
ROUTED: Data = {
    "gateways": [
        gateway({"kind": "caddy", "upstream": "127.0.0.1:3000", **runs_in("caddy")})
    ]
}
# What tells, two Services, each in a part of its own, and what is said of the rest.
TOGETHER: dict[str, tuple[str, Data, Data, Data]] = {
    "one name": ("service", service("web", 0), service("web", 1), {}),
    "one UID": (
        "uid",
        service("web", 0, uid="0a1b"),
        service("api", 1, uid="0a1b"),
        {},
    ),
    "one stand-in for a UID": (
        "uid",
        service("c", 0, namespace="a-b"),
        service("b-c", 1, namespace="a"),
        {},
    ),
    "one node port": ("nodePort", service("web", 0), service("api", 0), {}),
    "one node port behind two of Envoy": (
        "nodePort",
        service("web", 0, envoyPort=10001),
        service("api", 0, envoyPort=10002),
        {},
    ),
    "the port of Envoy": (
        "envoyPort",
        service("web", 100),
        service("api", 0, envoyPort=30600),
        {},
    ),
    "one ConfigMap": (
        "object-name-taken",
        service("web", 0),
        service("api", 1, **NAMED),
        {},
    ),
    "a name that ends in plain": (
        "object-name-taken",
        service("web", 0, plain={"port": 8082}),
        service("web-plain", 1),
        {},
    ),
    "one folder": (
        "mount-unusable",
        service("web", 0, **runs_in("proxy")),
        service("api", 1, **runs_in("proxy")),
        {},
    ),
    "one pod": (
        "workload",
        service("web", 0, **runs_in("a")),
        service("api", 1, **runs_in("b")),
        {},
    ),
    "the pod of a route": (
        "workload",
        service("web", 0, **runs_in("nginx")),
        service("api", 1),
        {"tenant": ROUTED},
    ),
    "datagrams under DSR": (
        "cilium-dsr-udp-mtu",
        service("web", 0, port=UDP, **CLUSTER),
        service("api", 1, port=UDP, **CLUSTER),
        {"dataplane": cilium("dsr")},
    ),
    "DSR for one of them": (
        "cilium-dsr-idle",
        service("web", 0, externalTrafficPolicy="Local"),
        service("api", 1, **CLUSTER),
        {"dataplane": cilium("dsr")},
    ),
    "what nobody verified of UDP": (
        "provider-unverified",
        service("web", 0),
        service("api", 1, port=UDP),
        DIGITALOCEAN,
    ),
}
# As above, and nothing tells.
APART: dict[str, tuple[Data, Data, Data]] = {
    "one number over UDP": (service("web", 0), service("api", 0, port=UDP), {}),
    "names in two namespaces": (
        service("web", 0),
        service("web", 1, namespace="team"),
        {},
    ),
    "a UID stated for one of two that would stand in": (
        service("c", 0, namespace="a-b", uid="0a1b"),
        service("b-c", 1, namespace="a"),
        {},
    ),
    "ConfigMaps of their own": (
        service("web", 0, kind=HAPROXY),
        service("api", 1, **NAMED),
        {},
    ),
    "a name that ends in plain alone": (
        service("web", 0),
        service("web-plain", 1),
        {},
    ),
    "pods of their own": (
        service("web", 0, **runs_in("proxy")),
        service("api", 1, **runs_in("proxy", "api")),
        {},
    ),
    "DSR for none of them": (
        service("web", 0, externalTrafficPolicy="Local"),
        service("api", 1, externalTrafficPolicy="Local"),
        {"dataplane": cilium("dsr")},
    ),
    "datagrams of one of them": (
        service("web", 0, **CLUSTER),
        service("api", 1, port=UDP, **CLUSTER),
        {"dataplane": cilium("dsr")},
    ),
    "what nobody verified of either": (
        service("web", 0),
        service("api", 1),
        DIGITALOCEAN,
    ),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_parts_that_hide_what_the_whole_is_are_known(case: str) -> None:
    teller, one, other, rest = TOGETHER[case]

    assert teller in in_common([fleet_of(one, **rest), fleet_of(other, **rest)])
    # And rightly so.
    try:
        whole = fleet_of(one, other, **rest)
    except SpecError:
        return
    with pytest.raises(AssertionError):
        assert_law(whole, split(whole, (0, 1)))


@pytest.mark.parametrize("case", APART)
def test_parts_that_only_look_like_it_are_judged_apart(case: str) -> None:
    one, other, rest = APART[case]
    whole = fleet_of(one, other, **rest)
    parts = split(whole, (0, 1))

    assert not in_common(parts)
    assert_law(whole, parts)
