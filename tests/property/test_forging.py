"""Laws of forging and of lost addresses, over specs that are right or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.model import TrafficPolicy
from kubelb_gen.trace import FlowKind, Origin, Role, Snat, Verdict
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.engine import subjects, trace_plan
from kubelb_gen.trace.journeys import journeys
from kubelb_gen.trace.kube_proxy import NodeHop
from kubelb_gen.trace.planes import link
from kubelb_gen.trace.walking import walk
from tests.support.random_specs import BECAUSE, planned, specs

if TYPE_CHECKING:
    from tests.support.random_specs import Spec

pytestmark = pytest.mark.property

OWNERS = ("services", "gateways", "ingresses")
INTERNET = (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)


@given(specs())
def test_who_believes_nobody_sees_its_peer_whatever_is_forged(spec: Spec) -> None:
    """With no trusted hop the identity is the peer."""
    plan = planned(spec)
    for subject in subjects(plan):
        for journey in journeys(subject.chain):
            facts = journey.links[-1].facts
            assert isinstance(facts, BackendHop)
            if facts.believes or (facts.reads is not None and not facts.reads.peer):
                continue
            told = walk(journey.flow, journey.links)
            event(f"{journey.source}")

            assert told.named is None or told.named.role is told.peer


@given(specs())
def test_who_believes_nobody_believes_no_lie(spec: Spec) -> None:
    plan = planned(spec)
    silent = {
        (service.service.name, port.port.port)
        for tenant in plan.tenants
        for service in tenant.services
        for port in service.ports
        if port.accept == "none"
    }
    for path in trace_plan(plan):
        if path.gateway is None and (path.name, path.port) in silent:
            assert not any(lie.believed for lie in path.lies)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(specs(), st.sampled_from(OWNERS), st.booleans())
def test_from_outside_forging_changes_nothing_in_a_spec_that_validates(
    spec: Spec, kept: str, required: bool
) -> None:
    body = spec["spec"]
    (tenant,) = body["tenants"]
    for owner in OWNERS:
        if owner != kept:
            tenant.pop(owner)
    wish = {} if required else {"clientIP": "ignored", "because": BECAUSE}
    for owner in tenant[kept]:
        for each in owner["ports" if kept == "services" else "backends"]:
            each.update(wish)
    fleet = planned(spec).fleet
    assume(not kubelb_gen.check(fleet).errors)
    for path in kubelb_gen.trace(fleet):
        if path.source in INTERNET:
            event(f"{path.layer} {path.verdict}")

            assert path.verdict is not Verdict.FORGEABLE
            assert not any(lie.believed for lie in path.lies)


@given(specs(), st.data())
def test_a_snat_added_never_brings_a_lost_client_back(
    spec: Spec, data: st.DataObject
) -> None:
    nat = NodeHop(
        node=Role.MANAGEMENT_NODE,
        at=Snat.MANAGEMENT_NODE,
        policy=TrafficPolicy.CLUSTER,
    )
    for subject in subjects(planned(spec)):
        for journey in journeys(subject.chain):
            if journey.kind is not FlowKind.TRAFFIC:
                continue
            before = walk(journey.flow, journey.links).named
            if before is None or before.role is Role.CLIENT:
                continue
            place = data.draw(st.integers(0, len(journey.links) - 1))
            links = list(journey.links)
            links.insert(place, link("nat", "kube-proxy", nat))
            after = walk(journey.flow, links).named

            assert after is None or after.role is not Role.CLIENT


@given(specs())
def test_cluster_instead_of_local_never_brings_a_lost_client_back(spec: Spec) -> None:
    (service,) = spec["spec"]["tenants"][0]["services"]
    for place in (service, *service["ports"]):
        # A pin may trust the peer of one policy alone, and then decides the verdict.
        place.get("backend", {}).pop("trustedCIDRs", None)
    paths = {}
    for policy in ("Local", "Cluster"):
        service["externalTrafficPolicy"] = policy
        # What is sent may follow the policy, so it is pinned.
        service.setdefault("proxyProtocol", "v2")
        paths[policy] = {
            path.port: path
            for path in trace_plan(planned(spec))
            if path.gateway is None and path.source is Origin.INTERNET_IPV4
        }
    for port, path in paths["Local"].items():
        if path.verdict is Verdict.LOST:
            assert paths["Cluster"][port].verdict is not Verdict.PRESERVED
