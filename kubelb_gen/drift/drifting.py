"""Compares what runs with a fleet: object by object, then path by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.drift.compare import deltas
from kubelb_gen.drift.found import Difference, Drift, Shift
from kubelb_gen.drift.matching import ORIGIN, running, unseen, wanted_of
from kubelb_gen.drift.meaning import Running, as_it_runs, served_by_label
from kubelb_gen.drift.showing import in_short, place_of, shown
from kubelb_gen.drift.strangers import strangers
from kubelb_gen.drift.switches import decides
from kubelb_gen.errors import InvalidSpecError
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.draft import MANAGEMENT, Kind
from kubelb_gen.render.tree import render_plan
from kubelb_gen.running import objects_of
from kubelb_gen.running.estate import TENANT_PREFIX, sorted_out
from kubelb_gen.trace import FlowKind, Verdict
from kubelb_gen.trace.engine import trace_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.document import Sources
    from kubelb_gen.drift.matching import Wanted
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan
    from kubelb_gen.render.own.templates import OwnTemplates
    from kubelb_gen.running import Dump, Object
    from kubelb_gen.running.estate import Estate
    from kubelb_gen.trace import Path


def drift(
    fleet: Fleet, dumps: Iterable[Dump], own: OwnTemplates | None = None
) -> Drift:
    """Return how what runs differs from what *fleet* renders, with *own* templates.

    A fleet with findings is compared like any other.  Raises `SpecError` where a dump
    cannot be read, none has an object or a template writes what is none, and
    `RenderError` where the fleet cannot be rendered.
    """
    plan = make_plan(fleet)
    objects, sources, problems = objects_of(dumps)
    estate, whose = sorted_out(objects, [each.name for each in fleet.tenants])
    if problems or whose:
        raise InvalidSpecError(sources.placed([*problems, *whose]))
    if not objects:
        # A kubectl that failed prints nothing, and that is no answer.
        raise InvalidSpecError([_nothing()])
    return _Comparison(plan, _rendered(plan, own), estate, sources).done()


def _rendered(plan: Plan, own: OwnTemplates | None) -> Artifacts:
    if own is None:
        return render_plan(plan)
    files = render_plan(plan, write=own.lay_out)
    own.refuse_problems()
    return files


def _nothing() -> Diagnostic:
    return Diagnostic(
        id="nothing-to-compare",
        severity=Severity.ERROR,
        message="there is no object in what was read",
        hint="give what 'kubectl get -o yaml' printed, as files or by '-'",
    )


class _Comparison:
    """One run: the objects of a plan, and those that run."""

    def __init__(
        self, plan: Plan, files: Artifacts, estate: Estate, sources: Sources
    ) -> None:
        self._plan, self._estate, self._sources = plan, estate, sources
        self._wanted = list(wanted_of(files))
        self._found = running(estate)
        # What no dump is about cannot be missing.
        self._unseen = unseen(self._wanted, self._found)
        self._with_envoy_ports = {
            (tenant.tenant.kubelb_namespace, each.service.namespace, each.service.name)
            for tenant in plan.tenants
            for each in tenant.services
            if all(one.port.envoy_port for one in each.ports)
        }

    def done(self) -> Drift:
        """Return everything that differs, and what it means."""
        shifts = tuple(self._shifts())
        differences = [*self._compared(), *self._nodes(), *self._strangers()]
        return Drift(
            differences=tuple(
                each._replace(shifts=_concerned(each, shifts)) for each in differences
            ),
            shifts=shifts,
            compared=sum(each.key in self._found for each in self._wanted),
            unseen=tuple(
                sorted(f"{kind} of {cluster}" for cluster, kind in self._unseen)
            ),
        )

    def _shifts(self) -> Iterator[Shift]:
        served = served_by_label(self._found.values())
        runs = as_it_runs(self._plan, Running(self._found, served))
        pairs = zip(trace_plan(self._plan), trace_plan(runs), strict=True)
        for wanted, found in pairs:
            if _meaning(wanted) != _meaning(found):
                yield Shift(wanted, found)

    def _compared(self) -> Iterator[Difference]:
        for wanted in self._wanted:
            found = self._found.get(wanted.key)
            if found is not None:
                yield from self._differences(wanted, found)
            elif wanted.key[:2] not in self._unseen:
                yield Difference(
                    kind="missing",
                    cluster=wanted.cluster,
                    object=shown(wanted.key),
                    wanted=wanted.path,
                    does=None
                    if wanted.path.startswith("expected/")
                    else f"apply {wanted.path}",
                )

    def _nodes(self) -> Iterator[Difference]:
        """Yield the tenants whose nodes KubeLB knows others of than the spec."""
        for each in self._plan.tenants:
            tenant = each.tenant
            key = (MANAGEMENT, "Addresses", tenant.kubelb_namespace, "default")
            found = self._found.get(key)
            if found is None or not tenant.nodes:
                continue
            runs = sorted(
                one.get("ip") or one.get("hostname") or ""
                for one in found.spec.get("addresses") or ()
            )
            if runs != sorted(tenant.nodes):
                yield Difference(
                    kind="changed",
                    cluster=MANAGEMENT,
                    object=shown(key),
                    field="spec.addresses",
                    wanted=", ".join(sorted(tenant.nodes)),
                    runs=", ".join(runs),
                    location=self._sources.locate(
                        place_of(found, ("spec", "addresses"))
                    ),
                    does="KubeLB writes it: the spec's nodes are what is old",
                )

    def _differences(self, wanted: Wanted, found: Object) -> Iterator[Difference]:
        for each in deltas(wanted.object, found, self._ignored(wanted)):
            yield Difference(
                kind="changed",
                cluster=wanted.cluster,
                object=shown(wanted.key),
                field=each.field,
                wanted=in_short(each.wanted, each.keys),
                runs=in_short(each.runs, each.keys),
                location=self._sources.locate(place_of(found, each.keys)),
            )
        yield from self._left_over(wanted, found)

    def _ignored(self, wanted: Wanted) -> frozenset[str]:
        if wanted.kind is not Kind.ENVOY_SERVICE:
            return frozenset()
        # KubeLB draws the port, and Tenant or Config say the class.
        drawn = {"targetPort", "loadBalancerClass"}
        if self._envoy_ports_known(wanted):
            drawn.discard("targetPort")
        return frozenset(drawn)

    def _envoy_ports_known(self, wanted: Wanted) -> bool:
        labels = wanted.object.labels
        origin = (
            wanted.object.namespace,
            labels.get("kubelb.k8c.io/origin-ns"),
            labels.get("kubelb.k8c.io/origin-name"),
        )
        return origin in self._with_envoy_ports

    def _left_over(self, wanted: Wanted, found: Object) -> Iterator[Difference]:
        if wanted.kind not in (Kind.SERVICE, Kind.LOAD_BALANCER, Kind.ENVOY_SERVICE):
            return
        ours = wanted.object.annotations
        for key, value in sorted(found.annotations.items()):
            if key in ours or not decides(key):
                continue
            stays = wanted.kind is Kind.ENVOY_SERVICE
            yield Difference(
                kind="leftover" if stays else "changed",
                cluster=wanted.cluster,
                object=shown(wanted.key),
                field=f"metadata.annotations.{key}",
                wanted=None,
                runs=in_short(value, (key,)),
                location=self._sources.locate(
                    place_of(found, ("metadata", "annotations", key))
                ),
                does=f"KubeLB never removes it: kubectl -n {found.namespace} annotate "
                f"service {found.name} {key}-"
                if stays
                else None,
            )

    def _strangers(self) -> Iterator[Difference]:
        wanted = frozenset(each.key for each in self._wanted)
        for key, found in strangers(self._plan, self._found, wanted):
            yield Difference(
                kind="stranger",
                cluster=key[0],
                object=shown(key),
                location=self._sources.locate(found.at),
                does="'kubelb-gen adopt' says how it would stand in a spec",
            )


def _concerned(each: Difference, shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """Return the shifts of the paths that the object of *each* is on."""
    return tuple(shift for shift in shifts if _is_about(each, shift.wanted))


def _is_about(each: Difference, path: Path) -> bool:
    if each.kind == "stranger" or not each.field:
        return False
    kind, _, name = each.object.partition(" ")
    name = name.strip("'")
    if kind in ("EnvoyProxy", "ClientTrafficPolicy"):
        return path.gateway is not None
    own = f"{path.namespace}/{path.name}"
    if kind == "ConfigMap":
        return name.startswith(own) and each.cluster == path.tenant
    if each.cluster == MANAGEMENT:
        namespace = f"{TENANT_PREFIX}{path.tenant}"
        key = (MANAGEMENT, kind, namespace, f"{ORIGIN}{own}")
        return each.object == shown(key) and path.gateway is None
    return each.cluster == path.tenant and name == own and path.gateway is None


def _meaning(path: Path) -> tuple[object, ...]:
    # What is broken has no peer to speak of, and a check no client.
    if path.verdict is Verdict.BROKEN or path.flow is not FlowKind.TRAFFIC:
        return (path.verdict,)
    return path.verdict, path.identity, path.peer, path.application, path.trust
