"""The plan says why a wish is not met; the trace says what happens.  They agree.

The two share no code: the plan compares facts, the trace sends flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, event, given

import kubelb_gen
from kubelb_gen.errors import SpecError
from kubelb_gen.model import Wish
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace import Origin, Verdict
from kubelb_gen.trace.engine import trace_plan
from tests.support.random_specs import specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.plan import Plan, Unmet
    from kubelb_gen.trace import Path
    from tests.support.random_specs import Spec

pytestmark = pytest.mark.property

Outlook = tuple[str, Wish, "Unmet | None", "Unmet | None"]


def outlooks(plan: Plan) -> Iterator[Outlook]:
    """What *plan* says of every port: its key, the wish, and what is unmet."""
    for tenant in plan.tenants:
        for service in tenant.services:
            for port in service.ports:
                key = f"{service.service.name}:{port.port.port}"
                yield key, port.port.client_ip, port.unmet, port.unmet_ipv6
        for gateway in tenant.gateways:
            for route in gateway.routes:
                key = f"{route.backend.name}:{route.backend.port}"
                yield key, route.backend.client_ip, route.unmet, route.unmet_ipv6


def agree(wish: Wish, unmet: Unmet | None, path: Path) -> bool:
    """Whether what the plan says is what the trace says."""
    if unmet is not None:
        return unmet.outcome.value == path.verdict.value
    if wish is Wish.IGNORED:
        return path.verdict in (Verdict.PRESERVED, Verdict.LOST)
    return path.verdict is Verdict.PRESERVED


@given(specs())
def test_what_is_unmet_is_what_happens(spec: Spec) -> None:
    try:
        plan = make_plan(kubelb_gen.from_data(spec))
    except SpecError:
        assume(False)
    paths = {(f"{p.name}:{p.port}", p.source): p for p in trace_plan(plan)}
    for key, wish, over_ipv4, over_ipv6 in outlooks(plan):
        path = paths[key, Origin.INTERNET_IPV4]
        event(f"{path.layer} {path.verdict}")

        assert agree(wish, over_ipv4, path), (key, over_ipv4, path)

        path = paths.get((key, Origin.INTERNET_IPV6), path)

        assert path.source is Origin.INTERNET_IPV4 or agree(wish, over_ipv6, path), (
            key,
            over_ipv6,
            path,
        )
