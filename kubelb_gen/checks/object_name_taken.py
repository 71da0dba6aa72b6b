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

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from kubelb_gen.checks.evidence import contested
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.plan import BackendFile, Plan, TenantPlan

ID = "object-name-taken"
SEVERITY = Severity.ERROR

_PLAIN = "-plain"
_Object = tuple[str, str, str]
# An object, what it is called in a message, and where the spec has it.
_Owned = tuple[_Object, str, Callable[[], DataPath | None]]


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each object that another one would replace."""
    if not suspects(evidence(plan)):
        return
    for tenant in plan.tenants:
        owners: dict[_Object, str] = {}
        for key, owner, where in (*_services(tenant), *_config_maps(tenant)):
            first = owners.setdefault(key, owner)
            if first != owner:
                kind, namespace, name = key
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"{kind} '{namespace}/{name}' of {owner} is also that of "
                    f"{first}",
                    at=at / "name" if (at := where()) else None,
                    hint="give one of them another name",
                )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield who has each object that another part could have as well."""
    for tenant in plan.tenants:
        for (kind, *name), owner, _ in (*_services(tenant), *_config_maps(tenant)):
            # No two Services have one name, and what is made of it ends so.
            if kind == "ConfigMap" or name[-1].endswith(_PLAIN):
                yield ID, "/".join((tenant.tenant.name, kind, *name)), owner


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether an object has several owners."""
    return contested(evidence)


def _services(tenant: TenantPlan) -> Iterator[_Owned]:
    for plan in tenant.services:
        service = plan.service
        yield (
            ("Service", service.namespace, service.name),
            f"service '{service.name}'",
            partial(getattr, service, "at"),
        )
    for plan in tenant.services:
        service = plan.service
        if any(port.plain_port is not None for port in service.ports):
            yield (
                ("Service", service.namespace, f"{service.name}{_PLAIN}"),
                f"the plain ports of service '{service.name}'",
                partial(getattr, service, "at"),
            )


def _config_maps(tenant: TenantPlan) -> Iterator[_Owned]:
    for file in tenant.backends:
        name = file.config_map.name or f"{file.name}-{file.kind}"
        yield (
            ("ConfigMap", file.namespace, name),
            f"the {file.kind} of '{file.name}'",
            # Asked for by who clashes: it walks the tenant.
            partial(place, tenant, file),
        )


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
