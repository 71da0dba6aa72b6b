"""An owner who has facts alone rolls out what is its own, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import kubelb_gen
from kubelb_gen.api import from_sources
from kubelb_gen.document import Source

TEAM = Path(__file__).parents[3] / "examples/split-owners/team-a"


@pytest.fixture
def facts() -> dict[str, Any]:
    return dict(YAML(typ="safe").load(TEAM / "facts.yaml"))


@pytest.fixture
def tenant() -> dict[str, Any]:
    return dict(YAML(typ="safe").load(TEAM / "tenant.yaml"))


def _without_header(tenant: dict[str, Any]) -> dict[str, Any]:
    made = deepcopy(tenant)
    (service,) = made["spec"]["tenants"][0]["services"]
    service |= {"proxyProtocol": "none", "clientIP": "ignored", "because": "not yet"}
    return made


def test_a_step_leaves_an_edge_that_others_want_the_client_at(
    facts: dict[str, Any], tenant: dict[str, Any]
) -> None:
    old = kubelb_gen.from_data(facts, _without_header(tenant))

    rollout = kubelb_gen.rollout(old, kubelb_gen.from_data(facts, tenant))

    assert rollout.steps
    assert rollout.safe
    for step in rollout.steps:
        written = from_sources([Source("spec.yaml", step.spec)])
        rendered = kubelb_gen.render(written)
        assert written.facts_of == "team-a"
        assert not any(path.startswith("management/") for path in rendered)
        assert not any("management" in each for each in step.do)


def test_what_the_rules_say_of_a_state_between_is_accepted_beside_the_facts(
    facts: dict[str, Any], tenant: dict[str, Any]
) -> None:
    wanting = _without_header(tenant)
    (service,) = wanting["spec"]["tenants"][0]["services"]
    del service["clientIP"], service["because"]
    old = kubelb_gen.from_data(facts, wanting)

    rollout = kubelb_gen.rollout(old, kubelb_gen.from_data(facts, tenant))

    assert any("client-ip-lost" in step.spec for step in rollout.steps)
    for step in rollout.steps:
        kubelb_gen.render(from_sources([Source("spec.yaml", step.spec)]))
