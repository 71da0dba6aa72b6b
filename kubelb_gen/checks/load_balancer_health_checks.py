"""What the load balancer's own health checks need under `Local`, or with PROXY.

What: the catalogue knows a condition of the provider's health checks, and a Service or
edge behind it is under `externalTrafficPolicy: Local` or has PROXY on.
Why: under `Local` only nodes with an Envoy pod take traffic, and the load balancer
learns which by its checks; KubeLB runs two replicas of Envoy, one on a node.  PROXY
goes into some providers' checks too, and an HTTP check then fails.

Told:

    loadBalancer: {provider: exoscale}

Good, where the address itself moves to a node with a pod:

    loadBalancer: {provider: metallb-bgp}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import Use, balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "load-balancer-health-checks"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each condition that applies to a load balancer in use."""
    for use in balancers(plan):
        provider = use.balancer.provider
        for condition in provider.health_checks:
            if _applies(condition, use):
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"health checks of load balancer '{use.balancer.name}' "
                    f"('{provider.name}'): {condition}",
                    at=use.balancer.at / "provider" if use.balancer.at else None,
                )


def _applies(condition: str, use: Use) -> bool:
    if "PROXY" in condition:
        return use.sends
    # What an annotation of ours sees to is no condition any more.
    return use.local and not use.balancer.provider.local.annotations
