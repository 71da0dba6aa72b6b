"""Whoever follows a step to the letter has pods that run what the step brings."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import kubelb_gen
from kubelb_gen.api.stepping import between
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.rollout import roll_out
from tests.support.following import follow
from tests.support.wishes import HAPROXY, IGNORED, NGINX, document, gateway, service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.wishes import Data

EXAMPLES = [
    each
    for each in sorted((Path(__file__).parents[3] / "examples").glob("*/spec.yaml"))
    if "services:" in each.read_text("utf-8")
]
BARE: Data = {"proxyProtocol": "none"} | IGNORED
STRATEGIES = (None, "in-place", "adapter", "second-service")
FOREIGN = ("other", "unknown")
WORKLOADS: tuple[Data, ...] = (
    {},
    {"workload": {"name": "web", "container": "app"}},
    {"workload": {"kind": "StatefulSet", "name": "web", "container": "app"}},
    {"workload": {"kind": "DaemonSet", "name": "other", "container": "app"}},
)


def wrong(old: Data, new: Data) -> Iterator[str]:
    """What goes wrong along the steps between two specs, and on each way back."""
    before, after = kubelb_gen.from_data(old), kubelb_gen.from_data(new)
    # Whether either is sound is another question.
    steps = roll_out(before, after, between)
    first = render_plan(make_plan(before))
    states = [first, *(each.artifacts for each in steps)]
    for step, (was, now) in zip(steps, pairwise(states), strict=True):
        for patches in (True, False):
            yield from follow(step.do, was, now, patches=patches)
            yield from follow(step.rollback, now, was, patches=patches)


@pytest.mark.parametrize("kind", [None, "StatefulSet"])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", [each.parent.name for each in EXAMPLES])
def test_pods_of_the_examples_start_on_what_a_step_brings(
    name: str, strategy: str | None, kind: str | None
) -> None:
    old, new = example(name, kind), example(name, kind)
    for was, now in zip(services(old), services(new), strict=True):
        was.update(BARE)
        if strategy is not None:
            now["rollout"] = {"strategy": strategy}

    assert [] == [*wrong(old, new)]
    if strategy is None:
        assert [] == [*wrong(new, old)]


def example(name: str, kind: str | None) -> Data:
    """An example; its programs are in workloads of *kind* of their own, if any."""
    path = next(each for each in EXAMPLES if each.parent.name == name)
    spec: Data = yaml.safe_load(path.read_text("utf-8"))
    for entry in services(spec):
        for each in (entry, *entry["ports"]):
            backend = each.get("backend")
            if kind is not None and backend and backend["kind"] not in FOREIGN:
                named = {"kind": kind, "name": entry["name"], "container": "app"}
                backend["workload"] = named
    return spec


def services(spec: Data) -> Iterator[Data]:
    for tenant in spec["spec"]["tenants"]:
        yield from tenant.get("services", ())


@pytest.mark.parametrize("old", WORKLOADS)
@pytest.mark.parametrize("new", WORKLOADS)
def test_pods_that_move_between_workloads_start_on_what_a_step_brings(
    old: Data, new: Data
) -> None:
    def estate(backend: Data, output: str = "full") -> Data:
        only = service({"backend": backend}, output=output)
        return document(tenant={"services": [only]})

    for backend in (NGINX, HAPROXY):
        for output in ("full", "patch"):
            other = backend | {"upstream": "127.0.0.1:8081"} | new

            assert [] == [*wrong(estate(NGINX | old), estate(other, output))]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_pods_of_a_route_start_on_what_a_step_brings(workload: Data) -> None:
    def behind(upstream: str) -> Data:
        app = {"kind": "haproxy", "upstream": upstream, **workload}
        return document(tenant={"gateways": [gateway(app)]})

    assert [] == [*wrong(behind("127.0.0.1:80"), behind("127.0.0.1:81"))]
