"""What to do for a step, when to go on, and how to go back.

What is to be applied follows from the files that differ; what no file can do is said
in words.  KubeLB merges annotations into its Envoy Service and never removes one
(`facts/kubelb.md`), so that whatever vanishes is to be deleted by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION
from kubelb_gen.render.draft import MANAGEMENT, Kind, Role
from kubelb_gen.rollout.values import Wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.artifacts import Artifact, Artifacts
    from kubelb_gen.plan import Plan, PortPlan, ServicePlan

    Services = Mapping[tuple[str, str, str], ServicePlan]

_PROGRAMS = frozenset({Kind.NGINX, Kind.HAPROXY, Kind.ENVOY, Kind.TRAEFIK})
_BACKENDS = "backends/"
_HELM = {
    Kind.CILIUM: "helm upgrade cilium cilium/cilium -n kube-system -f {path}",
    Kind.INGRESS_NGINX: "helm upgrade ingress-nginx ingress-nginx/ingress-nginx "
    "-n ingress-nginx -f {path}",
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

    *by_hand* is about pods: it needs what is applied, and goes before what is deleted.
    """
    files, gone = changed(old[1], new[1]), vanished(old[1], new[1])
    for each in files:
        if each.kind in _HELM:
            yield _HELM[Kind(each.kind)].format(path=each.path)
        elif each.path.endswith(".service.patch.yaml"):
            yield f"let the chart's kustomization take {each.path}"
    for cluster in _applied(files):
        yield f"kubectl --context {context(cluster)} apply -k {_folder(cluster)}"
    yield from by_hand
    yield from _restarts(new[0], [*files, *gone])
    yield from _deletions(gone)
    yield from _leftovers(old[0], new[0])


def _applied(files: list[Artifact]) -> dict[str, None]:
    return dict.fromkeys(each.cluster for each in files if each.role == Role.APPLY)


def context(cluster: str) -> str:
    """Return what the documents call the kubectl context of *cluster*."""
    return MANAGEMENT if cluster == MANAGEMENT else f"tenant-{cluster}"


def _folder(cluster: str) -> str:
    return cluster if cluster == MANAGEMENT else f"tenants/{cluster}"


def restarted(old: Artifacts, new: Artifacts) -> bool:
    """Tell whether a backend gets another configuration, and so a restart."""
    both = [*changed(old, new), *vanished(old, new)]
    return any(each.path.startswith(_BACKENDS) for each in both)


def waits(old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]) -> Iterator[Wait]:
    """Yield what to wait for before the next step; something, where files change."""
    found = [*_of_services(old, new), *_of_edges(old, new)]
    for each in {} if found else _applied(changed(old[1], new[1])):
        command = f"kubectl --context {context(each)} diff -k {_folder(each)}"
        found.append(Wait(command, "nothing"))
    yield from found


def _of_edges(
    old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]
) -> Iterator[Wait]:
    for each in changed(old[1], new[1]):
        if each.kind == Kind.CLIENT_TRAFFIC_POLICY:
            yield Wait(
                f"kubectl --context {context(each.cluster)} get -f {each.path} -o "
                "jsonpath='{.status.ancestors[*].conditions[*].type}'",
                "Accepted",
            )
    was = {each.edge.name: each.balancer.annotations for each in old[0].edges}
    for edge in new[0].edges:
        now = edge.balancer.annotations
        if was.get(edge.edge.name, {}) != now:
            yield Wait(
                f"kubectl --context {MANAGEMENT} -n {edge.edge.namespace} get services "
                "-o jsonpath='{.items[*].metadata.annotations}'",
                _written(now),
            )


def _of_services(
    old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]
) -> Iterator[Wait]:
    before, after = services_of(old[0]), services_of(new[0])
    touched = _touched([*changed(old[1], new[1]), *vanished(old[1], new[1])])
    for name, decided in after.items():
        if name in touched and decided.service.selector:
            yield Wait(_rollout_status(decided), "successfully rolled out")
        was = before.get(name)
        yield from _of_service(was, decided)


def services_of(plan: Plan) -> Services:
    """Return the plans of all Services of *plan* by tenant, namespace and name."""
    return {
        (tenant.tenant.name, each.service.namespace, each.service.name): each
        for tenant in plan.tenants
        for each in tenant.services
    }


def _of_service(old: ServicePlan | None, new: ServicePlan) -> Iterator[Wait]:
    service = new.service
    where = f"--context {context(new.tenant.name)} -n {service.namespace}"
    targets = [_target(each) for each in ([] if old is None else old.ports)]
    if targets != (now := [_target(each) for each in new.ports]):
        command = (
            f"kubectl {where} get endpointslices -l kubernetes.io/service-name="
            f"{service.name} -o jsonpath='{{.items[*].ports[*].port}}'"
        )
        yield Wait(command, " ".join(now))
    yield from _probed(old, new)
    if old is None:
        yield Wait(
            f"kubectl {where} get service {service.name} "
            "-o jsonpath='{.status.loadBalancer.ingress[*]}'",
            "an address",
        )
        return
    if old.annotations.get(PROXY_ANNOTATION) != new.annotations.get(PROXY_ANNOTATION):
        yield Wait(_at_kubelb(new), new.annotations.get(PROXY_ANNOTATION, "nothing"))
    if old.balancer.annotations != new.balancer.annotations:
        yield Wait(_on_envoy_service(new), _written(new.balancer.annotations))
    if [each.header for each in old.ports] != [each.header for each in new.ports]:
        headers = any(each.header is not None for each in new.ports)
        yield Wait(
            f"kubectl {where} logs service/{service.name} --tail=20",
            "new connections name clients, and no node"
            if headers
            else "new connections name nodes, and no client",
        )


def _probed(old: ServicePlan | None, new: ServicePlan) -> Iterator[Wait]:
    """Yield what asks a port that begins to read a header where there is one."""
    before = () if old is None else old.ports
    already = {each.port.port for each in before if _is_open(each)}
    for each in new.ports:
        number = each.port.node_port
        is_new = _is_open(each) and each.port.port not in already
        if number and new.tenant.nodes and is_new:
            command = f"kubelb-gen probe {new.tenant.nodes[0]}:{number}"
            yield Wait(command, "allows, asked from an address that it trusts")


def _is_open(port: PortPlan) -> bool:
    return port.header is None and port.entry is not ProxyAcceptance.NONE


def _target(port: PortPlan) -> str:
    handover = port.port.handover
    if port.port.adapted and handover is not None:
        return str(handover.adapter)
    return str(port.port.listen)


def _at_kubelb(decided: ServicePlan) -> str:
    service = decided.service
    return (
        f"kubectl --context {MANAGEMENT} -n {decided.tenant.kubelb_namespace} get "
        "loadbalancers.kubelb.k8c.io -l kubelb.k8c.io/origin-ns="
        f"{service.namespace},kubelb.k8c.io/origin-name={service.name} -o "
        r"jsonpath='{.items[*].metadata.annotations.kubelb\.k8c\.io/proxy-protocol}'"
    )


def _on_envoy_service(decided: ServicePlan) -> str:
    return (
        f"kubectl --context {MANAGEMENT} -n {decided.tenant.kubelb_namespace} get "
        f"service envoy-{decided.uid} -o jsonpath='{{.metadata.annotations}}'"
    )


def _written(annotations: Mapping[str, str]) -> str:
    pairs = [f"{key}: {value}" for key, value in sorted(annotations.items())]
    return ", ".join(pairs) or "none of the load balancer's"


def _restarts(plan: Plan, files: list[Artifact]) -> Iterator[str]:
    known = services_of(plan)
    for name in sorted(_touched(files)):
        tenant, namespace, service = name
        taken = f"let the pods of {namespace}/{service} take its configuration"
        decided = known.get(name)
        if decided is None or not decided.service.selector:
            # A restart of all deployments is nobody's wish.
            yield f"{taken}: restart them"
            continue
        yield (
            f"{taken}: kubectl --context {context(tenant)} -n {namespace} "
            f"rollout restart deployment {_selected(decided)}"
        )


def _touched(files: list[Artifact]) -> set[tuple[str, str, str]]:
    found = set()
    for each in files:
        if each.path.startswith(_BACKENDS):
            _, tenant, namespace, name = each.path.split("/")
            found.add((tenant, namespace, name.partition(".")[0]))
    return found


def _selected(decided: ServicePlan) -> str:
    labels = sorted(decided.service.selector.items())
    return "-l " + ",".join(f"{key}={value}" for key, value in labels)


def _rollout_status(decided: ServicePlan) -> str:
    return (
        f"kubectl --context {context(decided.tenant.name)} "
        f"-n {decided.service.namespace} rollout status deployment {_selected(decided)}"
    )


def _deletions(gone: list[Artifact]) -> Iterator[str]:
    for each in gone:
        if each.role == Role.APPLY:
            yield (
                f"delete what the folder before this one has: kubectl "
                f"--context {context(each.cluster)} delete -f {each.path}"
            )


def _leftovers(old: Plan, new: Plan) -> Iterator[str]:
    after = services_of(new)
    for name, was in services_of(old).items():
        now = after.get(name)
        if now is None:
            continue
        left = was.annotations.keys() - now.annotations.keys() - {PROXY_ANNOTATION}
        for key in sorted(left):
            yield (
                f"delete by hand what KubeLB never removes: kubectl --context "
                f"{MANAGEMENT} -n {now.tenant.kubelb_namespace} annotate service "
                f"envoy-{now.uid} {key}-"
            )
