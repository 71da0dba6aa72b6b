"""Along every rollout, no step breaks what works before and after, unannounced."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.api.stepping import between
from kubelb_gen.errors import SpecError
from kubelb_gen.rollout import Breaks, roll_out
from kubelb_gen.trace import Origin, Verdict
from tests.support.random_specs import maybe, merged, services, specs

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet
    from tests.support.random_specs import Spec

pytestmark = pytest.mark.property

# Whose path, whether pods call it, and the rest of what names it.
Key = tuple[tuple[str, str, str], bool, object]
_INSIDE = (Origin.CLUSTER_SERVICE_IP, Origin.CLUSTER_VIP)

ROLLOUTS = maybe(
    "rollout",
    merged(
        maybe("strategy", st.sampled_from(["in-place", "adapter", "second-service"])),
        maybe("gatesAccess", st.just(True)),
        maybe("forgeryWindow", st.just("accepted")),
    ),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Spec, Spec]:
    """Draw two specs; most differ in the Service or the balancer's pin alone."""
    old = draw(specs())
    if draw(st.integers(0, 3)) == 0:
        return old, draw(specs())
    new = deepcopy(old)
    (tenant,) = new["spec"]["tenants"]
    tenant["services"] = [draw(services()) | draw(ROLLOUTS)]
    if draw(st.booleans()):
        new["spec"]["management"]["loadBalancer"].pop("proxyProtocol", None)
    return old, new


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(pairs())
def test_a_step_breaks_nothing_that_it_does_not_declare(
    pair: tuple[Spec, Spec],
) -> None:
    old, new = (loaded(each) for each in pair)
    try:
        # Whether NEW is sound is another question.
        steps = roll_out(old, new, between)
    except SpecError:
        assume(False)
        raise
    called = callers(old) | callers(new)
    working = {
        each for each in works(old) & works(new) if each[0] in called or not each[1]
    }
    for step in steps:
        event(f"{len(steps)} steps, {step.breaks}")
        if step.breaks is not Breaks.NEW:
            assert working <= works(step.fleet), step.name
        assert bool(step.broken) is (step.breaks is Breaks.NEW)
    if steps.steps:
        assert works(steps.steps[-1].fleet) == works(new)


def loaded(spec: Spec) -> Fleet:
    """The fleet of *spec*; one that is refused is none of these laws'."""
    try:
        return kubelb_gen.from_data(spec)
    except SpecError:
        assume(False)
        raise


def callers(fleet: Fleet) -> set[tuple[str, str, str]]:
    """The Services that pods call."""
    return {
        (tenant.name, service.namespace, service.name)
        for tenant in fleet.tenants
        for service in tenant.services
        if "cluster" in service.callers
    }


def works(fleet: Fleet) -> set[Key]:
    """The paths of *fleet* on which connections work."""
    return {
        (
            (path.tenant, path.namespace, path.name),
            path.source in _INSIDE,
            (path.gateway, path.port, path.protocol, path.source),
        )
        for path in kubelb_gen.trace(fleet)
        if path.verdict is not Verdict.BROKEN
    }
