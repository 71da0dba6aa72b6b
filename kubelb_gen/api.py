"""The pipeline as a handful of functions: what `import kubelb_gen` offers.

Nothing here prints, exits or touches the network; every import that costs is made
when it is needed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from os import PathLike
from os.path import isdir
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from kubelb_gen.adopt import Adopted, Given
    from kubelb_gen.artifacts import Artifacts, Tree
    from kubelb_gen.checks import Report
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.diff import Changes
    from kubelb_gen.document import ParsedSource, Source, Sources
    from kubelb_gen.drift import Drift
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan
    from kubelb_gen.plan.applications import Application
    from kubelb_gen.rollout import Rollout
    from kubelb_gen.running import Dump
    from kubelb_gen.trace import Path as TracedPath

    State = Fleet | Artifacts | Tree


def load(*paths: str | Path, overlays: Iterable[str | Path] = ()) -> Fleet:
    """Load one fleet from files, folders, or `-` for standard input.

    *overlays* are files with a ClientIPOverlay each, laid over it in their order.
    Raises `SpecError` with every problem of every file in `.diagnostics`, each with
    file, line and column; `OutputError` where a file cannot be read.
    """
    from kubelb_gen.document import Sources, parse, read_sources
    from kubelb_gen.errors import OutputError

    if isinstance(overlays, str | PathLike):
        overlays = (overlays,)
    overlays = tuple(overlays)
    for each in overlays:
        if isdir(each):  # noqa: PTH112  it takes names that no system has
            # Of a folder, nobody would say which is laid last.
            raise OutputError(f"cannot read '{each}': an overlay is a file")
    return _built(
        Sources(
            [parse(source) for source in read_sources(paths)],
            [parse(source) for source in read_sources(overlays)],
        )
    )


def from_data(
    *documents: dict[str, Any], overlays: Iterable[dict[str, Any]] = ()
) -> Fleet:
    """Load one fleet from plain data, a mapping for each document.

    *overlays* are laid over it in their order.  Raises `SpecError` as `load` does; its
    diagnostics have paths, and no lines.
    """
    from kubelb_gen.document import Sources

    return _built(
        Sources(
            _numbered("<data {}>", documents),
            _numbered("<overlay {}>", overlays),
        )
    )


def from_sources(sources: Iterable[Source], overlays: Iterable[Source] = ()) -> Fleet:
    """Load one fleet from texts, wherever they were read; raises as `load` does."""
    from kubelb_gen.document import Sources, parse

    return _built(Sources(map(parse, sources), map(parse, overlays)))


def export(fleet: Fleet, tenant: str) -> dict[str, Any]:
    """Return the facts about the management cluster that *tenant*'s plan needs.

    It is a document of kind ManagementFacts, as data: `from_data` takes it beside the
    TenantSpec.  Nothing of another tenant is in it.  Raises `UsageError` where there
    is no such tenant.
    """
    from kubelb_gen.handover import facts_for

    return facts_for(fleet, _sources_of(fleet), tenant)


def silent_tenants(fleet: Fleet, tenant: str) -> tuple[str, ...]:
    """Name the tenants but *tenant* that are listed, and of which no more is known."""
    from kubelb_gen.handover import silent_tenants

    return silent_tenants(_sources_of(fleet), tenant)


def adopt(dumps: Iterable[Dump], given: Given | None = None) -> Adopted:
    """Make a spec of what runs: *dumps* are what `running.read_dumps` returns.

    Raises `SpecError` with every problem of every dump, each with file and line.
    """
    from kubelb_gen.adopt import Given as Words
    from kubelb_gen.adopt import adopt as make

    return make(dumps, given or Words())


def facts_of(*paths: str | Path) -> dict[str, Any]:
    """Return what the spec in *paths* says of the estate, services left out.

    Its documents are merged.  Raises what `load` does.
    """
    from kubelb_gen.document import Sources, parse, read_sources

    sources = Sources(parse(source) for source in read_sources(paths))
    _built(sources)
    facts: dict[str, Any] = {}
    tenants: dict[str, dict[str, Any]] = {}
    for document in sources.documents:
        spec = document.data["spec"]
        facts |= {key: spec[key] for key in ("kubelb", "management") if key in spec}
        facts.setdefault("cidrSets", {}).update(spec.get("cidrSets", {}))
        for tenant in spec.get("tenants", ()):
            tenants.setdefault(tenant["name"], {}).update(tenant)
    facts["tenants"] = list(tenants.values())
    return facts


def drift(fleet: Fleet, dumps: Iterable[Dump]) -> Drift:
    """Say how what runs differs from what *fleet* renders, and what that means.

    *dumps* are what `running.read_dumps` returns.  Raises `SpecError` where a dump
    cannot be read.
    """
    from kubelb_gen.drift import drift as compare

    return compare(fleet, dumps)


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


def diff(
    old: State | str | Path,
    new: State | str | Path,
    *,
    names: tuple[str, str] = ("old", "new"),
) -> Changes:
    """Say what changes from *old* to *new*: what it means, and in which files.

    A side is a fleet, what it renders to, a rendered directory that was read, or a path
    of a spec or of a rendered directory.  Raises as `load` does for a path, and
    `OutputError` for a lock that does not say enough.  *names* is what reports call
    the two.
    """
    from kubelb_gen.diff import Changes
    from kubelb_gen.diff.locating import locate
    from kubelb_gen.diff.sides import sides

    states = read_state(old), read_state(new)
    pairs = zip(sides(*states), states, names, strict=True)
    first, second = (
        side._replace(
            name=name,
            findings=_findings(state, side.plan),
            locate=partial(locate, state),
        )
        for side, state, name in pairs
    )
    return Changes(first, second)


def steps(old: State, new: State, changes: Changes) -> Rollout | None:
    """Return the steps of *changes* that are not safe to merge at once.

    None where there are none to tell: all of it is safe, a side is no spec, or the
    rules find an error in *new*.
    """
    from kubelb_gen.diff.narrow import narrowed
    from kubelb_gen.errors import KubelbGenError
    from kubelb_gen.model import Fleet

    if not (changes.unsafe and isinstance(old, Fleet) and isinstance(new, Fleet)):
        return None
    try:
        return rollout(*narrowed(old, new))
    except KubelbGenError:
        return None


def rollout(old: Fleet, new: Fleet) -> Rollout:
    """Return the steps from *old* to *new* that break no connection, or fewest.

    Each step's spec renders: what its rules say against a state between is suppressed
    in it, with that reason.  Raises `SpecError` where a rule finds an error in *new*;
    *old* is what runs, however bad.
    """
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.rollout import roll_out

    report = check(new)
    if report.errors:
        raise InvalidSpecError(report.errors)
    own = _own_text(new)

    def write(fleet: Fleet) -> tuple[str, Fleet]:
        # What the user wrote is what the user wants to see at the end.
        return (own, new) if own and fleet is new else _between(fleet)

    return roll_out(old, new, write)


def _own_text(fleet: Fleet) -> str | None:
    """Return the text of *fleet*, where it is one document and nothing besides."""
    sources = _sources_of(fleet) if fleet.places is not None else None
    if sources is None or len(sources.parsed) != 1 or sources.overlays:
        return None
    return sources.parsed[0].source.text if len(sources.documents) == 1 else None


def _between(fleet: Fleet) -> tuple[str, Fleet]:
    """Return the spec of a state between two, and what it loads to."""
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.render.block import block
    from kubelb_gen.unparse import accepting, as_data

    data = as_data(fleet)
    written = from_data(data)
    errors = check(written).errors
    if errors:
        data = accepting(data, errors, "a state between, of kubelb-gen rollout")
        written = from_data(data)
        errors = check(written).errors
    if errors:
        raise InvalidSpecError(errors)
    return _amended(fleet, data, written) or block(data), written


def _amended(fleet: Fleet, data: dict[str, Any], written: Fleet) -> str | None:
    """Return *data* in the words of the spec that *fleet* was made of.

    None where that is more than one document, or would not load to *written*.
    """
    from kubelb_gen.document import Source, Sources, parse
    from kubelb_gen.document.editing import edited
    from kubelb_gen.errors import SpecError
    from kubelb_gen.unparse import amend, as_data

    own = _own_text(fleet)
    if own is None:
        return None
    before = as_data(_built(_sources_of(fleet)))
    text = edited(own, lambda given: amend(given, before, data))
    try:
        same = text and _built(Sources([parse(Source("spec.yaml", text))])) == written
    except SpecError:
        return None
    return text if same else None


def read_state(state: State | str | Path, overlays: Iterable[str | Path] = ()) -> State:
    """Return the fleet or the rendered directory at a path; others as they are.

    *overlays* are laid over the fleet.
    """
    from kubelb_gen.artifacts import read_tree

    if not isinstance(state, str | PathLike):
        return state
    if isdir(state):  # noqa: PTH112  says no where the system refuses the name
        tree = read_tree(state)
        if tree.lock is not None:
            return tree
    return load(state, overlays=overlays)


def _findings(state: State, plan: Plan | None) -> tuple[Diagnostic, ...]:
    from kubelb_gen.checks import run
    from kubelb_gen.diff import masked_finding
    from kubelb_gen.model import Fleet

    if plan is None or not isinstance(state, Fleet):
        return ()
    return tuple(map(masked_finding, _placed(state, run(plan)).findings))


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
    from kubelb_gen.checks import run
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.plan.decide import make_plan
    from kubelb_gen.render.tree import render_plan

    plan = make_plan(fleet)
    report = _placed(fleet, run(plan))
    if report.errors:
        raise InvalidSpecError(report.errors)
    if templates is None:
        meaning = _Meaning(plan)
        artifacts = render_plan(plan, meaning=meaning, executor=executor, kinds=kinds)
        return artifacts, report
    from kubelb_gen.render.own.templates import OwnTemplates

    own = OwnTemplates(str(templates))
    artifacts = render_plan(plan, meaning=_Meaning(plan), write=own.lay_out)
    own.refuse_problems()
    return artifacts, report


def applications(fleet: Fleet) -> tuple[Application, ...]:
    """Return every backend of kind `other` that finds the client in a header.

    Raises `SpecError` where a rule finds an error.
    """
    from kubelb_gen.checks import run
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.plan.applications import applications as find
    from kubelb_gen.plan.decide import make_plan

    plan = make_plan(fleet)
    report = _placed(fleet, run(plan))
    if report.errors:
        raise InvalidSpecError(report.errors)
    return tuple(find(plan))


def snippet(framework: str, application: Application) -> str:
    """Return code for *framework* that finds the client in *application*.

    Raises `UsageError` where there is none for that framework, `RenderError` where a
    value cannot be written into a text of its language.
    """
    from kubelb_gen.errors import UsageError
    from kubelb_gen.render.snippet import FRAMEWORKS
    from kubelb_gen.render.snippet import snippet as write

    if framework not in FRAMEWORKS:
        raise UsageError(f"there is no snippet for {framework!r}")
    return write(framework, application)


class _Meaning:
    """What the trace says of a plan, traced when the lock asks.

    What is printed has no lock, so it is not traced at all.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        from kubelb_gen.trace.meaning import meaning

        return iter(meaning(self._plan))


def _numbered(name: str, documents: Iterable[object]) -> Iterator[ParsedSource]:
    from kubelb_gen.document import plain

    for number, data in enumerate(documents, start=1):
        yield plain(data, name.format(number))


def _sources_of(fleet: Fleet) -> Sources:
    from kubelb_gen.document import Sources
    from kubelb_gen.errors import UsageError

    if not isinstance(fleet.places, Sources):
        raise UsageError("a fleet is exported from what it was loaded from")
    return fleet.places


def _built(sources: Sources) -> Fleet:
    from kubelb_gen.build import build

    if sources.overlays:
        # Few specs have some.
        from kubelb_gen.build.overlay import overlaid

        sources = overlaid(sources)
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
