"""Findings as JSON; the shape is `schemas/findings-v1.json`."""

import json
from collections.abc import Iterable

from kubelb_gen.diagnostics import Diagnostic
from kubelb_gen.report.text import by_position


def findings_json(findings: Iterable[Diagnostic]) -> str:
    """Return *findings* as one JSON document, version 1, the last line ended."""
    listed = [_finding(each) for each in by_position(findings)]
    document = {"version": 1, "findings": listed}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Diagnostic) -> dict[str, object]:
    place = finding.location
    return {
        "id": finding.id,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "designs": list(finding.designs),
        "file": place.source if place else (finding.at.source if finding.at else None),
        "line": place.line if place else None,
        "column": place.column if place else None,
        "path": str(finding.at) if finding.at else None,
    }
