"""Services of layer 4, and their ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.unparse.backends import backend_data
from kubelb_gen.unparse.saying import said, text, wish_said

if TYPE_CHECKING:
    from kubelb_gen.model import Handover, Rollout, Service, ServicePort
    from kubelb_gen.unparse.saying import Data


def service_data(service: Service) -> Data:
    """Return *service* as an item of `services`."""
    pinned = service.proxy_protocol
    return said(
        name=service.name,
        namespace=service.namespace,
        uid=service.uid,
        selector=dict(service.selector),
        labels=dict(service.labels),
        annotations=dict(service.annotations),
        loadBalancerClass=service.load_balancer_class,
        sessionAffinity=service.session_affinity,
        internalTrafficPolicy=text(service.internal_traffic_policy),
        externalTrafficPolicy=text(service.external_traffic_policy),
        proxyProtocol=None if pinned is None else "v2" if pinned else "none",
        loadBalancerProxyProtocol="none" if service.balancer_proxy_off else None,
        callers=None if service.callers == ("internet",) else list(service.callers),
        everyNode=service.every_node,
        output=None if service.output == "full" else str(service.output),
        rollout=_rollout(service.rollout),
        ports=[_port(each) for each in service.ports],
    )


def _port(port: ServicePort) -> Data:
    named = isinstance(port.target_port, str)
    usual = f"{port.port}-{port.protocol.lower()}"
    return said(
        name=None if port.name == usual else port.name,
        port=port.port,
        targetPort=None if port.target_port == port.port else port.target_port,
        listen=port.listen if named else None,
        protocol=None if port.protocol == "TCP" else str(port.protocol),
        nodePort=port.node_port,
        envoyPort=port.envoy_port,
        **wish_said(port),
        plain=None if port.plain_port is None else {"port": port.plain_port},
        handover=_handover(port.handover),
        backend=None if port.backend is None else backend_data(port.backend),
    )


def _handover(handover: Handover | None) -> Data | None:
    if handover is None:
        return None
    accepts = None if handover.accept is ProxyAcceptance.V2 else str(handover.accept)
    return said(
        listen=handover.listen,
        acceptProxyProtocol=accepts,
        adapter=handover.adapter,
        serves=handover.serves,
    )


def _rollout(rollout: Rollout) -> Data:
    return said(
        strategy=rollout.strategy,
        gatesAccess=rollout.gates_access,
        forgeryWindow="accepted" if rollout.forgery_accepted else None,
    )
