"""What is wrong with a text before it is data, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.document.positions import Span, lines_of, location

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

_NOT_PRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


class Problems:
    """Collects the diagnostics of one text."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self.lines = lines_of(text)
        self.found: list[Diagnostic] = []

    def tell(
        self,
        name: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        hint: str | None = None,
    ) -> None:
        """Record one problem at *span*."""
        self.found.append(
            Diagnostic(
                id=name,
                severity=Severity.ERROR,
                message=message,
                label=label,
                hint=hint,
                location=location(self._name, self.lines, span),
            )
        )

    def tell_syntax(self, error: MarkedYAMLError, last: Span) -> None:
        """Record where the text stops being YAML; *last* is where it still was."""
        mark = error.problem_mark or error.context_mark
        span = last
        if mark is not None:
            span = Span(mark.line, mark.column, mark.line, mark.column + 1)
        problem = " ".join(str(error.problem or error.context or "").split())
        label = ""
        if error.problem and error.context and error.context_mark is not None:
            label = f"{error.context}, from line {error.context_mark.line + 1}"
        line = self.lines[min(span.line, len(self.lines) - 1)]
        hint = None
        if "\t" in line[: span.column + 1]:
            hint = "indent with spaces, YAML takes no tab there"
        self.tell("yaml-syntax", f"not YAML: {problem}", span, label=label, hint=hint)

    def tell_unprintable(self) -> bool:
        """Record the first character that no YAML text may hold, if there is one."""
        for number, line in enumerate(self.lines):
            if found := _NOT_PRINTABLE.search(line):
                column = found.start()
                self.tell(
                    "control-character",
                    f"the character U+{ord(found.group()):04X} cannot stand in a spec",
                    Span(number, column, number, column + 1),
                )
                return True
        return False
