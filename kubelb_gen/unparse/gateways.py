"""Gateways and Ingresses of layer 7, and the backends of their routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import TrustedProxies
from kubelb_gen.unparse.backends import backend_data
from kubelb_gen.unparse.saying import said, wish_said

if TYPE_CHECKING:
    from kubelb_gen.model import Gateway, RouteBackend
    from kubelb_gen.unparse.saying import Data


def gateway_data(gateway: Gateway) -> Data:
    """Return *gateway* as an item of `gateways` or of `ingresses`."""
    return said(
        name=gateway.name,
        namespace=gateway.namespace,
        edge=gateway.edge,
        trustedProxies=_proxies(gateway.trusted_proxies),
        backends=[
            _route_backend(each, is_ingress=gateway.is_ingress)
            for each in gateway.backends
        ],
    )


def _proxies(proxies: TrustedProxies) -> Data | None:
    if proxies == TrustedProxies():
        return None
    return said(
        count=proxies.count,
        cidrs=[str(each) for each in proxies.cidrs],
        onlyWayIn=proxies.only_way_in,
    )


def _route_backend(route: RouteBackend, *, is_ingress: bool) -> Data:
    program = backend_data(route.backend)
    program.pop("mode", None)
    return said(
        name=route.name,
        namespace=route.namespace,
        uid=route.uid,
        route=None
        if is_ingress
        else {"kind": route.route_kind, "name": route.route_name},
        port=route.port,
        listen=None if route.listen == route.port else route.listen,
        nodePort=route.node_port,
        envoyPort=route.envoy_port,
        serviceType=route.service_type,
        protocol=route.protocol,
        **wish_said(route),
        **program,
    )
