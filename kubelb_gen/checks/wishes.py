"""The ports of a plan whose wish is not met, as findings.

Three rules read this walk, one for each outcome; a port has at most one.
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Wish
from kubelb_gen.plan import Outcome, Plan, Unmet


def unmet_wishes(plan: Plan, outcome: Outcome, rule: str) -> Iterator[Diagnostic]:
    """Yield a finding for each port of *plan* whose address comes to *outcome*."""
    for subject, wish, at, told in _ports(plan):
        if told is not None and told.outcome is outcome:
            preferred = told.is_lost and wish is Wish.PREFERRED
            yield Diagnostic(
                id=rule,
                severity=Severity.WARNING if preferred else Severity.ERROR,
                message=f"{subject}: {told.cause}",
                at=at,
                label=_LABELS[outcome],
                designs=told.designs,
            )


_LABELS = {
    Outcome.LOST: "the backend does not see the client here",
    Outcome.BROKEN: "connections to this fail",
    Outcome.FORGEABLE: "a client can lie here",
}


def _ports(
    plan: Plan,
) -> Iterator[tuple[str, Wish, DataPath | None, Unmet | None]]:
    for tenant in plan.tenants:
        for service in tenant.services:
            for port in service.ports:
                subject = (
                    f"port {port.port.port}/{port.port.protocol} of service "
                    f"'{service.service.name}'"
                )
                yield subject, port.port.client_ip, port.port.at, port.unmet
        for gateway in tenant.gateways:
            for route in gateway.routes:
                subject = (
                    f"backend '{route.backend.name}' of gateway "
                    f"'{gateway.gateway.name}'"
                )
                yield subject, route.backend.client_ip, route.backend.at, route.unmet
