"""Two ports of one Caddy believe different peers.

What: ports of one backend of kind caddy that trust different ranges, or of which one
reads a PROXY header and another a request header.
Why: Caddy's `servers` block holds for all ports of a file; one that is bound to an
address is passed over in silence when no listener has it.  Each port would believe
the peers of the others.

Bad:

    ports:
      - {name: a, port: 80, backend: {kind: caddy, trustedCIDRs: [10.3.0.0/16]}}
      - {name: b, port: 81, backend: {kind: caddy, trustedCIDRs: [10.4.0.0/16]}}

Good, a Service for each:

    services:
      - {name: a, ports: [{name: a, port: 80}]}
      - {name: b, ports: [{name: b, port: 81}]}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import BackendKind
from kubelb_gen.plan import BackendFile, Listener, Plan

ID = "caddy-ports-differ"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Caddyfile whose ports disagree."""
    for tenant in plan.tenants:
        for file in tenant.backends:
            if file.kind is BackendKind.CADDY and len(_beliefs(file)) > 1:
                ports = sorted(each.listen for each in file.listeners if each.guarded)
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"ports {', '.join(map(str, ports))} of Caddy "
                    f"'{file.namespace}/{file.name}' in tenant '{file.tenant}' believe "
                    "different peers or headers, and one block holds for all of them",
                    at=tenant.tenant.at,
                    hint="trust the same ranges on all, or serve one of them from "
                    "another Service",
                )


def _beliefs(file: BackendFile) -> set[object]:
    return {_belief(each) for each in file.listeners if each.guarded}


def _belief(listener: Listener) -> object:
    return (listener.reading, frozenset(listener.trusted))
