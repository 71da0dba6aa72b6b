"""A program that we write nothing for believes headers; whose, is not stated.

What: a backend of kind other takes the client from a PROXY header or a request header,
and `trustedCIDRs` does not say from whom.
Why: every program that we write refuses or ignores headers from strangers.  This one
has to do so by itself, or whoever reaches its port past Envoy names any client.

Left out:

    backend: {kind: other, proxyProtocol: required}

Told, once the program is set up so:

    backend: {kind: other, proxyProtocol: required, trustedCIDRs: [10.3.0.0/16]}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import ports, routes
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan

ID = "peers-unguarded"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each program whose owner has to guard it."""
    for _, service, port in ports(plan):
        backend = port.port.backend
        if port.header is None or port.unmet is not None or backend is None:
            continue
        subject = f"port {port.port.port} of service '{service.service.name}'"
        yield from _judged(
            subject, backend, "proxyProtocol", port.trusted, port.port.at
        )
    for _, gateway, route in routes(plan):
        backend = route.backend.backend
        if route.unmet is not None or backend.reads is None or backend.reads.peer:
            continue
        subject = f"backend '{route.backend.name}' of '{gateway.gateway.name}'"
        yield from _judged(subject, backend, "reads", route.trusted, route.backend.at)


def _judged(
    subject: str,
    backend: Backend,
    field: str,
    peers: tuple[Network, ...],
    about: DataPath | None,
) -> Iterator[Diagnostic]:
    if backend.kind is not BackendKind.OTHER or backend.unknown:
        return
    if backend.trusted_cidrs is not None:
        return
    whom = f", which is {', '.join(map(str, peers))}" if peers else ""
    yield Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"the program behind {subject} has to believe headers from its peer "
        f"alone{whom}",
        at=backend.at / field if backend.at else None,
        hint="set it up so, or let a NetworkPolicy admit nobody else; and say "
        "trustedCIDRs",
        about=about,
    )
