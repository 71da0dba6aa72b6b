"""Connections to a port fail, or the backend reads garbage.

What: a PROXY header arrives where none is expected, or is waited for in vain, or two
arrive; or `Local` drops the traffic.
Why: the port is down for everybody, whatever the wish; health checks that only connect
stay green.

Bad, since Redis reads no PROXY header and hangs:

    services:
      - {name: redis, proxyProtocol: v2, backend: {kind: other, proxyProtocol: none}}

Good, without the pin and with the wish said:

    services:
      - name: redis
        clientIP: ignored
        because: reached from inside alone
        backend: {kind: other, proxyProtocol: none}
"""

from collections.abc import Iterator

from kubelb_gen.checks.wishes import unmet_wishes
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Outcome, Plan

ID = "client-ip-broken"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each port that nobody can use."""
    return unmet_wishes(plan, Outcome.BROKEN, ID)
