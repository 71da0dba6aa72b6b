"""Which pods have to take another configuration, and what `kubectl` calls them.

A backend may name its workload; else the labels that its Service selects pods by are
all that is known, and those of a Deployment or DaemonSet are mostly the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import TrafficPolicy
from kubelb_gen.render import config_map, pod_patch
from kubelb_gen.render.draft import MANAGEMENT, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubelb_gen.artifacts import Artifact
    from kubelb_gen.plan import BackendFile, Plan, ServicePlan

    # A tenant, a namespace, and the name of a Service or of a route's backend.
    Name = tuple[str, str, str]
    Services = Mapping[Name, ServicePlan]
    Pods = Mapping[Name, tuple[str, ...]]

BACKENDS = "backends/"
_GAPPED = ("statefulset", "daemonset")


def context(cluster: str) -> str:
    """Return what the documents call the kubectl context of *cluster*."""
    return MANAGEMENT if cluster == MANAGEMENT else f"tenant-{cluster}"


def services_of(plan: Plan) -> Services:
    """Return the plans of all Services of *plan*."""
    return {
        (tenant.tenant.name, each.service.namespace, each.service.name): each
        for tenant in plan.tenants
        for each in tenant.services
    }


def touched(files: Sequence[Artifact]) -> set[Name]:
    """Return whose programs *files* are."""
    return _owners(each.path for each in files if each.path.startswith(BACKENDS))


def with_one_of(kind: Kind, files: Sequence[Artifact]) -> set[Name]:
    """Return whose programs the objects of *kind* among *files* are for."""
    return _owners(each.path for each in files if each.kind == kind)


def pods_of(old: Plan, new: Plan) -> Pods:
    """Return what `kubectl rollout` takes for the pods of each name that has some.

    A program that only *old* has is in the pods that *old* knows.
    """
    return _by_labels(new) | _named(old) | _named(new)


def moving_pods(old: Plan, new: Plan) -> Pods:
    """Return the same with the pods that a program leaves beside those it comes to."""
    was, now = _named(old), _named(new)
    both = {
        name: (*dict.fromkeys((*was.get(name, ()), *now.get(name, ()))),)
        for name in was | now
    }
    return _by_labels(new) | both


def gaps(old: Plan, new: Plan, names: set[Name]) -> Iterator[str]:
    """Say for whom of *names* a pod stops before the one that replaces it starts.

    A StatefulSet always does so, and a DaemonSet where nobody sets `maxSurge`
    (Kubernetes, "StatefulSet Basics", "Perform a Rolling Update on a DaemonSet").
    """
    after, pods = services_of(new), moving_pods(old, new)
    for name in sorted(names):
        decided = after.get(name)
        local = decided is not None and decided.balancer.policy is TrafficPolicy.LOCAL
        other = "another one of the Service" + (" on its node" if local else "")
        for each in pods.get(name, ()):
            if each.startswith(_GAPPED):
                yield (
                    f"{'/'.join(name)}: new connections fail while a pod of {each} "
                    f"restarts, unless {other} takes them"
                )


def restarts(pods: Pods, names: set[Name]) -> Iterator[str]:
    """Yield a command for each of the *pods* that have to load what *names* are for."""
    loads: dict[str, list[str]] = {}
    for name in sorted(names):
        tenant, namespace, service = name
        where = f"kubectl --context {context(tenant)} -n {namespace} rollout restart"
        own = f"{namespace}/{service}"
        for each in pods.get(name, ()):
            loads.setdefault(f"{_how(each)}: {where} {each}", []).append(own)
        if name not in pods:
            yield f"let the pods of {own} take its configuration: restart them"
    for command, loaded in loads.items():
        its = "its" if len(loaded) == 1 else "their"
        yield f"let the pods of {', '.join(loaded)} take {its} configuration{command}"


def outlived(old: Plan, new: Plan) -> set[str]:
    """Return the files of ConfigMaps of *old* that *new* has in another file.

    They may be called as their program is not: the object stays when its program is
    another one.
    """
    stay = {_config_map(each) for tenant in new.tenants for each in tenant.backends}
    return {
        config_map.path_of(each)
        for tenant in old.tenants
        for each in tenant.backends
        if _config_map(each) in stay
    }


def releases(old: Plan, gone: Sequence[Artifact]) -> Iterator[str]:
    """Yield which ConfigMaps of *gone* pods have to let go of.

    A patch that goes as well takes the volume along, and is told of by itself.
    """
    paths = {each.path for each in gone}
    for tenant in old.tenants:
        for each in tenant.backends:
            is_gone = config_map.path_of(each) in paths
            if is_gone and pod_patch.path_of(each) not in paths:
                yield (
                    f"take ConfigMap {each.namespace}/{config_map.name_of(each)} out "
                    f"of the pods of {each.namespace}/{each.name} before it is "
                    "deleted: a pod that mounts it does not start without it"
                )


def statuses(pods: Pods, name: Name) -> Iterator[tuple[str, str]]:
    """Yield what waits until the pods of *name* are there again, and its answer."""
    tenant, namespace, _ = name
    where = f"kubectl --context {context(tenant)} -n {namespace} rollout status"
    for each in pods.get(name, ()):
        ordered = each.startswith("statefulset/")
        answer = "rolling update complete" if ordered else "successfully rolled out"
        yield f"{where} {each}", answer


def _owners(paths: Iterable[str]) -> set[Name]:
    found = set()
    for path in paths:
        _, tenant, namespace, name = path.split("/")
        found.add((tenant, namespace, name.partition(".")[0]))
    return found


def _config_map(backend: BackendFile) -> Name:
    return backend.tenant, backend.namespace, config_map.name_of(backend)


def _by_labels(plan: Plan) -> dict[Name, tuple[str, ...]]:
    return {
        name: (_selected(each),)
        for name, each in services_of(plan).items()
        # A restart of all deployments is nobody's wish.
        if each.service.selector
    }


def _named(plan: Plan) -> dict[Name, tuple[str, ...]]:
    found: dict[Name, tuple[str, ...]] = {}
    for tenant in plan.tenants:
        for each in tenant.backends:
            if each.workload is not None:
                name = each.tenant, each.namespace, each.name
                named = f"{each.workload.kind.lower()}/{each.workload.name}"
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), named)))
    return found


def _selected(decided: ServicePlan) -> str:
    kind = "daemonset" if decided.service.every_node else "deployment"
    labels = sorted(decided.service.selector.items())
    return f"{kind} -l " + ",".join(f"{key}={value}" for key, value in labels)


def _how(pods: str) -> str:
    # The patch of a workload that is named changes with the configuration.
    return "" if " " in pods else ", where their patch has not restarted them"
