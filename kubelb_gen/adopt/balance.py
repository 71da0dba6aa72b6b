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
        chosen: str | None,
    ) -> None:
        self.told: list[str] = []
        self._chosen = chosen
        self._by_objects = by_objects(estate)
        self._found = {tenant: list(each) for tenant, each in found.items()}
        self._by_tenant = {
            tenant: self._provider(tenant, [one.annotations for one in each])
            for tenant, each in self._found.items()
        }
        counted = Counter(each for each in self._by_tenant.values() if each)
        self._default = (
            min(counted, key=lambda each: (-counted[each], each)) if counted else None
        )

    def of(self, tenant: str) -> str:
        """Return the name of the load balancer of *tenant*'s Services."""
        return self._named(self._by_tenant[tenant])

    def data(self, edges: Iterable[Edge]) -> Data:
        """Return the load balancers of the spec, and let *edges* name theirs."""
        providers = {self._named(each): each for each in self._by_tenant.values()}
        for edge in edges:
            known = self._provider(
                f"edge '{edge.data['name']}'", [edge.annotations or {}]
            )
            if known is None and self._default is None:
                known = self._default
            name = self._named(known or self._default)
            providers.setdefault(name, known or self._default)
            if name != DEFAULT:
                edge.data["loadBalancer"] = name
        providers.setdefault(DEFAULT, self._default)
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
        return data

    def _sent_blindly(self, name: str) -> str | None:
        """Return the PROXY version sent to programs that nobody knows.

        To those the plan would turn none on; what runs must have its reasons.
        """
        known = provider(name)
        found: str | None = None
        for tenant, listed in self._found.items():
            if self._by_tenant[tenant] != name:
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
