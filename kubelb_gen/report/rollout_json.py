"""A rollout as JSON; the shape is `schemas/rollout-v1.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.json import json_text

if TYPE_CHECKING:
    from kubelb_gen.rollout import Rollout, Step


def rollout_json(rollout: Rollout) -> str:
    """Return *rollout* as one JSON document, version 1, the last line ended."""
    return json_text(
        {
            "version": 1,
            "spec": rollout.name,
            "safe": rollout.safe,
            "refused": list(rollout.refused),
            "steps": [_step(each) for each in rollout],
        }
    )


def _step(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "title": step.title,
        "breaks": str(step.breaks),
        "broken": list(step.broken),
        "windows": list(step.windows),
        "do": list(step.do),
        "wait": [each._asdict() for each in step.wait],
        "rollback": list(step.rollback),
        "spec": step.spec,
    }
