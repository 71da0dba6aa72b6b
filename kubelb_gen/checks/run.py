"""Runs the rules over a plan and sets aside what the owner accepts."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kubelb_gen.checks.registry import RULES
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Fleet, Suppression
from kubelb_gen.plan import Plan


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
    """Judge *plan* by every rule; findings carry paths, and no lines yet."""
    findings: list[Diagnostic] = [*plan.fleet.warnings, *_unused_names(plan.fleet)]
    suppressed: list[Suppressed] = []
    for rule in RULES.values():
        for finding in rule.check(plan):
            accepted = _accepted(plan.fleet, finding)
            if accepted is None:
                findings.append(finding)
            else:
                suppressed.append(Suppressed(finding=finding, reason=accepted.reason))
    return Report(findings=tuple(findings), suppressed=tuple(suppressed))


def _accepted(fleet: Fleet, finding: Diagnostic) -> Suppression | None:
    for suppression in fleet.suppressions:
        about = finding.about or finding.at
        if suppression.rule == finding.id and _covers(fleet, suppression, about):
            return suppression
    return None


def _covers(fleet: Fleet, suppression: Suppression, at: DataPath | None) -> bool:
    wanted = (
        suppression.tenant,
        suppression.namespace,
        suppression.service,
        suppression.port,
    )
    if not any(wanted):
        return True
    return at is not None and any(
        _is_within(at, place)
        and all(want in (None, has) for want, has in zip(wanted, names, strict=True))
        for place, names in _places(fleet)
    )


_Names = tuple[str | None, str | None, str | None, str | None]


def _places(fleet: Fleet) -> Iterator[tuple[DataPath | None, _Names]]:
    for tenant in fleet.tenants:
        yield tenant.at, (tenant.name, None, None, None)
        for service in tenant.services:
            owner = (tenant.name, service.namespace, service.name)
            yield service.at, (*owner, None)
            for port in service.ports:
                yield port.at, (*owner, port.name)
        for gateway in tenant.gateways:
            yield gateway.at, (tenant.name, gateway.namespace, gateway.name, None)
            for backend in gateway.backends:
                owner = (tenant.name, backend.namespace, backend.name)
                yield backend.at, (*owner, None)


def _is_within(at: DataPath, place: DataPath | None) -> bool:
    return (
        place is not None
        and (at.source, at.document) == (place.source, place.document)
        and at.keys[: len(place.keys)] == place.keys
    )


def _unused_names(fleet: Fleet) -> Iterable[Diagnostic]:
    for suppression in fleet.suppressions:
        if suppression.rule not in RULES:
            close = difflib.get_close_matches(suppression.rule, RULES, n=1)
            yield Diagnostic(
                id="unknown-rule",
                severity=Severity.ERROR,
                message=f"'{suppression.rule}' is not a rule",
                at=suppression.at,
                hint=f"did you mean '{close[0]}'?" if close else None,
            )
