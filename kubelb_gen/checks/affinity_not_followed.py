"""`sessionAffinity: ClientIP` is written, and KubeLB does not follow it.

What: a Service asks for affinity by client, and KubeLB is older than 1.5.
Why: Envoy spreads the connections of one client over all nodes, and the nodes take
Envoy's few addresses for the clients: affinity holds for Envoy, and for nobody else.

Bad, with KubeLB 1.4.3:

    services: [{name: web, sessionAffinity: ClientIP}]

Good, either without it or with a KubeLB that follows it:

    kubelb: {version: "1.5"}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan, gates

ID = "affinity-not-followed"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Service whose affinity stops at Envoy."""
    if plan.fleet.kubelb.version >= gates.KUBELB_PERSISTENCE:
        return
    for _, plan_of in services(plan):
        service = plan_of.service
        if service.session_affinity == "ClientIP":
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"KubeLB {plan.fleet.kubelb.version} does not follow "
                f"sessionAffinity of service '{service.name}': Envoy spreads the "
                "connections of one client",
                at=service.at / "sessionAffinity" if service.at else None,
                label=f"{gates.KUBELB_PERSISTENCE} is the first that does",
            )
