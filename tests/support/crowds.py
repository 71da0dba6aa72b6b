"""Crowds of services of one tenant, and what a cluster may say to all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.random_specs import maybe, services

Data = dict[str, Any]
NAMES = ("web", "web-plain", "api", "dns", "shop-2")
ANNOTATIONS: list[Data] = [
    {"load-balancer.hetzner.cloud/location": "fsn1"},
    {"service.beta.kubernetes.io/aws-load-balancer-type": "external"},
    {"a.example/size": "L, XL"},
]
CONFIG: list[Data] = [
    {},
    {"propagateAllAnnotations": True},
    {"propagatedAnnotations": {"a.example/size": ""}},
]
WORKLOADS = st.sampled_from(["web", "api", "dns"]).map(
    lambda name: {"name": name, "container": "proxy"}
)
CONFIG_MAPS = st.sampled_from(["web-nginx", "own"]).map(
    lambda name: {"name": name, "key": "main.conf"}
)


@st.composite
def crowd(draw: st.DrawFn, tenant: int) -> list[Data]:
    """Draw a few services of a tenant, none of which has what another one has."""
    drawn = []
    for number, name in enumerate(
        draw(st.permutations(NAMES))[: draw(st.integers(2, 4))]
    ):
        service = draw(services()) | {"name": name}
        service["namespace"] = draw(st.sampled_from(["default", "team"]))
        service |= draw(maybe("annotations", st.sampled_from(ANNOTATIONS)))
        service |= draw(maybe("sessionAffinity", st.just("ClientIP")))
        own = draw(maybe("workload", WORKLOADS)) | draw(maybe("configMap", CONFIG_MAPS))
        for index, port in enumerate(service["ports"]):
            port["nodePort"] = 31100 + 100 * tenant + 10 * number + index
            if draw(st.integers(0, 7)) == 0:
                del port["nodePort"]
            if draw(st.integers(0, 3)) == 0:
                # The one of the tenant's defaults: findings are at one place.
                del port["backend"]
            elif port["backend"]["kind"] != "other":
                port["backend"] = port["backend"] | own
        drawn.append(service)
    return drawn
