"""Rules that `run` does not ask, since a plan has not their topic, find nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from kubelb_gen.api import from_data
from kubelb_gen.checks.registry import RULES, rules_about
from kubelb_gen.plan.decide import make_plan
from tests.support.random_specs import specs

pytestmark = pytest.mark.property


@settings(max_examples=100)
@given(specs())
def test_rules_that_are_not_asked_have_nothing_to_say(data: dict[str, Any]) -> None:
    plan = make_plan(from_data(data))
    asked = [rule.ID for rule in rules_about(plan)]

    for name, rule in RULES.items():
        if name not in asked:
            assert list(rule.check(plan)) == [], name
