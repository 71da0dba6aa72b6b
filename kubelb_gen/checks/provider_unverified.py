"""The catalogue says of the load balancer what nobody has checked.

What: a load balancer in use, of which a statement that matters here is unverified.
Why: the plan believes the catalogue.  A statement that turns out wrong loses the
client's address, or the traffic, without any file being wrong.

Told:

    loadBalancer: {provider: vultr}

Good, said by the spec itself once it has been tried:

    loadBalancer: {class: proxying, proxyProtocol: v1}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import Use, balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "provider-unverified"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each load balancer that may not be what it is taken for."""
    for use in balancers(plan):
        provider = use.balancer.provider
        open_points = [each for each in provider.unverified if _matters(each, use)]
        if open_points:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"nobody has verified of '{provider.name}': "
                + "; ".join(open_points),
                at=use.balancer.at / "provider" if use.balancer.at else None,
                hint="try it before relying on it: `kubelb-gen probe`, and the "
                "backend's own log",
            )


def _matters(statement: str, use: Use) -> bool:
    matters = {"UDP": use.carries_udp, "PROXY": use.sends, "DSR": use.dsr}
    return all(known for word, known in matters.items() if word in statement)
