"""What only one part of a fleet may have, where parts have its Services between them.

Each part has all gateways and ingresses, so that a Service that takes something of
theirs is refused with its part; here is what Services take from each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import stand_in_uid

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from kubelb_gen.model import Backend, Fleet, Service, Tenant

Claim = tuple[str, ...]


def claims(fleet: Fleet) -> Iterator[Claim]:
    """Yield what the Services of *fleet*, a part of another one, have for themselves.

    That is their names, their UIDs, their node ports, the ports of KubeLB's Envoy, and
    the workloads whose pods their programs run in.
    """
    for tenant in fleet.tenants:
        for service in tenant.services:
            yield "service", tenant.name, f"{service.namespace}/{service.name}"
            uid = service.uid or stand_in_uid(service.namespace, service.name)
            yield "uid", tenant.name, uid
            for what, number in _ports(service):
                yield what, tenant.name, number
        for name in _workloads(tenant):
            yield "workload", tenant.name, name


def repeated(claims: Iterable[Hashable]) -> bool:
    """Tell whether something is claimed twice, given the claims of all parts at once.

    Then the parts do not show what the whole is: a name or a port is taken, or files of
    one part are made of those of another.
    """
    listed = list(claims)
    return len({*listed}) < len(listed)


def _ports(service: Service) -> Iterator[tuple[str, str]]:
    for port in service.ports:
        if port.node_port is not None:
            yield "nodePort", f"{port.node_port}/{port.protocol}"
        # As `TenantPorts` has it: the nodePort where no envoyPort is stated.
        listens = port.envoy_port or port.node_port
        if listens is not None:
            yield "envoyPort", f"{listens}/{port.protocol}"


def _workloads(tenant: Tenant) -> Iterator[str]:
    """Yield each workload, as one digest of all its files is in its patches.

    Services of one file may share it; what stands in two files may be written apart,
    even where it is judged together.
    """
    own = {
        (name, service.at and service.at.source)
        for service in tenant.services
        for port in service.ports
        for name in _workload(service.namespace, port.backend)
    }
    routed = {
        name
        for gateway in tenant.gateways
        for each in gateway.backends
        for name in _workload(each.namespace, each.backend)
    }
    for name, _ in sorted(own, key=str):
        yield name
        # Its programs behind routes are in every part, and need the one of the Service.
        if name in routed:
            yield name


def _workload(namespace: str, backend: Backend | None) -> Iterator[str]:
    if backend is not None and backend.workload is not None:
        yield f"{namespace}/{backend.workload.kind}/{backend.workload.name}"
