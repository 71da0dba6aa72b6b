"""The rules against the trace: no path that counts fails without an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given

from kubelb_gen.checks import run
from kubelb_gen.model import ProbeType
from kubelb_gen.trace import FlowKind, Origin, Verdict
from kubelb_gen.trace.engine import trace_plan
from tests.support.random_specs import planned, specs

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.plan import Plan
    from kubelb_gen.trace import Path
    from tests.support.random_specs import Spec

pytestmark = pytest.mark.property

INTERNET = (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)
FAILING = (Verdict.BROKEN, Verdict.FORGEABLE)


@given(specs())
def test_a_path_that_counts_and_fails_is_told(spec: Spec) -> None:
    plan = planned(spec)
    inside = with_callers_in_the_cluster(plan)
    told = {finding.about or finding.at for finding in run(plan).errors}
    for path in trace_plan(plan):
        if counts(path, inside) and path.verdict in FAILING:
            event(f"{path.source} {path.verdict}")

            assert path.at in told, (path.source, path.verdict, path.because)


@given(specs())
def test_an_http_probe_that_gets_no_answer_is_told(spec: Spec) -> None:
    plan = planned(spec)
    asks = {
        port.port.at
        for tenant in plan.tenants
        for service in tenant.services
        for port in service.ports
        if (backend := port.port.backend) is not None
        and backend.probe is not None
        and backend.probe.type is ProbeType.HTTP_GET
    }
    told = {
        finding.about or finding.at
        for finding in run(plan).errors
        if finding.id == "probe-refused"
    }
    for path in trace_plan(plan):
        if path.flow is FlowKind.PROBE and path.at in asks:
            event(str(path.verdict))

            assert (path.verdict is Verdict.BROKEN) == (path.at in told)


def with_callers_in_the_cluster(plan: Plan) -> set[DataPath | None]:
    return {
        port.port.at
        for tenant in plan.tenants
        for service in tenant.services
        for port in service.ports
        if "cluster" in service.service.callers
    }


def counts(path: Path, inside: set[DataPath | None]) -> bool:
    if path.flow is not FlowKind.TRAFFIC:
        return False
    if path.source in INTERNET:
        return True
    return path.source is Origin.CLUSTER_SERVICE_IP and path.at in inside
