"""What the rules and the trace say of a fleet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelb_gen.checks import Report
    from kubelb_gen.model import Fleet
    from kubelb_gen.plan import Plan
    from kubelb_gen.trace import Path


def check(fleet: Fleet) -> Report:
    """Judge *fleet* by every rule; findings carry the lines they are about."""
    from kubelb_gen.checks import run
    from kubelb_gen.plan.decide import make_plan

    return placed(fleet, run(make_plan(fleet)))


def trace(fleet: Fleet) -> tuple[Path, ...]:
    """Say for each flow to each port of *fleet* which address its backend sees.

    The first path of a port is traffic from the internet.  The wishes of the spec play
    no part: a path says what happens.
    """
    from kubelb_gen.plan.decide import make_plan
    from kubelb_gen.trace.engine import trace_plan

    return trace_plan(make_plan(fleet))


def require_sound(fleet: Fleet) -> tuple[Plan, Report]:
    """Return the plan of *fleet*, and findings that are no errors.

    Raises `SpecError` where a rule finds an error.
    """
    from kubelb_gen.checks import run
    from kubelb_gen.errors import InvalidSpecError
    from kubelb_gen.plan.decide import make_plan

    plan = make_plan(fleet)
    report = placed(fleet, run(plan))
    if report.errors:
        raise InvalidSpecError(report.errors)
    return plan, report


def placed(fleet: Fleet, report: Report) -> Report:
    """Return *report* with the lines that its findings are about."""
    if fleet.places is None:
        return report
    return replace(
        report,
        findings=fleet.places.placed(report.findings),
        suppressed=tuple(
            replace(each, finding=fleet.places.placed((each.finding,))[0])
            for each in report.suppressed
        ),
    )
