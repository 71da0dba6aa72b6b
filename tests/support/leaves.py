"""Specs of which most files are leaves, as texts: sound, and edited one by one."""

from __future__ import annotations

import json
from typing import Any

from kubelb_gen.document import Source

Data = dict[str, Any]

KUBELB: Data = {"version": "1.4.3", "edition": "CE"}
MANAGEMENT: Data = {
    "loadBalancer": {"provider": "metallb-bgp"},
    "egressCIDRs": ["10.0.0.0/8"],
}
ITSELF: Data = {
    "name": "primary",
    "nodes": ["10.2.0.21"],
    "internalCIDRs": ["10.2.0.0/16"],
}


def document(spec: Data, kind: str = "ClientIPSpec") -> Data:
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": kind,
        "metadata": {"name": "fleet"},
        "spec": spec,
    }


def context(management: Data | None = None, **more: object) -> Data:
    """A document with all that leaves use; *more* of its `spec`."""
    known = MANAGEMENT | (management or {})
    spec = {"kubelb": KUBELB, "management": known, "tenants": [ITSELF]}
    return document(spec | more)


def service(name: str, number: int, **more: object) -> Data:
    """A service with the nodePort *number* that nothing is to be said of."""
    port = {"name": "main", "port": 5000, "nodePort": number}
    return {
        "name": name,
        "namespace": "default",
        "selector": {"app": name},
        "ports": [port],
        "backend": {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:8080"},
    } | more


def leaf(*services: Data, tenant: str = "primary", **more: object) -> Data:
    return document({"tenants": [{"name": tenant, "services": [*services]}]} | more)


def fleet(count: int) -> dict[str, Data]:
    """A context and *count* leaves with a service each, by the names of their files."""
    leaves = {
        f"s{number:03}.json": leaf(service(f"app-{number}", 30000 + number))
        for number in range(count)
    }
    return {"base.json": context(), **leaves}


def texts(files: dict[str, Data]) -> list[Source]:
    """The *files* in the order of their names, as a folder is read."""
    return [Source(name, json.dumps(files[name], indent=1)) for name in sorted(files)]
