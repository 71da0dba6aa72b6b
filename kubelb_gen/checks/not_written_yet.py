"""The spec asks for a configuration that this release does not write.

What: a backend of kind envoy, traefik, caddy or apache, or a backend with `tls`.
Why: its file would be missing from the output without a word, and the client's address
with it.  Backends with `emit: none` ask for nothing.

Bad:

    backend: {kind: traefik, upstream: "127.0.0.1:8080"}

Good, its configuration written by hand and what it reads said here:

    backend: {kind: other, proxyProtocol: required}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import Program, programs
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import BackendKind, Emit
from kubelb_gen.plan import Plan

ID = "not-written-yet"
SEVERITY = Severity.ERROR

_WRITTEN = (BackendKind.NGINX, BackendKind.HAPROXY, BackendKind.OTHER)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each file that the output would lack."""
    for program in programs(plan):
        yield from _judged(program)


def _judged(program: Program) -> Iterator[Diagnostic]:
    backend = program.backend
    if backend.emit is Emit.NONE or backend.kind is BackendKind.OTHER:
        return
    hint = f"say kind: other with {program.says}, and configure it by hand"
    if backend.kind not in _WRITTEN:
        what = f"{program.subject}, of kind {backend.kind},"
        yield _told(what, program.field("kind"), hint, program.at)
    elif backend.tls is not None:
        what = f"'tls' of {program.subject}"
        yield _told(what, program.field("tls"), hint, program.at)


def _told(
    what: str, at: DataPath | None, hint: str, about: DataPath | None = None
) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"{what} cannot be written by this release",
        at=at,
        hint=hint,
        about=about,
    )
