"""Pods that use the public address meet the port that wants a header.

What: `callers` lists `cluster`, the port has a plain one beside it, and the load
balancer's address is `ipMode: VIP` in the Service's status.
Why: the tenant's kube-proxy sees that address in the status and leads calls to it
straight to the pods, past load balancer and Envoy.  Nobody writes the header then, and
the connection fails.  The plain Service is of no use to who calls by a public name.

Told, for the owners of the callers:

    callers: [internet, cluster]
    ports: [{name: web, port: 80, plain: {port: 8082}}]

Good, since Hetzner's controller says `ipMode: Proxy` while PROXY is on:

    loadBalancer: {provider: hetzner}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import called_from_inside
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan
from kubelb_gen.trace import FlowKind, Origin
from kubelb_gen.trace.journeys import Journey, journeys
from kubelb_gen.trace.walking import walk

ID = "public-address-short-cut"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each port that pods cannot call by its public address."""
    for chain in called_from_inside(plan):
        service, port = chain.service, chain.port
        # Without a plain port, callers-in-cluster tells of both addresses.
        if port.port.plain_port is not None and any(
            _fails(journey) for journey in journeys(chain)
        ):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"pods that call port {port.port.port}/{port.port.protocol} of "
                f"service '{service.service.name}' by its public address bring no "
                "header and get no answer",
                at=port.port.at / "plain" if port.port.at else None,
                on_key=True,
                hint=f"they have to use '{service.service.name}-plain'",
            )


def _fails(journey: Journey) -> bool:
    return (
        journey.kind is FlowKind.TRAFFIC
        and journey.source is Origin.CLUSTER_VIP
        and not journey.outside
        and walk(journey.flow, journey.links).broken is not None
    )
