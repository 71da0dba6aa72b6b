"""What runs comes back as facts and as few pins as say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt import Given, adopt
from kubelb_gen.api import from_data
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import clusters, dumps
from tests.support.wishes import (
    EGRESS,
    INTERNAL,
    NGINX,
    PREFERRED,
    REQUIRED,
    document,
    gateway,
    service,
)

if TYPE_CHECKING:
    from tests.support.wishes import Data

ENTRY: Data = {"backend": NGINX, "nodePort": 30500}


BARE: Data = {"proxyProtocol": "none", **PREFERRED}
QUIET: Data = {"provider": "hetzner", "proxyProtocol": "none"}


def adopted(spec: Data, given: Given = Given()) -> Data:  # noqa: B008  frozen
    """The spec that is adopted of what *spec* renders to."""
    plan = make_plan(from_data(spec))
    found: Data = adopt(dumps(clusters(render_plan(plan))), given).data["spec"]
    return found


def again(*services: Data, **facts: Any) -> Data:  # noqa: ANN401  it is a spec
    """The spec that is adopted of what the estate of *services* renders to."""
    return adopted(document(tenant={"services": list(services)}, **facts))


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


def test_a_balancer_that_sends_nothing_to_who_could_read_it_is_said_to() -> None:
    spec = document(balancer=QUIET, tenant={"services": [service(ENTRY, **BARE)]})
    found = adopted(spec, Given(load_balancer="hetzner"))

    assert QUIET == found["management"]["loadBalancer"]


def test_a_client_that_is_lost_is_not_required() -> None:
    bare = document(tenant={"services": [service(ENTRY, **BARE)]})
    found = adopted(bare, Given(load_balancer="metallb-bgp"))
    ((port,),) = (each["ports"] for each in found["tenants"][0]["services"])

    assert "preferred" == port["clientIP"]
    assert "adopted: " in port["because"]


def test_an_edge_runs_with_the_policy_that_its_object_says() -> None:
    edge = {"name": "eg", "kind": "envoy-gateway"}
    app = {"kind": "haproxy", "upstream": "127.0.0.1:3000", **PREFERRED}

    def policy(**fields: str) -> str | None:
        cluster = {"edges": [edge | fields]}
        routed = {"gateways": [gateway(app)]}
        found = adopted(document(management=cluster, tenant=routed))
        (only,) = found["management"]["edges"]
        said: str | None = only.get("externalTrafficPolicy")
        return said

    assert policy() is None
    assert "Cluster" == policy(externalTrafficPolicy="Cluster")


def test_a_program_that_nobody_knows_reads_what_is_sent_with_facts_as_well() -> None:
    port = service(ENTRY | {"backend": REQUIRED})
    spec = document(balancer="hetzner", tenant={"services": [port]})
    facts = {"management": spec["spec"]["management"]}
    (found,) = adopted(spec, Given(facts=facts))["tenants"][0]["services"]

    assert {"kind": "unknown", "acceptProxyProtocol": "v2"} == found["backend"]
