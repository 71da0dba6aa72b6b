"""Drift as JSON; the shape is `schemas/drift-v1.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.json import json_text

if TYPE_CHECKING:
    from kubelb_gen.drift import Difference, Drift, Shift
    from kubelb_gen.trace import Path


def drift_json(drift: Drift) -> str:
    """Return *drift* as one JSON document, version 1, the last line ended."""
    numbers = {id(shift): number for number, shift in enumerate(drift.shifts)}
    return json_text(
        {
            "version": 1,
            "compared": drift.compared,
            "unseen": list(drift.unseen),
            "differences": [_difference(each, numbers) for each in drift.differences],
            "paths": [_shift(each) for each in drift.shifts],
        }
    )


def _difference(each: Difference, numbers: dict[int, int]) -> dict[str, object]:
    place = each.location
    return {
        "kind": each.kind,
        "cluster": each.cluster,
        "object": each.object,
        "field": each.field or None,
        "wanted": each.wanted,
        "runs": each.runs,
        "file": place.source if place else None,
        "line": place.line if place else None,
        "does": each.does,
        "paths": [numbers[id(shift)] for shift in each.shifts],
    }


def _shift(shift: Shift) -> dict[str, object]:
    path = shift.wanted
    return {
        "tenant": path.tenant,
        "gateway": path.gateway,
        "namespace": path.namespace,
        "name": path.name,
        "port": path.port,
        "protocol": path.protocol,
        "from": path.source,
        "wanted": _meaning(shift.wanted),
        "runs": _meaning(shift.runs),
    }


def _meaning(path: Path) -> dict[str, object]:
    return {
        "verdict": path.verdict,
        "identity": path.identity.is_,
        "peer": path.peer,
        "trust": [str(network) for network in path.trust],
        "because": list(path.because),
    }
