"""Cilium announces the addresses, and the spec does not say which Cilium.

What: a load balancer `cilium-l2` or `cilium-bgp`, and no `dataplane.cilium` in the
management cluster.
Why: whether `externalTrafficPolicy: Local` delivers depends on the release (1.20.2 for
L2 announcements, 1.14 for BGP), and the plan takes kube-proxy for what forwards.

Left out:

    loadBalancer: {provider: cilium-bgp}

Told:

    loadBalancer: {provider: cilium-bgp}
    dataplane: {cilium: {version: "1.20", mode: snat, routing: tunnel, output: none}}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "cilium-version-unstated"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each load balancer whose release decides, and is not known."""
    if plan.fleet.management.cilium is not None:
        return
    for use in balancers(plan):
        provider = use.balancer.provider
        if provider.local.since is None:
            continue
        assumed = "delivers" if provider.local.works else "drops traffic"
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"'{provider.name}' is Cilium's, and the spec names no Cilium: "
            f"that Local {assumed} here is assumed",
            at=use.balancer.at / "provider" if use.balancer.at else None,
            hint="say management.dataplane.cilium, with output: none where its values "
            "are not ours",
        )
