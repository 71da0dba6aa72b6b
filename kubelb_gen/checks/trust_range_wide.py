"""A pinned trust range holds more than the peers that the backend can have.

What: `trustedCIDRs` names addresses outside `egressCIDRs` (layer 4) or `internalCIDRs`
(layer 7, and layer 4 under `Cluster`).
Why: whoever has such an address can tell the backend any client that he likes.

Bad, with egressCIDRs [10.3.0.0/16]:

    backend: {kind: nginx, mode: stream, trustedCIDRs: [10.0.0.0/8]}

Good, without the pin:

    backend: {kind: nginx, mode: stream}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan
from kubelb_gen.plan.layer4 import peers_of
from kubelb_gen.plan.readings import within

ID = "trust-range-wide"
SEVERITY = Severity.WARNING

_Pinned = tuple[str, Backend | None, DataPath | None, tuple[Network, ...]]


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each backend that believes strangers."""
    for subject, backend, at, peers in _pinned(plan):
        pinned = backend.trusted_cidrs if backend is not None else None
        wide = [
            each
            for each in pinned or ()
            if not any(within(each, peer) for peer in peers)
        ]
        if wide and peers:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{subject} trusts {', '.join(map(str, wide))}, and its peers "
                f"are in {', '.join(map(str, peers))}",
                at=at,
                hint="take the pin trustedCIDRs off, or narrow it",
            )


def _pinned(plan: Plan) -> Iterator[_Pinned]:
    for tenant in plan.tenants:
        for service in tenant.services:
            peers = peers_of(plan.fleet, tenant.tenant, service.balancer)
            for each in service.ports:
                subject = f"port {each.port.port} of service '{service.service.name}'"
                yield subject, each.port.backend, each.port.at, peers
        for gateway in tenant.gateways:
            for route in gateway.routes:
                backend = route.backend
                subject = f"backend '{backend.name}' of '{gateway.gateway.name}'"
                peers = tenant.tenant.internal_cidrs
                yield subject, backend.backend, backend.at, peers
