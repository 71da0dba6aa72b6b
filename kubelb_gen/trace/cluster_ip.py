"""How pods of the tenant cluster reach a Service inside it, past KubeLB.

A ClusterIP keeps the source.  The public address does so too under `Local`, where
`ipMode: VIP` lets kube-proxy short-cut it; under `Cluster` kube-proxy masquerades
whatever was sent to an external address.
"""

from kubelb_gen.frozen import dataclass
from kubelb_gen.trace.flow import Flow, Step
from kubelb_gen.trace.path import Role, Setting, Snat

KIND = "cluster-ip"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterIPHop:
    """A Service inside its own cluster; *short_cut* by its public address."""

    short_cut: bool = False
    masquerades: bool = False
    setting: Setting | None = None


def forward(flow: Flow, hop: ClusterIPHop) -> Step:
    """Return what the pod behind the Service gets."""
    if hop.masquerades:
        return Step(
            flow=flow.sent_by(flow.source.replaced(Role.TENANT_NODE, Snat.TENANT_NODE)),
            why="ipMode VIP short-cuts the public address inside the cluster, and "
            "externalTrafficPolicy: Cluster puts a node's address in place (SNAT#3)",
            snat=True,
            setting=hop.setting,
        )
    why = "the Service's own address keeps the source"
    if hop.short_cut:
        why = (
            "ipMode VIP short-cuts the public address inside the cluster, past the "
            "load balancer and Envoy"
        )
    return Step(flow=flow, why=why, setting=hop.setting)
