"""Every load balancer of the catalogue in front of the three kinds of path.

What comes of it is asked of the library alone: rules find an error, or files come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kubelb_gen
from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.report.providers import provider_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.checks import Report

LAYERS = ("L4 TCP", "L4 UDP", "L7")

_NGINX = {"kind": "nginx", "upstream": "127.0.0.1:3000"}


def spec(provider: str, layer: str) -> dict[str, Any]:
    """A spec with one wish, on *layer*, behind *provider*."""
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "crossed"},
        "spec": {
            "kubelb": {"version": "1.4.3"},
            "management": {
                "loadBalancer": {"provider": provider},
                "podCIDRs": ["10.1.16.0/20"],
                "egressCIDRs": ["10.3.0.0/16"],
            },
            "tenants": [
                {
                    "name": "primary",
                    "nodes": ["10.2.0.21"],
                    "internalCIDRs": ["10.2.0.0/16"],
                    **_exposed(layer),
                }
            ],
        },
    }


def outcome(provider: str, layer: str) -> tuple[str | None, Report]:
    """Why the wish on *layer* is not met, None where it is, and all findings."""
    report = kubelb_gen.check(kubelb_gen.from_data(spec(provider, layer)))
    return (report.errors[0].message if report.errors else None), report


def _exposed(layer: str) -> dict[str, Any]:
    named = {"name": "web", "namespace": "default"}
    if layer == "L7":
        route = {"route": {"kind": "HTTPRoute", "name": "web"}, "port": 80}
        backend = named | _NGINX | route | {"nodePort": 31080}
        return {"gateways": [named | {"name": "kubelb", "backends": [backend]}]}
    port: dict[str, Any] = {"name": "main", "port": 5000, "nodePort": 30500}
    port["protocol"] = layer.removeprefix("L4 ")
    if layer == "L4 TCP":
        port["backend"] = _NGINX | {"mode": "stream"}
    else:
        port["backend"] = {"kind": "other", "proxyProtocol": "none"}
    return {"services": [named | {"selector": {"app": "web"}, "ports": [port]}]}


def page(note: str) -> Iterator[str]:
    """The reference page of the catalogue, in pieces."""
    yield f"# The load balancers\n\n{note}\n"
    yield "`kubelb-gen providers NAME` prints all that is known of one.\n"
    yield "\n## What comes of a wish behind each\n\n"
    yield "Asked of the tool for one port with `clientIP: required`, in front of "
    yield "kube-proxy: it renders, and says what carries the client, or the wish is "
    yield "unmet, for the reason in the list below.\n\n"
    yield f"| provider | class | {' | '.join(LAYERS)} |\n| --- | --- |"
    yield " --- |" * len(LAYERS) + "\n"
    reasons: dict[str, int] = {}
    for name in provider_names():
        cells = [_cell(name, layer, reasons) for layer in LAYERS]
        yield f"| [{name}](#{name}) | {provider(name).kind} | {' | '.join(cells)} |\n"
    yield "\n"
    for reason, number in reasons.items():
        yield f"{number}. {reason}\n"
    for name in provider_names():
        yield f"\n## {name}\n\n```text\n{provider_text(provider(name))}```\n"


def _cell(name: str, layer: str, reasons: dict[str, int]) -> str:
    why, _ = outcome(name, layer)
    if why is None:
        first, *_ = kubelb_gen.trace(kubelb_gen.from_data(spec(name, layer)))
        return f"renders: {first.identity.carried_by}"
    reason = why.partition(": ")[2].replace(f"'default' ({name})", "'default'")
    reason = reason.replace("load balancer 'default'", "the load balancer")
    number = reasons.setdefault(reason, len(reasons) + 1)
    return f"unmet, reason {number}"
