"""Findings as JUnit XML: a test case for each rule, which fails where the rule does.

What does not make `validate` say no is the output of its case.  A case has one failure
for all its findings, since readers show the first one only.
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from kubelb_gen.checks import RULES, Report
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.report.text import draw_all, visible

# XML 1.0 has no way to write these.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def junit(report: Report, *, strict: bool = False, judged: bool = True) -> str:
    """Return *report* as JUnit XML.

    With *strict* warnings fail, too.  What was not even a spec (*judged* is False) was
    held against no rule, so there is a case for each problem, and for no rule.
    """
    found: dict[str, list[Diagnostic]] = {}
    for each in report.findings:
        found.setdefault(each.id, []).append(each)
    names = [*found] if not judged else [*RULES, *(set(found) - set(RULES))]
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    cases = [
        _Case(name, found.get(name, []), report, failing) for name in sorted(names)
    ]
    counts = (
        f'tests="{len(cases)}" failures="{sum(case.fails for case in cases)}" '
        f'errors="0" skipped="{sum(case.is_skipped for case in cases)}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="kubelb-gen" {counts}>',
        f'  <testsuite name="kubelb-gen validate" {counts}>',
        *(f"    {line}" for case in cases for line in case.lines()),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


class _Case:
    """A rule and what it found."""

    def __init__(
        self,
        name: str,
        findings: list[Diagnostic],
        report: Report,
        failing: set[Severity],
    ) -> None:
        self._name = name
        self._failures = [each for each in findings if each.severity in failing]
        self._rest = [each for each in findings if each.severity not in failing]
        self._accepted = [each for each in report.suppressed if each.finding.id == name]

    @property
    def fails(self) -> bool:
        """Whether the rule says no."""
        return bool(self._failures)

    @property
    def is_skipped(self) -> bool:
        """Whether all that the rule found is accepted by the owner."""
        return bool(self._accepted) and not self._failures and not self._rest

    def lines(self) -> Iterator[str]:
        """Yield the case as XML."""
        kind = "rules" if self._name in RULES else "spec"
        head = f'<testcase classname="kubelb-gen.{kind}" name={_quoted(self._name)}'
        inside = list(self._inside())
        if not inside:
            yield f"{head}/>"
            return
        yield f"{head}>"
        yield from (f"  {each}" for each in inside)
        yield "</testcase>"

    def _inside(self) -> Iterator[str]:
        if self._failures:
            first, *others = self._failures
            more = f" (and {len(others)} more)" if others else ""
            message = _quoted(visible(first.message) + more)
            kind = _quoted(first.severity)
            text = _text(draw_all(self._failures))
            yield f"<failure message={message} type={kind}>{text}</failure>"
        elif self.is_skipped:
            reasons = dict.fromkeys(each.reason for each in self._accepted)
            yield f"<skipped message={_quoted(visible('; '.join(reasons)))}/>"
        told = draw_all(self._rest) + "".join(
            visible(f"suppressed: {each.finding.message} ({each.reason})") + "\n"
            for each in self._accepted
        )
        if told:
            yield f"<system-out>{_text(told)}</system-out>"


def _text(text: str) -> str:
    return escape(_legal(text))


def _quoted(text: str) -> str:
    return f'"{escape(_legal(text), _QUOTED)}"'


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
