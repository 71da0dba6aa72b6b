"""An annotation asks for what this KubeLB, or this Cilium, does not do.

What: one of KubeLB's `health-check-*` annotations with CE or before 1.5, or Cilium's
`forwarding-mode` beside Helm values that are written here.
Why: KubeLB ignores what it does not know without a word.  Cilium heeds its annotation
where `bpf.lbModeAnnotation` is on, which these values leave off: `mode` is for all.

Bad, with edition CE:

    annotations: {kubelb.k8c.io/health-check-type: HTTP}

Good:

    annotations: {}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan, gates

ID = "annotation-without-effect"
SEVERITY = Severity.WARNING

_HEALTH_CHECK = "kubelb.k8c.io/health-check-"
_FORWARDING_MODE = "service.cilium.io/forwarding-mode"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each annotation that nobody heeds."""
    for _, service in services(plan):
        for key in service.service.annotations:
            why = _unheeded(plan, key)
            if why is not None:
                at = service.service.at
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"annotation '{key}' of service '{service.service.name}' "
                    f"has no effect: {why}",
                    at=at / "annotations" / key if at else None,
                    on_key=True,
                )


def _unheeded(plan: Plan, key: str) -> str | None:
    kubelb, cilium = plan.fleet.kubelb, plan.fleet.management.cilium
    first = gates.KUBELB_HEALTH_CHECKS
    if key.startswith(_HEALTH_CHECK) and kubelb.version < first:
        return f"KubeLB knows it since {first}, in the Enterprise Edition"
    if key.startswith(_HEALTH_CHECK) and kubelb.edition != "EE":
        return "it is one of the Enterprise Edition"
    if key == _FORWARDING_MODE and cilium is not None and cilium.output != "none":
        return "the Helm values leave bpf.lbModeAnnotation off, and mode is for all"
    return None
