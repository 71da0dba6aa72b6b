"""Diagnostics of a run as they are found, each place told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.build.node import Node
    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.document import Sources


class Findings:
    """Collects diagnostics; *complete* is False when a document is left out.

    What a missing document could have brought is then no finding.
    """

    def __init__(self, sources: Sources, *, complete: bool = True) -> None:
        self._sources = sources
        self._complete = complete
        self._why_missing = ""
        # A default or an anchor is read once for each user, and told once.
        self._found: dict[tuple[str, DataPath | None, str], Diagnostic] = {}

    def error(
        self,
        name: str,
        message: str,
        at: DataPath,
        *,
        label: str = "",
        hint: str | None = None,
        on_key: bool = False,
    ) -> None:
        """Record what stops the build."""
        self._add(
            Diagnostic(
                id=name,
                severity=Severity.ERROR,
                message=message,
                at=at,
                label=label,
                hint=hint,
                on_key=on_key,
            )
        )

    def warning(
        self, name: str, message: str, at: DataPath, *, hint: str | None = None
    ) -> None:
        """Record what the build can live with."""
        severity = Severity.WARNING
        self._add(
            Diagnostic(id=name, severity=severity, message=message, at=at, hint=hint)
        )

    def missing(
        self, name: str, message: str, at: DataPath, *, hint: str | None = None
    ) -> None:
        """Record that something is nowhere in the fleet."""
        if self._complete:
            more = "; ".join(each for each in (hint, self._why_missing) if each)
            self.error(name, message, at, hint=more or None)

    def explain_missing(self, why: str) -> None:
        """Say *why* with all that is nowhere."""
        self._why_missing = why

    @property
    def is_complete(self) -> bool:
        """Whether every document is there to say what it has to say."""
        return self._complete

    def stop_missing(self) -> None:
        """Record nothing more of what is nowhere: its place is missing as a whole."""
        self._complete = False

    def twice(
        self,
        what: str,
        first: Node,
        second: Node,
        *,
        on_key: bool = True,
        hint: str | None = None,
    ) -> None:
        """Record that *what* is defined in two places."""
        self.error(
            "defined-twice",
            f"{what} is defined twice",
            second.at,
            label=self.first("defined", first.at, second.at),
            hint=hint,
            on_key=on_key,
        )

    def first(self, done: str, first: DataPath, second: DataPath) -> str:
        """Return `first <done> on line 30`, with the file where it is another."""
        place = self._sources.locate(first, on_key=True)
        if place is None:
            return f"first {done} at {first}"
        if place.source == self._sources.written(second).at.source:
            return f"first {done} on line {place.line}"
        return f"first {done} at {place.source}:{place.line}"

    def all(self) -> tuple[Diagnostic, ...]:
        """Return everything, located, in the order of the text."""
        return self._sources.placed(self._found.values())

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take over what others found."""
        for each in diagnostics:
            self._found[each.id, each.at, each.message] = each

    def _add(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.id, diagnostic.at, diagnostic.message)
        self._found.setdefault(key, diagnostic)
