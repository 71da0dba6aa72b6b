"""Decided facts made by hand, for tests of what only reads them."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from kubelb_gen.model import (
    BackendKind,
    BackendMode,
    ConfigMapKey,
    Emit,
    Fleet,
    KubeLB,
    Management,
    Probe,
    ProbeType,
    ProxyAcceptance,
    Tenant,
    Tls,
    Version,
)
from kubelb_gen.plan import BackendFile, Listener, Plan, TenantPlan
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.tree import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.model.backends import Network
    from kubelb_gen.plan import Reading


def networks(*texts: str) -> tuple[Network, ...]:
    """The networks that *texts* write."""
    return tuple(map(ip_network, texts))


def http_get(port: int | None, path: str = "/healthz") -> Probe:
    return Probe(type=ProbeType.HTTP_GET, port=port, path=path)


def tcp_socket(port: int | None = None) -> Probe:
    return Probe(type=ProbeType.TCP_SOCKET, port=port)


def listener(
    *,
    label: str = "kubelb_primary__default__web__main",
    listen: int = 5000,
    mode: BackendMode = BackendMode.HTTP,
    accept: ProxyAcceptance = ProxyAcceptance.V2,
    reading: Reading | None = None,
    trusted: tuple[Network, ...] = networks("10.3.0.0/16"),
    upstream: str = "127.0.0.1:8080",
    upstream_proxy_protocol: ProxyAcceptance = ProxyAcceptance.NONE,
    probe: Probe | None = None,
    behind_route: bool = False,
    tls: Tls | None = None,
) -> Listener:
    """One listener; by default it takes PROXY v2 from the guide's egress range."""
    return Listener(
        label=label,
        listen=listen,
        mode=mode,
        accept=accept,
        reading=reading,
        trusted=trusted,
        upstream=upstream,
        upstream_proxy_protocol=upstream_proxy_protocol,
        probe=probe,
        behind_route=behind_route,
        tls=tls,
    )


def behind_route(reading: Reading | None, **facts: object) -> Listener:
    """A listener at layer 7, which gets no PROXY header."""
    facts = {"accept": ProxyAcceptance.NONE, "behind_route": True} | facts
    return listener(reading=reading, **facts)  # type: ignore[arg-type]


def backend_file(
    kind: BackendKind,
    *listeners: Listener,
    name: str = "web",
    emit: Emit = Emit.FRAGMENT,
) -> BackendFile:
    """The configuration of one backend in tenant `primary`, namespace `default`."""
    return BackendFile(
        tenant="primary",
        namespace="default",
        name=name,
        kind=kind,
        emit=emit,
        config_map=ConfigMapKey(),
        listeners=listeners,
    )


def plan_of(files: Iterable[BackendFile], *, name: str = "acme") -> Plan:
    """A plan that holds nothing but *files*, all in tenant `primary`."""
    tenant = Tenant(name="primary")
    fleet = Fleet(
        name=name,
        kubelb=KubeLB(version=Version(1, 4, 3), edition="CE"),
        management=Management(load_balancers=()),
        tenants=(tenant,),
    )
    plan = TenantPlan(
        tenant=tenant,
        services=(),
        gateways=(),
        backends=tuple(files),
        propagated=None,
        expected=False,
    )
    return Plan(fleet=fleet, tenants=(plan,), edges=())


def texts(file: BackendFile, *, spec: str = "acme") -> dict[str, str]:
    """What is written for *file*: texts by file name."""
    return {
        draft.path.rpartition("/")[2]: draft.text(lay_out)
        for draft in BACKENDS[file.kind](spec, file)
    }


def text(file: BackendFile) -> str:
    """The only text that is written for *file*."""
    (only,) = texts(file).values()
    return only
