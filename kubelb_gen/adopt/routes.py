"""Where routes lead: the Services behind a Gateway or an Ingress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.running import Object
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


class Target(NamedTuple):
    """A Service that a route points to."""

    route: Object
    namespace: str
    name: str
    port: int


def behind_gateway(estate: Estate, tenant: str, gateway: Object) -> Iterator[Target]:
    """Yield the Services that routes of *gateway* point to."""
    for kind in ROUTES:
        for route in sorted(estate.of(tenant, kind), key=by_name):
            parents = items(route.spec, "parentRefs")
            if not any(
                each.get("name") == gateway.name
                and each.get("namespace", route.namespace) == gateway.namespace
                for each in parents
            ):
                continue
            for rule in items(route.spec, "rules"):
                for ref in items(rule, "backendRefs"):
                    port = ref.get("port")
                    if ref.get("kind", "Service") == "Service" and isinstance(
                        port, int
                    ):
                        yield Target(
                            route,
                            ref.get("namespace", route.namespace),
                            str(ref.get("name")),
                            port,
                        )


def behind_ingress(estate: Estate, tenant: str, ingress: Object) -> Iterator[Target]:
    """Yield the Services that *ingress* points to."""
    ends = [ingress.spec.get("defaultBackend")]
    for rule in items(ingress.spec, "rules"):
        http = rule.get("http")
        paths = items(http, "paths") if isinstance(http, dict) else []
        ends += [each.get("backend") for each in paths]
    for end in ends:
        service = end.get("service") if isinstance(end, dict) else None
        if not isinstance(service, dict):
            continue
        port = service.get("port") or {}
        number = port.get("number")
        if number is None:
            known = service_of(
                estate, tenant, ingress.namespace, str(service.get("name"))
            )
            number = _named_port(known, port.get("name"))
        if isinstance(number, int):
            yield Target(ingress, ingress.namespace, str(service.get("name")), number)


def service_of(estate: Estate, tenant: str, namespace: str, name: str) -> Object | None:
    """Return the Service called *name* in the cluster of *tenant*."""
    for each in estate.of(tenant, "Service"):
        if (each.namespace, each.name) == (namespace, name):
            return each
    return None


def port_field(service: Object | None, number: int, field: str) -> int | None:
    """Return the number that *field* of the port *number* holds."""
    for port in items(service.spec, "ports") if service else []:
        if port.get("port") == number and isinstance(port.get(field), int):
            return int(port[field])
    return None


def _named_port(service: Object | None, name: object) -> int | None:
    for port in items(service.spec, "ports") if service else []:
        if port.get("name") == name and isinstance(port.get("port"), int):
            return int(port["port"])
    return None


def items(data: Any, key: str) -> list[Data]:  # noqa: ANN401  an object's inside
    """Return the mappings in the list called *key*."""
    found = data.get(key)
    return [each for each in found if isinstance(each, dict)] if found else []


def by_name(each: Object) -> tuple[str, str]:
    """Return what objects are sorted by."""
    return each.namespace, each.name
