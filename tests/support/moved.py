"""An example's spec moved to the loopback range, where all its programs can run.

What stays is its shape: services, backends, versions, balancers.  What changes is
what one machine cannot be: addresses of nodes and ranges, and ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.support.edge_envoy import EDGE, OUTER_PROXY
from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NODE = "127.0.0.1"
_PORTS = ("adminPort", "statsPort", "readyPort", "healthPort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One port of an example: clients reach *public*, the backend has *port*.

    *application* is where the program behind the backend listens; for `other`
    backends that is the backend itself.
    """

    tenant: str
    name: str
    layer: str
    udp: bool
    public: int
    port: int
    application: int
    backend: dict[str, Any]
    proxies: int = 0

    @property
    def mode(self) -> str:
        """What the backend takes: `http`, or bytes."""
        return str(self.backend.get("mode", "http" if self.layer == "L7" else "tcp"))

    @property
    def is_ours(self) -> bool:
        """Whether a program is configured by us."""
        return self.backend.get("kind") in {"nginx", "haproxy"}


def moved(spec: Path, folder: Path) -> list[Served]:
    """Write *spec*, a file or a folder of them, moved, into *folder*."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    served: list[Served] = []
    for path in sorted(spec.glob("*.yaml")) if spec.is_dir() else [spec]:
        document = yaml.load(path)
        body = document["spec"]
        if management := body.get("management"):
            _move_management(management)
        for name in body.get("cidrSets", {}):
            body["cidrSets"][name] = [f"{OUTER_PROXY}/32"]
        # The owner of the management cluster only lists them.
        listed = document["kind"] == "ManagementSpec"
        for tenant in [] if listed else body.get("tenants", []):
            tenant |= {"nodes": [NODE], "internalCIDRs": [f"{NODE}/32"]}
            served += _services(tenant)
            served += _gateways(tenant)
        yaml.dump(document, folder / path.name)
    return served


def _move_management(management: dict[str, Any]) -> None:
    ports = {name: free_port() for name in _PORTS}
    management["envoy"] = {"bind": NODE, **ports}
    management["egressCIDRs"] = [f"{NODE}/32"]
    management["podCIDRs"] = [f"{EDGE}/32"]


def _services(tenant: dict[str, Any]) -> Iterator[Served]:
    for service in tenant.get("services", []):
        for port in service["ports"]:
            owner = port if "backend" in port else service
            backend = owner.get("backend", {})
            public, listen = free_port(), free_port()
            port |= {"targetPort": listen, "nodePort": listen, "envoyPort": public}
            yield Served(
                tenant=tenant["name"],
                name=service["name"],
                layer="L4",
                udp=port.get("protocol") == "UDP",
                public=public,
                port=listen,
                application=_move_backend(backend, listen),
                backend=backend,
            )


def _gateways(tenant: dict[str, Any]) -> Iterator[Served]:
    for gateway in tenant.get("gateways", []):
        for backend in gateway["backends"]:
            public, listen = free_port(), free_port()
            backend |= {"nodePort": listen, "envoyPort": public}
            if "listen" in backend:
                backend["listen"] = listen
            yield Served(
                tenant=tenant["name"],
                name=backend["name"],
                layer="L7",
                udp=False,
                public=public,
                port=listen,
                application=_move_backend(backend, listen),
                backend=backend,
                proxies=gateway.get("trustedProxies", {}).get("count", 0),
            )


def _move_backend(backend: dict[str, Any], listen: int) -> int:
    if "trustedCIDRs" in backend:
        backend["trustedCIDRs"] = [f"{NODE}/32"]
    if "upstream" not in backend:
        return listen
    application = free_port()
    backend["upstream"] = f"{NODE}:{application}"
    if "probe" in backend:
        backend["probe"]["port"] = free_port()
    return application
