"""All files of a plan: which renderers there are, and in what order they run.

ConfigMaps hold rendered text and kustomizations list what is applied, so both come
after everything else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

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
from kubelb_gen.render.parts import parts

if TYPE_CHECKING:
    from concurrent.futures import Executor

_RENDERERS: tuple[Callable[[Plan], Iterator[Draft]], ...] = (
    cilium.drafts,
    envoy_proxy.drafts,
    ingress_nginx.drafts,
    tenant.drafts,
    traffic_policy.drafts,
    envoy_bootstrap.drafts,
)
# What they make of a part of a plan is a part of what they make of the whole.
_OF_SERVICES: tuple[Callable[[Plan], Iterator[Draft]], ...] = (
    service.drafts,
    load_balancer.drafts,
    envoy_service.drafts,
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
    executor: "Executor | None" = None,
) -> Artifacts:
    """Return every file of *plan*; raises `RenderError` where a value is refused.

    *meaning* is what the trace says of each path, for the lock; *write* runs a
    template on its context.  An *executor* lays the files of Services and backends
    out, in parts and with our own templates.
    """
    spec = plan.fleet.name
    if executor is None:
        files = render_part(plan, write)
    else:
        done = executor.map(render_part, list(parts(plan)))
        files = [each for part in done for each in part]
    others = _ours(plan, (draft for each in _RENDERERS for draft in each(plan)))
    files.extend(_laid_out(draft, write) for draft in others)
    listed = kustomization.drafts(spec, files)
    return Artifacts(
        [*files, *(_laid_out(draft, write) for draft in listed)],
        spec=spec,
        meaning=meaning,
    )


def render_part(plan: Plan, write: Writer = lay_out) -> list[Artifact]:
    """Return the files of the Services and of the backends of *plan*."""
    files: list[Artifact] = []
    texts = []
    for file, drafts in backend_drafts(plan):
        written = [_laid_out(draft, write) for draft in drafts]
        texts.append((file, {each.path: each.text for each in written}))
        files += written
    objects = _ours(plan, _of_services(plan, texts))
    files.extend(_laid_out(draft, write) for draft in objects)
    return files


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
    others = (draft for renderer in _RENDERERS for draft in renderer(plan))
    drafts = [*_ours(plan, others), *_ours(plan, _of_services(plan, [*texts]))]
    drafts.extend(kustomization.drafts(plan.fleet.name, drafts))
    return drafts


def _of_services(
    plan: Plan, texts: Sequence[tuple[BackendFile, Mapping[str, str]]]
) -> Iterator[Draft]:
    for renderer in _OF_SERVICES:
        yield from renderer(plan)
    yield from config_map.drafts(plan.fleet.name, texts)
    yield from pod_patch.drafts(plan.fleet.name, texts)


def _ours(plan: Plan, drafts: Iterable[Draft]) -> Iterator[Draft]:
    # The rest is another owner's, decided here from a part of what they know.
    for each in drafts:
        if plan.fleet.facts_of is None or not each.path.startswith(f"{MANAGEMENT}/"):
            yield each


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
