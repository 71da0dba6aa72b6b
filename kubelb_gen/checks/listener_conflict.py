"""Two ports of one backend ask for one number, or one file, in two ways.

What: ports that end in the same pod listen on one number with different settings, a
probe and a port want the same number, or two ports want `emit`, `configMap` or
`workload` of one configuration differently.
Why: a program listens on a number once, and a port never is plain and PROXY at once;
one of the two would be dropped.

Bad:

    ports:
      - {name: a, port: 80, targetPort: 8080}
      - {name: b, port: 81, targetPort: 8080, upstream: "127.0.0.1:9000"}

Good:

    ports:
      - {name: a, port: 80, targetPort: 8080}
      - {name: b, port: 81, targetPort: 8081, upstream: "127.0.0.1:9000"}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan
from kubelb_gen.plan.clash import Clash

ID = "listener-conflict"
SEVERITY = Severity.ERROR

_HINTS = {
    "listen": "give each a number of its own, or the same settings",
    "probe": "give the probe a port of its own",
    "emit": "say the same emit on both",
    "configMap": "say the same configMap on both",
    "workload": "say the same workload on both",
}


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each wish that the backend's file cannot hold."""
    for tenant in plan.tenants:
        for clash in tenant.clashes:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=_message(clash),
                at=clash.field,
                about=clash.at,
                hint=_HINTS.get(clash.what),
            )


def _message(clash: Clash) -> str:
    pod = f"'{clash.namespace}/{clash.name}'"
    if clash.what == "listen":
        return f"two ports of {pod} want different things of port {clash.number}"
    if clash.what == "probe":
        return f"a probe of {pod} needs port {clash.number}, which is taken"
    return f"the ports of {pod} want '{clash.what}' of one configuration differently"
