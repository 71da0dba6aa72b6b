"""What kube-proxy does to connections that come from outside the cluster.

Under `Cluster` it masquerades all of them, so that the pod sees a node; under `Local`
it forwards to pods of its own node only and keeps the source.  Measured with kernel
NAT programmed as kube-proxy does.
"""

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Protocol, TrafficPolicy
from kubelb_gen.trace.flow import Flow, Step, refused
from kubelb_gen.trace.path import Role, Setting, Snat

KIND = "kube-proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeHop:
    """The nodes of one cluster, in front of its pods.

    *local_fails* says why `Local` serves nobody here.  *keeps_source* tells that the
    data plane hands connections on to other nodes without SNAT (Cilium's DSR), and
    *every_node* that each node has a pod.
    """

    node: Role
    at: Snat
    policy: TrafficPolicy
    local_fails: str | None = None
    keeps_source: bool = False
    every_node: bool = False
    setting: Setting | None = None


def forward(flow: Flow, hop: NodeHop) -> Step:
    """Return what a pod behind *hop* gets of *flow*."""
    if hop.policy is TrafficPolicy.LOCAL:
        return local(flow, hop)
    return masqueraded(flow, hop)


def local(flow: Flow, hop: NodeHop) -> Step:
    """Return the flow of a node that serves only its own pods."""
    if hop.local_fails is not None:
        why = f"externalTrafficPolicy: Local drops traffic here: {hop.local_fails}"
        return refused(flow, why, hop.setting)
    why = "externalTrafficPolicy: Local keeps the source address"
    if hop.node is Role.TENANT_NODE:
        why += f"; {_without_pod(flow, hop)}"
    return Step(flow=flow, why=why, setting=hop.setting)


def masqueraded(flow: Flow, hop: NodeHop) -> Step:
    """Return the flow with the node's address as its source."""
    return Step(
        flow=flow.sent_by(flow.source.replaced(hop.node, hop.at)),
        why=f"externalTrafficPolicy: Cluster puts a node's address in place ({hop.at})",
        snat=True,
        setting=hop.setting,
    )


def _without_pod(flow: Flow, hop: NodeHop) -> str:
    if hop.every_node:
        return "every node has a pod"
    if flow.protocol is Protocol.UDP:
        return "a node without a ready pod drops its share of the datagrams"
    return "health checks take nodes without a ready pod out"
