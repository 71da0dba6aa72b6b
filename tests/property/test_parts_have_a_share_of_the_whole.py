"""Of parts of a fleet come the bootstraps and the lock of the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kubelb_gen
from kubelb_gen.artifacts import Artifacts, Records, block_of
from kubelb_gen.errors import SpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render import envoy_bootstrap
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.envoy_bootstrap import (
    Fragment,
    assembled,
    drafts,
    fragments,
)
from kubelb_gen.trace.meaning import by_owner, meaning
from tests.support.random_specs import services, specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.model import Fleet, Service
    from kubelb_gen.plan import Plan

pytestmark = pytest.mark.property

PARTS = 3
NAMES = st.sampled_from(["a", "b", "c", "web"])


@pytest.fixture(scope="module", autouse=True)
def _small_bootstraps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envoy_bootstrap, "MOST_LISTENERS", 4)
        yield


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Draw tenants with some Services each, a Gateway and an Ingress of one name."""
    data: dict[str, Any] = draw(specs())
    (first,) = data["spec"]["tenants"]
    for each in first["ingresses"]:
        each["name"] = first["gateways"][0]["name"]
    listed = [{**first, "name": name} for name in draw(st.permutations("ba"))]
    data["spec"]["tenants"] = [
        {**tenant, "services": draw(_services())} for tenant in listed
    ]
    try:
        return kubelb_gen.from_data(data)
    except SpecError:
        assume(False)
        raise


@st.composite
def _services(draw: st.DrawFn) -> list[dict[str, Any]]:
    named = draw(st.lists(st.tuples(NAMES, NAMES), max_size=5, unique=True))
    listed = []
    for number, (namespace, name) in enumerate(named):
        service = draw(services()) | {"namespace": namespace, "name": name}
        for port in service["ports"]:
            port["nodePort"] += 10 * number
        listed.append(service)
    return listed


def plans_of_parts(fleet: Fleet, turns: list[int]) -> list[Plan]:
    """Plans of the parts of *fleet*: which of them a Service is in, *turns* say."""

    def some(listed: tuple[Service, ...], part: int) -> tuple[Service, ...]:
        return tuple(
            each
            for number, each in enumerate(listed)
            if turns[number % len(turns)] == part
        )

    return [
        make_plan(
            replace(
                fleet,
                tenants=tuple(
                    replace(each, services=some(each.services, part))
                    for each in fleet.tenants
                ),
            )
        )
        for part in range(PARTS)
    ]


TURNS = st.lists(st.integers(0, PARTS - 1), min_size=1, max_size=7)


@given(fleets(), TURNS)
def test_fragments(fleet: Fleet, turns: list[int]) -> None:
    found: dict[str, list[Fragment]] = {}
    for plan in plans_of_parts(fleet, turns):
        for tenant, fragment in json.loads(json.dumps([*fragments(plan, lay_out)])):
            found.setdefault(tenant, []).append(Fragment(*fragment))
    together = [
        draft
        for tenant in fleet.tenants
        for draft in assembled(fleet, tenant, found.get(tenant.name, ()))
    ]

    assert {each.path: each.text(lay_out) for each in together} == {
        each.path: each.text(lay_out) for each in drafts(make_plan(fleet))
    }


@given(fleets(), TURNS)
def test_records(fleet: Fleet, turns: list[int]) -> None:
    whole = meaning(make_plan(fleet))
    found = {
        owner: block_of(records)
        for plan in plans_of_parts(fleet, turns)
        for owner, records in by_owner(plan)
    }
    lines = Records(found[owner] for owner in sorted(found))
    locks = [
        Artifacts([], spec=fleet.name, meaning=each).lock.data()
        for each in (whole, lines)
    ]

    assert locks[0] == locks[1]
    assert lines == tuple(whole)
