"""A fleet rendered in portions: whole tenants, each from its data to its texts.

What rules find in a fleet, and what it renders to, is what they find in its portions
and what those render to, but for what `checks.evidence` tells of, and for the list of
management's objects.  Where only the whole could say what is to be said, nothing is
done at all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kubelb_gen.api.rendering import Meaning
from kubelb_gen.errors import KubelbGenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.checks.evidence import Evidence
    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.document import Sources
    from kubelb_gen.plan import Plan

    # Something small, and a body in pieces that are made when they are asked for.
    Kept = tuple[Any, Iterator[bytes]]
    Keep = Callable[[Artifacts], Kept]
    Own = frozenset[str]
    Made = tuple["Portion", Iterator[bytes]]
    # A path, and its cluster.
    Listed = tuple[str, str]


class TogetherError(KubelbGenError):
    """The whole has something to say that a portion of it cannot."""


class Portion(NamedTuple):
    """What is known of the files of some tenants.

    *spec* is the name of the fleet, *head* the small part of what is kept of the
    files; *listed* is what the kustomization of management has to list.
    """

    spec: str
    head: Any
    warnings: tuple[Diagnostic, ...]
    evidence: tuple[Evidence, ...]
    listed: tuple[Listed, ...]


class Runner(Protocol):
    """Runs a function in several processes, of which this is the first."""

    def map(
        self, function: Callable[[Own], Made], calls: Sequence[Own], /
    ) -> Iterable[Made]:
        """Return what *function* returns for each of *calls*, the first one here."""

    def check(self) -> None:
        """Raise what another process has raised by now."""


class _Work(NamedTuple):
    """What is the same for all portions."""

    sources: Sources
    first: Own
    keep: Keep
    kinds: frozenset[str]
    check: Callable[[], None]


class Rendered(NamedTuple):
    """What was kept of all portions; *warnings* have no lines yet."""

    spec: str
    kept: list[Kept]
    warnings: tuple[Diagnostic, ...]


def render_in_portions(
    sources: Sources,
    number: int,
    runner: Runner,
    keep: Keep,
    kinds: frozenset[str] = frozenset(),
) -> Rendered | None:
    """Return what *keep* makes of the files of *number* portions of a fleet.

    *runner* has a process for each, with a copy of the memory of this one.  *sources*
    have their overlays laid over.  Where *kinds* are given, others may be left out.
    None where portions are not enough, be it for an error: it is the whole that has to
    say so.
    """
    from kubelb_gen.build.portions import portions_of, services_of
    from kubelb_gen.checks.evidence import suspects

    counts = services_of(sources.documents)
    groups = portions_of(counts, number) if counts else []
    if len(groups) < 2:  # noqa: PLR2004  one is the whole
        return None
    try:
        work = _Work(sources, groups[0], keep, kinds, runner.check)
        made = list(runner.map(partial(_portion, work), groups))
        found = [portion for portion, _ in made]
        if suspects(each for portion in found for each in portion.evidence):
            return None
        kept = [(portion.head, body) for portion, body in made]
        kept += _of_all(found, keep)
        return Rendered(found[0].spec, kept, tuple(_warnings(found)))
    except TogetherError:
        return None


def _portion(work: _Work, own: Own) -> Made:
    from kubelb_gen.checks.evidence import WARNED_ACROSS_TENANTS, evidence

    is_first = own == work.first
    plan, warnings = _judged(work.sources, own)
    if is_first:
        # Nobody waits for what is rendered here where another one has given up.
        work.check()
    try:
        files, listed = _files(_written(plan, own, is_first=is_first), work.kinds)
        head, body = work.keep(files)
    except KubelbGenError as error:
        raise TogetherError from error
    said = tuple(evidence(plan, WARNED_ACROSS_TENANTS))
    return Portion(plan.fleet.name, head, warnings, said, listed), body


def _judged(sources: Sources, own: Own) -> tuple[Plan, tuple[Diagnostic, ...]]:
    from kubelb_gen.build import build
    from kubelb_gen.build.portions import cut
    from kubelb_gen.checks import run
    from kubelb_gen.plan.decide import make_plan

    try:
        fleet = build(sources, [cut(each, own) for each in sources.documents])
    except KubelbGenError as error:
        raise TogetherError from error
    plan = make_plan(fleet)
    report = run(plan)
    if report.errors:
        raise TogetherError
    return plan, report.warnings


def _written(plan: Plan, own: Own, *, is_first: bool) -> Plan:
    """Return *plan* with what no other portion writes."""
    tenants = tuple(each for each in plan.tenants if each.tenant.name in own)
    if is_first:
        return replace(plan, tenants=tenants)
    return replace(plan, tenants=tenants, edges=(), cilium=None)


def _files(plan: Plan, kinds: frozenset[str]) -> tuple[Artifacts, tuple[Listed, ...]]:
    """Return the files of *plan*, and what management's kustomization has to list."""
    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.render.draft import MANAGEMENT, Kind, Role
    from kubelb_gen.render.tree import render_plan

    spec, meaning = plan.fleet.name, Meaning(plan)
    if kinds and Kind.KUSTOMIZATION not in kinds:
        return render_plan(plan, meaning=meaning, kinds=kinds), ()
    others = frozenset(Kind) - {Kind.KUSTOMIZATION}
    files = [*render_plan(plan, kinds=others).values()]
    listed = {
        each.path: each.cluster
        for each in files
        if each.role is Role.APPLY and each.path.startswith(f"{MANAGEMENT}/")
    }
    files += _kustomizations(spec, [each for each in files if each.path not in listed])
    return Artifacts(files, spec=spec, meaning=meaning), tuple(listed.items())


def _of_all(portions: list[Portion], keep: Keep) -> Iterator[Kept]:
    """Yield what is kept of the file that lists what all *portions* wrote."""
    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.render.draft import Role

    # Of a file that is listed, nobody asks for the text.
    applied = partial(Artifact, kind="", role=Role.APPLY, text="")
    files = [
        applied(path=path, cluster=cluster)
        for portion in portions
        for path, cluster in portion.listed
    ]
    if files:
        spec = portions[0].spec
        yield keep(Artifacts(_kustomizations(spec, files), spec=spec))


def _kustomizations(spec: str, files: Iterable[Artifact]) -> list[Artifact]:
    from kubelb_gen.render.kustomization import drafts
    from kubelb_gen.render.tree import laid_out

    return [laid_out(each) for each in drafts(spec, files)]


def _warnings(portions: Sequence[Portion]) -> Iterator[Diagnostic]:
    """Yield the warnings of *portions* once each, in the order of the whole.

    What all of them say is about no Service of any: it keeps its place behind what each
    says of its own, or in front of it.
    """
    said = [each.warnings for each in portions]
    shared = set(said[0]).intersection(*said[1:])
    told = set(shared)
    unread = [iter((*each, None)) for each in said]
    for place in (*(each for each in said[0] if each in shared), None):
        for warnings in unread:
            for each in iter(warnings.__next__, place):
                if each is not None and each not in told:
                    told.add(each)
                    yield each
        if place is not None:
            yield place
