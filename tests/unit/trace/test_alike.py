"""What is said of one Service among many is what is said of it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace.meaning import meaning
from tests.support.wishes import (
    ACCEPTED,
    EGRESS,
    HAPROXY,
    IGNORED,
    NGINX,
    NONE,
    PREFERRED,
    REQUIRED,
    fleet_of,
    service,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.wishes import Data

ENVOY: Data = {"kind": "envoy", "mode": "tcp", "upstream": "127.0.0.1:8080"}
TRAEFIK: Data = {"kind": "traefik", "upstream": "127.0.0.1:8080"}
ANY: Data = {"acceptProxyProtocol": "any"}
# Each differs from another one by a single word.
ENTRIES: list[Data] = [
    *({"backend": each} for each in (NGINX, HAPROXY, ENVOY, TRAEFIK)),
    *({"backend": each, **PREFERRED} for each in (NONE, ACCEPTED, REQUIRED)),
    *({"backend": each | ANY, **PREFERRED} for each in (NGINX, HAPROXY, ENVOY)),
    {"backend": NGINX | {"mode": "http"}},
    {"backend": NGINX | {"upstreamProxyProtocol": "v1"}},
    {"backend": NGINX | {"trustedCIDRs": [EGRESS]}},
    {"backend": NGINX | {"probe": {"type": "httpGet", "port": 8081, "path": "/"}}},
    {"backend": REQUIRED | {"probe": {"type": "httpGet", "port": 8081, "path": "/"}}},
    {"backend": REQUIRED | {"probe": {"type": "httpGet", "port": 80, "path": "/"}}},
    {"backend": NGINX, "plain": {"port": 8082}},
    {"backend": NONE, "protocol": "UDP", **IGNORED},
]
SERVICES: list[Data] = [
    *(service(each) for each in ENTRIES),
    *(
        service({"backend": NGINX}, **more)
        for more in (
            {"externalTrafficPolicy": "Cluster"},
            {"proxyProtocol": "none", **PREFERRED},
            {"callers": ["internet", "cluster"]},
            {"everyNode": True},
            {"internalTrafficPolicy": "Local"},
            {"loadBalancerClass": "example.com/other"},
        )
    ),
    service({"backend": NGINX}, {"backend": NONE, **PREFERRED}),
    service({"backend": REQUIRED}, {"backend": NONE, **PREFERRED}),
    service({"backend": NONE, **PREFERRED}, {"backend": REQUIRED}),
    service({"backend": NGINX}, {"backend": NONE, "protocol": "UDP", **IGNORED}),
]


def called(number: int, each: Data) -> Data:
    """The Service with a name and node ports of its own."""
    ports = [
        port | {"nodePort": 30500 + 2 * number + index}
        for index, port in enumerate(each["ports"])
    ]
    return each | {"name": f"web-{number:02}", "ports": ports}


def told(*services: Data, **facts: Any) -> list[Mapping[str, object]]:  # noqa: ANN401
    return list(meaning(make_plan(fleet_of(*services, **facts))))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("balancer", ["metallb-bgp", "linode", "aws-nlb-instance"])
def test_each_in_any_company(balancer: str, *, backwards: bool) -> None:
    # The first one named is the one that others are told like.
    several = reversed(SERVICES) if backwards else SERVICES
    services = [called(*each) for each in enumerate(several)]
    alone = [one for each in services for one in told(each, balancer=balancer)]

    assert alone == told(*services, balancer=balancer)
