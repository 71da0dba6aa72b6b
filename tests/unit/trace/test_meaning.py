"""What the lock says of each path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import kubelb_gen
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace.meaning import meaning
from tests.support.wishes import (
    CDN,
    INTERNAL,
    NGINX,
    PODS,
    document,
    gateway,
    service,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.wishes import Data


def records(entry: Data, **facts: Any) -> tuple[Mapping[str, Any], ...]:  # noqa: ANN401
    """The records of an estate with one port."""
    spec = document(tenant={"services": [service(entry)]}, **facts)
    return meaning(make_plan(kubelb_gen.from_data(spec)))


def route_record(backend: Data, proxies: Data | None = None) -> Mapping[str, Any]:
    """The record of the only backend behind a route, asked from the internet."""
    fields = {"trustedProxies": proxies} if proxies else {}
    spec = document(tenant={"gateways": [gateway(backend, **fields)]})
    return meaning(make_plan(kubelb_gen.from_data(spec)))[0]


def test_a_path_in_a_few_words() -> None:
    told = records({"backend": NGINX, "nodePort": 30500})[0]

    assert told == {
        "path": "primary/default/web:5000/TCP",
        "from": "internet-ipv4",
        "verdict": "preserved",
        "identity": "client",
        "carriedBy": "proxy-protocol-v2",
        "peer": "management-egress",
        "trust": ["10.3.0.0/16"],
        "sends": "v2=client",
        "accepts": "nginx requires=v2 guards",
        "application": "backend-address",
        "networks": {"management-egress": ["10.3.0.0/16"]},
        "address": "default (metallb-bgp)",
        "ports": "30500>30500>5000",
    }


def test_trust_holds_what_a_walk_passes() -> None:
    backend = {"kind": "nginx", "upstream": "127.0.0.1:3000"}
    told = route_record(backend, {"count": 1, "cidrs": [CDN]})

    assert (told["path"], told["trust"]) == (
        "primary/gw/default/app0:8080/TCP",
        [INTERNAL, PODS, CDN],
    )


def test_who_passes_by_the_proxies_brings_one_entry_less() -> None:
    backend = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
    told = route_record(backend, {"count": 1})

    assert told["sends"] == (
        "xff=?,client,outer-proxy,edge-proxy x-envoy-external-address=outer-proxy"
    )
    assert told["around"] == ("xff=?,client,edge-proxy x-envoy-external-address=client")
    assert told["accepts"] == "haproxy guards right=3"


def test_an_edge_that_reads_proxy_says_so() -> None:
    backend = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
    spec = document(balancer="linode", tenant={"gateways": [gateway(backend)]})
    told = meaning(make_plan(kubelb_gen.from_data(spec)))[0]

    assert (told["edgeSends"], told["edgeReads"]) == ("v2", "proxy")


def test_who_believes_nobody_trusts_nobody() -> None:
    told = records({"backend": {"kind": "other", "proxyProtocol": "none"}})[0]

    assert (told["trust"], told["accepts"], "sends" in told) == ([], "other", False)


def test_every_path_is_in_the_lock() -> None:
    spec = document(tenant={"services": [service({"backend": NGINX})]})
    fleet = kubelb_gen.from_data(spec)
    lock = json.loads(kubelb_gen.render(fleet).lock.text())

    assert lock["meaning"] == list(meaning(make_plan(fleet)))


def test_pods_that_the_spec_lists_among_the_callers_are_told() -> None:
    def called(callers: list[str]) -> list[str]:
        spec = document(
            tenant={"services": [{**service({"backend": NGINX}), "callers": callers}]}
        )
        told = meaning(make_plan(kubelb_gen.from_data(spec)))
        return [str(each["from"]) for each in told if each.get("called")]

    assert [] == called(["internet"])
    assert ["cluster-service-ip", "cluster-vip"] == called(["internet", "cluster"])
