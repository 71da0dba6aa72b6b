"""A Service writes by hand an annotation that the plan decides.

What: KubeLB's PROXY annotation, or one of the load balancer's PROXY annotations, stands
under `annotations` of a Service, or another value of one that the plan writes.
A list or JSON that holds other settings too may stand there: ours goes into it.
Why: two places for one setting disagree sooner or later; one of them would be dropped
without a word.

Bad:

    annotations: {kubelb.k8c.io/proxy-protocol: v2}

Good, a pin that is traced:

    proxyProtocol: v2
"""

import re
from collections.abc import Iterator, Mapping

from kubelb_gen.catalogue import Sharing, merged
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan, ServicePlan
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION

ID = "reserved-annotation"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each annotation that is not the user's to write."""
    for tenant in plan.tenants:
        for service in tenant.services:
            at = service.service.at
            for key, field in _reserved(service):
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"annotation '{key}' of service '{service.service.name}' "
                    "is decided by the plan",
                    at=at / "annotations" / key if at else None,
                    on_key=True,
                    hint=f"take it out and say it with {field}",
                )


def _reserved(service: ServicePlan) -> Iterator[tuple[str, str]]:
    decided = service.balancer.annotations
    for key, value in service.service.annotations.items():
        if key == PROXY_ANNOTATION:
            yield key, "proxyProtocol on the service"
        elif (sharing := _sharing(service, key)) is not None:
            if merged(sharing, value, decided.get(key, "")) is None:
                yield key, "proxyProtocol on the load balancer"
        elif key in decided:
            if value != decided[key]:
                yield key, "proxyProtocol on the load balancer"
        elif any(each.fullmatch(key) for each in _switches(service)):
            yield key, "proxyProtocol on the load balancer"


def _sharing(service: ServicePlan, key: str) -> Sharing | None:
    support = service.balancer.balancer.provider.proxy
    return None if support is None else support.sharing_of(key)


def _switches(service: ServicePlan) -> Iterator[re.Pattern[str]]:
    support = service.balancer.balancer.provider.proxy
    if support is None:
        return
    sets: list[Mapping[str, str]] = [support.disable, support.disable_ports]
    sets += support.enable.values()
    sets += support.enable_ports.values()
    for key in (each for annotations in sets for each in annotations):
        yield re.compile(re.escape(key).replace(re.escape("{port}"), r"\d+"))
