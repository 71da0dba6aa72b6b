"""From dumps to a spec: everything that is found, put together and pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.adopt import management, ranges
from kubelb_gen.adopt.backends import Programs
from kubelb_gen.adopt.balance import Balancers
from kubelb_gen.adopt.gateways import layer7, name_edges
from kubelb_gen.adopt.noted import Noted, plain, written
from kubelb_gen.adopt.pins import (
    noted_ports,
    pin,
    pin_routes,
    planned,
    sending,
)
from kubelb_gen.adopt.services import services
from kubelb_gen.adopt.serving import Serving
from kubelb_gen.checks import unknown_fact
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import InvalidSpecError
from kubelb_gen.model import Version
from kubelb_gen.plan.layer7 import client_from_right
from kubelb_gen.running import objects_of
from kubelb_gen.running.configurations import configurations
from kubelb_gen.running.estate import MANAGEMENT, sorted_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.adopt.services import Found
    from kubelb_gen.document import Sources
    from kubelb_gen.plan import Plan
    from kubelb_gen.running import Dump
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

_SCHEMA = "kubelb-gen/v1alpha1"
_RANGES = {
    "egressCIDRs": "unknown: the addresses that tenants see Envoy connect from",
    "podCIDRs": "unknown: the management cluster's pod ranges",
    "internalCIDRs": "unknown: the nodes, pods and CNI of this tenant",
}


class Given(NamedTuple):
    """What the command line says beside the dumps; *facts* is a part of a spec."""

    name: str = "adopted"
    version: str | None = None
    edition: str | None = None
    load_balancer: str | None = None
    facts: Data | None = None


class Told(NamedTuple):
    """What cannot be said in a spec, or was left out of it."""

    message: str


class Adopted(NamedTuple):
    """A spec as YAML and as data; *unknown* and *guessed* count what it says so of."""

    text: str
    data: Data
    told: tuple[Told, ...]
    services: int
    backends: int
    unknown: int
    guessed: int


def adopt(dumps: Iterable[Dump], given: Given = Given()) -> Adopted:  # noqa: B008  frozen
    """Return the spec of what runs.

    Raises `SpecError` with every problem of every dump.
    """
    dumps = list(dumps)
    objects, sources, problems = objects_of(dumps)
    named = dict.fromkeys(
        each.cluster for each in dumps if each.cluster not in (None, MANAGEMENT)
    )
    named |= dict.fromkeys(
        each["name"] for each in (given.facts or {}).get("tenants", ())
    )
    estate, whose = sorted_out(objects, filter(None, named))
    problems += whose
    if problems:
        raise InvalidSpecError(sources.placed(problems))
    if not estate.tenants:
        raise InvalidSpecError([_nothing()])
    kubelb = (given.facts or {}).get("kubelb") or management.kubelb_data(
        estate, given.version, given.edition
    )
    release = Version.parse(plain(kubelb)["version"])
    programs = Programs(
        configurations(dumps, objects),
        appended=client_from_right(release, 0),
        pods=_pods(estate, given),
    )
    return _Adoption(estate, programs, given, sources, kubelb).done()


class _Adoption:
    """One run: what is found goes into one spec, tenant by tenant."""

    def __init__(
        self,
        estate: Estate,
        programs: Programs,
        given: Given,
        sources: Sources,
        kubelb: Data,
    ) -> None:
        self._estate, self._programs, self._given = estate, programs, given
        self._kubelb = kubelb
        self._sources = sources
        self._told: list[str] = []
        self._edges: dict[str, Mapping[str, str]] = {}
        self._running_edges: list[management.Edge] = []
        self._found = {
            tenant: list(services(estate, tenant)) for tenant in estate.tenants
        }
        for tenant, listed in self._found.items():
            for each in [one for one in listed if not one.data["ports"]]:
                listed.remove(each)
                self._told.append(
                    f"{tenant}: {each.namespace}/{each.name}: no port of TCP or UDP; "
                    "left out"
                )
        self._serving = Serving(estate, programs, self._found)
        self._layer7 = {
            tenant: layer7(estate, tenant, programs) for tenant in estate.tenants
        }

    def done(self) -> Adopted:
        """Return the spec."""
        data = self._data()
        if not (self._given.facts or {}).get("management"):
            self._let_send(data)
        plan, left = pin(data, self._serving.expected)
        if self._pin_edges(plan):
            plan, left = pin(data, self._serving.expected)
        reached = [one for each in self._layer7.values() for one in each.reached]
        if reached:
            plan = pin_routes(data, reached, self._edges)
        for expected in self._serving.expected.values():
            noted_ports(expected.found.data)
        left += self._leftovers()
        head = (
            "# Adopted from what runs.  What no object tells says so in a comment;\n"
            "# `kubelb-gen validate` lists what is still unknown.\n"
        )
        text = head + written(data)
        return Adopted(
            text=text,
            data=plain(data),
            told=tuple(
                map(Told, dict.fromkeys([*self._serving.told, *self._told, *left]))
            ),
            services=len(self._serving.expected),
            backends=sum(len(each.reached) for each in self._layer7.values()),
            unknown=sum(1 for _ in unknown_fact.check(plan)),
            guessed=text.count("# guessed"),
        )

    def _let_send(self, data: Data) -> None:
        """Say of load balancers what they send, where the plan decides otherwise."""
        managed = data["spec"]["management"]
        for name, version in sending(planned(data), self._serving.expected).items():
            balancer = managed.get("loadBalancer") or managed["loadBalancers"][name]
            balancer["proxyProtocol"] = version

    def _pin_edges(self, plan: Plan) -> set[str]:
        """Pin the policy of edges that the plan decides otherwise; name them."""
        decided = {each.edge.name: each.balancer.policy for each in plan.edges}
        pinned = set()
        for each in self._running_edges:
            name = each.data["name"]
            if (
                each.policy is not None
                and decided.get(name, each.policy) != each.policy
            ):
                each.data["externalTrafficPolicy"] = each.policy
                pinned.add(name)
        return pinned

    def _data(self) -> Data:
        facts = self._given.facts or {}
        edges = list(
            management.edges(
                self._estate,
                ingresses=any(each.ingresses for each in self._layer7.values()),
            )
        )
        self._running_edges = edges
        balancers = Balancers(
            self._estate, self._found, edges, self._given.load_balancer
        )
        self._edges = {
            each.data["name"]: each.annotations
            for each in edges
            if each.annotations is not None
        }
        egress = ranges.egress(self._serving.trusted())
        managed: Data = balancers.data(edges)
        self._told += balancers.told
        dataplane = management.cilium(self._estate.management)
        if dataplane:
            managed["dataplane"] = dataplane
        if edges:
            managed["edges"] = [each.data for each in edges]
        if any(each.reached for each in self._layer7.values()):
            managed["podCIDRs"] = _ranges("podCIDRs", ranges.pod_ranges(self._estate))
        managed["egressCIDRs"] = _ranges("egressCIDRs", list(egress))
        spec: Data = {"kubelb": self._kubelb}
        if facts.get("cidrSets"):
            spec["cidrSets"] = facts["cidrSets"]
        spec["management"] = facts.get("management") or managed
        for each in self._layer7.values():
            name_edges(each, spec["management"].get("edges", ()))
        known = {each["name"]: each for each in facts.get("tenants", ())}
        spec["tenants"] = [
            self._tenant(tenant, balancers, egress, known.get(tenant, {}))
            for tenant in self._estate.tenants
        ]
        return {
            "apiVersion": _SCHEMA,
            "kind": "ClientIPSpec",
            "metadata": {"name": self._given.name},
            "spec": spec,
        }

    def _tenant(
        self, tenant: str, balancers: Balancers, egress: ranges.Ranges, known: Data
    ) -> Data:
        data: Data = {"name": tenant}
        nodes = ranges.node_addresses(self._estate, tenant)
        if nodes:
            data["nodes"] = nodes
        trusted = self._serving.trusted(tenant)
        own = ranges.egress(trusted)
        if own and own != egress:
            data["egressCIDRs"] = list(own)
        found = self._layer7[tenant]
        routes = [
            each.served.trusted
            for each in found.reached
            if each.served and each.served.trusted
        ]
        inside = ranges.internal(trusted, routes, own or egress)
        data["internalCIDRs"] = _ranges("internalCIDRs", list(inside))
        balancer = balancers.of(tenant)
        if balancer != "default":
            data["loadBalancer"] = balancer
        listed = self._found[tenant]
        classes = {each.data.get("loadBalancerClass") for each in listed}
        if classes == {"kubelb"}:
            data["useLoadBalancerClass"] = True
            for each in listed:
                del each.data["loadBalancerClass"]
        dataplane = management.cilium(self._estate.tenants[tenant])
        if dataplane:
            data["dataplane"] = dataplane
        data |= {key: value for key, value in known.items() if key not in _LISTS}
        if listed:
            data["services"] = [self._from(each) for each in listed]
        if found.gateways:
            data["gateways"] = found.gateways
        if found.ingresses:
            data["ingresses"] = found.ingresses
        return data

    def _from(self, found: Found) -> Noted:
        first = found.from_[0].at
        place = self._sources.locate(first)
        line = f":{place.line}" if place else ""
        return Noted(found.data, f"from {first.source}{line}")

    def _leftovers(self) -> list[str]:
        return [
            f"{each.config.shown}: nothing given leads to its port "
            f"{each.served.listen} (label {each.served.label}); left out"
            for each in self._programs.left_over()
        ]


_LISTS = ("services", "gateways", "ingresses", "defaults")


def _pods(estate: Estate, given: Given) -> list[str]:
    managed = (given.facts or {}).get("management", {})
    known = managed.get("podCIDRs")
    return known if isinstance(known, list) else ranges.pod_ranges(estate)


def _ranges(field: str, known: list[str]) -> Any:  # noqa: ANN401  a list or a word
    return known or Noted("unknown", _RANGES[field])


def _nothing() -> Diagnostic:
    return Diagnostic(
        id="nothing-to-adopt",
        severity=Severity.ERROR,
        message="no object belongs to a tenant of KubeLB",
        hint="give --management and --tenant NAME=FILE, with the Services of the "
        "tenant and KubeLB's LoadBalancers, Addresses and Config",
    )
