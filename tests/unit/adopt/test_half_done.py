"""An estate in the middle of a rollout is adopted as what it is: not all known."""

from __future__ import annotations

from kubelb_gen.adopt import adopt
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import clusters, dumps
from tests.support.wishes import NGINX, fleet_of, service


def test_a_program_behind_an_adapter_is_not_taken_for_the_adapter() -> None:
    handover = {"listen": 7001, "adapter": 7002, "serves": True}
    entry = {"backend": NGINX, "nodePort": 30500, "handover": handover}
    plan = make_plan(fleet_of(service(entry)))
    adopted = adopt(dumps(clusters(render_plan(plan))))
    [found] = adopted.data["spec"]["tenants"][0]["services"]

    assert {"kind": "unknown"} == found["backend"]
    assert any("p0 leads to 7002" in each.message for each in adopted.told)
