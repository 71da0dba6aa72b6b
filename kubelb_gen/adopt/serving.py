"""The program behind each port of layer 4, as far as a configuration of ours tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.adopt.backends import backend_data, unknown
from kubelb_gen.adopt.noted import Noted
from kubelb_gen.adopt.pins import Expected
from kubelb_gen.adopt.services import plain_ports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.adopt.backends import Programs, Running
    from kubelb_gen.adopt.ranges import Ranges
    from kubelb_gen.adopt.services import Found
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

_UDP = "nothing carries a client's address over UDP past SNAT#2"


class Serving:
    """The Services with their programs, and in *told* what was left out."""

    def __init__(
        self, estate: Estate, programs: Programs, found: Mapping[str, list[Found]]
    ) -> None:
        self._estate, self._programs, self._found = estate, programs, found
        self.told: list[str] = []
        self.expected: dict[tuple[str, str, str], Expected] = {}
        self._serve()

    def _serve(self) -> None:
        for tenant, listed in self._found.items():
            self._drop_shared_ports(tenant, listed)
            plains = plain_ports(self._estate, tenant)
            for found in listed:
                served = {}
                for port in found.data["ports"]:
                    running = self._port(found, port, plains)
                    if running is not None:
                        protocol = port.get("protocol", "TCP")
                        served[port["port"], protocol] = running.served
                key = (tenant, found.namespace, found.name)
                self.expected[key] = Expected(found, served)
                for secret in found.secrets:
                    self.told.append(
                        f"{tenant}: {found.namespace}/{found.name}: annotation "
                        f"'{secret}' looks like a credential; left out"
                    )

    def _drop_shared_ports(self, tenant: str, listed: Iterable[Found]) -> None:
        """Leave out Envoy ports that two Services have, in an Envoy each."""
        drawn: set[tuple[int, str]] = set()
        for found in listed:
            for port in found.data["ports"]:
                number = port.get("envoyPort", port.get("nodePort"))
                key = (number, port.get("protocol", "TCP"))
                if number is not None and key in drawn and "envoyPort" in port:
                    del port["envoyPort"]
                    self.told.append(
                        f"{tenant}: {found.namespace}/{found.name}: another Service "
                        f"has Envoy port {number}, too; left out"
                    )
                drawn.add(key)

    def _port(
        self, found: Found, port: Data, plains: dict[tuple[str, str, int], int]
    ) -> Running | None:
        protocol = port.get("protocol", "TCP")
        name = port.get("name", f"{port['port']}-{protocol.lower()}")
        parts = (found.tenant, found.namespace, found.name, name)
        running = self._programs.of(*parts)
        self._programs.of(*parts, "plain")
        plain_port = plains.get((found.namespace, found.name, port["port"]))
        if plain_port is not None:
            port["plain"] = {"port": plain_port}
        if running is not None and not _leads_to(port, running):
            self.told.append(
                f"{found.tenant}: {found.namespace}/{found.name}: port {name} leads to "
                f"{port.get('targetPort', port['port'])}, and its program listens on "
                f"{running.served.listen}; left out"
            )
            running = None
        if running is None:
            if protocol == "UDP":
                port |= {"clientIP": "ignored", "because": _UDP}
            port["backend"] = unknown()
            return None
        port["backend"] = backend_data(running, found.name)
        if isinstance(port.get("listen"), Noted):
            port["listen"] = running.served.listen
        return running

    def trusted(self, tenant: str | None = None) -> list[tuple[str, Ranges]]:
        """Return policy and trust list of the listeners that read a PROXY header."""
        return [
            (expected.found.policy, served.trusted)
            for (owner, _, _), expected in self.expected.items()
            if tenant in (None, owner)
            for served in expected.served.values()
            if served.accepts and served.trusted
        ]


def _leads_to(port: Data, running: Running) -> bool:
    """Tell whether *port* leads to *running*, and not to an adapter before it."""
    target = port.get("targetPort", port["port"])
    return not isinstance(target, int) or target == running.served.listen
