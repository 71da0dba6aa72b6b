"""Pods that may call a port can make its backend believe a lie.

What: `callers` lists `cluster`, and the backend believes a PROXY header that such a
pod writes.
Why: a call to the Service's own address goes past KubeLB's Envoy, so that the pod's
own bytes are the first that the backend reads.  Nothing is written for kind other:
without `trustedCIDRs` it believes whoever sends a header.  Under `Cluster` the trusted
ranges hold the tenant's pods, and no guard tells them from Envoy's connections.

Bad:

    callers: [internet, cluster]
    externalTrafficPolicy: Cluster
    backend: {kind: other, proxyProtocol: accepted}

Good under `Local`, once the program believes the management cluster alone:

    callers: [internet, cluster]
    backend: {kind: other, proxyProtocol: accepted, trustedCIDRs: [10.3.0.0/16]}

Good, with a Service of their own that brings no header:

    callers: [internet, cluster]
    externalTrafficPolicy: Cluster
    ports: [{name: web, port: 80, plain: {port: 8082}}]
    backend: {kind: other, proxyProtocol: accepted}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import called_from_inside
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Outcome, Plan, PortPlan
from kubelb_gen.trace import Origin
from kubelb_gen.trace.journeys import journeys
from kubelb_gen.trace.lies import attempts
from kubelb_gen.trace.port_chain import PortChain
from kubelb_gen.trace.walking import lie

ID = "callers-can-forge"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each port that its own cluster can lie to."""
    for chain in called_from_inside(plan):
        service, port = chain.service, chain.port
        # Where everybody can lie, that is told once, by client-ip-forgeable.
        if not _lied_to(port) and _believes(chain):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"port {port.port.port}/{port.port.protocol} of service "
                f"'{service.service.name}' believes the PROXY header that a pod in "
                "the cluster writes, and callers lists cluster",
                at=port.port.at,
                label="a pod can lie here",
                hint=f"add plain: {{port: ...}}, so that pods have "
                f"'{service.service.name}-plain'; or take cluster out of callers",
            )


def _lied_to(port: PortPlan) -> bool:
    return port.unmet is not None and port.unmet.outcome is Outcome.FORGEABLE


def _believes(chain: PortChain) -> bool:
    return any(
        lie(attempt).believed
        for journey in journeys(chain)
        if journey.source is Origin.CLUSTER_SERVICE_IP
        for attempt in attempts(chain, journey.flow, journey.links, outside=False)
    )
