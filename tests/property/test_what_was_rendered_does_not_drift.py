"""drift(s, render(s)) is empty, whatever an API server and KubeLB add."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from kubelb_gen import api
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from tests.support.api_server import clusters, dumps
from tests.support.random_specs import Spec, specs

pytestmark = pytest.mark.property


@settings(max_examples=40)
@given(specs())
def test_what_was_rendered_does_not_drift(spec: Spec) -> None:
    fleet = api.from_data(spec)
    found = api.drift(fleet, dumps(clusters(render_plan(make_plan(fleet)))))

    assert () == found.differences
    assert () == found.shifts
