"""Native routing lacks the range that the network routes.

What: complete values are asked for with `routing: native` and no `nativeRoutingCIDR`,
on a platform other than ENI.
Why: with masquerading on, which is the default, the agent refuses to start without
`ipv4NativeRoutingCIDR`.  On GKE too: the chart does not know the cluster's pod range.

Bad:

    cilium: {version: "1.20", platform: gke, mode: dsr, routing: native}

Good:

    cilium: {version: "1.20", platform: gke, mode: dsr, routing: native,
             nativeRoutingCIDR: 10.4.0.0/14}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Routing
from kubelb_gen.plan import Plan

ID = "cilium-native-cidr-missing"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding where the values would keep the agent from starting."""
    cilium = plan.fleet.management.cilium
    if (
        cilium is not None
        and cilium.output == "complete"
        and cilium.routing is Routing.NATIVE
        and cilium.platform != "eni"
        and cilium.native_routing_cidr is None
    ):
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message="nativeRoutingCIDR is missing: with native routing Cilium's agent "
            "does not start without it",
            at=cilium.at,
            hint="on GKE: gcloud container clusters describe CLUSTER "
            "--format 'value(clusterIpv4Cidr)'"
            if cilium.platform == "gke"
            else "give the range that the network routes to pods",
        )
