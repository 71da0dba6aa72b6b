"""The document of what was found, before its pins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt import management, ranges
from kubelb_gen.adopt.balance import Balancers
from kubelb_gen.adopt.gateways import layer7, name_edges
from kubelb_gen.adopt.noted import Noted
from kubelb_gen.adopt.services import services
from kubelb_gen.adopt.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.adopt.adopted import Given
    from kubelb_gen.adopt.backends import Programs
    from kubelb_gen.adopt.gateways import Reached
    from kubelb_gen.adopt.services import Found
    from kubelb_gen.document import Sources
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

_SCHEMA = "kubelb-gen/v1alpha1"
_RANGES = {
    "egressCIDRs": "unknown: the addresses that tenants see Envoy connect from",
    "podCIDRs": "unknown: the management cluster's pod ranges",
    "internalCIDRs": "unknown: the nodes, pods and CNI of this tenant",
}
_LISTS = ("services", "gateways", "ingresses", "defaults")


class Document:
    """Puts what is found into one spec, tenant by tenant.

    *told* holds what was left out.
    """

    def __init__(
        self,
        estate: Estate,
        programs: Programs,
        given: Given,
        sources: Sources,
        kubelb: Data,
    ) -> None:
        self._estate, self._given = estate, given
        self._sources, self._kubelb = sources, kubelb
        self._found = {
            tenant: list(services(estate, tenant)) for tenant in estate.tenants
        }
        dropped = list(self._without_ports())
        self.serving = Serving(estate, programs, self._found)
        self._layer7 = {
            tenant: layer7(estate, tenant, programs) for tenant in estate.tenants
        }
        self.edges = tuple(
            management.edges(
                estate,
                ingresses=any(each.ingresses for each in self._layer7.values()),
            )
        )
        self._balancers = Balancers(
            estate, self._found, self.edges, given.load_balancer
        )
        self.told = (*self.serving.told, *dropped, *self._balancers.told)

    def _without_ports(self) -> Iterator[str]:
        """Leave out Services without a port that KubeLB carries; name them."""
        for tenant, listed in self._found.items():
            for each in [one for one in listed if not one.data["ports"]]:
                listed.remove(each)
                yield (
                    f"{tenant}: {each.namespace}/{each.name}: no port of TCP or UDP; "
                    "left out"
                )

    @property
    def reached(self) -> list[Reached]:
        """The backends of layer 7."""
        return [one for each in self._layer7.values() for one in each.reached]

    def data(self) -> Data:
        """Return the document, in which the plan decides everything yet."""
        facts = self._given.facts or {}
        spec: Data = {"kubelb": self._kubelb}
        if facts.get("cidrSets"):
            spec["cidrSets"] = facts["cidrSets"]
        egress = ranges.egress(self.serving.trusted())
        # Made in any case: programs that nobody knows learn there what they read.
        found = self._management(egress)
        managed = facts.get("management") or found
        spec["management"] = managed
        for each in self._layer7.values():
            name_edges(each, managed.get("edges", ()))
        known = {each["name"]: each for each in facts.get("tenants", ())}
        spec["tenants"] = [
            self._tenant(tenant, egress, known.get(tenant, {}))
            for tenant in self._estate.tenants
        ]
        return {
            "apiVersion": _SCHEMA,
            "kind": "ClientIPSpec",
            "metadata": {"name": self._given.name},
            "spec": spec,
        }

    def _management(self, egress: ranges.Ranges) -> Data:
        managed = self._balancers.data(self.edges)
        dataplane = management.cilium(self._estate.management)
        if dataplane:
            managed["dataplane"] = dataplane
        if self.edges:
            managed["edges"] = [each.data for each in self.edges]
        if self.reached:
            managed["podCIDRs"] = _ranges("podCIDRs", ranges.pod_ranges(self._estate))
        managed["egressCIDRs"] = _ranges("egressCIDRs", list(egress))
        return managed

    def _tenant(self, tenant: str, egress: ranges.Ranges, known: Data) -> Data:
        data: Data = {"name": tenant}
        nodes = ranges.node_addresses(self._estate, tenant)
        if nodes:
            data["nodes"] = nodes
        trusted = self.serving.trusted(tenant)
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
        balancer = self._balancers.of(tenant)
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


def _ranges(field: str, known: list[str]) -> Any:  # noqa: ANN401  a list or a word
    return known or Noted("unknown", _RANGES[field])
