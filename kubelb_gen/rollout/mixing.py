"""A Service with the senders of one fleet and the receivers of another.

What the plan of either side decided is pinned, since it would decide anew for the mix.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.model import (
    Backend,
    BackendKind,
    Handover,
    Protocol,
    ProxyAcceptance,
    Service,
    ServicePort,
)
from kubelb_gen.plan.layer4 import peers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.model import Fleet, Tenant
    from kubelb_gen.model.backends import Network
    from kubelb_gen.plan import PortPlan, ServicePlan

_FIRST_NUMBER = 15000

Key = tuple[int, Protocol]


class Side(NamedTuple):
    """One end of a rollout: a fleet, and the plans of its Services by their names."""

    fleet: Fleet
    tenants: Mapping[str, Tenant]
    services: Mapping[tuple[str, str, str], ServicePlan]


class Move(NamedTuple):
    """What stays the same in all states of one Service on its way.

    *trusted* is whom its backend may see, before or after; *numbers* are two free
    ports of its pod for each port, *plain* the listeners for callers in the cluster.
    *sends* tells that the load balancer sends PROXY at one end at least.
    """

    trusted: tuple[Network, ...]
    numbers: Mapping[Key, tuple[int, int]]
    plain: Mapping[Key, int]
    sends: bool


class Mix(NamedTuple):
    """What one Service is made of: *senders* and *program*, each of a side.

    *optional* lets the program read a header where there is one; *handover* adds a
    second listener, *adapter* an Envoy before it, and *serves* leads the Service there.
    """

    move: Move
    senders: ServicePlan
    program: ServicePlan
    optional: bool = False
    handover: ProxyAcceptance | None = None
    adapter: bool = False
    serves: bool = False


def mixed(mix: Mix) -> Service:
    """Return the Service that *mix* describes."""
    decided = mix.senders
    ports = {_key(each): each for each in mix.program.ports}
    return replace(
        _sending(decided.service, decided, mix.move),
        selector=mix.program.service.selector,
        ports=tuple(
            _port(each.port, ports[_key(each)], mix)
            if _key(each) in ports
            else each.port
            for each in decided.ports
        ),
    )


def second(mix: Mix, new: ServicePlan) -> Service:
    """Return the Service with a new address that leads to the second listeners."""
    first = mixed(mix)
    ports = {_key(each): each for each in new.ports}
    return replace(
        _sending(first, new, mix.move),
        name=second_name(first.name),
        uid=None,
        ports=tuple(
            replace(
                port,
                target_port=port.handover.listen,
                listen=port.handover.listen,
                node_port=None,
                envoy_port=None,
                handover=None,
                plain_port=None,
                client_ip=ports[port.port, port.protocol].port.client_ip,
                because=ports[port.port, port.protocol].port.because,
                backend=_of_second(port.handover, mix.move.trusted),
            )
            for port in first.ports
            if port.handover is not None and (port.port, port.protocol) in ports
        ),
    )


def _sending(service: Service, decided: ServicePlan, move: Move) -> Service:
    """Return *service* with what *decided* says of those who send, pinned."""
    service = replace(service, proxy_protocol=decided.proxy_annotation)
    if not move.sends:
        return service
    return replace(
        service,
        balancer_proxy_off=decided.balancer.sends is None,
        external_traffic_policy=decided.balancer.policy,
    )


def second_name(name: str) -> str:
    """Return the name of the second Service, which is one of at most 63 characters."""
    return f"{name[:54].rstrip('-')}-handover"


def move_of(old: tuple[Side, ServicePlan], new: tuple[Side, ServicePlan]) -> Move:
    """Return what the states between two plans of one Service have in common."""
    return Move(
        trusted=_trusted(old, new),
        numbers=_numbers(old[1], new[1]),
        plain={
            _key(each): each.port.plain_port
            for decided in (old[1], new[1])
            for each in decided.ports
            if each.port.plain_port is not None
        },
        sends=any(each.balancer.sends is not None for each in (old[1], new[1])),
    )


def _trusted(
    old: tuple[Side, ServicePlan], new: tuple[Side, ServicePlan]
) -> tuple[Network, ...]:
    found: dict[Network, None] = {}
    for side, decided in (old, new):
        for port in decided.ports:
            found.update(dict.fromkeys(port.trusted))
        tenant = side.tenants[decided.tenant.name]
        found.update(dict.fromkeys(peers_of(side.fleet, tenant, decided.balancer)))
    return tuple(found)


def _numbers(old: ServicePlan, new: ServicePlan) -> dict[Key, tuple[int, int]]:
    ports = [each for decided in (old, new) for each in decided.ports]
    used = {number for each in ports for number in _asked(each)}
    free = (each for each in count(_FIRST_NUMBER) if each not in used)
    keys = sorted({_key(each) for each in ports if each.port.protocol is Protocol.TCP})
    # Whoever begins in the middle goes on with the numbers that are there.
    known = {_key(each): each.port.handover for each in reversed(ports)}
    return {key: _pair(known.get(key), free) for key in keys}


def _pair(handover: Handover | None, free: Iterator[int]) -> tuple[int, int]:
    if handover is None:
        return next(free), next(free)
    return handover.adapter or next(free), handover.listen


def _asked(decided: PortPlan) -> Iterator[int]:
    port = decided.port
    yield port.listen
    if port.plain_port is not None:
        yield port.plain_port
    if port.backend is not None and port.backend.probe is not None:
        yield port.backend.probe.port or port.listen


def _key(port: PortPlan) -> Key:
    return port.port.port, port.port.protocol


def _port(senders: ServicePort, program: PortPlan, mix: Mix) -> ServicePort:
    port, key = program.port, _key(program)
    handed = port.handover
    if mix.handover is not None and port.protocol is Protocol.TCP:
        adapter, listen = mix.move.numbers[key]
        handed = Handover(
            listen=listen,
            accept=mix.handover,
            adapter=adapter if mix.adapter else None,
            serves=mix.serves,
        )
    return replace(
        senders,
        target_port=port.target_port,
        listen=port.listen,
        plain_port=mix.move.plain.get(key),
        handover=handed,
        backend=port.backend and _pinned(port.backend, program, mix),
    )


def _pinned(backend: Backend, program: PortPlan, mix: Mix) -> Backend:
    if program.port.protocol is not Protocol.TCP:
        return backend
    accept = program.accept
    if mix.optional:
        accept = ProxyAcceptance.OPTIONAL
    believes = accept is not ProxyAcceptance.NONE or mix.handover is not None
    trusted = (
        mix.move.trusted if believes and mix.move.trusted else backend.trusted_cidrs
    )
    if backend.kind is BackendKind.OTHER:
        # What it takes is a fact of its own, and no pin.
        return replace(backend, trusted_cidrs=trusted) if mix.adapter else backend
    return replace(backend, accept_proxy_protocol=accept, trusted_cidrs=trusted)


def _of_second(handover: Handover, trusted: tuple[Network, ...]) -> Backend:
    wants = handover.accept is not ProxyAcceptance.NONE
    return Backend(
        kind=BackendKind.OTHER,
        proxy_protocol="required" if wants else "none",
        trusted_cidrs=(trusted or None) if wants else None,
    )
