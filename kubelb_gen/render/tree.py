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
    service,
    tenant,
    traefik,
    traffic_policy,
)
from kubelb_gen.render.draft import Draft
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


def render_plan(
    plan: Plan, *, meaning: Iterable[Mapping[str, object]] = ()
) -> Artifacts:
    """Return every file of *plan*; raises `RenderError` where a value is refused.

    *meaning* is what the trace says of each path, for the lock.
    """
    spec = plan.fleet.name
    drafts = [draft for renderer in _RENDERERS for draft in renderer(plan)]
    backends = [
        (file, [_laid_out(draft) for draft in BACKENDS[file.kind](spec, file)])
        for tenant_plan in plan.tenants
        for file in tenant_plan.backends
    ]
    drafts.extend(
        config_map.drafts(
            spec,
            (
                (file, {each.path: each.text for each in written})
                for file, written in backends
            ),
        )
    )
    drafts.extend(kustomization.drafts(spec, drafts))
    return Artifacts(
        [
            *(_laid_out(draft) for draft in drafts),
            *(each for _, written in backends for each in written),
        ],
        spec=spec,
        meaning=meaning,
    )


def _laid_out(draft: Draft) -> Artifact:
    try:
        text = lay_out(draft.template, draft.context)
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
