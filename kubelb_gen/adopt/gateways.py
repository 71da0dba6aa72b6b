"""Layer 7: Gateways and Ingresses of a tenant, and the Services behind their routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.adopt.backends import Programs, backend_data
from kubelb_gen.adopt.noted import Noted
from kubelb_gen.adopt.routes import (
    Target,
    behind_gateway,
    behind_ingress,
    by_name,
    items,
    port_field,
    service_of,
)
from kubelb_gen.running.estate import TENANT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.adopt.backends import Running
    from kubelb_gen.running import Object
    from kubelb_gen.running.estate import Estate
    from kubelb_gen.running.served import Served

Data = dict[str, Any]

_GATEWAY_API = "gateway.networking.k8s.io/"
_SPOKEN = {"https": "HTTPS", "tls": "TLS", "grpc": "GRPC", "h2c": "GRPC"}
_EDGE = "guessed: the class does not tell which edge serves it"
# What we write where there is no proxy to believe.
_NOBODY = "127.0.0.1/32"
_GUESSED = "guessed: how many proxies stand in a row, no object tells"
_UNKNOWN = "unknown: nothing in the objects tells which program it is"


class Reached(NamedTuple):
    """A backend of the spec, and the listener that was found for it."""

    tenant: str
    gateway: str
    namespace: str
    name: str
    data: Data
    served: Served | None


class Layer7(NamedTuple):
    """Gateways and ingresses of one tenant, as the spec has them."""

    gateways: list[Data]
    ingresses: list[Data]
    reached: list[Reached]


def layer7(estate: Estate, tenant: str, programs: Programs) -> Layer7:
    """Return the Gateways and Ingresses of *tenant*, by namespace and name."""
    found = Layer7([], [], [])
    seen: set[tuple[str, str]] = set()
    for each in sorted(estate.of(tenant, "Gateway"), key=by_name):
        if not each.api.startswith(_GATEWAY_API):
            continue
        targets = list(behind_gateway(estate, tenant, each))
        policy = _policy(estate, tenant, each)
        data = _gateway(each, policy, targets, estate, tenant, programs, seen, found)
        found.gateways.append(data)
    for each in sorted(estate.of(tenant, "Ingress"), key=by_name):
        targets = list(behind_ingress(estate, tenant, each))
        data = _gateway(
            each, _controller(estate), targets, estate, tenant, programs, seen, found
        )
        found.ingresses.append(data)
    return found


def name_edges(found: Layer7, edges: Iterable[Data]) -> None:
    """Let gateways and ingresses name their edge where there is a choice.

    Until then each has the name of its class there.
    """
    kinds = {
        "envoy-gateway": found.gateways,
        "ingress-nginx": found.ingresses,
    }
    names: dict[str, list[str]] = {kind: [] for kind in kinds}
    for edge in edges:
        names[edge.get("kind", "envoy-gateway")].append(edge["name"])
    for kind, listed in kinds.items():
        for each in listed:
            if len(names[kind]) <= 1:
                del each["edge"]
            elif each["edge"] not in names[kind]:
                each["edge"] = Noted(names[kind][0], _EDGE)


def _gateway(  # noqa: PLR0913, PLR0917  one pass over all that is known of it
    gateway: Object,
    policy: Object | None,
    targets: Iterable[Target],
    estate: Estate,
    tenant: str,
    programs: Programs,
    seen: set[tuple[str, str]],
    found: Layer7,
) -> Data:
    data: Data = {"name": gateway.name, "namespace": gateway.namespace}
    data["edge"] = gateway.spec.get("gatewayClassName") or gateway.spec.get(
        "ingressClassName"
    )
    backends: list[Any] = []
    own: list[Reached] = []
    for target in targets:
        if (target.namespace, target.name) in seen:
            continue
        seen.add((target.namespace, target.name))
        backend, served = _backend(target, gateway, estate, tenant, programs)
        own.append(
            Reached(
                tenant, gateway.name, target.namespace, target.name, backend, served
            )
        )
        unknown = backend["kind"] == "unknown"
        backends.append(Noted(backend, _UNKNOWN) if unknown else backend)
    proxies = _trusted_proxies(policy, own, programs)
    if proxies:
        data["trustedProxies"] = proxies
    if backends:
        data["backends"] = backends
    found.reached.extend(own)
    return data


def _backend(
    target: Target, gateway: Object, estate: Estate, tenant: str, programs: Programs
) -> tuple[Data, Served | None]:
    data: Data = {"name": target.name}
    if target.namespace != gateway.namespace:
        data["namespace"] = target.namespace
    service = service_of(estate, tenant, target.namespace, target.name)
    kind = str(service.spec.get("type") or "ClusterIP") if service else "ClusterIP"
    copy = service
    if kind == "ClusterIP":
        copy = service_of(estate, tenant, target.namespace, f"{target.name}-nodeport")
    listens = port_field(service, target.port, "targetPort")
    running = _listener(target, (listens, target.port), tenant, programs)
    data["kind"] = "unknown"
    if running is not None:
        program = backend_data(running, target.name)
        program.pop("mode")
        data |= program
        listens = running.served.listen
    data["port"] = target.port
    if listens not in (None, target.port):
        data["listen"] = listens
    node_port = port_field(copy, target.port, "nodePort")
    if node_port is not None:
        data["nodePort"] = node_port
    if kind in ("NodePort", "LoadBalancer"):
        data["serviceType"] = kind
    speaks = _speaks(service, target)
    if speaks == "HTTP" and target.route.kind == "GRPCRoute":
        speaks = "GRPC"
    if speaks != "HTTP":
        data["protocol"] = speaks
    if target.route.kind != "Ingress" or target.route.name != gateway.name:
        data["route"] = {"kind": target.route.kind, "name": target.route.name}
    return data, running.served if running else None


def _listener(
    target: Target, numbers: Iterable[int | None], tenant: str, programs: Programs
) -> Running | None:
    label = (tenant, target.namespace, target.name)
    found = programs.of(*label)
    for number in filter(None, numbers):
        # A program that listens on several ports says so in the later labels.
        other = programs.of(*label, "listen", str(number))
        found = found or other
    return found


def _trusted_proxies(
    policy: Object | None, reached: Iterable[Reached], programs: Programs
) -> Data:
    hops, ranges = _believed(policy)
    places = [
        each.served.from_right - programs.appended
        for each in reached
        if each.served and each.served.kind == "haproxy" and each.served.from_right
    ]
    counted = max([0, *places])
    ranges = ranges or _passed(reached, programs.pods)
    data: Data = {}
    if isinstance(hops, int) and hops:
        data["count"] = hops
    elif counted:
        data["count"] = counted
    elif ranges or hops:
        data["count"] = Noted(1, _GUESSED)
    if ranges and data:
        data["cidrs"] = list(ranges)
    return data


def _passed(reached: Iterable[Reached], pods: Iterable[str]) -> list[str]:
    """Return the proxies that NGINX walks past, but for the path's own addresses."""
    found: dict[str, None] = {}
    for each in reached:
        if each.served is not None:
            own = {*(each.served.trusted or ()), *pods}
            found.update(
                dict.fromkeys(one for one in each.served.walked if one not in own)
            )
    return list(found)


def _believed(policy: Object | None) -> tuple[object, list[str]]:
    """Return how many proxies, or which, a policy or a controller's settings name."""
    if policy is None:
        return None, []
    if policy.kind == "ConfigMap":
        settings = policy.data.get("data") or {}
        believes = settings.get("use-forwarded-headers") == "true"
        listed = str(settings.get("proxy-real-ip-cidr") or "") if believes else ""
        ranges = [each.strip() for each in listed.split(",") if each.strip()]
        appends = settings.get("compute-full-forwarded-for") == "true"
        guessed = Noted(1, _GUESSED) if appends else None
        return guessed, [each for each in ranges if each != _NOBODY]
    detection = policy.spec.get("clientIPDetection")
    told = detection.get("xForwardedFor") if isinstance(detection, dict) else None
    told = told if isinstance(told, dict) else {}
    return told.get("numTrustedHops"), told.get("trustedCIDRs") or []


def _controller(estate: Estate) -> Object | None:
    """Return the settings of ingress-nginx, which its chart calls like its Service."""
    for each in estate.managed("ConfigMap"):
        settings = each.data.get("data")
        if isinstance(settings, dict) and "use-forwarded-headers" in settings:
            return each
    return None


def _policy(estate: Estate, tenant: str, gateway: Object) -> Object | None:
    """Return the ClientTrafficPolicy of *gateway*: the tenant's, or CE's copy of it."""
    candidates = [
        each
        for each in estate.of(tenant, "ClientTrafficPolicy")
        if each.namespace == gateway.namespace
    ]
    candidates += estate.managed("ClientTrafficPolicy", TENANT_PREFIX + tenant)
    for each in candidates:
        refs = [*items(each.spec, "targetRefs")]
        single = each.spec.get("targetRef")
        if isinstance(single, dict):
            refs.append(single)
        if any(ref.get("name") == gateway.name for ref in refs):
            return each
    return None


def _speaks(service: Object | None, target: Target) -> str:
    """Return what the Service says that its port speaks, by appProtocol."""
    for port in items(service.spec, "ports") if service else []:
        if port.get("port") == target.port:
            told = str(port.get("appProtocol") or "http").lower()
            return _SPOKEN.get(told.removeprefix("kubernetes.io/"), "HTTP")
    return "HTTP"
