"""Two things of the spec would be written to one file.

What: a Service and a routed backend of the same namespace and name, both with a
configuration of the same kind.
Why: one would silently replace the other.

Bad:

    services: [{name: web, backend: {kind: nginx}}]
    gateways: [{backends: [{name: web, kind: nginx}]}]

Good: different names, or `emit: none` on one of them.
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, Emit
from kubelb_gen.plan import Plan, TenantPlan

ID = "output-path-taken"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each routed backend whose file is a Service's already."""
    for tenant in plan.tenants:
        taken = {
            (service.service.namespace, service.service.name, kind)
            for service in tenant.services
            for port in service.ports
            if (kind := _written(port.port.backend)) is not None
        }
        yield from _routed(tenant, taken)


def _written(backend: Backend | None) -> BackendKind | None:
    if backend is None or backend.emit is Emit.NONE:
        return None
    return None if backend.kind is BackendKind.OTHER else backend.kind


def _routed(
    tenant: TenantPlan, taken: set[tuple[str, str, BackendKind]]
) -> Iterator[Diagnostic]:
    for gateway in tenant.gateways:
        for route in gateway.routes:
            backend = route.backend
            kind = _written(backend.backend)
            if kind is None:
                continue
            key = (backend.namespace, backend.name, kind)
            if key in taken:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"backend '{backend.name}' of gateway "
                    f"'{gateway.gateway.name}' would be written to the file of another "
                    f"{kind} of that name",
                    at=backend.at,
                    hint="rename one of them, or say emit: none",
                )
            taken.add(key)
