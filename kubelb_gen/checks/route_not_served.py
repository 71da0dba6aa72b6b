"""A route speaks gRPC or TLS to a program that is configured for plain HTTP.

What: a backend whose `protocol` is GRPC, HTTPS or TLS, or whose route is a GRPCRoute or
a TLSRoute, of a kind that we write a configuration for.
Why: what is written listens for HTTP/1.1.  NGINX answers 400 to KubeLB's Envoy, which
opens gRPC as HTTP/2 and passes TLS on as it is; HAProxy takes HTTP/2, and hands the
program HTTP/1.1.

Bad:

    backends:
      - {name: api, kind: nginx, protocol: GRPC, upstream: "127.0.0.1:3000"}

Good, configured by hand:

    backends:
      - {name: api, kind: other, protocol: GRPC, reads: {fromRight: 2}}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import routes
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import BackendKind, Emit, RouteBackend
from kubelb_gen.plan import Plan
from kubelb_gen.plan.headers import TLS_PROTOCOLS

ID = "route-not-served"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each route that its program does not understand."""
    for _, gateway, route in routes(plan):
        target = route.backend
        spoken = _spoken(target)
        if (
            spoken is not None
            and target.backend.kind is not BackendKind.OTHER
            and target.backend.emit is not Emit.NONE
        ):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{target.route_kind} '{target.route_name}' speaks {spoken} to "
                f"backend '{target.name}' of '{gateway.gateway.name}', and what is "
                f"written for {target.backend.kind} serves plain HTTP/1.1",
                at=target.at,
                hint="say kind: other with what it reads, and configure it by hand",
            )


def _spoken(route: RouteBackend) -> str | None:
    if route.protocol in TLS_PROTOCOLS or route.route_kind == "TLSRoute":
        # Where the program has a certificate, TLS is what it shall serve.
        return None if route.backend.tls is not None else "TLS"
    if route.protocol == "GRPC" or route.route_kind == "GRPCRoute":
        return "gRPC"
    return None
