"""What runs otherwise than it is written, and means the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen import api
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import by_name, clusters, dumps
from tests.support.wishes import NGINX, PREFERRED, fleet_of, service

if TYPE_CHECKING:
    from pathlib import Path

    from kubelb_gen.model import Fleet
    from tests.support.api_server import Cluster
    from tests.support.wishes import Data


def running(fleet: Fleet) -> Cluster:
    return clusters(render_plan(make_plan(fleet)))


def fleet(**fields: str) -> Fleet:
    entry: Data = {"backend": NGINX, "nodePort": 30500}
    return fleet_of(service(entry, **PREFERRED, **fields))


def test_a_policy_that_nobody_wrote_is_cluster() -> None:
    wanted = fleet(externalTrafficPolicy="Cluster")
    found = running(wanted)
    del by_name(found, "primary", "Service")["spec"]["externalTrafficPolicy"]
    kept = running(wanted)
    del by_name(kept, "management", "Service")["spec"]["externalTrafficPolicy"]

    assert () == api.drift(wanted, dumps(found)).differences
    assert () == api.drift(wanted, dumps(kept)).differences


def test_trusted_ranges_have_no_order(repository: Path) -> None:
    wanted = api.load(repository / "examples/l7-behind-cdn/spec.yaml")
    found = running(wanted)
    [policy] = [
        each
        for objects in found.values()
        for each in objects
        if each["kind"] == "ClientTrafficPolicy"
    ]
    ranges = policy["spec"]["clientIPDetection"]["xForwardedFor"]["trustedCIDRs"]
    ranges.reverse()

    assert len(ranges) > 1
    assert () == api.drift(wanted, dumps(found)).differences


@pytest.mark.parametrize("output", ["none", "patch"])
def test_a_service_that_is_only_traced_is_no_stranger(output: str) -> None:
    found = running(fleet())
    strangers = [
        each
        for each in api.drift(fleet(output=output), dumps(found)).differences
        if each.kind == "stranger"
    ]

    assert [] == strangers
