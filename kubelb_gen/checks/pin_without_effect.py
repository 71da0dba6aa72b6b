"""A pin of the path that KubeLB does not heed.

What: `proxyProtocol: v2` on a Service without a TCP port; or it, or
`externalTrafficPolicy`, with a KubeLB older than 1.3.2.
Why: KubeLB writes PROXY to TCP alone.  Before 1.3.2 it ignores the annotation without a
word and leaves the Envoy Service under `Cluster`; the policy then acts on the tenant's
nodes alone.

Bad, with KubeLB 1.3.1:

    services: [{name: web, proxyProtocol: v2}]

Good:

    kubelb: {version: "1.4.3"}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol, Service
from kubelb_gen.plan import Plan, gates

ID = "pin-without-effect"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each pin that changes less than it says."""
    old = plan.fleet.kubelb.version < gates.KUBELB_PROXY_PROTOCOL
    for _, each in services(plan):
        for field, why in _unheeded(each.service, old=old):
            at = each.service.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{field} of service '{each.service.name}' {why}",
                at=at / field if at else None,
                hint=f"upgrade KubeLB to {gates.KUBELB_PROXY_PROTOCOL} or newer"
                if old
                else "take it out",
            )


def _unheeded(service: Service, *, old: bool) -> Iterator[tuple[str, str]]:
    if service.proxy_protocol and old:
        yield "proxyProtocol", "is ignored by this KubeLB, without a word"
    elif service.proxy_protocol and not _has_tcp(service):
        yield "proxyProtocol", "has no effect: no port is TCP"
    if service.external_traffic_policy is not None and old:
        why = "acts on the tenant's nodes alone: this KubeLB does not copy it on"
        yield "externalTrafficPolicy", why


def _has_tcp(service: Service) -> bool:
    return any(port.protocol is Protocol.TCP for port in service.ports)
