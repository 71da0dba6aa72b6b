"""The fleet that every peer renders, as values for Helm and as our spec."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parents[2] / "shared" / "bench"
CHART = BENCH / "helm"


def helm_values(services: int) -> str:
    """The values of a fleet of *services*, a thousand to a tenant."""
    command = [sys.executable, str(BENCH / "make_values.py"), str(services)]
    done = subprocess.run(  # noqa: S603  our own list
        command, capture_output=True, text=True, check=True
    )
    return done.stdout


def spec(values: str) -> str:
    """The fleet of *values* as a spec."""
    fleet = json.loads(values)
    lines = [*_HEAD, *_management(fleet), "  tenants:"]
    tenant = None
    for service in fleet["services"]:
        if service["tenant"] != tenant:
            tenant = service["tenant"]
            lines += [*_tenant(tenant), "      services:"]
        lines += _service(service)
    return _text(lines)


def files(values: str, folder: Path) -> list[Path]:
    """Write the fleet of *values* as files; return those with one Service each."""
    fleet = json.loads(values)
    folder.mkdir()
    tenants = dict.fromkeys(each["tenant"] for each in fleet["services"])
    about = [line for name in tenants for line in _tenant(name)]
    whole = _text([*_HEAD, *_management(fleet), "  tenants:", *about])
    (folder / "fleet.yaml").write_text(whole, "utf-8")
    leaves = []
    for service in fleet["services"]:
        owner = ["  tenants:", f"    - name: {service['tenant']}", "      services:"]
        leaves.append(folder / f"{service['name']}.yaml")
        leaves[-1].write_text(_text([*_HEAD, *owner, *_service(service)]), "utf-8")
    return leaves


def memory() -> Path | None:
    """Return a folder in memory, where there is one.

    A disk's file system is not what is measured, and on some a bare loop that writes
    the same files takes longer than we do.
    """
    shared = Path("/dev/shm")  # noqa: S108  no name in it is ours to guess
    return shared if os.access(shared, os.W_OK) else None


_HEAD = (
    "apiVersion: kubelb-gen/v1alpha1",
    "kind: ClientIPSpec",
    "metadata: {name: fleet}",
    "spec:",
)


def _text(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


def _management(fleet: dict[str, Any]) -> list[str]:
    return [
        '  kubelb: {version: "1.4.3", edition: CE}',
        "  management:",
        "    loadBalancer: {provider: metallb-bgp}",
        f"    egressCIDRs: [{', '.join(fleet['trustedProxies'])}]",
    ]


def _tenant(name: str) -> list[str]:
    return [
        f"    - name: {name}",
        "      nodes: [10.2.0.21]",
        "      internalCIDRs: [10.2.0.0/16]",
    ]


def _service(service: dict[str, Any]) -> list[str]:
    labels = ", ".join(f"{key}: {value}" for key, value in service["selector"].items())
    lines = [
        f"- name: {service['name']}",
        f"  namespace: {service['namespace']}",
        f"  selector: {{{labels}}}",
        f"  externalTrafficPolicy: {service['externalTrafficPolicy']}",
        '  backend: {kind: nginx, mode: http, upstream: "127.0.0.1:8080"}',
    ]
    if not service["proxyProtocol"]:
        lines += ["  clientIP: ignored", "  because: it is not asked for"]
        lines += ["  proxyProtocol: none"]
    lines.append("  ports:")
    lines += [
        f"    - {{name: {port['name']}, port: {port['port']}, "
        f"targetPort: {port['targetPort']}, nodePort: {port['nodePort']}, "
        f"protocol: {port['protocol']}}}"
        for port in service["ports"]
    ]
    return [f"        {line}" for line in lines]
