"""All files of a plan: which renderers there are, and in what order they run.

ConfigMaps hold rendered text and kustomizations list what is applied, so both come
after everything else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.errors import RenderError
from kubelb_gen.model import BackendKind
from kubelb_gen.plan import BackendFile, Plan
from kubelb_gen.render import (
    apache,
    caddy,
    cilium,
    config_map,
    envoy,
    envoy_bootstrap,
    envoy_proxy,
    envoy_service,
    haproxy,
    ingress_nginx,
    kustomization,
    load_balancer,
    nginx,
    pod_patch,
    service,
    tenant,
    traefik,
    traffic_policy,
)
from kubelb_gen.render.draft import MANAGEMENT, Draft
from kubelb_gen.render.engine import lay_out

_RENDERERS: tuple[Callable[[Plan], Iterator[Draft]], ...] = (
    cilium.drafts,
    envoy_proxy.drafts,
    ingress_nginx.drafts,
    tenant.drafts,
    traffic_policy.drafts,
    service.drafts,
    load_balancer.drafts,
    envoy_service.drafts,
    envoy_bootstrap.drafts,
)

BACKENDS: Mapping[BackendKind, Callable[[str, BackendFile], Iterator[Draft]]] = {
    BackendKind.NGINX: nginx.drafts,
    BackendKind.HAPROXY: haproxy.drafts,
    BackendKind.ENVOY: envoy.drafts,
    BackendKind.TRAEFIK: traefik.drafts,
    BackendKind.CADDY: caddy.drafts,
    BackendKind.APACHE: apache.drafts,
}


Backends = list[tuple[BackendFile, list[Draft]]]
Writer = Callable[[str, Mapping[str, object]], str]


def render_plan(
    plan: Plan,
    *,
    meaning: Iterable[Mapping[str, object]] = (),
    write: Writer = lay_out,
) -> Artifacts:
    """Return every file of *plan*; raises `RenderError` where a value is refused.

    *meaning* is what the trace says of each path, for the lock; *write* runs a
    template on its context.
    """
    spec = plan.fleet.name
    backends = [
        (file, [_laid_out(draft, write) for draft in written])
        for file, written in backend_drafts(plan)
    ]
    drafts = object_drafts(
        plan,
        (
            (file, {each.path: each.text for each in written})
            for file, written in backends
        ),
    )
    return Artifacts(
        [
            *(_laid_out(draft, write) for draft in drafts),
            *(each for _, written in backends for each in written),
        ],
        spec=spec,
        meaning=meaning,
    )


def render_changed(old: Plan, new: Plan) -> tuple[list[Artifact], list[Artifact]]:
    """Return the files of *old* and of *new* in which the two may differ, no lock.

    What has the same template and the same context on both sides is the same text, and
    is not laid out.  Raises `RenderError` as `render_plan` does.
    """
    backends = backend_drafts(old), backend_drafts(new)
    known = dict(_by_owner(backends[0])), dict(_by_owner(backends[1]))
    drafts = [
        [*written, *object_drafts(plan, _texts(own, known))]
        for plan, own in zip((old, new), backends, strict=True)
        for written in [[draft for _, each in own for draft in each]]
    ]
    by_path = [_by_path(listed) for listed in drafts]
    return (
        [_laid_out(each) for each in drafts[0] if by_path[1].get(each.path) != each],
        [_laid_out(each) for each in drafts[1] if by_path[0].get(each.path) != each],
    )


def backend_drafts(plan: Plan) -> Backends:
    """Return the configurations of the backends of *plan*, the main file first."""
    return [
        (file, [*BACKENDS[file.kind](plan.fleet.name, file)])
        for tenant_plan in plan.tenants
        for file in tenant_plan.backends
    ]


def object_drafts(
    plan: Plan, texts: Iterable[tuple[BackendFile, Mapping[str, str]]]
) -> list[Draft]:
    """Return all drafts of *plan* but `backend_drafts`, of which *texts* came."""
    spec = plan.fleet.name
    drafts = [draft for renderer in _RENDERERS for draft in renderer(plan)]
    if plan.fleet.facts_of is not None:
        # Another owner's, decided here from a part of what they know.
        drafts = [each for each in drafts if not each.path.startswith(f"{MANAGEMENT}/")]
    written = [*texts]
    drafts.extend(config_map.drafts(spec, written))
    drafts.extend(pod_patch.drafts(spec, written))
    drafts.extend(kustomization.drafts(spec, drafts))
    return drafts


def _by_path(drafts: list[Draft]) -> dict[str, Draft]:
    known: dict[str, Draft] = {}
    for each in drafts:
        if known.setdefault(each.path, each) is not each:
            raise RenderError(f"two artifacts are named '{each.path}'")
    return known


def _by_owner(
    backends: Backends,
) -> Iterator[tuple[tuple[str, ...], tuple[BackendFile, list[Draft]]]]:
    for file, drafts in backends:
        yield (file.tenant, file.namespace, file.name, file.kind), (file, drafts)


def _texts(
    backends: Backends, known: Iterable[Mapping[tuple[str, ...], object]]
) -> Iterator[tuple[BackendFile, Mapping[str, str]]]:
    """Yield the texts of *backends*; blank where both sides say the same."""
    for owner, (file, drafts) in _by_owner(backends):
        old, new = (side.get(owner) for side in known)
        if old == new:
            yield file, {draft.path: "" for draft in drafts}
        else:
            yield file, {draft.path: _laid_out(draft).text for draft in drafts}


def _laid_out(draft: Draft, write: Writer = lay_out) -> Artifact:
    try:
        text = write(draft.template, draft.context)
    except RenderError as error:
        message = f"'{draft.path}' cannot be written: {error}"
        raise RenderError(message) from error
    return Artifact(
        path=draft.path,
        kind=draft.kind,
        role=draft.role,
        cluster=draft.cluster,
        text=text,
    )
