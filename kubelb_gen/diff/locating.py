"""Where the port of a path stands in its spec, so that a report can point at it."""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Location, Severity
from kubelb_gen.diff.sides import State
from kubelb_gen.model import Fleet, Tenant


def locate(state: State, port: str) -> Location | None:
    """Return where *port*, as the lock names it, stands; None without a text."""
    if not isinstance(state, Fleet) or state.places is None:
        return None
    listed = (named for tenant in state.tenants for named in _ports(tenant))
    at = next((at for name, at in listed if name == port), None)
    asked = Diagnostic(id="port", severity=Severity.INFO, message="", at=at)
    return state.places.placed((asked,))[0].location


def _ports(tenant: Tenant) -> Iterator[tuple[str, DataPath | None]]:
    for service in tenant.services:
        owner = f"{tenant.name}/{service.namespace}/{service.name}"
        for port in service.ports:
            yield f"{owner}:{port.port}/{port.protocol}", port.at
    for gateway in tenant.gateways:
        for target in gateway.backends:
            owner = f"{tenant.name}/{gateway.name}/{target.namespace}/{target.name}"
            for protocol in ("TCP", "UDP"):
                yield f"{owner}:{target.port}/{protocol}", target.at
