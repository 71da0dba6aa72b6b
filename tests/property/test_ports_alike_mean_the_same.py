"""What is said of a port because another one is like it, its own paths say too."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.build import build
from kubelb_gen.document import Sources, plain
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace import meaning as module
from tests.support.random_specs import specs

pytestmark = pytest.mark.property

CHANGES: list[dict[str, Any]] = [
    {},
    {"callers": ["internet", "cluster"]},
    {"externalTrafficPolicy": "Local"},
    {"externalTrafficPolicy": "Cluster"},
    {"backend": {"kind": "other", "proxyProtocol": "required"}},
    {"backend": {"kind": "other", "proxyProtocol": "none"}},
    {"backend": {"kind": "caddy", "upstream": "127.0.0.1:80"}},
    {"backend": {"kind": "apache", "upstream": "127.0.0.1:80"}},
    {"backend": {"kind": "haproxy", "upstream": "127.0.0.1:80"}},
    {"proxyProtocol": "none"},
]


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a spec of which each service is there twice, the second a little changed."""
    spec = draw(specs())
    for tenant in spec["spec"]["tenants"]:
        for index, service in enumerate(list(tenant.get("services", []))):
            other = copy.deepcopy(service)
            other["name"] = f"other-{index}"
            for port in other["ports"]:
                for key in ("nodePort", "envoyPort"):
                    if key in port:
                        port[key] += 1000
                if draw(st.booleans()):
                    port["port"] += 1
            change = draw(st.sampled_from(CHANGES))
            other.update(change)
            for port in other["ports"]:
                for key in change.keys() & port.keys():
                    del port[key]
            tenant["services"].append(other)
    return spec


@given(fleets())
def test_in_every_fleet(data: dict[str, Any]) -> None:
    try:
        plan = make_plan(build(Sources([plain(data)])))
    except SpecError:
        return
    each_alone = pytest.MonkeyPatch()
    found = module.meaning(plan)
    each_alone.setattr(module, "shape_of", lambda _: None)
    try:
        walked = module.meaning(plan)
    finally:
        each_alone.undo()

    assert [list(each.items()) for each in walked] == [
        list(each.items()) for each in found
    ]
