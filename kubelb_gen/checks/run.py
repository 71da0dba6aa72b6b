"""Runs the rules over a plan and sets aside what the owner accepts."""

from collections.abc import Iterable

from kubelb_gen.checks.acceptance import Acceptance
from kubelb_gen.checks.registry import RULES, rules_about
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Fleet
from kubelb_gen.plan import Plan

# What these find would be two files of one name, so nobody can accept it.
UNACCEPTABLE = frozenset({"object-name-taken", "one-gateway-per-tenant"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A finding that the owner accepts, and the reason given."""

    finding: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings of a run; *suppressed* ones count for nothing."""

    findings: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that say no."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The findings that `--strict` turns into a no."""
        return tuple(
            each for each in self.findings if each.severity is Severity.WARNING
        )


def run(plan: Plan) -> Report:
    """Judge *plan* by the rules about it; findings carry paths, and no lines yet."""
    findings: list[Diagnostic] = [*plan.fleet.warnings, *_unused_names(plan.fleet)]
    suppressed: list[Suppressed] = []
    acceptance = Acceptance(plan.fleet)
    for rule in rules_about(plan):
        for finding in rule.check(plan):
            accepted = None if finding.id in UNACCEPTABLE else acceptance.of(finding)
            if accepted is None:
                findings.append(finding)
            else:
                suppressed.append(Suppressed(finding=finding, reason=accepted.reason))
    # Two Services of one name, of two tenants, may have the same to be said of them.
    return Report(
        findings=tuple(dict.fromkeys(findings)),
        suppressed=tuple(dict.fromkeys(suppressed)),
    )


def _unused_names(fleet: Fleet) -> Iterable[Diagnostic]:
    for suppression in fleet.suppressions:
        if suppression.rule in UNACCEPTABLE:
            yield Diagnostic(
                id="suppression-refused",
                severity=Severity.ERROR,
                message=f"'{suppression.rule}' cannot be suppressed: two files would "
                "have one name",
                at=suppression.at,
            )
        elif suppression.rule not in RULES:
            from difflib import get_close_matches  # noqa: PLC0415  rarely needed

            close = get_close_matches(suppression.rule, RULES, n=1)
            yield Diagnostic(
                id="unknown-rule",
                severity=Severity.ERROR,
                message=f"'{suppression.rule}' is not a rule",
                at=suppression.at,
                hint=f"did you mean '{close[0]}'?" if close else None,
            )
