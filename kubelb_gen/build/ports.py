"""Ports that only one user may have, within a service or within a tenant.

KubeLB's Envoy has one listener for each nodePort of a tenant, and the nodes of a
tenant share one range; TCP and UDP are apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node
    from kubelb_gen.model import EnvoyPorts

_FIRST_NODE_PORT, _LAST_NODE_PORT = 30000, 32767


class TenantPorts:
    """The node ports and Envoy ports that a tenant has given away."""

    def __init__(self, tenant: str, envoy: EnvoyPorts, findings: Findings) -> None:
        self.tenant = tenant
        self.findings = findings
        self._node: dict[tuple[int, str], Node] = {}
        self._envoy: dict[tuple[int, str], Node] = {}
        self._own = {
            envoy.admin_port: "adminPort",
            envoy.stats_port: "statsPort",
            envoy.ready_port: "readyPort",
            envoy.health_port: "healthPort",
        }

    def take(self, port: Node, protocol: str) -> None:
        """Record what *port* uses, and that it is free no more."""
        node_port, envoy_port = port.find("nodePort"), port.find("envoyPort")
        if node_port is not None:
            clash = self._claim(self._node, "nodePort", node_port, protocol)
            self._check_range(node_port)
            if envoy_port is None and not clash:
                self._listen("nodePort", node_port, protocol)
        if envoy_port is not None:
            self._listen("envoyPort", envoy_port, protocol)

    def _listen(self, name: str, number: Node, protocol: str) -> None:
        self._claim(self._envoy, name, number, protocol, "Envoy port")
        own = self._own.get(number.data) if protocol == "TCP" else None
        if own is not None:
            self.findings.error(
                "port-in-use",
                f"{name} {number.data}/TCP is the {own} of KubeLB's Envoy",
                number.at,
                hint="Envoy listens on the envoyPort, by default the nodePort",
            )

    def _claim(
        self,
        taken: dict[tuple[int, str], Node],
        name: str,
        number: Node,
        protocol: str,
        shown: str = "",
    ) -> bool:
        key = (number.data, protocol)
        first = taken.setdefault(key, number)
        if first is number:
            return False
        self.findings.error(
            "port-in-use",
            f"{shown or name} {number.data}/{protocol} is used twice"
            f" in tenant '{self.tenant}'",
            number.at,
            label=self.findings.first("used", first.at, number.at),
        )
        return True

    def _check_range(self, number: Node) -> None:
        if not _FIRST_NODE_PORT <= number.data <= _LAST_NODE_PORT:
            self.findings.warning(
                "node-port-range",
                f"nodePort {number.data} is outside"
                f" {_FIRST_NODE_PORT}-{_LAST_NODE_PORT}",
                number.at,
                hint="right only where the API server's --service-node-port-range says"
                " so",
            )


def check_service_ports(service: Node, findings: Findings) -> None:
    """Record ports and port names that one service has twice."""
    name = service.value("name")
    numbers: dict[tuple[int, str], Node] = {}
    names: dict[str, Node] = {}
    for port in service.items("ports"):
        protocol = port.value("protocol", "TCP")
        number = port["port"]
        first = numbers.setdefault((number.data, protocol), number)
        if first is not number:
            findings.error(
                "port-in-use",
                f"port {number.data}/{protocol} is used twice by service '{name}'",
                number.at,
                label=findings.first("used", first.at, number.at),
                hint="give the second port its own number",
            )
            continue
        word = port_name(port)
        owner = port.find("name") or number
        known = names.setdefault(word.lower(), owner)
        if known is not owner:
            findings.error(
                "port-name-in-use",
                f"the port name '{word}' is used twice by service '{name}'",
                owner.at,
                label=findings.first("used", known.at, owner.at),
                hint="KubeLB compares port names in lower case",
            )


def port_name(port: Node) -> str:
    """Return the port's name, or the one that KubeLB gives it."""
    name = port.value("name")
    if name is None:
        name = f"{port.value('port')}-{port.value('protocol', 'TCP').lower()}"
    return str(name)
