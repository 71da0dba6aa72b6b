"""Findings as workflow commands: GitHub draws them beside the lines they are about.

A step shows its first annotations only, so errors come before warnings; the log of the
step has them all.  Manual: docs.github.com, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.checks import Report
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.report.advice import advice, source
from kubelb_gen.report.text import by_position, visible

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_SHOWN = 10


def github(report: Report) -> str:
    """Return *report* as workflow commands, a line for each finding."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    findings = by_severity(report.findings)
    if len(findings) > _SHOWN:
        told = f"{len(findings)} findings; a step shows {_SHOWN}, its log has all"
        yield command("notice", {"title": "kubelb-gen"}, told)
    for each in findings:
        yield _annotation(each)
    for accepted in report.suppressed:
        finding = accepted.finding
        properties = {**_place(finding), "title": f"suppressed: {finding.id}"}
        told = visible(f"{finding.message} ({accepted.reason})")
        yield command("notice", properties, told)


def by_severity(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return *findings* with errors first, each kind in the order of the text."""
    rank = {severity: number for number, severity in enumerate(Severity)}
    return sorted(by_position(findings), key=lambda each: rank[each.severity])


def command(name: str, properties: dict[str, str], message: str) -> str:
    r"""Return one workflow command.

    >>> command("error", {"file": "a,b.yaml", "line": "3"}, "100%\nsure")
    '::error file=a%2Cb.yaml,line=3::100%25%0Asure'
    """
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _annotation(finding: Diagnostic) -> str:
    properties = {**_place(finding), "title": finding.id}
    return command(_COMMANDS[finding.severity], properties, advice(finding))


def _place(finding: Diagnostic) -> dict[str, str]:
    name = source(finding)
    if name is None:
        return {}
    name = visible(name)
    place = finding.location
    if place is None:
        return {"file": name}
    # Columns hold within one line only, so the end line is said.
    return {
        "file": name,
        "line": str(place.line),
        "endLine": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.column + place.width),
    }


def _data(text: str) -> str:
    # The percent sign goes first, or it would escape what escapes.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
