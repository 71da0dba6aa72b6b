"""A PROXY header that is on already cannot be turned off by what is written.

What: the load balancer shall send no PROXY header, and its annotation has no value for
off.
Why: KubeLB never takes an annotation off an Envoy Service.  One that an earlier spec
put there stays, and its header meets a backend that expects none.

Told:

    loadBalancer: {provider: oci-lb, proxyProtocol: none}

Good, where there is a value for off:

    loadBalancer: {provider: hetzner, proxyProtocol: none}
"""

from collections.abc import Iterator

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.checks.walking import Use, balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "proxy-stays-on"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each load balancer that is turned off by hand alone."""
    for use in balancers(plan):
        if not _is_off_without_a_value(use):
            continue
        balancer, support = use.balancer, use.balancer.provider.proxy
        field = "proxyProtocol" if balancer.proxy_off else "provider"
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"where load balancer '{balancer.name}' "
            f"('{balancer.provider.name}') sends PROXY already, it goes on: KubeLB "
            "removes no annotation",
            at=balancer.at / field if balancer.at else None,
            hint=support.disable_note if support else None,
        )


def _is_off_without_a_value(use: Use) -> bool:
    support = use.balancer.provider.proxy
    return (
        support is not None
        and not support.disable
        and any(support.enable.values())
        and any(
            facts.sends is None
            and (use.balancer.proxy_off or facts.kind is LoadBalancerClass.PROXYING)
            for facts in use.facts
        )
    )
