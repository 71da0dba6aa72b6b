"""The spec asks for a configuration that this release does not write.

What: `tls` on a backend of kind haproxy whose key is not named like its certificate, as
`tls.crt` and `tls.key` are, or with `emit: fragment`.
Why: HAProxy finds the key by the certificate's name, and a switch in its `global`
section says so.  Backends with `emit: none` ask for nothing.

Bad:

    backend: {kind: haproxy, mode: http, tls: {certificate: /web.crt, key: /web.pem}}

Good:

    backend: {kind: haproxy, mode: http, tls: {certificate: /web.crt, key: /web.key}}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import programs
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, Emit, Tls
from kubelb_gen.plan import Plan

ID = "not-written-yet"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each file that the output would lack."""
    for program in programs(plan, _lacks_a_file):
        yield _told(
            f"'tls' of {program.subject}, of kind haproxy,",
            program.field("tls"),
            "name the files tls.crt and tls.key, and say emit: complete",
            program.at,
        )


def _lacks_a_file(backend: Backend) -> bool:
    if backend.kind is not BackendKind.HAPROXY or backend.tls is None:
        return False
    return backend.emit is Emit.FRAGMENT or (
        backend.emit is not Emit.NONE and _apart(backend.tls)
    )


def _apart(tls: Tls) -> bool:
    stem = tls.certificate.removesuffix(".crt")
    return stem == tls.certificate or tls.key != f"{stem}.key"


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
