"""All files of a plan: which renderers there are, and in what order they run.

ConfigMaps hold rendered text and kustomizations list what is applied, so both come
after everything else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from kubelb_gen.artifacts import Artifact, Artifacts
from kubelb_gen.errors import RenderError
from kubelb_gen.model import BackendKind
from kubelb_gen.plan import BackendFile, Plan
from kubelb_gen.render import config_map
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Writer
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.parts import parts

if TYPE_CHECKING:
    from concurrent.futures import Executor

Renderer = Callable[..., Iterator[Draft]]


def _of(module: str) -> Renderer:
    """Return the `drafts` of *module*, which is imported when they are asked for."""

    def drafts(*given: object) -> Iterator[Draft]:
        renderer: Renderer = import_module(f"kubelb_gen.render.{module}").drafts
        return renderer(*given)

    return drafts


# Each with the kinds of output that it makes.
_RENDERERS: tuple[tuple[Renderer, frozenset[Kind]], ...] = (
    (_of("cilium"), frozenset({Kind.CILIUM})),
    (_of("envoy_proxy"), frozenset({Kind.ENVOY_PROXY})),
    (_of("ingress_nginx"), frozenset({Kind.INGRESS_NGINX})),
    (_of("tenant"), frozenset({Kind.TENANT_ANNOTATIONS})),
    (_of("traffic_policy"), frozenset({Kind.CLIENT_TRAFFIC_POLICY})),
)
_BOOTSTRAPS = (
    _of("envoy_bootstrap"),
    frozenset({Kind.ENVOY_BOOTSTRAP, Kind.ENVOY_BOOTSTRAP_XDS}),
)
# What they make of a part of a plan is a part of what they make of the whole.
_OF_SERVICES: tuple[tuple[Renderer, frozenset[Kind]], ...] = (
    (_of("service"), frozenset({Kind.SERVICE})),
    (_of("load_balancer"), frozenset({Kind.LOAD_BALANCER})),
    (_of("envoy_service"), frozenset({Kind.ENVOY_SERVICE})),
)
_EVERY: frozenset[str] = frozenset(Kind)
# Kinds that nothing of a backend's configuration goes into.
_WITHOUT_BACKENDS: frozenset[str] = frozenset(
    kind for _, makes in (*_RENDERERS, _BOOTSTRAPS, *_OF_SERVICES) for kind in makes
)

_kustomizations, _pod_patches = _of("kustomization"), _of("pod_patch")

BACKENDS: Mapping[BackendKind, Callable[[str, BackendFile], Iterator[Draft]]] = {
    BackendKind.NGINX: _of("nginx"),
    BackendKind.HAPROXY: _of("haproxy"),
    BackendKind.ENVOY: _of("envoy"),
    BackendKind.TRAEFIK: _of("traefik"),
    BackendKind.CADDY: _of("caddy"),
    BackendKind.APACHE: _of("apache"),
}


Backends = list[tuple[BackendFile, list[Draft]]]


def render_plan(
    plan: Plan,
    *,
    meaning: Iterable[Mapping[str, object]] = (),
    write: Writer = lay_out,
    executor: "Executor | None" = None,
    kinds: frozenset[str] = frozenset(),
) -> Artifacts:
    """Return every file of *plan*; raises `RenderError` where a value is refused.

    *meaning* is what the trace says of each path, for the lock; *write* runs a
    template on its context.  An *executor* lays the files of Services and backends
    out, in parts and with our own templates.  Where *kinds* are given, other kinds may
    be left out.
    """
    kinds = kinds or _EVERY
    if executor is None:
        files = render_part(plan, write, kinds=kinds)
    else:
        some = partial(render_part, kinds=kinds)
        done = executor.map(some, list(parts(plan)))
        files = [each for part in done for each in part]
    bootstraps = _drafts_of([_BOOTSTRAPS], plan, kinds | _listed(kinds))
    rest = render_rest(plan, files, bootstraps, write, kinds=kinds)
    return Artifacts([*files, *rest], spec=plan.fleet.name, meaning=meaning)


def render_rest(
    plan: Plan,
    files: Iterable[Artifact],
    bootstraps: Iterable[Draft],
    write: Writer = lay_out,
    *,
    kinds: frozenset[str] = _EVERY,
) -> list[Artifact]:
    """Return what stands beside *files*, those of `render_part` of all parts of *plan*.

    Of *plan* the tenants, their Gateways and the edges count; *bootstraps* are those of
    all tenants.
    """
    drafts = _drafts_of(_RENDERERS, plan, kinds | _listed(kinds))
    rest = [laid_out(each, write) for each in _ours(plan, [*drafts, *bootstraps])]
    if Kind.KUSTOMIZATION in kinds:
        listed = _kustomizations(plan.fleet.name, [*files, *rest])
        rest.extend(laid_out(each, write) for each in listed)
    return rest


def render_part(
    plan: Plan, write: Writer = lay_out, *, kinds: frozenset[str] = _EVERY
) -> list[Artifact]:
    """Return the files of the Services and of the backends of *plan*."""
    files: list[Artifact] = []
    texts = []
    wanted = kinds | _listed(kinds)
    for file, drafts in _by_backend(plan) if wanted - _WITHOUT_BACKENDS else ():
        written = [laid_out(draft, write) for draft in drafts]
        texts.append((file, {each.path: each.text for each in written}))
        files += written
    objects = _ours(plan, _of_services(plan, texts, wanted))
    files.extend(laid_out(draft, write) for draft in objects)
    return files


def render_changed(
    old: Plan, new: Plan, write: Writer = lay_out
) -> tuple[list[Artifact], list[Artifact]]:
    """Return the files of *old* and of *new* in which the two may differ, no lock.

    What has the same template and the same context on both sides is the same text, and
    is not laid out.  Raises `RenderError` as `render_plan` does.
    """
    backends = backend_drafts(old), backend_drafts(new)
    known = dict(_by_owner(backends[0])), dict(_by_owner(backends[1]))
    drafts = [
        [*written, *object_drafts(plan, _texts(own, known, write))]
        for plan, own in zip((old, new), backends, strict=True)
        for written in [[draft for _, each in own for draft in each]]
    ]
    by_path = [_by_path(listed) for listed in drafts]
    return (
        [laid_out(each, write) for each in _unlike(drafts[0], by_path[1])],
        [laid_out(each, write) for each in _unlike(drafts[1], by_path[0])],
    )


def _unlike(drafts: list[Draft], others: Mapping[str, Draft]) -> list[Draft]:
    return [each for each in drafts if others.get(each.path) != each]


def backend_drafts(plan: Plan) -> Backends:
    """Return the configurations of the backends of *plan*, the main file first."""
    return [(file, [*drafts]) for file, drafts in _by_backend(plan)]


def object_drafts(
    plan: Plan, texts: Iterable[tuple[BackendFile, Mapping[str, str]]]
) -> list[Draft]:
    """Return all drafts of *plan* but `backend_drafts`, of which *texts* came."""
    others = _drafts_of([*_RENDERERS, _BOOTSTRAPS], plan, _EVERY)
    drafts = [*_ours(plan, others), *_ours(plan, _of_services(plan, [*texts]))]
    drafts.extend(_kustomizations(plan.fleet.name, drafts))
    return drafts


def _by_backend(plan: Plan) -> Iterator[tuple[BackendFile, Iterator[Draft]]]:
    for tenant_plan in plan.tenants:
        for file in tenant_plan.backends:
            yield file, BACKENDS[file.kind](plan.fleet.name, file)


def _listed(kinds: frozenset[str]) -> frozenset[str]:
    """Return what has to be there besides *kinds*, since kustomizations list it."""
    return _EVERY if Kind.KUSTOMIZATION in kinds else frozenset()


def _drafts_of(
    renderers: Iterable[tuple[Renderer, frozenset[Kind]]],
    plan: Plan,
    kinds: frozenset[str],
) -> Iterator[Draft]:
    for renderer, makes in renderers:
        if makes & kinds:
            yield from renderer(plan)


def _of_services(
    plan: Plan,
    texts: Sequence[tuple[BackendFile, Mapping[str, str]]],
    kinds: frozenset[str] = _EVERY,
) -> Iterator[Draft]:
    yield from _drafts_of(_OF_SERVICES, plan, kinds)
    yield from config_map.drafts(plan.fleet.name, texts)
    if any(file.workload is not None for file, _ in texts):
        yield from _pod_patches(plan.fleet.name, texts)


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
    backends: Backends,
    known: Iterable[Mapping[tuple[str, ...], object]],
    write: Writer,
) -> Iterator[tuple[BackendFile, Mapping[str, str]]]:
    """Yield the texts of *backends*; blank where both sides say the same."""
    for owner, (file, drafts) in _by_owner(backends):
        old, new = (side.get(owner) for side in known)
        if old == new:
            yield file, {draft.path: "" for draft in drafts}
        else:
            yield file, {draft.path: laid_out(draft, write).text for draft in drafts}


def laid_out(draft: Draft, write: Writer = lay_out) -> Artifact:
    """Return the file of *draft*; raises `RenderError` where a value is refused."""
    try:
        text = draft.text(write)
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
