"""The load balancers of the spec, from what their Services carry."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt.balancers import by_annotations, by_objects, sent
from kubelb_gen.adopt.noted import Noted
from kubelb_gen.catalogue import provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.adopt.management import Edge
    from kubelb_gen.adopt.services import Found
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

DEFAULT = "default"
_UNKNOWN = "unknown: no annotation and no object tells which load balancer this is"


class Balancers:
    """Which load balancer serves whom; *told* holds what was not clear."""

    def __init__(
        self,
        estate: Estate,
        found: Mapping[str, Iterable[Found]],
        edges: Iterable[Edge],
        chosen: str | None,
    ) -> None:
        self.told: list[str] = []
        self._chosen = chosen
        self._by_objects = by_objects(estate)
        self._found = {tenant: list(each) for tenant, each in found.items()}
        self._by_tenant = {
            tenant: self._provider(tenant, [one.annotations for one in each])
            for tenant, each in self._found.items()
            if each
        }
        self._edges = {
            edge.data["name"]: self._provider(
                f"edge '{edge.data['name']}'", [edge.annotations or {}]
            )
            for edge in edges
        }
        counted = Counter(each for each in self._by_tenant.values() if each)
        if not self._by_tenant:
            counted.update(each for each in self._edges.values() if each)
        if not self._by_tenant and not self._edges:
            # Gateways alone: what stands in front of an edge that no object is of.
            counted.update(filter(None, [self._provider("the edge", [])]))
        self._default = (
            min(counted, key=lambda each: (-counted[each], each)) if counted else None
        )

    def of(self, tenant: str) -> str:
        """Return the name of the load balancer of *tenant*'s Services."""
        return self._named(self._by_tenant.get(tenant))

    def data(self, edges: Iterable[Edge]) -> Data:
        """Return the load balancers of the spec, and let *edges* name theirs."""
        providers = {self._named(each): each for each in self._by_tenant.values()}
        for edge in edges:
            known = self._edges[edge.data["name"]] or self._default
            name = self._named(known)
            providers.setdefault(name, known)
            if name != DEFAULT:
                edge.data["loadBalancer"] = name
        if not providers:
            providers[DEFAULT] = self._default
        data = {name: self._data(known) for name, known in sorted(providers.items())}
        if set(data) == {DEFAULT}:
            return {"loadBalancer": data[DEFAULT]}
        return {"loadBalancers": data}

    def _named(self, known: str | None) -> str:
        return DEFAULT if known in (None, self._default) else str(known)

    def _data(self, known: str | None) -> Any:  # noqa: ANN401  data or a Noted
        if known is None:
            return Noted({"class": "unknown"}, _UNKNOWN)
        data: Data = {"provider": known}
        version = self._sent_blindly(known)
        if version is not None:
            data["proxyProtocol"] = version
        if self._has_ipv6(known):
            data["ipFamilies"] = ["IPv4", "IPv6"]
        return data

    def _has_ipv6(self, known: str) -> bool:
        """Tell whether an Envoy Service behind *known* has an IPv6 address, too."""
        return any(
            "IPv6" in (one.spec.get("ipFamilies") or ())
            for tenant, listed in self._found.items()
            if self._by_tenant.get(tenant) == known
            for each in listed
            for one in each.from_
            if one.name.startswith("envoy-")
        )

    def _sent_blindly(self, name: str) -> str | None:
        """Return the PROXY version sent to programs that nobody knows.

        To those the plan would turn none on; what runs must have its reasons.
        """
        known = provider(name)
        found: str | None = None
        for tenant, listed in self._found.items():
            if self._by_tenant.get(tenant) != name:
                continue
            for each in listed:
                ports = {
                    port["port"]: port.get("name", f"{port['port']}-tcp")
                    for port in each.data["ports"]
                    if port.get("protocol", "TCP") == "TCP"
                }
                by_port = sent(known, each.annotations, ports)
                for port in each.data["ports"]:
                    version = by_port.get(port["port"])
                    backend = port.get("backend")
                    if version and isinstance(backend, Noted):
                        backend.value["acceptProxyProtocol"] = version
                        found = version
        return found

    def _provider(
        self, whose: str, annotations: Iterable[Mapping[str, str]]
    ) -> str | None:
        if self._chosen is not None:
            return self._chosen
        candidates = by_annotations(annotations) or self._by_objects
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            self.told.append(
                f"{whose}: the load balancer could be {', '.join(candidates)}: "
                "choose by --load-balancer"
            )
        return None
