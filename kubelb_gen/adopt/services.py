"""Layer 4: tenant Services, and what KubeLB made of them.

KubeLB's LoadBalancer says the same as the tenant's Service but for selector and
targetPort, so that a dump of the management cluster alone is worth adopting; its Envoy
Service knows the port that the allocator drew.

Source: kubelb v1.4.3, `internal/kubelb/loadbalancer.go`, MapLoadBalancer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.adopt.noted import Noted
from kubelb_gen.diff.secrets import looks_secret
from kubelb_gen.model import stand_in_uid
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION
from kubelb_gen.running.estate import TENANT_PREFIX, is_load_balancer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.running import Object
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

_CARRIED = ("TCP", "UDP")
_HELM = "app.kubernetes.io/managed-by"
_PLAIN = "-plain"


class Found(NamedTuple):
    """One Service as it runs.

    *annotations* are those without KubeLB's own and without what looks secret, which
    *secrets* names.  *data* is its part of the spec, nothing pinned yet.
    """

    tenant: str
    namespace: str
    name: str
    data: Data
    policy: str
    proxy: str | None
    annotations: Mapping[str, str]
    secrets: tuple[str, ...]
    from_: tuple[Object, ...]


def services(estate: Estate, tenant: str) -> Iterator[Found]:
    """Yield the Services of *tenant* that KubeLB carries, by namespace and name."""
    namespace = TENANT_PREFIX + tenant
    balancers = [each for each in estate.management if is_load_balancer(each)]
    balancers = [each for each in balancers if each.namespace == namespace]
    by_uid = {each.name: each for each in balancers}
    by_origin = {_origin(each): each for each in balancers}
    envoys = {
        each.name.removeprefix("envoy-"): each
        for each in estate.managed("Service", namespace)
    }
    seen: set[tuple[str, str]] = set()
    found: list[Found] = []
    for each in estate.of(tenant, "Service"):
        if each.spec.get("type") != "LoadBalancer":
            continue
        key = (each.namespace, each.name)
        balancer = by_uid.get(each.uid or "") or by_origin.get(key)
        envoy = envoys.get(balancer.name) if balancer else None
        if key not in seen:
            seen.add(key)
            found.append(_found(tenant, each, balancer, envoy, estate))
    for key, balancer in by_origin.items():
        if key not in seen and all(key):
            found.append(_managed_only(tenant, key, balancer, envoys))
    return iter(sorted(found, key=lambda one: (one.namespace, one.name)))


def plain_ports(estate: Estate, tenant: str) -> dict[tuple[str, str, int], int]:
    """Return the ports of our Services `<name>-plain`: (namespace, name, port)."""
    return {
        (each.namespace, each.name.removesuffix(_PLAIN), port["port"]): target
        for each in estate.of(tenant, "Service")
        if each.name.endswith(_PLAIN) and each.spec.get("type") == "ClusterIP"
        for port in _ports(each)
        if isinstance(target := port.get("targetPort"), int)
    }


def _origin(balancer: Object) -> tuple[str, str]:
    labels = balancer.labels
    return (
        labels.get("kubelb.k8c.io/origin-ns", ""),
        labels.get("kubelb.k8c.io/origin-name", ""),
    )


def _found(
    tenant: str,
    service: Object,
    balancer: Object | None,
    envoy: Object | None,
    estate: Estate,
) -> Found:
    spec = service.spec
    annotations, secrets = told(service.annotations)
    data: Data = {"name": service.name, "namespace": service.namespace}
    uid = service.uid or (balancer.name if balancer else None)
    if uid and uid != stand_in_uid(service.namespace, service.name):
        data["uid"] = uid
    owned = service.labels.get(_HELM) == "Helm"
    selector = _texts(spec.get("selector"))
    if owned or not selector:
        why = "a Helm release owns it" if owned else "it has no selector"
        data["output"] = Noted("patch", f"{why}: only annotations and policy are ours")
    if selector:
        data["selector"] = selector
    if service.labels and not owned:
        data["labels"] = dict(sorted(service.labels.items()))
    for field, default in (
        ("loadBalancerClass", None),
        ("sessionAffinity", "None"),
        ("internalTrafficPolicy", "Cluster"),
    ):
        value = spec.get(field)
        if isinstance(value, str) and value != default:
            data[field] = value
    if selector and _on_every_node(estate, tenant, service.namespace, selector):
        data["everyNode"] = True
    drawn = _drawn(envoy)
    data["ports"] = list(_own_ports(_ports(service), drawn))
    return Found(
        tenant=tenant,
        namespace=service.namespace,
        name=service.name,
        data=data,
        policy=str(spec.get("externalTrafficPolicy") or "Cluster"),
        proxy=service.annotations.get(PROXY_ANNOTATION),
        annotations=annotations,
        secrets=secrets,
        from_=tuple(each for each in (service, balancer, envoy) if each),
    )


def _managed_only(
    tenant: str,
    key: tuple[str, str],
    balancer: Object,
    envoys: Mapping[str, Object],
) -> Found:
    namespace, name = key
    annotations, secrets = told(balancer.annotations)
    endpoints = balancer.spec.get("endpoints") or [{}]
    node_ports = {
        each.get("name"): each.get("port") for each in endpoints[0].get("ports") or ()
    }
    ports = [
        {**port, "nodePort": node_ports.get(port.get("name"))}
        for port in _ports(balancer)
    ]
    envoy = envoys.get(balancer.name)
    data: Data = {"name": name, "namespace": namespace}
    if balancer.name != stand_in_uid(namespace, name):
        data["uid"] = balancer.name
    data["output"] = Noted(
        "patch", "its Service was not given: selector and targetPort are not known"
    )
    data["ports"] = list(_own_ports(ports, _drawn(envoy)))
    return Found(
        tenant=tenant,
        namespace=namespace,
        name=name,
        data=data,
        policy=str(balancer.spec.get("externalTrafficPolicy") or "Cluster"),
        proxy=balancer.annotations.get(PROXY_ANNOTATION),
        annotations=annotations,
        secrets=secrets,
        from_=tuple(each for each in (balancer, envoy) if each),
    )


def told(annotations: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return *annotations* but for KubeLB's, and the keys of those that look secret."""
    secrets = tuple(
        key for key, value in annotations.items() if looks_secret(key, value)
    )
    kept = {
        key: value
        for key, value in sorted(annotations.items())
        if key != PROXY_ANNOTATION and key not in secrets
    }
    return kept, secrets


def _own_ports(ports: Iterable[Data], drawn: Mapping[Any, int]) -> Iterator[Data]:
    for port in ports:
        number, protocol = port.get("port"), port.get("protocol") or "TCP"
        if not isinstance(number, int) or protocol not in _CARRIED:
            continue
        data: Data = {}
        name = port.get("name")
        if isinstance(name, str) and name != f"{number}-{protocol.lower()}":
            data["name"] = name
        data["port"] = number
        target = port.get("targetPort") or number
        if target != number:
            data["targetPort"] = target
        if isinstance(target, str):
            data["listen"] = Noted(
                number, f"guessed: which number '{target}' is, the pods say"
            )
        if protocol != "TCP":
            data["protocol"] = protocol
        node_port = port.get("nodePort")
        if isinstance(node_port, int):
            data["nodePort"] = node_port
        envoy_port = drawn.get((number, protocol))
        if envoy_port is not None and envoy_port != node_port:
            data["envoyPort"] = envoy_port
        yield data


def _drawn(envoy: Object | None) -> dict[tuple[int, str], int]:
    if envoy is None:
        return {}
    return {
        (port["port"], port.get("protocol") or "TCP"): target
        for port in _ports(envoy)
        if isinstance(target := port.get("targetPort"), int) and "port" in port
    }


def _ports(each: Object) -> list[Data]:
    ports = each.spec.get("ports")
    return [port for port in ports if isinstance(port, dict)] if ports else []


def _on_every_node(
    estate: Estate, tenant: str, namespace: str, selector: Mapping[str, str]
) -> bool:
    for each in estate.of(tenant, "DaemonSet"):
        template = each.spec.get("template")
        metadata = template.get("metadata") if isinstance(template, dict) else None
        labels = _texts(metadata.get("labels")) if isinstance(metadata, dict) else {}
        if each.namespace == namespace and selector.items() <= labels.items():
            return True
    return False


def _texts(data: object) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    return {k: v for k, v in sorted(data.items()) if isinstance(v, str)}
