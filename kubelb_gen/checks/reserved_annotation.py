"""A Service writes by hand an annotation that the plan decides.

What: KubeLB's PROXY annotation, or one of the load balancer's PROXY annotations, stands
under `annotations` of a Service.
Why: two places for one setting disagree sooner or later; one of them would be dropped
without a word.

Bad:

    annotations: {kubelb.k8c.io/proxy-protocol: v2}

Good, a pin that is traced:

    proxyProtocol: v2
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan, ServicePlan
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION

ID = "reserved-annotation"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each annotation that is not the user's to write."""
    for tenant in plan.tenants:
        for service in tenant.services:
            for key, field in _reserved(service):
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"annotation '{key}' of service '{service.service.name}' "
                    "is decided by the plan",
                    at=service.service.at,
                    hint=f"take it out and say it with {field}",
                )


def _reserved(service: ServicePlan) -> Iterator[tuple[str, str]]:
    written = service.service.annotations
    if PROXY_ANNOTATION in written:
        yield PROXY_ANNOTATION, "proxyProtocol on the service"
    for key, value in service.balancer.annotations.items():
        if written.get(key, value) != value:
            yield key, "proxyProtocol on the load balancer"
