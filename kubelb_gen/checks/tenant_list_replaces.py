"""The Tenant gets an annotation list of its own, which replaces that of Config.

What: an annotation for the load balancer has to get through, and Config does not let
it; so a patch of the Tenant is written.
Why: KubeLB does not merge the two lists.  The patch holds Config's keys as the spec
knows them; a key that Config gets later does not reach this tenant's Services.

Told:

    kubelb: {version: "1.4.3"}
    loadBalancer: {provider: hetzner}

Good, where Config lets it through for all tenants, with both of its values:

    kubelb:
      propagatedAnnotations: {load-balancer.hetzner.cloud/uses-proxyprotocol: ""}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "tenant-list-replaces"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each Tenant that no longer follows Config."""
    for tenant in plan.tenants:
        if tenant.propagated is not None:
            at = tenant.tenant.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"the propagatedAnnotations written for tenant "
                f"'{tenant.tenant.name}' replace those of KubeLB's Config",
                at=at / "name" if at else None,
                hint="what Config lets through belongs under "
                "spec.kubelb.propagatedAnnotations, so that both agree",
            )
