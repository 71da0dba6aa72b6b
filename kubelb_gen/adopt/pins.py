"""What runs is pinned only where the plan would decide otherwise.

The spec is planned without a pin, compared with what runs, pinned where the two
differ, and planned again: one pin may move what another one would have to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.adopt.balancers import sent
from kubelb_gen.adopt.noted import Noted, plain
from kubelb_gen.build import build
from kubelb_gen.document import Sources
from kubelb_gen.document import plain as as_source
from kubelb_gen.model import Protocol, ProxyAcceptance, Wish
from kubelb_gen.plan import Outcome
from kubelb_gen.plan.decide import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.adopt.gateways import Reached
    from kubelb_gen.adopt.services import Found
    from kubelb_gen.plan import EdgePlan, Plan, PortPlan, RoutePlan, ServicePlan
    from kubelb_gen.running.served import Served

Data = dict[str, Any]
Key = tuple[str, str, str]

_ROUNDS = 5
_QUIET = "adopted: the load balancer sends its edge no PROXY header"
_LOST = "adopted: what runs does not show it the client"


class Expected(NamedTuple):
    """One Service as it runs, and its listeners by port and protocol."""

    found: Found
    served: Mapping[tuple[int, str], Served]


def planned(data: Data) -> Plan:
    """Return the plan of *data*; raises `SpecError` where it is no spec."""
    return make_plan(build(Sources([as_source(plain(data), "the adopted spec")])))


def pin(data: Data, expected: Mapping[Key, Expected]) -> tuple[Plan, list[str]]:
    """Pin in *data* what differs from *expected*; return the plan, and what still does.

    What still differs cannot be said in a spec.
    """
    for _ in range(_ROUNDS):
        plan = planned(data)
        changed = False
        for service in _services(plan):
            wanted = expected.get(_key(service))
            if wanted is not None:
                changed |= _pin_service(service, wanted)
        if not changed:
            break
    left = [
        each
        for service in _services(plan)
        if (wanted := expected.get(_key(service))) is not None
        for each in _differences(service, wanted)
    ]
    return plan, left


def _services(plan: Plan) -> list[ServicePlan]:
    return [service for tenant in plan.tenants for service in tenant.services]


def _key(service: ServicePlan) -> Key:
    return (service.tenant.name, service.service.namespace, service.service.name)


def _pin_service(decided: ServicePlan, wanted: Expected) -> bool:
    found = wanted.found
    before = repr(found.data)
    if decided.balancer.policy != found.policy:
        _set(found.data, "externalTrafficPolicy", found.policy)
    runs = found.proxy == "v2"
    if decided.proxy_annotation != runs:
        _set(found.data, "proxyProtocol", "v2" if runs else "none")
    own = {
        key: value
        for key, value in found.annotations.items()
        if key not in decided.balancer.annotations
    }
    found.data.pop("annotations", None)
    if own:
        _set(found.data, "annotations", own)
    versions = sent_by(decided, found)
    for port in decided.ports:
        _pin_port(port, found.data, wanted)
        version = versions.get(port.port.port)
        if version and decided.balancer.sends not in (None, version):
            _pin_version(port, found.data, version)
    return before != repr(found.data)


def _pin_port(decided: PortPlan, data: Data, wanted: Expected) -> None:
    port = _port_data(data, decided)
    if port is None:
        return
    served = wanted.served.get((decided.port.port, decided.port.protocol))
    if served is not None:
        backend = port["backend"]
        reads = decided.accept is not ProxyAcceptance.NONE
        if reads != served.accepts:
            backend["acceptProxyProtocol"] = "any" if served.accepts else "none"
        trusted = sorted(map(str, decided.trusted)) if reads else []
        runs = sorted(served.trusted or ())
        if served.accepts and trusted != runs:
            backend["trustedCIDRs"] = list(served.trusted or ())
    lost = decided.unmet is not None and decided.unmet.outcome is Outcome.LOST
    if lost and decided.port.client_ip is Wish.REQUIRED:
        port["clientIP"] = "preferred"
        port["because"] = _LOST


def sent_by(decided: ServicePlan, found: Found) -> dict[int, str]:
    """Return the PROXY version that the load balancer of *found* sends, by port."""
    ports = {
        port.port.port: port.port.name
        for port in decided.ports
        if port.port.protocol is Protocol.TCP
    }
    return sent(decided.balancer.balancer.provider, found.annotations, ports)


def sending(plan: Plan, expected: Mapping[Key, Expected]) -> dict[str, str]:
    """Return what load balancers send, `none` for nothing, where *plan* differs.

    Asked before anything is pinned: *plan* lets one send where a program reads it.
    """
    runs: dict[str, set[str]] = {}
    decided: dict[str, set[str]] = {}
    for service in _services(plan):
        wanted = expected.get(_key(service))
        support = service.balancer.balancer.provider.proxy
        if wanted is None or support is None:
            continue
        if any(support.enable.values()) or support.enable_ports:
            name = service.balancer.balancer.name
            runs.setdefault(name, set()).update(sent_by(service, wanted.found).values())
            decided.setdefault(name, set())
            if service.balancer.sends is not None:
                decided[name].add(str(service.balancer.sends))
    return {
        name: min(versions) if versions else "none"
        for name, versions in runs.items()
        if versions != decided[name] and len(versions) <= 1
    }


def _pin_version(decided: PortPlan, data: Data, version: str) -> None:
    port = _port_data(data, decided)
    backend = port.get("backend") if port else None
    if isinstance(backend, dict):
        backend["acceptProxyProtocol"] = version


def _port_data(data: Data, decided: PortPlan) -> Data | None:
    for each in data["ports"]:
        protocol = each.get("protocol", Protocol.TCP)
        if (each["port"], protocol) == (decided.port.port, decided.port.protocol):
            found: Data = each
            return found
    return None


def _set(data: Data, key: str, value: object) -> None:
    ports = data.pop("ports")
    data[key] = value
    # The ports come last, as they are the longest.
    data["ports"] = ports


def _differences(decided: ServicePlan, wanted: Expected) -> list[str]:
    found = wanted.found
    where = f"{found.tenant}: {found.namespace}/{found.name}"
    told = []
    if found.proxy not in (None, "v2"):
        told.append(
            f"{where}: KubeLB ignores '{found.proxy}' as PROXY annotation; left out"
        )
    runs = {**found.annotations}
    for key, value in sorted(decided.annotations.items()):
        if key in runs and runs[key] != value:
            told.append(f"{where}: runs with {key}: {runs[key]}, the spec says {value}")
        elif key not in runs and key in decided.balancer.annotations:
            told.append(f"{where}: the spec adds {key}: {value}")
    return told


def noted_ports(data: Data) -> None:
    """Let ports share the backend of *data* where all of them have the same one."""
    ports = data["ports"]
    backends = [each.get("backend") for each in ports]
    first = backends[0]
    if first is None or any(plain(each) != plain(first) for each in backends):
        return
    for each in ports:
        del each["backend"]
    del data["ports"]
    data["ports"] = ports
    note = first.note if isinstance(first, Noted) else None
    data["backend"] = Noted(plain(first), note) if note else first


def pin_routes(
    data: Data, reached: Iterable[Reached], edges: Mapping[str, Mapping[str, str]]
) -> Plan:
    """Pin in *data* what routes need, where the plan says another.

    *edges* holds the annotations of each edge's Service: one that sends no PROXY header
    has nobody behind it who wishes for the client.
    """
    plan = planned(data)
    by_key = {(each.tenant, each.namespace, each.name): each for each in reached}
    for tenant in plan.tenants:
        for gateway in tenant.gateways:
            quiet = _is_quiet(gateway.edge, edges)
            for route in gateway.routes:
                target = route.backend
                key = (tenant.tenant.name, target.namespace, target.name)
                if key in by_key and quiet:
                    by_key[key].data.update(clientIP="ignored", because=_QUIET)
                elif key in by_key:
                    _pin_route(route, by_key[key])
    return planned(data)


def _is_quiet(edge: EdgePlan, running: Mapping[str, Mapping[str, str]]) -> bool:
    support = edge.balancer.balancer.provider.proxy
    annotations = running.get(edge.edge.name)
    if edge.balancer.sends is None or support is None or annotations is None:
        return False
    switches = [each.items() for each in support.enable.values() if each]
    # Where the plan leaves the switch to a hand, nothing is missing.
    written = any(each <= edge.balancer.annotations.items() for each in switches)
    return written and not any(each <= annotations.items() for each in switches)


def _pin_route(route: RoutePlan, wanted: Reached) -> None:
    served = wanted.served
    pinned = served.trusted if served and route.reading is not None else None
    if pinned and sorted(map(str, route.trusted)) != sorted(pinned):
        wanted.data["trustedCIDRs"] = list(pinned)
    lost = route.unmet is not None and route.unmet.outcome is Outcome.LOST
    if lost:
        wanted.data["clientIP"] = "preferred"
        wanted.data["because"] = _LOST
