"""The ports of a plan whose wish is not met, as findings.

Three rules read this walk, one for each outcome; a port has at most one for each
address family, and says it once where both fare alike.
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Wish
from kubelb_gen.plan import Outcome, Plan, Unmet


def unmet_wishes(plan: Plan, outcome: Outcome, rule: str) -> Iterator[Diagnostic]:
    """Yield a finding for each port of *plan* whose address comes to *outcome*."""
    for subject, wish, at, told in _ports(plan):
        if told.outcome is outcome:
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
) -> Iterator[tuple[str, Wish, DataPath | None, Unmet]]:
    for tenant in plan.tenants:
        for service in tenant.services:
            for port in service.ports:
                # Of nearly all, and their names need not be put together.
                if port.unmet is None and port.unmet_ipv6 is None:
                    continue
                subject = (
                    f"port {port.port.port}/{port.port.protocol} of service "
                    f"'{service.service.name}'"
                )
                for told in _families(port.unmet, port.unmet_ipv6):
                    yield subject, port.port.client_ip, port.port.at, told
        for gateway in tenant.gateways:
            for route in gateway.routes:
                subject = (
                    f"backend '{route.backend.name}' of gateway "
                    f"'{gateway.gateway.name}'"
                )
                wish = route.backend.client_ip
                for told in _families(route.unmet, route.unmet_ipv6):
                    yield subject, wish, route.backend.at, told


def _families(unmet: Unmet | None, over_ipv6: Unmet | None) -> Iterator[Unmet]:
    if unmet is not None:
        yield unmet
    if over_ipv6 is not None and over_ipv6 != unmet:
        yield over_ipv6
