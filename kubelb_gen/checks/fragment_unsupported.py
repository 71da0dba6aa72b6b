"""A backend program has no way to include what is asked for.

What: `emit: fragment` on Envoy, Traefik or Caddy.
Why: Envoy reads one bootstrap, Traefik's ports stand in its only static file, and
Caddy's global options, which hold the trust list, are one block.  What was included
would listen without it.

Bad:

    backend: {kind: caddy, upstream: "127.0.0.1:8080", emit: fragment}

Good:

    backend: {kind: caddy, upstream: "127.0.0.1:8080"}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import programs
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, Emit
from kubelb_gen.plan import Plan

ID = "fragment-unsupported"
SEVERITY = Severity.ERROR

_WHOLE = (BackendKind.ENVOY, BackendKind.TRAEFIK, BackendKind.CADDY)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each fragment that no file could include."""
    for program in programs(plan, _is_whole_and_asked_for_less):
        kind = program.backend.kind
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"{program.subject}: {kind} includes no fragments",
            at=program.field("emit"),
            about=program.at,
            hint="say emit: complete",
        )


def _is_whole_and_asked_for_less(backend: Backend) -> bool:
    return backend.kind in _WHOLE and backend.emit is Emit.FRAGMENT
