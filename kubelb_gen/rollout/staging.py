"""The fleets between two fleets: one for each stage, whatever each Service needs.

All Services walk together, so that a rollout has as many steps as its hardest Service
and not as many as there are Services.  The management cluster, and everything else
that sends, changes in the stage of the senders.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.model import EdgeKind, Fleet, ProxyAcceptance, Service, Tenant
from kubelb_gen.plan import gates
from kubelb_gen.rollout.choosing import Choice, Strategy, choose
from kubelb_gen.rollout.mixing import (
    Mix,
    Move,
    Side,
    mixed,
    move_of,
    second,
    second_name,
)
from kubelb_gen.trace.path import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.model import Edge
    from kubelb_gen.plan import EdgePlan, Plan, ServicePlan
    from kubelb_gen.trace.transition import Transition

Name = tuple[str, str, str]


class Stage(IntEnum):
    """What happens when, in the order in which it does."""

    PREPARE = 1
    SERVE = 2
    SENDERS = 3
    PROGRAM = 4
    RETURN = 5
    NEW = 6


class Journey(NamedTuple):
    """One Service on its way: its plans at both ends, and how it gets there."""

    old: ServicePlan
    new: ServicePlan
    move: Move
    choice: Choice


class Route(NamedTuple):
    """The whole way of a fleet; *flips* are the edges that read PROXY optionally.

    *called* are the Services that pods call, as either side says.
    """

    old: Plan
    new: Plan
    journeys: Mapping[Name, Journey]
    flips: frozenset[str]
    called: frozenset[str]


def route_of(old: Plan, new: Plan, changes: Mapping[str, list[Transition]]) -> Route:
    """Return the way from *old* to *new*; *changes* are transitions by their paths."""
    before, after = _side(old), _side(new)
    called = frozenset(
        "/".join(name)
        for side in (before, after)
        for name, each in side.services.items()
        if "cluster" in each.service.callers
    )
    journeys = {}
    for name in before.services.keys() & after.services.keys():
        one, other = before.services[name], after.services[name]
        moving = [
            each
            for path in _paths(one, other)
            for each in changes.get(path, ())
            if counts(each, called)
        ]
        choice = choose(one.service, other.service, moving)
        move = move_of((before, one), (after, other))
        journeys[name] = Journey(one, other, move, choice)
    return Route(old, new, dict(sorted(journeys.items())), _flips(old, new), called)


def counts(change: Transition, called: frozenset[str]) -> bool:
    """Tell whether the spec says that there is such a caller."""
    if change.source not in (Origin.CLUSTER_SERVICE_IP, Origin.CLUSTER_VIP):
        return True
    return change.path.rpartition(":")[0] in called


def fleet_at(route: Route, stage: Stage) -> Fleet:
    """Return the fleet after *stage*."""
    if stage is Stage.NEW:
        return route.new.fleet
    base = (route.old if stage < Stage.SENDERS else route.new).fleet
    edges = tuple(_edge(each, route, stage) for each in base.management.edges)
    return replace(
        base,
        management=replace(base.management, edges=edges),
        tenants=tuple(_tenant(each, route, stage) for each in base.tenants),
    )


def _tenant(tenant: Tenant, route: Route, stage: Stage) -> Tenant:
    services: list[Service] = []
    for service in tenant.services:
        journey = route.journeys.get((tenant.name, service.namespace, service.name))
        services += [service] if journey is None else _services(journey, stage, service)
    return replace(
        tenant,
        services=tuple(sorted(services, key=lambda each: (each.namespace, each.name))),
    )


def _services(journey: Journey, stage: Stage, base: Service) -> Iterator[Service]:
    mix = mix_at(journey, stage)
    yield base if mix is None else mixed(mix)
    if mix is not None and journey.choice.strategy is Strategy.SECOND_SERVICE:
        yield second(mix, journey.new)


def mix_at(journey: Journey, stage: Stage) -> Mix | None:
    """Return the state of a Service after *stage*; None is that of its side."""
    old, new, move, (strategy, _) = journey
    sent = old if stage < Stage.SENDERS else new
    match strategy:
        case Strategy.RECEIVERS_FIRST:
            early = stage < Stage.SENDERS
            return Mix(move, old, new) if early else None
        case Strategy.SENDERS_FIRST:
            late = stage is Stage.SENDERS
            return Mix(move, new, old) if late else None
        case Strategy.IN_PLACE:
            between = stage <= Stage.SENDERS
            return Mix(move, sent, new, optional=True) if between else None
        case Strategy.ADAPTER:
            program = old if stage < Stage.PROGRAM else new
            begun = any(each.port.adapted for each in old.ports)
            serves = (begun or stage >= Stage.SERVE) and stage < Stage.RETURN
            wants = ProxyAcceptance.V2
            return Mix(move, sent, program, handover=wants, adapter=True, serves=serves)
        case Strategy.SECOND_SERVICE:
            return Mix(move, sent, sent, handover=_wanted(new))
    return None


def _wanted(new: ServicePlan) -> ProxyAcceptance:
    reads = any(each.header is not None for each in new.ports)
    return ProxyAcceptance.V2 if reads else ProxyAcceptance.NONE


def _edge(edge: Edge, route: Route, stage: Stage) -> Edge:
    if edge.name not in route.flips:
        return edge
    held = stage < Stage.SENDERS and _edges(route.old)[edge.name].balancer.sends is None
    return replace(
        edge,
        # One that nobody wrote has to be written now.
        at=edge.at or route.new.fleet.management.at,
        accept_proxy="optional",
        balancer_proxy_off=held or edge.balancer_proxy_off,
    )


def _flips(old: Plan, new: Plan) -> frozenset[str]:
    before, after = _edges(old), _edges(new)
    return frozenset(
        name
        for name in before.keys() & after.keys()
        if _sends(before[name]) != _sends(after[name])
        and all(_can_be_optional(each[name]) for each in (before, after))
    )


def _edges(plan: Plan) -> dict[str, EdgePlan]:
    return {each.edge.name: each for each in plan.edges}


def _sends(edge: EdgePlan) -> bool:
    return edge.balancer.sends is not None


def _can_be_optional(edge: EdgePlan) -> bool:
    release = edge.edge.version or gates.ENVOY_GATEWAY_BASELINE
    known = edge.edge.kind is EdgeKind.ENVOY_GATEWAY
    return known and release >= gates.ENVOY_GATEWAY_PROXY_PROTOCOL


def _side(plan: Plan) -> Side:
    return Side(
        plan.fleet,
        {each.tenant.name: each.tenant for each in plan.tenants},
        {
            (tenant.tenant.name, each.service.namespace, each.service.name): each
            for tenant in plan.tenants
            for each in tenant.services
        },
    )


def _paths(one: ServicePlan, other: ServicePlan) -> set[str]:
    service = one.service
    stem = f"{one.tenant.name}/{service.namespace}/{service.name}"
    return {
        f"{stem}:{each.port.port}/{each.port.protocol}"
        for decided in (one, other)
        for each in decided.ports
    }


def needs_stages(route: Route) -> bool:
    """Tell whether anything cannot change in one step."""
    at_once = (Strategy.TOGETHER, Strategy.BREAK)
    return bool(route.flips) or any(
        each.choice.strategy not in at_once for each in route.journeys.values()
    )


def moving(route: Route, stage: Stage) -> list[tuple[str, str]]:
    """Return the Services, first and second, between which clients move in *stage*."""
    if stage not in (Stage.SERVE, Stage.RETURN):
        return []
    return [
        (f"{tenant}/{namespace}/{name}", f"{tenant}/{namespace}/{second_name(name)}")
        for (tenant, namespace, name), each in route.journeys.items()
        if each.choice.strategy is Strategy.SECOND_SERVICE
    ]
