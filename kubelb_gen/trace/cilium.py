"""What Cilium does to connections that come from outside the cluster.

Under `Local` it does what kube-proxy does.  Under `Cluster` it replaces the source in
SNAT mode and keeps it in DSR mode; hybrid is DSR for TCP, SNAT for UDP
(kubeproxy-free.rst).
"""

from kubelb_gen.model import TrafficPolicy
from kubelb_gen.trace.flow import Flow, Step
from kubelb_gen.trace.kube_proxy import NodeHop, local, masqueraded

KIND = "cilium"


def forward(flow: Flow, hop: NodeHop) -> Step:
    """Return what a pod behind *hop* gets of *flow*."""
    if hop.policy is TrafficPolicy.LOCAL:
        return local(flow, hop)
    if hop.keeps_source:
        return Step(
            flow=flow,
            why="Cilium's DSR hands connections to other nodes with their source",
            setting=hop.setting,
        )
    return masqueraded(flow, hop)
