"""Two objects of one tenant would have one kind, namespace and name.

What: two backends put their configuration in one ConfigMap, or a Service is called as
the `<name>-plain` of another.
Why: one object would replace the other on the cluster, and `kubectl kustomize` refuses
the pair.

Bad:

    services:
      - {name: web, ports: [{name: http, port: 80, plain: {port: 8082}}]}
      - {name: web-plain, ports: [{name: http, port: 80}]}

Good:

    services:
      - {name: web, ports: [{name: http, port: 80, plain: {port: 8082}}]}
      - {name: inner, ports: [{name: http, port: 80}]}
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.checks.evidence import contested
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Service
from kubelb_gen.plan import BackendFile, Plan, TenantPlan

ID = "object-name-taken"
SEVERITY = Severity.ERROR

_PLAIN = "-plain"
# An object by its tenant, kind, namespace and name, what a message calls its owner, and
# where the spec has that one.
_Owned = tuple[str, str, Service | BackendFile]


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each object that another one would replace."""
    if not suspects(evidence(plan)):
        return
    owners: dict[str, str] = {}
    for tenant in plan.tenants:
        for key, owner, stands in _owned(tenant):
            first = owners.setdefault(key, owner)
            if first != owner:
                _, kind, name = key.split("/", 2)
                at = stands.at if isinstance(stands, Service) else place(tenant, stands)
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"{kind} '{name}' of {owner} is also that of {first}",
                    at=at / "name" if at else None,
                    hint="give one of them another name",
                )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield who has each object that another part could have as well."""
    for tenant in plan.tenants:
        for key, owner, _ in _owned(tenant):
            yield ID, key, owner


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether an object has several owners."""
    return contested(evidence)


def _owned(tenant: TenantPlan) -> Iterator[_Owned]:
    """Yield the objects of *tenant* but for Services whose names nothing else has."""
    name = tenant.tenant.name
    for service in (each.service for each in tenant.services):
        if service.name.endswith(_PLAIN):
            key = f"{name}/Service/{service.namespace}/{service.name}"
            yield key, f"service '{service.name}'", service
    for service in (each.service for each in tenant.services):
        for port in service.ports:
            if port.plain_port is not None:
                key = f"{name}/Service/{service.namespace}/{service.name}{_PLAIN}"
                yield key, f"the plain ports of service '{service.name}'", service
                break
    for file in tenant.backends:
        own = file.config_map.name or f"{file.name}-{file.kind}"
        key = f"{name}/ConfigMap/{file.namespace}/{own}"
        yield key, f"the {file.kind} of '{file.name}'", file


def place(tenant: TenantPlan, file: BackendFile) -> DataPath | None:
    """Return where the spec has the first owner of the configuration *file*."""
    owner = (file.namespace, file.name)
    for plan in tenant.services:
        if (plan.service.namespace, plan.service.name) == owner:
            return plan.service.at
    for gateway in tenant.gateways:
        for route in gateway.routes:
            if (route.backend.namespace, route.backend.name) == owner:
                return route.backend.at
    return tenant.tenant.at
