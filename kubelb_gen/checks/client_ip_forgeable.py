"""A client can make the backend believe a lie.

What: the backend reads an entry that the client itself may have written: the first one
of X-Forwarded-For, one too far to the left, one counted from proxies that can be
walked around, or a header that nothing on the path overwrites.
Why: an address that can be chosen is worse than none where it gates access.

Bad:

    backends: [{name: web, kind: other, reads: {header: X-Forwarded-For, first: true}}]

Good, with no proxy in front of the edge:

    backends: [{name: web, kind: other, reads: {header: X-Forwarded-For, fromRight: 2}}]
"""

from collections.abc import Iterator

from kubelb_gen.checks.wishes import unmet_wishes
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Outcome, Plan

ID = "client-ip-forgeable"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each backend that can be lied to."""
    return unmet_wishes(plan, Outcome.FORGEABLE, ID)
