"""Which configurations the backend programs get, and what each of them listens on.

All ports of one Service end in the same pod, so that a number is listened on once:
ports that agree share a listener, and of two that disagree the first stays.  What did
not fit is told by `clashes`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Network

from kubelb_gen.model import (
    Backend,
    BackendKind,
    BackendMode,
    ConfigMapKey,
    Emit,
    Probe,
    ProbeType,
    Protocol,
    ProxyAcceptance,
    Tenant,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import names
from kubelb_gen.plan.clash import Clash
from kubelb_gen.plan.facts import (
    BackendFile,
    GatewayPlan,
    Listener,
    PortPlan,
    RoutePlan,
    ServicePlan,
)
from kubelb_gen.plan.pods import Pod, Want, emit_of

_LOOPBACK = (IPv4Network("127.0.0.1/32"),)


def backend_files(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> tuple[BackendFile, ...]:
    """Return the configurations of all backends of *tenant*, by namespace and name."""
    return files_and_clashes(tenant, services, gateways)[0]


def files_and_clashes(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> tuple[tuple[BackendFile, ...], tuple[Clash, ...]]:
    """Return the configurations of all backends of *tenant*, and what was left out.

    Both are by namespace and name.
    """
    pods = _pods(tenant, services, gateways)
    files = tuple(
        file
        for (namespace, name), pod in pods.items()
        for file in _files(tenant.name, namespace, name, pod)
    )
    return files, tuple(clash for pod in pods.values() for clash in pod.clashes)


def clashes(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> tuple[Clash, ...]:
    """Return what `backend_files` had to leave out."""
    return files_and_clashes(tenant, services, gateways)[1]


def _pods(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> dict[tuple[str, str], Pod]:
    pods: dict[tuple[str, str], Pod] = {}
    wants = [*_service_wants(tenant, services), *_route_wants(tenant, gateways)]
    for want in wants:
        pods.setdefault((want.namespace, want.name), Pod()).take(want)
    for pod in pods.values():
        for want in tuple(pod.serving.values()):
            pod.take_probe(want)
        pod.compare_files()
    return dict(sorted(pods.items()))


def _service_wants(tenant: Tenant, services: Iterable[ServicePlan]) -> Iterator[Want]:
    for plan in services:
        service = plan.service
        for port in plan.ports:
            backend = port.port.backend
            yield from _adapters(tenant, plan, port)
            if backend is None or not _is_written(backend):
                continue
            if port.port.protocol is Protocol.UDP and not _forwards_udp(backend):
                continue
            label = (tenant.name, service.namespace, service.name, port.port.name)
            for listener in _port_listeners(label, port, backend):
                yield Want(
                    namespace=service.namespace,
                    name=service.name,
                    backend=backend,
                    listener=listener,
                    at=port.port.at,
                    port_name=_port_name(port, listener),
                )


def _adapters(tenant: Tenant, plan: ServicePlan, port: PortPlan) -> Iterator[Want]:
    handover = port.port.handover
    if handover is None or handover.adapter is None:
        return
    service = plan.service
    label = (tenant.name, service.namespace, service.name, port.port.name, "adapter")
    yield Want(
        namespace=service.namespace,
        name=service.name,
        backend=Backend(kind=BackendKind.ENVOY, mode=BackendMode.TCP),
        listener=Listener(
            label=names.label(*label),
            listen=handover.adapter,
            mode=BackendMode.TCP,
            accept=ProxyAcceptance.OPTIONAL,
            reading=None,
            trusted=_peers(port),
            upstream=f"127.0.0.1:{handover.listen}",
            upstream_proxy_protocol=ProxyAcceptance.V2,
            probe=None,
        ),
        at=port.port.at,
    )


def _route_wants(tenant: Tenant, gateways: Iterable[GatewayPlan]) -> Iterator[Want]:
    first: dict[tuple[str, ...], int] = {}
    for gateway in gateways:
        for route in gateway.routes:
            target = route.backend
            if target.listen is None or not _is_written(target.backend):
                continue
            label: tuple[str, ...] = (tenant.name, target.namespace, target.name)
            if target.listen != first.setdefault(label[1:], target.listen):
                label = (*label, "listen", str(target.listen))
            yield Want(
                namespace=target.namespace,
                name=target.name,
                backend=target.backend,
                listener=_route_listener(label, route, target.listen),
                at=target.at,
            )


def _port_name(plan: PortPlan, listener: Listener) -> str | None:
    target = plan.port.target_port
    named = isinstance(target, str) and listener.listen == plan.port.listen
    return str(target) if named else None


def _is_written(backend: Backend) -> bool:
    return (
        backend.kind is not BackendKind.OTHER
        and backend.emit is not Emit.NONE
        and backend.upstream is not None
    )


def _forwards_udp(backend: Backend) -> bool:
    return backend.kind is BackendKind.NGINX and backend.mode is BackendMode.STREAM


def _port_listeners(
    label: tuple[str, ...], plan: PortPlan, backend: Backend
) -> Iterator[Listener]:
    listener = Listener(
        label=names.label(*label),
        listen=plan.port.listen,
        mode=backend.mode or BackendMode.HTTP,
        protocol=plan.port.protocol,
        accept=plan.accept,
        reading=None,
        trusted=_peers(plan) if plan.accept is not ProxyAcceptance.NONE else (),
        upstream=backend.upstream or "",
        upstream_proxy_protocol=backend.upstream_proxy_protocol,
        probe=_probe(backend),
        tls=backend.tls,
    )
    yield listener
    yield from _handed_over(label, plan, listener)
    if plan.port.plain_port is not None:
        # For callers in the cluster, who are the client themselves and send no header.
        yield replace(
            listener,
            label=names.label(*label, "plain"),
            listen=plan.port.plain_port,
            accept=ProxyAcceptance.NONE,
            trusted=(),
            probe=None,
        )


def _handed_over(
    label: tuple[str, ...], plan: PortPlan, listener: Listener
) -> Iterator[Listener]:
    handover = plan.port.handover
    if handover is None:
        return
    # An adapter stands in the same pod.
    peers = _peers(plan) if handover.adapter is None else _LOOPBACK
    yield replace(
        listener,
        label=names.label(*label, "handover"),
        listen=handover.listen,
        accept=handover.accept,
        trusted=() if handover.accept is ProxyAcceptance.NONE else peers,
        probe=None,
    )


def _route_listener(label: tuple[str, ...], plan: RoutePlan, listen: int) -> Listener:
    backend = plan.backend.backend
    return Listener(
        label=names.label(*label),
        listen=listen,
        mode=backend.mode or BackendMode.HTTP,
        accept=ProxyAcceptance.NONE,
        reading=plan.reading,
        trusted=_peers(plan) if plan.reading is not None else (),
        upstream=backend.upstream or "",
        upstream_proxy_protocol=backend.upstream_proxy_protocol,
        probe=_probe(backend),
        behind_route=True,
        tls=backend.tls,
    )


def _peers(plan: PortPlan | RoutePlan) -> tuple[Network, ...]:
    return _distinct(plan.trusted)


@lru_cache(1024)
def _distinct(networks: tuple[Network, ...]) -> tuple[Network, ...]:
    return tuple(dict.fromkeys(networks))


def _probe(backend: Backend) -> Probe | None:
    probe = backend.probe
    if probe is None or probe.type is ProbeType.TCP_SOCKET:
        return probe
    return replace(probe, path=probe.path or "/")


def _files(tenant: str, namespace: str, name: str, pod: Pod) -> Iterator[BackendFile]:
    by_kind: dict[BackendKind, list[Want]] = {}
    for want in pod.serving.values():
        by_kind.setdefault(want.backend.kind, []).append(want)
    for kind, wants in sorted(by_kind.items()):
        first = wants[0].backend
        yield BackendFile(
            tenant=tenant,
            namespace=namespace,
            name=name,
            kind=kind,
            emit=emit_of(first),
            config_map=first.config_map or ConfigMapKey(),
            listeners=tuple(want.listener for want in wants),
            workload=first.workload,
            port_names={
                want.listener.listen: want.port_name
                for want in wants
                if want.port_name is not None
            },
        )
