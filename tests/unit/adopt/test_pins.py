"""What runs comes back as facts and as few pins as say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt import adopt
from kubelb_gen.api import from_data
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import clusters, dumps
from tests.support.wishes import (
    EGRESS,
    INTERNAL,
    NGINX,
    PREFERRED,
    document,
    service,
)

if TYPE_CHECKING:
    from tests.support.wishes import Data

ENTRY: Data = {"backend": NGINX, "nodePort": 30500}


def again(*services: Data, **facts: Any) -> Data:  # noqa: ANN401  it is a spec
    """The spec that is adopted of what the estate of *services* renders to."""
    plan = make_plan(from_data(document(tenant={"services": list(services)}, **facts)))
    spec: Data = adopt(dumps(clusters(render_plan(plan)))).data["spec"]
    return spec


def test_whom_both_policies_trust_is_envoy_and_the_rest_the_tenant() -> None:
    local = service(ENTRY)
    cluster = service(
        ENTRY | {"nodePort": 30501, **PREFERRED}, externalTrafficPolicy="Cluster"
    )
    found = again(local, cluster | {"name": "other"})

    assert [EGRESS] == found["management"]["egressCIDRs"]
    assert [INTERNAL] == found["tenants"][0]["internalCIDRs"]


def test_what_its_balancer_has_anyway_is_no_annotation_of_a_service() -> None:
    found = again(service(ENTRY), balancer="hetzner")

    assert {"provider": "hetzner"} == found["management"]["loadBalancer"]
    assert "annotations" not in found["tenants"][0]["services"][0]
