"""The catalogue says of the load balancer what nobody has checked.

What: a load balancer in use, of which a statement that matters here is unverified.
Why: the plan believes the catalogue.  A statement that turns out wrong loses the
client's address, or the traffic, without any file being wrong.

Told:

    loadBalancer: {provider: vultr}

Good, said by the spec itself once it has been tried:

    loadBalancer: {class: proxying, proxyProtocol: v1}
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.checks.evidence import contested
from kubelb_gen.checks.walking import Use, balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "provider-unverified"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each load balancer that may not be what it is taken for."""
    told = {name: statements for _, name, *statements in evidence(plan)}
    for balancer in plan.fleet.management.load_balancers if told else ():
        if balancer.name in told:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"nobody has verified of '{balancer.provider.name}': "
                + "; ".join(told[balancer.name]),
                at=balancer.at / "provider" if balancer.at else None,
                hint="try it before relying on it: `kubelb-gen probe`, and the "
                "backend's own log",
            )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield each load balancer with the statements that matter, if any do."""
    for use in balancers(plan):
        unverified = use.balancer.provider.unverified
        statements = [each for each in unverified if _matters(each, use)]
        if statements:
            yield ID, use.balancer.name, *statements


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether of one load balancer different statements matter to parts.

    Each rests on one use of it at most, so that what matters to none of the parts does
    not matter to the whole.
    """
    return contested(evidence)


def _matters(statement: str, use: Use) -> bool:
    matters = {"UDP": use.carries_udp, "PROXY": use.sends, "DSR": use.dsr}
    return all(known for word, known in matters.items() if word in statement)
