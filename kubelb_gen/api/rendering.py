"""The files of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.api.judging import require_sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.checks import Report
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan


def render(
    fleet: Fleet,
    *,
    templates: str | Path | None = None,
    executor: Executor | None = None,
) -> Artifacts:
    """Return every file of *fleet*, by its path relative to the output folder.

    Pure: nothing is read but our own templates and the folder *templates*, whose files
    take the place of ours by name; nothing is written.  Raises `SpecError` where a rule
    finds an error, `TemplateError` where a template of that folder fails, `RenderError`
    where a value cannot be written into the grammar of its file.

    An *executor* gets the Services and backends in parts of hundreds, and returns the
    same bytes: a pool of processes, or that of a cluster.  Templates of the user's run
    in this process all the same.
    """
    return render_and_report(fleet, templates=templates, executor=executor)[0]


def render_and_report(
    fleet: Fleet,
    *,
    templates: str | Path | None = None,
    executor: Executor | None = None,
    kinds: frozenset[str] = frozenset(),
) -> tuple[Artifacts, Report]:
    """Return what `render` does, and the findings that do not stand in its way.

    Where *kinds* are given, other kinds of output may be left out.
    """
    from kubelb_gen.render.tree import render_plan

    plan, report = require_sound(fleet)
    if templates is None:
        meaning = Meaning(plan)
        artifacts = render_plan(plan, meaning=meaning, executor=executor, kinds=kinds)
        return artifacts, report
    from kubelb_gen.render.own.templates import OwnTemplates

    own = OwnTemplates(str(templates))
    artifacts = render_plan(plan, meaning=Meaning(plan), write=own.lay_out)
    own.refuse_problems()
    return artifacts, report


class Meaning:
    """What the trace says of a plan, traced when the lock asks.

    What is printed has no lock, so it is not traced at all.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        from kubelb_gen.trace.meaning import meaning

        return iter(meaning(self._plan))
