"""The pipeline as a handful of functions: what `import kubelb_gen` offers.

Nothing here prints, exits or touches the network; every import that costs is made
when it is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.checks import Report
    from kubelb_gen.document import Sources
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan
    from kubelb_gen.trace import Path as TracedPath


def load(*paths: str | Path) -> Fleet:
    """Load one fleet from files, folders, or `-` for standard input.

    Raises `SpecError` with every problem of every file in `.diagnostics`, each with
    file, line and column; `OutputError` where a file cannot be read.
    """
    from kubelb_gen.document import Sources, parse, read_sources

    return _built(Sources(parse(source) for source in read_sources(paths)))


def from_data(*documents: dict[str, Any]) -> Fleet:
    """Load one fleet from plain data, a mapping for each document.

    Raises `SpecError` as `load` does; its diagnostics have paths, and no lines.
    """
    from kubelb_gen.document import Sources, plain

    return _built(
        Sources(
            plain(data, f"<data {number}>")
            for number, data in enumerate(documents, start=1)
        )
    )


def check(fleet: Fleet) -> Report:
    """Judge *fleet* by every rule; findings carry the lines they are about."""
    from kubelb_gen.checks import run
    from kubelb_gen.plan.decide import make_plan

    return _placed(fleet, run(make_plan(fleet)))


def trace(fleet: Fleet) -> tuple[TracedPath, ...]:
    """Say for each flow to each port of *fleet* which address its backend sees.

    The first path of a port is traffic from the internet.  The wishes of the spec play
    no part: a path says what happens.
    """
    from kubelb_gen.plan.decide import make_plan
    from kubelb_gen.trace.engine import trace_plan

    return trace_plan(make_plan(fleet))


def render(fleet: Fleet) -> Artifacts:
    """Return every file of *fleet*, by its path relative to the output folder.

    Pure: nothing is read but our own templates, nothing is written.  Raises
    `SpecError` where a rule finds an error, `RenderError` where a value cannot be
    written into the grammar of its file.
    """
    return render_and_report(fleet)[0]


def render_and_report(fleet: Fleet) -> tuple[Artifacts, Report]:
    """Return what `render` does, and the findings that do not stand in its way."""
    from kubelb_gen.checks import run
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.plan.decide import make_plan
    from kubelb_gen.render.tree import render_plan

    plan = make_plan(fleet)
    report = _placed(fleet, run(plan))
    if report.errors:
        raise InvalidSpecError(report.errors)
    return render_plan(plan, meaning=_Meaning(plan)), report


class _Meaning:
    """What the trace says of a plan, traced when the lock asks.

    What is printed has no lock, so it is not traced at all.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        from kubelb_gen.trace.meaning import meaning

        return iter(meaning(self._plan))


def _built(sources: Sources) -> Fleet:
    from kubelb_gen.build import build

    return replace(build(sources), places=sources)


def _placed(fleet: Fleet, report: Report) -> Report:
    if fleet.places is None:
        return report
    return replace(
        report,
        findings=fleet.places.placed(report.findings),
        suppressed=tuple(
            replace(each, finding=fleet.places.placed((each.finding,))[0])
            for each in report.suppressed
        ),
    )
