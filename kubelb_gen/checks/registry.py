"""All rules, by their stable ids, and what each of them is about.

A rule's module is imported when it is asked for, and `run` asks only for those whose
topic the plan has: most plans have no Cilium, and need none of its rules.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum, auto
from importlib import import_module
from typing import Protocol

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol as Transport
from kubelb_gen.plan import Plan, ServicePlan


class Topic(StrEnum):
    """What a plan may have, and without which a rule has nothing to find."""

    AFFINITY = auto()
    CALLERS = auto()
    CILIUM = auto()
    PROBES = auto()
    ROUTES = auto()
    UDP = auto()


class Rule(Protocol):
    """What a rule's module holds; its docstring is the manual page."""

    @property
    def ID(self) -> str:  # noqa: N802  a constant of the module
        """The stable kebab-case id."""

    @property
    def SEVERITY(self) -> Severity:  # noqa: N802  a constant of the module
        """The severity it mostly reports with."""

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """The manual page."""

    def check(self, plan: Plan) -> Iterator[Diagnostic]:
        """Yield a finding for each place where *plan* breaks the rule."""


_TOPICS: dict[str, Topic | None] = {
    "affinity-behind-snat": Topic.AFFINITY,
    "affinity-loses-clients": Topic.AFFINITY,
    "affinity-not-followed": Topic.AFFINITY,
    "annotation-not-propagated": None,
    "annotation-without-effect": None,
    "caddy-ports-differ": None,
    "callers-can-forge": Topic.CALLERS,
    "callers-in-cluster": Topic.CALLERS,
    "cilium-aks-geneve": Topic.CILIUM,
    "cilium-api-server-missing": Topic.CILIUM,
    "cilium-dispatch-needs-native": Topic.CILIUM,
    "cilium-dsr-cloud": Topic.CILIUM,
    "cilium-dsr-idle": Topic.CILIUM,
    "cilium-dsr-udp-mtu": Topic.CILIUM,
    "cilium-dsr-useless": Topic.CILIUM,
    "cilium-native-cidr-missing": Topic.CILIUM,
    "cilium-native-setting-unused": Topic.CILIUM,
    "cilium-platform-routing": Topic.CILIUM,
    "cilium-pod-routes-unstated": Topic.CILIUM,
    "cilium-version-unstated": None,
    "cilium-version-unsupported": Topic.CILIUM,
    "client-ip-broken": None,
    "client-ip-forgeable": None,
    "client-ip-lost": None,
    "edge-can-be-lied-to": Topic.ROUTES,
    "facts-missing": None,
    "fragment-unsupported": None,
    "grammar-refused": None,
    "health-check-blind": None,
    "health-check-without-header": None,
    "listener-conflict": None,
    "load-balancer-health-checks": None,
    "mount-unusable": None,
    "not-written-yet": None,
    "object-name-taken": None,
    "one-gateway-per-tenant": Topic.ROUTES,
    "peers-unguarded": None,
    "pin-without-effect": None,
    "policy-sync-off": Topic.ROUTES,
    "probe-refused": Topic.PROBES,
    "provider-unverified": None,
    "proxy-stays-on": None,
    "public-address-short-cut": Topic.CALLERS,
    "reserved-annotation": None,
    "route-not-served": Topic.ROUTES,
    "tenant-list-replaces": None,
    "tls-behind-plain-route": Topic.ROUTES,
    "trust-range-narrow": None,
    "trust-range-public": None,
    "trust-range-shared": None,
    "trust-range-wide": None,
    "trust-ranges-missing": None,
    "udp-loses-datagrams": Topic.UDP,
    "udp-not-forwarded": Topic.UDP,
    "unknown-fact": None,
    "upstream-proxy-unsupported": None,
}


class _Rules(Mapping[str, Rule]):
    """Every rule by its id; looking one up imports it."""

    def __getitem__(self, name: str) -> Rule:
        if name not in _TOPICS:
            raise KeyError(name)
        module = import_module(f"kubelb_gen.checks.{name.replace('-', '_')}")
        rule: Rule = module  # test_rules.py holds each to it
        return rule

    def __contains__(self, name: object) -> bool:
        return name in _TOPICS

    def __iter__(self) -> Iterator[str]:
        return iter(_TOPICS)

    def __len__(self) -> int:
        return len(_TOPICS)


RULES: Mapping[str, Rule] = _Rules()


def rules_about(plan: Plan) -> Iterator[Rule]:
    """Yield the rules that may find something in *plan*."""
    topics = {None, *_topics(plan)}
    for name, topic in _TOPICS.items():
        if topic in topics:
            yield RULES[name]


def _topics(plan: Plan) -> Iterator[Topic]:
    fleet = plan.fleet
    if fleet.management.cilium or any(each.cilium for each in fleet.tenants):
        yield Topic.CILIUM
    for tenant in plan.tenants:
        for service in tenant.services:
            yield from _topics_of(service)
        for gateway in tenant.gateways:
            yield Topic.ROUTES
            if any(each.backend.backend.probe is not None for each in gateway.routes):
                yield Topic.PROBES


def _topics_of(plan: ServicePlan) -> Iterator[Topic]:
    service = plan.service
    if service.session_affinity is not None:
        yield Topic.AFFINITY
    if "cluster" in service.callers:
        yield Topic.CALLERS
    for port in service.ports:
        if port.protocol is Transport.UDP:
            yield Topic.UDP
        if port.backend is not None and port.backend.probe is not None:
            yield Topic.PROBES
