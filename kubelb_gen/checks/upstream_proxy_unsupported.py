"""A backend program cannot send the PROXY header that it is asked for.

What: NGINX with `upstreamProxyProtocol` in mode http, or version 2 in mode stream; or
an httpGet probe beside it in mode stream; Traefik or Apache with it at all.
Why: NGINX sends PROXY from `stream` alone, and version 1 alone.  Its probe listener
asks over plain HTTP, which a program that waits for a header refuses.  Over HTTP,
HAProxy, Envoy and Caddy send it; Traefik and Apache never do.

Bad:

    backend: {kind: nginx, mode: http, upstreamProxyProtocol: v1}

Good:

    backend: {kind: nginx, mode: stream, upstreamProxyProtocol: v1}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import Program, programs
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import (
    Backend,
    BackendKind,
    BackendMode,
    Emit,
    ProbeType,
    Protocol,
    ProxyAcceptance,
)
from kubelb_gen.plan import Plan

ID = "upstream-proxy-unsupported"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each header that a program cannot send."""
    for program in programs(plan, _sends):
        sends = program.backend.upstream_proxy_protocol
        if program.backend.kind is BackendKind.NGINX:
            yield from _judged(program, sends)
        elif program.backend.kind in (BackendKind.TRAEFIK, BackendKind.APACHE):
            yield _told(program, f"sends no PROXY {sends} header over HTTP", _HEADER)


def _sends(backend: Backend) -> bool:
    sends = backend.upstream_proxy_protocol is not ProxyAcceptance.NONE
    return sends and backend.emit is not Emit.NONE


def _judged(program: Program, sends: ProxyAcceptance) -> Iterator[Diagnostic]:
    probe = program.backend.probe
    if program.backend.mode is not BackendMode.STREAM:
        yield _told(program, f"sends no PROXY {sends} header in mode http", _STREAM)
    elif sends is not ProxyAcceptance.V1:
        yield _told(program, f"sends PROXY v1 alone, and {sends} is asked for", _V1)
    elif program.protocol is Protocol.UDP:
        yield _told(program, "sends no PROXY header over UDP", "take it out")
    elif probe is not None and probe.type is ProbeType.HTTP_GET:
        yield _told(
            program,
            "cannot ask the program behind it over HTTP, which waits for a PROXY "
            "header",
            "use a probe of type tcpSocket",
            field="probe",
        )


_HEADER = "hand the client on by X-Forwarded-For, or use HAProxy, Envoy or Caddy"
_NAMES = {
    BackendKind.NGINX: "NGINX",
    BackendKind.TRAEFIK: "Traefik",
    BackendKind.APACHE: "Apache",
}
_STREAM = "use mode stream, or hand the client on by X-Forwarded-For"
_V1 = "say v1, or use HAProxy, which sends both"


def _told(
    program: Program, what: str, hint: str, *, field: str = "upstreamProxyProtocol"
) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"{program.subject}: {_NAMES[program.backend.kind]} {what}",
        at=program.field(field),
        about=program.at,
        hint=hint,
    )
