"""Findings as JSON; the shape is `schemas/findings-v1.json`."""

import json
import re

from kubelb_gen.checks import Report, Suppressed
from kubelb_gen.diagnostics import Diagnostic
from kubelb_gen.report.text import by_position

# Format characters and line separators: they hide, or turn a line around.
_MISLEADING = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb]"
)


def json_text(document: object) -> str:
    """Return *document* as indented JSON that shows all of itself, the last line ended.

    What could mislead a reader is escaped, which means the same to a program.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _MISLEADING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def report_json(report: Report) -> str:
    """Return *report* as one JSON document, version 1, the last line ended."""
    document = {
        "version": 1,
        "findings": [finding_json(each) for each in by_position(report.findings)],
        "suppressed": [_suppressed(each) for each in report.suppressed],
    }
    return json_text(document)


def _suppressed(accepted: Suppressed) -> dict[str, object]:
    return {**finding_json(accepted.finding), "reason": accepted.reason}


def finding_json(finding: Diagnostic) -> dict[str, object]:
    """Return one *finding* as the formats spell it."""
    place, hidden = finding.location, finding.overrides
    overrides = {"file": hidden.source, "line": hidden.line} if hidden else None
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
        **({"overrides": overrides} if overrides else {}),
    }
