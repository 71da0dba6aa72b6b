"""A backend serves TLS, and the route speaks plain HTTP to it.

What: `tls` on a backend behind a route whose `protocol` is HTTP or GRPC.
Why: KubeLB's Envoy sends a plain request, which a TLS listener answers with an error.
With `protocol: HTTPS` it passes bytes on, and nothing carries the client.

Bad:

    backends:
      - {name: web, protocol: HTTP, tls: {certificate: /tls/a.crt, key: /tls/a.key}}

Good, TLS ends at the edge:

    backends: [{name: web, protocol: HTTP}]
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import routes
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "tls-behind-plain-route"
SEVERITY = Severity.ERROR

_PLAIN = ("HTTP", "GRPC")
_REQUESTS = ("HTTPRoute", "GRPCRoute", "Ingress")


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each TLS listener that gets plain requests."""
    for _, gateway, route in routes(plan):
        target = route.backend
        if (
            target.backend.tls is not None
            and target.protocol in _PLAIN
            and target.route_kind in _REQUESTS
        ):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"backend '{target.name}' of '{gateway.gateway.name}' serves "
                f"TLS, and {target.route_kind} '{target.route_name}' speaks "
                f"{target.protocol} to it",
                at=target.at / "tls" if target.at else None,
                on_key=True,
                hint="let TLS end at the edge, and take tls out",
            )
