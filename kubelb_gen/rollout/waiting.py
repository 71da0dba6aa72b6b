"""When to go on: commands, and the answers that mean go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION
from kubelb_gen.render.draft import MANAGEMENT, Kind
from kubelb_gen.rollout.acting import (
    applied,
    changed,
    folder_of,
    on_envoy_service,
    restarted,
    vanished,
)
from kubelb_gen.rollout.restarting import (
    context,
    moving_pods,
    services_of,
    statuses,
)
from kubelb_gen.rollout.values import Wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.plan import Plan, PortPlan, ServicePlan
    from kubelb_gen.rollout.restarting import Name, Pods


def waits(old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]) -> Iterator[Wait]:
    """Yield what to wait for before the next step; something, where files change."""
    # One workload may run the programs of several Services.
    found = [*dict.fromkeys([*_of_services(old, new), *_of_edges(old, new)])]
    files = [*changed(old[1], new[1]), *vanished(old[1], new[1])]
    for each in {} if found else applied(files):
        if f"{folder_of(each)}/kustomization.yaml" not in new[1]:
            continue
        command = f"kubectl --context {context(each)} diff -k {folder_of(each)}"
        found.append(Wait(command, "nothing"))
    yield from found


def _of_edges(
    old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]
) -> Iterator[Wait]:
    for each in changed(old[1], new[1]):
        if each.kind == Kind.CLIENT_TRAFFIC_POLICY:
            yield Wait(
                f"kubectl --context {context(each.cluster)} get -f {each.path} -o "
                "jsonpath='{.status.ancestors[*]"
                """.conditions[?(@.type=="Accepted")].status}'""",
                "True",
            )
    was = {each.edge.name: each.balancer.annotations for each in old[0].edges}
    for edge in new[0].edges:
        command = (
            f"kubectl --context {MANAGEMENT} -n {edge.edge.namespace} get services"
        )
        before = was.get(edge.edge.name, {})
        yield from _annotated(command, before, edge.balancer.annotations)


def _of_services(
    old: tuple[Plan, Artifacts], new: tuple[Plan, Artifacts]
) -> Iterator[Wait]:
    before, after = services_of(old[0]), services_of(new[0])
    restarting = restarted(old[1], new[1])
    pods = moving_pods(old[0], new[0])
    for name, decided in after.items():
        if name in restarting:
            yield from _restarted(pods, name)
        was = before.get(name)
        yield from _of_service(was, decided)
    for name in sorted(restarting - after.keys()):
        yield from _restarted(pods, name)


def _restarted(pods: Pods, name: Name) -> Iterator[Wait]:
    for command, answer in statuses(pods, name):
        yield Wait(command, answer)


def _of_service(old: ServicePlan | None, new: ServicePlan) -> Iterator[Wait]:
    service = new.service
    where = f"--context {context(new.tenant.name)} -n {service.namespace}"
    targets = [_target(each) for each in ([] if old is None else old.ports)]
    if targets != (now := [_target(each) for each in new.ports]):
        several = sorted({*now})
        command = (
            f"kubectl {where} get endpointslices -l kubernetes.io/service-name="
            f"{service.name} -o jsonpath='{{.items[*].ports[*].port}}'"
        )
        # Slices list their ports in an order of their own.
        in_order = " | xargs -n1 | sort -nu | xargs" if len(several) > 1 else ""
        yield Wait(command + in_order, " ".join(map(str, several)))
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
    command = on_envoy_service(new, "get")
    yield from _annotated(command, old.balancer.annotations, new.balancer.annotations)
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


def _target(port: PortPlan) -> int:
    handover = port.port.handover
    if port.port.adapted and handover is not None and handover.adapter:
        return handover.adapter
    return port.port.listen


def _at_kubelb(decided: ServicePlan) -> str:
    service = decided.service
    return (
        f"kubectl --context {MANAGEMENT} -n {decided.tenant.kubelb_namespace} get "
        "loadbalancers.kubelb.k8c.io -l kubelb.k8c.io/origin-ns="
        f"{service.namespace},kubelb.k8c.io/origin-name={service.name} -o "
        r"jsonpath='{.items[*].metadata.annotations.kubelb\.k8c\.io/proxy-protocol}'"
    )


def _annotated(
    command: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Wait]:
    """Yield what shows each annotation that changes on the Services of *command*."""
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            escaped = key.replace(".", r"\.")
            path = f"{{.items[*].metadata.annotations.{escaped}}}"
            yield Wait(f"{command} -o jsonpath='{path}'", new.get(key, "nothing"))
