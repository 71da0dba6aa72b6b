"""Helm values for the management cluster's Cilium, a comment on each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role

if TYPE_CHECKING:
    from kubelb_gen.plan.facts import CiliumPlan, Plan

_PATH = "management/cilium-values.yaml"
_TEMPLATE = "cilium/values.yaml.j2"


def drafts(plan: Plan) -> Iterator[Draft]:
    """The values file, where the spec has a Cilium that it is to be written for."""
    if plan.cilium is None or not plan.cilium.values:
        return
    yield Draft(
        path=_PATH,
        kind=Kind.CILIUM,
        role=Role.FILE,
        cluster=MANAGEMENT,
        template=_TEMPLATE,
        context={
            "spec": plan.fleet.name,
            "settings": [*_settings(plan.cilium)],
        },
    )


def _settings(cilium: CiliumPlan) -> Iterator[Mapping[str, object]]:
    for key, value in cilium.values.items():
        inner = [*value.items()] if isinstance(value, Mapping) else []
        yield {
            "reason": cilium.reasons.get(key),
            "key": key,
            "nested": inner,
            "value": None if inner else value,
        }
