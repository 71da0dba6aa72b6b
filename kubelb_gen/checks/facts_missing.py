"""Without `nodes` or a `nodePort`, what KubeLB will create cannot be told.

What: the tenant Service and the backend are rendered; `expected/` and the listener of
the static bootstrap are left out.
Why: worth knowing, and no fault: these facts churn, and many estates keep them out.

Left out:

    tenants:
      - name: primary
        services: [{name: web, ports: [{name: http, port: 80}]}]

Told:

    tenants:
      - name: primary
        nodes: [10.2.0.21]
        services: [{name: web, ports: [{name: http, port: 80, nodePort: 30080}]}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "facts-missing"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each tenant or Service that `expected/` leaves out."""
    for tenant in plan.tenants:
        if not tenant.tenant.nodes:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"tenant '{tenant.tenant.name}' names no nodes, so expected/ "
                "is left out",
                at=tenant.tenant.at,
            )
            continue
        for service in tenant.services:
            if not service.expected:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"service '{service.service.name}' has a port without "
                    "nodePort, so expected/ leaves it out",
                    at=service.service.at,
                )
