"""The backend of a port sees somebody else's address.

What: an address on the way replaced the client's, and nothing behind it carries it.
Why: logs, rate limits and allow-lists then name the wrong machine.  An error where the
wish is `required`, a warning where it is `preferred`.

Bad, since nothing carries a client over UDP past KubeLB's Envoy:

    ports: [{name: dns, port: 53, protocol: UDP}]

Good:

    ports:
      - name: dns
        port: 53
        protocol: UDP
        clientIP: ignored
        because: limits at the edge
"""

from collections.abc import Iterator

from kubelb_gen.checks.wishes import unmet_wishes
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Outcome, Plan

ID = "client-ip-lost"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each wish that the path does not meet."""
    return unmet_wishes(plan, Outcome.LOST, ID)
