"""The nodes of both clusters, and what the spec knows of their addresses."""

from kubelb_gen.model import (
    Backend,
    BackendKind,
    Cilium,
    Fleet,
    ForwardingMode,
    Protocol,
    ProxyAcceptance,
    TrafficPolicy,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import BalancerFacts, TenantPlan
from kubelb_gen.trace import settings
from kubelb_gen.trace.kube_proxy import NodeHop
from kubelb_gen.trace.path import Role, Setting, Snat
from kubelb_gen.trace.planes import Link, link


def management_nodes(
    balancer: BalancerFacts,
    cilium: Cilium | None,
    protocol: Protocol,
    policy: TrafficPolicy,
    setting: Setting | None,
) -> Link:
    """Return the management cluster's nodes, in front of Envoy or of an edge."""
    keeps = _dsr(cilium, protocol)
    if keeps and cilium is not None and policy is TrafficPolicy.CLUSTER:
        setting = settings.of_dsr(cilium.mode)
    local = balancer.balancer.provider.local
    hop = NodeHop(
        node=Role.MANAGEMENT_NODE,
        at=Snat.MANAGEMENT_NODE,
        policy=policy,
        local_fails=None if balancer.local_works else local.why,
        keeps_source=keeps,
        setting=setting,
    )
    return link("management-node", _data_plane(cilium), hop)


def tenant_nodes(
    cilium: Cilium | None,
    protocol: Protocol,
    policy: TrafficPolicy,
    *,
    every_node: bool = False,
    setting: Setting | None = None,
) -> Link:
    """Return the tenant cluster's nodes, in front of the backend."""
    hop = NodeHop(
        node=Role.TENANT_NODE,
        at=Snat.TENANT_NODE,
        policy=policy,
        keeps_source=_dsr(cilium, protocol),
        every_node=every_node,
        setting=setting,
    )
    return link("tenant-node", _data_plane(cilium), hop)


def _data_plane(cilium: Cilium | None) -> str:
    return "kube-proxy" if cilium is None else "cilium"


def _dsr(cilium: Cilium | None, protocol: Protocol) -> bool:
    if cilium is None:
        return False
    if cilium.mode is ForwardingMode.HYBRID:
        return protocol is Protocol.TCP
    return cilium.mode is ForwardingMode.DSR


def kind_of(backend: Backend | None) -> BackendKind:
    """Return the kind of *backend*, which may be unknown."""
    # A port without a backend is some program, of which nothing is known.
    return BackendKind.OTHER if backend is None else backend.kind


def waits_for_header(backend: Backend | None, accept: ProxyAcceptance) -> bool:
    """Tell whether *backend* serves nobody who sends no PROXY header."""
    if backend is None or accept in (ProxyAcceptance.NONE, ProxyAcceptance.OPTIONAL):
        return False
    return backend.kind is not BackendKind.OTHER or backend.proxy_protocol == "required"


def ranges_of(
    fleet: Fleet, tenant: TenantPlan, *, inside: bool = False
) -> dict[Role, tuple[Network, ...]]:
    """Return the networks that the spec gives for each role.

    *inside* tells that the client is a pod of the tenant cluster.
    """
    own = tenant.tenant.egress_cidrs
    egress = fleet.management.egress_cidrs if own is None else own
    known = {
        Role.MANAGEMENT_EGRESS: egress,
        Role.TENANT_NODE: tenant.tenant.internal_cidrs,
        Role.EDGE_PROXY: fleet.management.pod_cidrs,
    }
    if inside:
        known[Role.CLIENT] = tenant.tenant.internal_cidrs
    return known


def unknown_to(fleet: Fleet, tenant: TenantPlan) -> frozenset[Role]:
    """Return the roles whose networks the spec says are unknown."""
    own = tenant.tenant
    stated = own.unknown if own.egress_cidrs is not None else fleet.management.unknown
    found = {Role.MANAGEMENT_EGRESS} if "egressCIDRs" in stated else set()
    if "internalCIDRs" in own.unknown:
        found.add(Role.TENANT_NODE)
    if "podCIDRs" in fleet.management.unknown:
        found.add(Role.EDGE_PROXY)
    return frozenset(found)
