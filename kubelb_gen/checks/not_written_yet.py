"""The spec asks for a configuration that this release does not write.

What: `tls` on a backend of kind nginx or haproxy.
Why: the port would serve plain text without a word.  Backends with `emit: none` ask for
nothing.

Bad:

    backend: {kind: haproxy, mode: http, tls: {certificate: /a.crt, key: /a.key}}

Good, another program:

    backend: {kind: envoy, mode: http, tls: {certificate: /a.crt, key: /a.key}}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import Program, programs
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import BackendKind, Emit
from kubelb_gen.plan import Plan

ID = "not-written-yet"
SEVERITY = Severity.ERROR

_WITHOUT_TLS = (BackendKind.NGINX, BackendKind.HAPROXY)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each file that the output would lack."""
    for program in programs(plan):
        yield from _judged(program)


def _judged(program: Program) -> Iterator[Diagnostic]:
    backend = program.backend
    if (
        backend.kind in _WITHOUT_TLS
        and backend.tls is not None
        and backend.emit is not Emit.NONE
    ):
        yield _told(
            f"'tls' of {program.subject}, of kind {backend.kind},",
            program.field("tls"),
            f"use another kind, or say kind: other with {program.says} and configure "
            "it by hand",
            program.at,
        )


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
