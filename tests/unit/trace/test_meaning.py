"""What the lock says of each path."""

from __future__ import annotations

import json

import kubelb_gen
from kubelb_gen.trace import Origin
from kubelb_gen.trace.meaning import meaning
from tests.support.traces import port_paths, route_paths
from tests.support.wishes import CDN, INTERNAL, NGINX, PODS, document, service


def test_a_path_in_a_few_words() -> None:
    (told,) = meaning([port_paths()[Origin.INTERNET_IPV4]])

    assert told == {
        "path": "primary/default/web:5000/TCP",
        "from": "internet-ipv4",
        "verdict": "preserved",
        "identity": "client",
        "carriedBy": "proxy-protocol-v2",
        "peer": "management-egress",
        "trust": ["10.3.0.0/16"],
    }


def test_trust_holds_what_a_walk_passes() -> None:
    proxies = {"count": 1, "cidrs": [CDN]}
    backend = {"kind": "nginx", "upstream": "127.0.0.1:3000"}
    (told,) = meaning([route_paths(backend, proxies=proxies)[Origin.INTERNET_IPV4]])

    assert (told["path"], told["trust"]) == (
        "primary/gw/default/app0:8080/TCP",
        [INTERNAL, PODS, CDN],
    )


def test_who_believes_nobody_trusts_nobody() -> None:
    backend = {"kind": "other", "proxyProtocol": "none"}
    (told,) = meaning([port_paths(backend)[Origin.INTERNET_IPV4]])

    assert told["trust"] == []


def test_every_path_is_in_the_lock() -> None:
    spec = document(tenant={"services": [service({"backend": NGINX})]})
    fleet = kubelb_gen.from_data(spec)
    lock = json.loads(kubelb_gen.render(fleet).lock.text())

    assert lock["meaning"] == list(meaning(kubelb_gen.trace(fleet)))
