"""Expected values: the keys of ingress-nginx's ConfigMap and of its Helm chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

import kubelb_gen
from kubelb_gen.model import EdgeKind, TrafficPolicy
from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.ingress_nginx import drafts
from tests.support.objects import balancer, edge, object_of, plan
from tests.support.wishes import CDN, document, gateway

if TYPE_CHECKING:
    from tests.support.wishes import Data

WEB: Data = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
SENDING: Data = {"class": "proxying", "proxyProtocol": "v2"}
PASSING: Data = {"class": "passThrough"}


def config(*proxies: Data | None, balancer: Data = PASSING) -> dict[str, str]:
    """The ConfigMap of an edge with an Ingress for each of *proxies*."""
    ingresses = []
    for number, each in enumerate(proxies):
        fields: Any = {"trustedProxies": each} if each else {}
        ingress = gateway(WEB, **fields) | {"name": f"in{number}"}
        backend = ingress["backends"][0] | {"name": f"web{number}"}
        backend |= {"nodePort": 31080 + number}
        backend.pop("route")
        ingresses.append(ingress | {"backends": [backend]})
    edges = {"edges": [{"name": "nginx", "kind": "ingress-nginx"}]}
    data = document(
        tenant={"ingresses": ingresses}, balancer=balancer, management=edges
    )
    files = kubelb_gen.render(kubelb_gen.from_data(data))
    text = files["management/edges/nginx.ingress-nginx-values.yaml"].text
    values = yaml.safe_load(text)
    settings: dict[str, str] = values["controller"]["config"]
    assert all(isinstance(each, str) for each in settings.values())
    return settings


def test_the_service_of_the_edge_gets_policy_and_annotations() -> None:
    annotations = {"loadbalancer.openstack.org/proxy-protocol": "v2"}
    decided = edge(
        balancer("octavia-amphora", annotations=annotations),
        kind=EdgeKind.INGRESS_NGINX,
        name="nginx",
    )

    (draft,) = drafts(plan(edges=[decided]))

    assert "management/edges/nginx.ingress-nginx-values.yaml" == draft.path
    assert (Kind.INGRESS_NGINX, Role.FILE) == (draft.kind, draft.role)
    assert {
        "externalTrafficPolicy": "Local",
        "annotations": annotations,
    } == object_of(draft)["controller"]["service"]


def test_a_service_without_annotations_still_gets_its_policy() -> None:
    decided = edge(balancer(policy=TrafficPolicy.CLUSTER), kind=EdgeKind.INGRESS_NGINX)

    (draft,) = drafts(plan(edges=[decided]))

    assert {"externalTrafficPolicy": "Cluster"} == object_of(draft)["controller"][
        "service"
    ]


def test_envoy_gateway_reads_no_such_values() -> None:
    assert [] == list(drafts(plan(edges=[edge()])))


@pytest.mark.parametrize(("balancer", "reads"), [(PASSING, "false"), (SENDING, "true")])
def test_without_proxies_no_header_of_a_client_is_believed(
    balancer: Data, reads: str
) -> None:
    assert {
        "use-proxy-protocol": reads,
        "use-forwarded-headers": "false",
        "compute-full-forwarded-for": "false",
    } == config(None, balancer=balancer)


def test_proxies_with_ranges_are_believed_and_nobody_else() -> None:
    assert {
        "use-proxy-protocol": "false",
        "use-forwarded-headers": "true",
        "compute-full-forwarded-for": "false",
        "proxy-real-ip-cidr": f"{CDN},198.51.100.0/24",
    } == config(
        None,
        {"count": 1, "cidrs": [CDN]},
        {"count": 2, "cidrs": ["198.51.100.0/24", CDN]},
    )


def test_proxies_without_ranges_are_left_to_the_backends() -> None:
    """Realip always has a list: the one that is written holds no proxy."""
    assert {
        "use-proxy-protocol": "false",
        "use-forwarded-headers": "true",
        "compute-full-forwarded-for": "true",
        "proxy-real-ip-cidr": "127.0.0.1/32",
    } == config({"count": 1, "onlyWayIn": True}, None)


def test_behind_a_proxy_header_the_whole_list_is_handed_on() -> None:
    """Realip reads one source, so that the proxies behind PROXY stay in the list."""
    assert {
        "use-proxy-protocol": "true",
        "use-forwarded-headers": "true",
        "compute-full-forwarded-for": "true",
    } == config({"count": 1, "cidrs": [CDN], "onlyWayIn": True}, balancer=SENDING)
