"""Paths of estates as plain data with one port, or one backend behind a route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.api import from_data
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.trace import Origin
from kubelb_gen.trace.engine import trace_plan
from tests.support.wishes import NGINX, document, gateway, service

if TYPE_CHECKING:
    from kubelb_gen.trace import Path
    from tests.support.wishes import Data

Paths = dict[Origin, "Path"]
# Verdict, identity, what carries it, where the client is lost, peer.
Seen = tuple[str, str | None, str | None, str | None, str]


def by_origin(spec: Data) -> Paths:
    """The paths of the only port of *spec*."""
    return {each.source: each for each in trace_plan(make_plan(from_data(spec)))}


def port_paths(
    backend: Data | None = None,
    *,
    port: Data | None = None,
    service: Data | None = None,
    tenant: Data | None = None,
    **facts: Any,  # noqa: ANN401  those of `document`
) -> Paths:
    """The paths of the only port of a Service; its backend is NGINX."""
    entry = {"backend": backend or NGINX, **(port or {})}
    services = [_service(entry, **(service or {}))]
    return by_origin(document(tenant={**(tenant or {}), "services": services}, **facts))


_service = service


def route_paths(
    backend: Data,
    *,
    proxies: Data | None = None,
    tenant: Data | None = None,
    ingress: bool = False,
    **facts: Any,  # noqa: ANN401  those of `document`
) -> Paths:
    """The paths of the only backend behind a route."""
    fields = {"trustedProxies": proxies} if proxies else {}
    entry = gateway(backend, **fields)
    if ingress:
        entry["backends"][0].pop("route")
    key = "ingresses" if ingress else "gateways"
    return by_origin(document(tenant={**(tenant or {}), key: [entry]}, **facts))


def seen(path: Path) -> Seen:
    """What the backend of *path* sees, as plain words."""
    identity = path.identity
    return (
        str(path.verdict),
        identity.is_ and str(identity.is_),
        identity.carried_by and str(identity.carried_by),
        identity.lost_at and str(identity.lost_at),
        str(path.peer),
    )


def from_internet(paths: Paths) -> Seen:
    """What the backend sees of a client on the internet."""
    return seen(paths[Origin.INTERNET_IPV4])
