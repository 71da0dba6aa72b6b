"""Bootstraps of the Envoy that KubeLB runs for a tenant: static, and over xDS.

The static one holds what the control plane would send, so that a bare Envoy runs it;
it spells fields as Envoy 1.40 wants them.  The other one is what KubeLB starts its
Envoy with, in KubeLB's own spelling, some of which Envoy 1.40 takes with a warning.

Source: kubelb v1.4.3, `internal/envoy/bootstrap.go` and `resource.go`.
Checked against Envoy 1.40.
"""

from collections.abc import Iterator
from dataclasses import fields

from kubelb_gen.model import Fleet, Tenant
from kubelb_gen.plan import gates
from kubelb_gen.plan.facts import Plan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.envoy_resources import Resource, resources

# The address is the connection's own: X-Forwarded-For would be a claim.
_ACCESS_LOG = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"'
    " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
    ' %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%DOWNSTREAM_REMOTE_ADDRESS%"'
    ' "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%"'
    ' "%UPSTREAM_HOST%"\n'
)

# What Envoy takes to load a file grows with the square of its listeners: 2,000 take
# 1.40 some 3 s and 0.2 GiB, 5,000 take 18 s, 10,000 take 72 s and 0.7 GiB.
MOST_LISTENERS = 2000
_RESOURCE = (*(each.name for each in fields(Resource)), "strict_dns")


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield both bootstraps of every tenant that is known to be served.

    KubeLB takes the Envoy of a tenant away that has nothing to serve.  A static one
    with more than `MOST_LISTENERS` is several, each of which runs by itself.
    """
    for tenant in plan.tenants:
        served = resources(plan.fleet, tenant) if tenant.expected else ()
        for start in range(0, len(served), MOST_LISTENERS):
            some = served[start : start + MOST_LISTENERS]
            number = start // MOST_LISTENERS + 1
            yield _static(plan.fleet, tenant.tenant, some, number)
        if served:
            yield _xds(plan.fleet, tenant.tenant)


def _static(
    fleet: Fleet, tenant: Tenant, served: tuple[Resource, ...], number: int
) -> Draft:
    suffix = "" if number == 1 else f"-{number}"
    return Draft(
        path=f"expected/{tenant.kubelb_namespace}/envoy-bootstrap{suffix}.yaml",
        kind=Kind.ENVOY_BOOTSTRAP,
        role=Role.FILE,
        cluster=MANAGEMENT,
        template="envoy/bootstrap.yaml.j2",
        context={
            **_shared(fleet),
            "kubelb_spelling": False,
            "access_log_format": _ACCESS_LOG,
            "raised_limits": fleet.kubelb.version >= gates.KUBELB_HEADER_LIMITS,
            "resources": [_fields(each) for each in served],
        },
    )


def _fields(resource: Resource) -> dict[str, object]:
    return {name: getattr(resource, name) for name in _RESOURCE}


def _xds(fleet: Fleet, tenant: Tenant) -> Draft:
    namespace = tenant.kubelb_namespace
    return Draft(
        path=f"expected/{namespace}/envoy-bootstrap.xds.yaml",
        kind=Kind.ENVOY_BOOTSTRAP_XDS,
        role=Role.FILE,
        cluster=MANAGEMENT,
        template="envoy/bootstrap.xds.yaml.j2",
        context={**_shared(fleet), "kubelb_spelling": True, "namespace": namespace},
    )


def _shared(fleet: Fleet) -> dict[str, object]:
    envoy = fleet.management.envoy
    return {
        "spec": fleet.name,
        "bind": envoy.bind,
        "admin_port": envoy.admin_port,
        "health_port": envoy.health_port,
        "admin_listeners": (
            {
                "name": "probe_listener",
                "port_value": envoy.ready_port,
                "stat_prefix": "stats_probe",
                "virtual_host": "probe_service",
                "path": "/ready",
            },
            {
                "name": "stats_listener",
                "port_value": envoy.stats_port,
                "stat_prefix": "stats_http",
                "virtual_host": "stats_service",
                "path": "/stats/prometheus",
            },
        ),
    }
