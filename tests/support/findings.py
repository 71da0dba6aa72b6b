"""Findings made by hand, for tests of what only shows them."""

from __future__ import annotations

from kubelb_gen.checks import Report, Suppressed
from kubelb_gen.diagnostics import DataPath, Diagnostic, Location, Severity

PORTS = DataPath("acme.yaml") / "spec" / "tenants" / 0 / "services" / 0 / "ports"


def finding(
    name: str = "client-ip-lost",
    severity: Severity = Severity.ERROR,
    message: str = "nothing carries the client",
    *,
    line: int = 31,
    source: str = "acme.yaml",
    text: str = "            - {name: main, port: 5000}",
) -> Diagnostic:
    """A finding about the first port of the first service."""
    return Diagnostic(
        id=name,
        severity=severity,
        message=message,
        at=PORTS / 0,
        location=Location(source=source, line=line, column=15, width=25, text=text),
    )


WARNING = finding("trust-range-wide", Severity.WARNING, "the range is wide", line=40)
INFO = finding("facts-missing", Severity.INFO, "facts are missing", line=2)
SUPPRESSED = Suppressed(
    finding=finding("udp-loses-datagrams", Severity.WARNING, "datagrams get lost"),
    reason="a lab",
)
REPORT = Report(findings=(WARNING, finding(), INFO), suppressed=(SUPPRESSED,))
CLEAN = Report(findings=())
