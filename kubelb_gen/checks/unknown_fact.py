"""The spec says that a fact is unknown, so what depends on it is not evaluated.

What: `kind: unknown` for a backend, `class: unknown` for a load balancer, `unknown` for
a list of ranges.  `kubelb-gen adopt` writes them for what no object tells.
Why: a Service is rendered all the same; whether its backend sees the client, nobody
can say before the fact is found out.

Bad:

    backend: {kind: unknown}

Good, found out by `kubelb-gen probe` or from the image of the pods:

    backend: {kind: other, proxyProtocol: required}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import programs
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "unknown-fact"
SEVERITY = Severity.WARNING

_RANGES = "`kubelb-gen init` says in its comments how to find each range"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each fact that the spec calls unknown."""
    management = plan.fleet.management
    for balancer in management.load_balancers:
        if balancer.unknown:
            yield _unknown(
                f"the class of load balancer '{balancer.name}' is unknown: what comes "
                "through it is not evaluated",
                balancer.at / "class" if balancer.at else None,
                "`kubelb-gen providers` lists those that are known",
            )
    yield from _ranges(management.unknown, management.at)
    for tenant in plan.tenants:
        yield from _ranges(tenant.tenant.unknown, tenant.tenant.at)
    yield from _backends(plan)


def _backends(plan: Plan) -> Iterator[Diagnostic]:
    for program in programs(plan, lambda backend: backend.unknown):
        yield _unknown(
            f"{program.subject} is unknown: whether it sees the client is not "
            "evaluated",
            program.field("kind"),
            "the image of its pods tells, or `kubelb-gen probe HOST:PORT`",
        )


def _ranges(fields: tuple[str, ...], at: DataPath | None) -> Iterator[Diagnostic]:
    for field in fields:
        place = at / field if at else None
        yield _unknown(f"'{field}' is unknown", place, _RANGES)


def _unknown(message: str, at: DataPath | None, hint: str) -> Diagnostic:
    return Diagnostic(id=ID, severity=SEVERITY, message=message, at=at, hint=hint)
