"""From the specs among some objects to what one cluster of each fleet is to hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubelb_gen.build import build
from kubelb_gen.build.overlay import overlaid
from kubelb_gen.checks import run
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.document import ParsedSource, Sources
from kubelb_gen.errors import RenderError, SpecError
from kubelb_gen.krm.item import LOCAL_CONFIG, Item, without_orchestration
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.draft import Role
from kubelb_gen.render.tree import render_plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan

CLUSTER = "kubelb-gen/cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The objects that the cluster *owner* names is to hold, and what was found.

    With an error among *findings* there are no objects.
    """

    owner: str
    artifacts: tuple[Artifact, ...]
    findings: tuple[Diagnostic, ...]


def rendered(
    parsed: Iterable[ParsedSource],
    overlays: Iterable[ParsedSource] = (),
    *,
    cluster: str | None,
    templates: str | None,
) -> Rendered:
    """Render the fleet that *parsed* sources describe, with *overlays* laid over it.

    *cluster* is the one asked for; else the annotation of an overlay or a spec, else
    the only one that there are objects for.  *templates* is a folder of templates of
    the operator's own.
    """
    sources = Sources(map(_as_written, parsed), map(_as_written, overlays))
    try:
        if sources.overlays:
            sources = overlaid(sources)
        fleet = build(sources)
        plan = make_plan(fleet)
        findings = sources.placed(run(plan).findings)
        if any(each.severity is Severity.ERROR for each in findings):
            return _refused(findings)
        files = _files(plan, templates)
        objects = [each for each in files.values() if each.role == Role.APPLY]
    except SpecError as error:
        return _refused(error.diagnostics)
    except RenderError as error:
        return _refused([_error("value-refused", str(error), None)])
    chosen = cluster or _annotated(sources) or _only(objects)
    if problem := _misfit(chosen, objects, fleet, sources.documents[0].at):
        return _refused(sources.placed([*findings, problem]))
    return Rendered(
        owner=f"{fleet.name}/{chosen}",
        artifacts=tuple(each for each in objects if each.cluster == chosen),
        findings=findings,
    )


def _files(plan: Plan, templates: str | None) -> Artifacts:
    if templates is None:
        return render_plan(plan)
    # Imported where the operator has some.
    from kubelb_gen.render.own.templates import OwnTemplates  # noqa: PLC0415

    own = OwnTemplates(templates)
    files = render_plan(plan, write=own.lay_out)
    own.refuse_problems()
    return files


def not_local(name: str, spec: Item) -> Diagnostic | None:
    """Warn where *spec*, an item, would be applied together with what it renders to."""
    if spec.annotations.get(LOCAL_CONFIG) == "true":
        return None
    return Diagnostic(
        id="spec-would-be-applied",
        severity=Severity.WARNING,
        message=f"without the annotation {LOCAL_CONFIG} a spec is applied like any "
        "other object, and no cluster knows its kind",
        at=DataPath(name) / "metadata" / "annotations" / LOCAL_CONFIG,
        proposed="true",
    )


def _as_written(parsed: ParsedSource) -> ParsedSource:
    documents = (
        replace(each, data=without_orchestration(each.data))
        for each in parsed.documents
    )
    return replace(parsed, documents=tuple(documents))


def _annotated(sources: Sources) -> str | None:
    for each in (*sources.overlays, *sources.documents):
        annotations = each.data["metadata"].get("annotations", {})
        if CLUSTER in annotations:
            return str(annotations[CLUSTER])
    return None


def _only(objects: Iterable[Artifact]) -> str | None:
    clusters = {each.cluster for each in objects}
    return clusters.pop() if len(clusters) == 1 else None


def _misfit(
    chosen: str | None, objects: list[Artifact], fleet: Fleet, spec: DataPath
) -> Diagnostic | None:
    clusters = sorted({each.cluster for each in objects})
    at = spec / "metadata" / "annotations" / CLUSTER
    listed = ", ".join(clusters)
    if not clusters:
        message = f"'{fleet.name}' has no objects for any cluster"
        return _error("nothing-rendered", message, at)
    if chosen is None:
        return _error(
            "cluster-unclear",
            f"'{fleet.name}' has objects for several clusters: {listed}",
            at,
            hint=f"name one in the annotation {CLUSTER}, or with --cluster",
        )
    if chosen not in clusters:
        return _error(
            "nothing-rendered",
            f"'{fleet.name}' has no objects for cluster '{chosen}'",
            at,
            hint=f"there are some for: {listed}",
            proposed=clusters[0] if len(clusters) == 1 else None,
        )
    return None


def _refused(findings: Iterable[Diagnostic]) -> Rendered:
    return Rendered(owner="", artifacts=(), findings=tuple(findings))


def _error(
    name: str,
    message: str,
    at: DataPath | None,
    hint: str | None = None,
    proposed: str | None = None,
) -> Diagnostic:
    return Diagnostic(
        id=name,
        severity=Severity.ERROR,
        message=message,
        at=at,
        hint=hint,
        proposed=proposed,
    )
