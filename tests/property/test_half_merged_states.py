"""What two records say of a half-merged state is what a trace of that state says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings

from kubelb_gen.plan import PolicyPlan
from kubelb_gen.trace.engine import trace_plan
from kubelb_gen.trace.meaning import meaning
from kubelb_gen.trace.meeting import met
from kubelb_gen.trace.transition import BACKEND, EDGE, SENDERS, transitions
from tests.support.random_specs import planned, specs
from tests.support.wishes import NGINX, document, service

if TYPE_CHECKING:
    from kubelb_gen.plan import Plan
    from kubelb_gen.plan.facts import GatewayPlan, ServicePlan, TenantPlan
    from kubelb_gen.trace import Path
    from tests.support.random_specs import Spec

pytestmark = pytest.mark.property

# An ingress-nginx reads PROXY where its balancer sends it: no plan says otherwise.
SHOP = "shop"


@given(specs())
def test_the_two_halves_of_one_record_meet_as_the_trace_says(spec: Spec) -> None:
    for record in meaning(planned(spec)):
        outcome = met(record, record)
        event(f"{record['verdict']}")

        assert (outcome.verdict, outcome.identity, outcome.carried_by) == (
            record["verdict"],
            record["identity"],
            record["carriedBy"],
        ), record


@settings(max_examples=60)
@given(specs(), specs())
def test_a_state_judged_from_records_is_the_state_that_is_traced(
    one: Spec, other: Spec
) -> None:
    old, new = planned(one), planned(other)
    traced = {}
    for change in transitions(meaning(old), meaning(new)):
        for state in change.halfway:
            parts = state.merged
            if parts not in traced:
                plan = hybrid(old, new, parts)
                traced[parts] = {keyed(each): each for each in trace_plan(plan)}
            path = traced[parts][change.path, change.source]
            apart = (SENDERS in parts) is not (EDGE in parts)
            if path.plain or (apart and SHOP in change.path):
                continue
            event(f"{path.verdict}")

            assert (
                state.outcome.verdict,
                state.outcome.identity,
                state.outcome.carried_by,
            ) == (path.verdict, path.identity.is_, path.identity.carried_by), (
                change,
                state,
            )


def keyed(path: Path) -> tuple[str, str]:
    """The key of *path* in records."""
    parts = (path.tenant, path.gateway, path.namespace, path.name)
    return "/".join(filter(None, parts)) + f":{path.port}/{path.protocol}", path.source


def hybrid(old: Plan, new: Plan, merged: frozenset[str]) -> Plan:
    """Both plans in one: *merged* parts are the new one's."""
    senders, edge, backend = (
        new if part in merged else old for part in (SENDERS, EDGE, BACKEND)
    )
    tenants = zip(senders.tenants, edge.tenants, backend.tenants, strict=True)
    return replace(senders, tenants=tuple(mixed(*each) for each in tenants))


def mixed(senders: TenantPlan, edge: TenantPlan, backend: TenantPlan) -> TenantPlan:
    return replace(
        senders,
        services=tuple(map(with_backends, senders.services, backend.services)),
        gateways=tuple(
            map(behind_edge, senders.gateways, edge.gateways, backend.gateways)
        ),
    )


def with_backends(senders: ServicePlan, backend: ServicePlan) -> ServicePlan:
    theirs = {(each.port.port, each.port.protocol): each for each in backend.ports}
    ports = []
    for port in senders.ports:
        other = theirs.get((port.port.port, port.port.protocol), port)
        program = replace(
            port.port, backend=other.port.backend, handover=other.port.handover
        )
        ports.append(
            replace(port, port=program, accept=other.accept, trusted=other.trusted)
        )
    return replace(senders, ports=tuple(ports))


def behind_edge(
    senders: GatewayPlan, edge: GatewayPlan, backend: GatewayPlan
) -> GatewayPlan:
    reads = edge.policy.proxy_field if edge.policy is not None else None
    policy = senders.policy or PolicyPlan(
        name="p", namespace="n", gateway="g", in_management=False
    )
    (route,), (other,) = senders.routes, backend.routes
    program = replace(route.backend, backend=other.backend.backend)
    route = replace(
        route, backend=program, reading=other.reading, trusted=other.trusted
    )
    return replace(senders, policy=replace(policy, proxy_field=reads), routes=(route,))


@pytest.mark.parametrize(
    "unknown",
    [
        {"backend": {"kind": "unknown"}},
        {"egressCIDRs": "unknown"},
        {"loadBalancer": {"class": "unknown"}},
    ],
)
def test_what_is_unknown_meets_as_unknown(unknown: Spec) -> None:
    entry = {"backend": unknown.get("backend", NGINX)}
    management = {key: value for key, value in unknown.items() if key != "backend"}
    spec = document(tenant={"services": [service(entry)]}, management=management)
    record = meaning(planned(spec))[0]
    outcome = met(record, record)

    assert ("not-evaluated", None) == (outcome.verdict, outcome.identity)
    assert record["verdict"] == outcome.verdict
