"""What to do for a step.

What is to be applied follows from the files that differ; what no file can do is said
in words.  KubeLB merges annotations into its Envoy Service and never removes one
(`facts/kubelb.md`), so that whatever vanishes is to be deleted by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.plan.layer4 import PROXY_ANNOTATION
from kubelb_gen.render.draft import MANAGEMENT, Kind, Role
from kubelb_gen.render.envoy_proxy import envoy_proxy_path
from kubelb_gen.rollout.restarting import (
    context,
    outlived,
    pods_of,
    releases,
    restarts,
    services_of,
    touched,
    with_one_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.plan import Plan, ServicePlan
    from kubelb_gen.rollout.restarting import Name, Services

_SERVICE_PATCH = ".service.patch.yaml"
_HELM = {
    Kind.CILIUM: "cilium cilium/cilium -n kube-system",
    Kind.INGRESS_NGINX: "ingress-nginx ingress-nginx/ingress-nginx -n ingress-nginx",
}


def changed(old: Artifacts, new: Artifacts) -> list[Artifact]:
    """Return the files of *new* that *old* has not, or not so."""
    return [
        each
        for path, each in new.items()
        if path not in old or old[path].sha256 != each.sha256
    ]


def vanished(old: Artifacts, new: Artifacts) -> list[Artifact]:
    """Return the files of *old* that *new* has not."""
    return [each for path, each in old.items() if path not in new]


def same_files(old: Artifacts, new: Artifacts) -> bool:
    """Tell whether nothing is to be applied."""
    return not changed(old, new) and not vanished(old, new)


def actions(
    old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts], by_hand: Iterable[str]
) -> Iterator[str]:
    """Yield what to do, a command or a sentence each, in order.

    Pods start on the ConfigMaps that are there: those come first, then *by_hand*, which
    is about pods, then the patches that restart them, and last what is deleted.
    """
    files, gone = changed(old[1], new[1]), vanished(old[1], new[1])
    yield from _upgrades(files)
    for cluster in applied(files):
        # A Tenant there is KubeLB's: what others applied to it has to stay.
        how = "apply --server-side" if cluster == MANAGEMENT else "apply"
        yield f"kubectl --context {context(cluster)} {how} -k {folder_of(cluster)}"
    yield from by_hand
    yield from _patches(files, gone)
    kept = outlived(old[0], new[0])
    deleted = [each for each in gone if each.path not in kept]
    yield from releases(old[0], deleted)
    # Pods that let go of a ConfigMap restart, and have no other to take for it.
    loading = touched([*files, *gone]) & with_one_of(Kind.CONFIG_MAP, files)
    yield from restarts(pods_of(old[0], new[0]), loading)
    yield from _references(old[0], gone)
    yield from _deletions(deleted, services_of(new[0]))
    yield from _leftovers(old[0], new[0])


def applied(files: list[Artifact]) -> dict[str, None]:
    """Return the clusters that something of *files* is applied to, in order."""
    return dict.fromkeys(each.cluster for each in files if each.role == Role.APPLY)


def folder_of(cluster: str) -> str:
    """Return the folder of what is applied to *cluster*."""
    return cluster if cluster == MANAGEMENT else f"tenants/{cluster}"


def restarted(old: Artifacts, new: Artifacts) -> set[Name]:
    """Return whose pods get another configuration, or template, and so a restart."""
    both = [*changed(old, new), *vanished(old, new)]
    # A patch that changes is a pod template that does.
    return touched(both) | with_one_of(Kind.POD_PATCH, both)


def on_envoy_service(decided: ServicePlan, verb: str) -> str:
    """Return the command that does *verb* to the Envoy Service of a Service.

    KubeLB calls it by a UID that a spec need not know, and labels it by its origin.
    """
    service = decided.service
    return (
        f"kubectl --context {MANAGEMENT} -n {decided.tenant.kubelb_namespace} {verb} "
        f"services -l kubelb.k8c.io/origin-ns={service.namespace},"
        f"kubelb.k8c.io/origin-name={service.name}"
    )


def _upgrades(files: list[Artifact]) -> Iterator[str]:
    for each in files:
        if each.kind in _HELM:
            # Without a version, Helm takes the newest chart; without the values that
            # were given before, the file's alone.
            yield (
                "with the --version of the chart that runs: helm upgrade "
                f"--kube-context {context(each.cluster)} {_HELM[Kind(each.kind)]} "
                f"--reuse-values -f {each.path}"
            )


def _patches(files: list[Artifact], gone: list[Artifact]) -> Iterator[str]:
    """Yield which patches are taken, and which go, with the volume that they add."""
    for each in files:
        if each.path.endswith(_SERVICE_PATCH):
            yield f"let the chart's kustomization take {each.path}"
        elif each.kind == Kind.POD_PATCH:
            yield f"let the kustomization that has the workload take {each.path}"
    for each in gone:
        if each.kind == Kind.POD_PATCH or each.path.endswith(_SERVICE_PATCH):
            yield f"take {each.path} out of the kustomization that lists it"


def _references(old: Plan, gone: list[Artifact]) -> Iterator[str]:
    """Yield where each EnvoyProxy among *gone* may be named by an object not ours.

    Envoy Gateway holds one back that a GatewayClass names, and accepts no class or
    Gateway that names what is not there (envoyproxy/gateway, pull requests 1534 and
    5081).
    """
    paths = {each.path for each in gone if each.kind == Kind.ENVOY_PROXY}
    for each in old.edges:
        edge = each.edge
        if envoy_proxy_path(edge) in paths:
            yield (
                f"take EnvoyProxy {edge.namespace}/{edge.name} out of the "
                "parametersRef of the GatewayClass, or of the Gateway, that names it: "
                "what names an EnvoyProxy that is not there is not accepted"
            )


def _deletions(gone: list[Artifact], stay: Services) -> Iterator[str]:
    kept = {
        f"{folder_of(tenant)}/{namespace}/{name}.service.yaml": f"{namespace}/{name}"
        for tenant, namespace, name in stay
    }
    for each in gone:
        if each.kind == Kind.TENANT_ANNOTATIONS:
            # The object is KubeLB's: without it the tenant is gone, and all it has.
            yield (
                f"take our part out of the Tenant, and do not delete it: kubectl "
                f"--context {MANAGEMENT} patch tenants.kubelb.k8c.io "
                f"{_named_in(each)} --type merge "
                """-p '{"spec":{"propagatedAnnotations":null}}'"""
            )
        elif each.path in kept:
            # A chart's, from now on, or anybody's: its address would go with it.
            yield f"leave Service {kept[each.path]} as it is, and do not delete it"
        elif each.role == Role.APPLY:
            yield (
                f"delete what goes, by its file in the folder that you come from: "
                f"kubectl --context {context(each.cluster)} delete -f {each.path}"
            )


def _named_in(artifact: Artifact) -> str:
    """Return the tenant whose Tenant *artifact* is."""
    return artifact.path.rpartition("/")[2].removesuffix(".annotations.yaml")


def _leftovers(old: Plan, new: Plan) -> Iterator[str]:
    after = services_of(new)
    for name, was in services_of(old).items():
        now = after.get(name)
        if now is None:
            continue
        left = was.annotations.keys() - now.annotations.keys() - {PROXY_ANNOTATION}
        for key in sorted(left):
            yield (
                "delete by hand what KubeLB never removes: "
                f"{on_envoy_service(now, 'annotate')} {key}-"
            )
