"""The fleet that every peer renders, as values for Helm and as our spec."""

from __future__ import annotations

import json
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
    lines = [
        "apiVersion: kubelb-gen/v1alpha1",
        "kind: ClientIPSpec",
        "metadata: {name: fleet}",
        "spec:",
        '  kubelb: {version: "1.4.3", edition: CE}',
        "  management:",
        "    loadBalancer: {provider: metallb-bgp}",
        f"    egressCIDRs: [{', '.join(fleet['trustedProxies'])}]",
        "  tenants:",
    ]
    tenant = None
    for service in fleet["services"]:
        if service["tenant"] != tenant:
            tenant = service["tenant"]
            lines += [
                f"    - name: {tenant}",
                "      nodes: [10.2.0.21]",
                "      internalCIDRs: [10.2.0.0/16]",
                "      services:",
            ]
        lines += _service(service)
    return "\n".join([*lines, ""])


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
