"""How a pod's call leaves its own cluster, towards a public address.

Most CNIs masquerade what goes out of the pod network, so that the load balancer is
called by a node of the tenant cluster.
"""

from kubelb_gen.frozen import dataclass
from kubelb_gen.trace.flow import Flow, Step
from kubelb_gen.trace.path import Role, Snat

KIND = "caller-node"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNodeHop:
    """The node that the calling pod is on."""


def forward(flow: Flow, _hop: CallerNodeHop) -> Step:
    """Return the call as it is outside the caller's cluster."""
    return Step(
        flow=flow.sent_by(flow.source.replaced(Role.TENANT_NODE, Snat.TENANT_NODE)),
        why="nothing short-cuts the public address in the cluster, and a pod's call "
        "leaves it as its node's, as most CNIs masquerade (SNAT#3)",
        snat=True,
    )
