"""A UDP port has a backend program that forwards no UDP.

What: NGINX in mode http, or HAProxy, on a port of protocol UDP.
Why: nothing would be written for it, and nothing would listen.

Bad:

    ports: [{name: dns, port: 53, protocol: UDP, backend: {kind: haproxy, mode: tcp}}]

Good:

    ports: [{name: dns, port: 53, protocol: UDP, backend: {kind: nginx, mode: stream}}]
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import programs
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, BackendMode, Emit, Protocol
from kubelb_gen.plan import Plan

ID = "udp-not-forwarded"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each UDP port that its program does not serve."""
    for program in programs(plan, _forwards_none):
        backend = program.backend
        if program.protocol is Protocol.UDP:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{program.subject}, {backend.kind} in mode {backend.mode}, "
                "forwards no UDP",
                at=program.at / "protocol" if program.at else None,
                hint="use kind nginx with mode stream, or kind other",
            )


def _forwards_none(backend: Backend) -> bool:
    return (
        backend.kind is not BackendKind.OTHER
        and backend.emit is not Emit.NONE
        and backend.mode is not BackendMode.STREAM
    )
