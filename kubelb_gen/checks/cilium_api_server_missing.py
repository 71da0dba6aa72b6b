"""Nobody tells Cilium's agent where the API server is.

What: complete values are asked for, kube-proxy is absent (the default), and `apiServer`
is not stated, or its host is `auto`.
Why: without kube-proxy the Service address of the API server leads nowhere until the
agent runs, and the agent needs the API server to run.  `auto` makes the chart look into
a live cluster, and rendering it offline fails.

Bad:

    cilium: {version: "1.20", mode: snat, routing: tunnel}

Good, either of:

    cilium: {version: "1.20", mode: snat, routing: tunnel, apiServer: {host: 10.1.0.10}}
    cilium: {version: "1.20", mode: snat, routing: tunnel, kubeProxy: present}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "cilium-api-server-missing"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding where the agent would not find the API server."""
    cilium = plan.fleet.management.cilium
    if cilium is None or cilium.output == "none":
        return
    if cilium.api_server_host == "auto":
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message="apiServer.host 'auto' is looked up in a live cluster",
            at=cilium.at / "apiServer" / "host" if cilium.at else None,
            label="an address or a name",
        )
    elif (
        cilium.output == "complete"
        and cilium.kube_proxy_absent
        and cilium.api_server_host is None
    ):
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message="apiServer is missing: without kube-proxy Cilium's agent cannot "
            "reach the API server by its Service address",
            at=cilium.at,
            hint="give apiServer.host, the address behind 'kubectl cluster-info', or "
            "say 'kubeProxy: present'",
        )
