"""Bootstraps of the Envoy that KubeLB runs for a tenant: static, and over xDS.

The static one holds what the control plane would send, so that a bare Envoy runs it;
it spells fields as Envoy 1.40 wants them.  The other one is what KubeLB starts its
Envoy with, in KubeLB's own spelling, some of which Envoy 1.40 takes with a warning.

Source: kubelb v1.4.3, `internal/envoy/bootstrap.go` and `resource.go`.
Checked against Envoy 1.40.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import NamedTuple

from kubelb_gen.model import Fleet, Tenant
from kubelb_gen.plan import gates
from kubelb_gen.plan.facts import Plan, TenantPlan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Part, Role
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
_FIELDS = (*(each.name for each in fields(Resource)), "strict_dns")
_values = attrgetter(*_FIELDS)


class Fragment(NamedTuple):
    """What one `Resource` adds to the static bootstrap of its tenant.

    Laid out, it is texts, a number and a truth, so that JSON can keep its items.
    """

    name: str
    port_value: int
    is_udp: bool
    listener: Part
    cluster: Part


def _later(template: str, context: Mapping[str, object]) -> Part:
    return template, context


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield both bootstraps of every tenant that is known to be served."""
    for each in plan.tenants:
        yield from assembled(plan.fleet, each.tenant, _of(plan.fleet, each, _later))


def fragments(
    plan: Plan, write: Callable[[str, Mapping[str, object]], Part] = _later
) -> Iterator[tuple[str, Fragment]]:
    """Yield the name of a tenant with each fragment of its bootstrap.

    Those of a part of a plan are a part of those of the whole.  *write* lays out the
    listener and the cluster; without it, that is done with the file.
    """
    for each in plan.tenants:
        for fragment in _of(plan.fleet, each, write):
            yield each.tenant.name, fragment


def assembled(
    fleet: Fleet, tenant: Tenant, given: Iterable[Fragment]
) -> Iterator[Draft]:
    """Yield both bootstraps of *tenant*, of all its fragments, in whatever order.

    KubeLB takes the Envoy of a tenant away that has nothing to serve.  A static one
    with more than `MOST_LISTENERS` is several, each of which runs by itself.
    """
    served = _served(given)
    for start in range(0, len(served), MOST_LISTENERS):
        some = served[start : start + MOST_LISTENERS]
        yield _static(fleet, tenant, some, start // MOST_LISTENERS + 1)
    if served:
        yield _xds(fleet, tenant)


def _of(
    fleet: Fleet,
    plan: TenantPlan,
    write: Callable[[str, Mapping[str, object]], Part],
) -> Iterator[Fragment]:
    shared = {"raised_limits": fleet.kubelb.version >= gates.KUBELB_HEADER_LIMITS}
    around = {
        "bind": fleet.management.envoy.bind,
        "access_log_format": _ACCESS_LOG,
        **shared,
    }
    for each in resources(fleet, plan) if plan.expected else ():
        resource = dict(zip(_FIELDS, _values(each), strict=True))
        yield Fragment(
            each.name,
            each.port_value,
            each.is_udp,
            write(
                f"envoy/_{each.partial}_listener.yaml.j2",
                {"resource": resource, **around},
            ),
            write("envoy/_cluster.yaml.j2", {"resource": resource, **shared}),
        )


def _served(given: Iterable[Fragment]) -> list[Fragment]:
    """Return the fragments by name, one for each port.

    Two routes to one Service port share its nodePort, and KubeLB, too, drops all but
    the first of the listeners that come to one port.
    """
    by_port: dict[tuple[int, bool], Fragment] = {}
    for each in sorted(given, key=attrgetter("name")):
        by_port.setdefault((each.port_value, each.is_udp), each)
    return list(by_port.values())


def _static(fleet: Fleet, tenant: Tenant, some: list[Fragment], number: int) -> Draft:
    suffix = "" if number == 1 else f"-{number}"
    return Draft(
        path=f"expected/{tenant.kubelb_namespace}/envoy-bootstrap{suffix}.yaml",
        kind=Kind.ENVOY_BOOTSTRAP,
        role=Role.FILE,
        cluster=MANAGEMENT,
        template="envoy/bootstrap.yaml.j2",
        context={**_shared(fleet), "kubelb_spelling": False},
        parts=(
            ("listeners", [each.listener for each in some]),
            ("clusters", [each.cluster for each in some]),
        ),
    )


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
