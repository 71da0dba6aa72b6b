"""Which configurations the backend programs get, and what each of them listens on.

All ports of one Service end in the same pod, so that a number is listened on once:
ports that agree share a listener, and of two that disagree the first stays.  What did
not fit is told by `clashes`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kubelb_gen.diagnostics import DataPath
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
from kubelb_gen.plan.facts import (
    BackendFile,
    GatewayPlan,
    Listener,
    PortPlan,
    RoutePlan,
    ServicePlan,
)

_FRAGMENTS = (BackendKind.NGINX, BackendKind.APACHE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two ports of one pod that cannot both have what they ask for.

    *what* is `listen` or `probe` for a port number that is wanted twice, `emit` or
    `configMap` for one file that is wanted in two ways; *number* is the port behind it.
    """

    what: str
    namespace: str
    name: str
    number: int
    at: DataPath | None
    first_at: DataPath | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Want:
    """One listener that the spec asks for, and the backend that shall have it."""

    namespace: str
    name: str
    backend: Backend
    listener: Listener
    at: DataPath | None


@dataclass(slots=True)
class _Pod:
    """What the pods behind one Service will listen on."""

    serving: dict[tuple[Protocol, int], _Want] = field(default_factory=dict)
    probes: dict[int, _Want] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)

    def take(self, want: _Want) -> None:
        key = (want.listener.protocol, want.listener.listen)
        first = self.serving.setdefault(key, want)
        if replace(want.listener, label=first.listener.label) != first.listener:
            self.clash("listen", want, first, want.listener.listen)

    def take_probe(self, want: _Want) -> None:
        """Give *want* its plain listener, or none where the number is taken."""
        port = plain_probe_port(want.listener)
        if port is None:
            return
        serving = self.serving.get((Protocol.TCP, port))
        first = serving or self.probes.setdefault(port, want)
        if first is want and serving is None:
            return
        if serving is not None and serving.listener.guarded:
            self.clash("probe", want, serving, port)
        elif serving is None and first.listener.probe != want.listener.probe:
            self.clash("probe", want, first, port)
        key = (want.listener.protocol, want.listener.listen)
        silent = replace(want.listener, probe=None)
        self.serving[key] = replace(want, listener=silent)

    def clash(self, what: str, want: _Want, first: _Want, number: int) -> None:
        self.clashes.append(
            Clash(
                what=what,
                namespace=want.namespace,
                name=want.name,
                number=number,
                at=want.at,
                first_at=first.at,
            )
        )


def backend_files(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> tuple[BackendFile, ...]:
    """Return the configurations of all backends of *tenant*, by namespace and name."""
    return tuple(
        file
        for (namespace, name), pod in _pods(tenant, services, gateways).items()
        for file in _files(tenant.name, namespace, name, pod)
    )


def clashes(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> tuple[Clash, ...]:
    """Return what `backend_files` had to leave out."""
    return tuple(
        clash
        for pod in _pods(tenant, services, gateways).values()
        for clash in pod.clashes
    )


def plain_probe_port(listener: Listener) -> int | None:
    """Return the port of the plain listener that the probe of *listener* needs.

    None where the kubelet asks the serving port itself.
    """
    probe = listener.probe
    if probe is None or probe.port is None:
        return None
    if probe.port == listener.listen and probe.type is ProbeType.TCP_SOCKET:
        return None
    return probe.port


def _pods(
    tenant: Tenant, services: Iterable[ServicePlan], gateways: Iterable[GatewayPlan]
) -> dict[tuple[str, str], _Pod]:
    pods: dict[tuple[str, str], _Pod] = {}
    wants = [*_service_wants(tenant, services), *_route_wants(tenant, gateways)]
    for want in wants:
        pods.setdefault((want.namespace, want.name), _Pod()).take(want)
    for pod in pods.values():
        for want in tuple(pod.serving.values()):
            pod.take_probe(want)
        _compare_files(pod)
    return dict(sorted(pods.items()))


def _service_wants(tenant: Tenant, services: Iterable[ServicePlan]) -> Iterator[_Want]:
    for plan in services:
        service = plan.service
        for port in plan.ports:
            backend = port.port.backend
            if backend is None or not _is_written(backend):
                continue
            if port.port.protocol is Protocol.UDP and not _forwards_udp(backend):
                continue
            label = (tenant.name, service.namespace, service.name, port.port.name)
            for listener in _port_listeners(label, port, backend):
                yield _Want(
                    namespace=service.namespace,
                    name=service.name,
                    backend=backend,
                    listener=listener,
                    at=port.port.at,
                )


def _route_wants(tenant: Tenant, gateways: Iterable[GatewayPlan]) -> Iterator[_Want]:
    first: dict[tuple[str, ...], int] = {}
    for gateway in gateways:
        for route in gateway.routes:
            target = route.backend
            if target.listen is None or not _is_written(target.backend):
                continue
            label: tuple[str, ...] = (tenant.name, target.namespace, target.name)
            if target.listen != first.setdefault(label[1:], target.listen):
                label = (*label, "listen", str(target.listen))
            yield _Want(
                namespace=target.namespace,
                name=target.name,
                backend=target.backend,
                listener=_route_listener(label, route, target.listen),
                at=target.at,
            )


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
    )
    yield listener
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
    )


def _peers(plan: PortPlan | RoutePlan) -> tuple[Network, ...]:
    return tuple(dict.fromkeys(plan.trusted))


def _probe(backend: Backend) -> Probe | None:
    probe = backend.probe
    if probe is None or probe.type is ProbeType.TCP_SOCKET:
        return probe
    return replace(probe, path=probe.path or "/")


def _compare_files(pod: _Pod) -> None:
    by_kind: dict[BackendKind, _Want] = {}
    for want in pod.serving.values():
        first = by_kind.setdefault(want.backend.kind, want)
        if _emit(want.backend) is not _emit(first.backend):
            pod.clash("emit", want, first, want.listener.listen)
        if want.backend.config_map != first.backend.config_map:
            pod.clash("configMap", want, first, want.listener.listen)


def _emit(backend: Backend) -> Emit:
    default = Emit.FRAGMENT if backend.kind in _FRAGMENTS else Emit.COMPLETE
    return backend.emit or default


def _files(tenant: str, namespace: str, name: str, pod: _Pod) -> Iterator[BackendFile]:
    by_kind: dict[BackendKind, list[_Want]] = {}
    for want in pod.serving.values():
        by_kind.setdefault(want.backend.kind, []).append(want)
    for kind, wants in sorted(by_kind.items()):
        first = wants[0].backend
        yield BackendFile(
            tenant=tenant,
            namespace=namespace,
            name=name,
            kind=kind,
            emit=_emit(first),
            config_map=first.config_map or ConfigMapKey(),
            listeners=tuple(want.listener for want in wants),
        )
