"""The management cluster: KubeLB's release, its Config, the edges, the data plane."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.adopt.noted import Noted
from kubelb_gen.catalogue.switches import is_switch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.running import Object
    from kubelb_gen.running.estate import Estate

Data = dict[str, Any]

# The release that the facts of this one were read off, and the edition of most.
VERSION, EDITION = "1.4.3", "CE"
_IMAGE = re.compile(
    r"kubelb(?:-manager|-ccm)?(?P<ee>-ee)?:v?(?P<version>\d+\.\d+\.\d+)"
)
_CILIUM_IMAGE = re.compile(r"/cilium(?:-ci)?:v?(?P<version>\d+\.\d+\.\d+)")
_WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet", "Pod")


def kubelb_data(estate: Estate, version: str | None, edition: str | None) -> Data:
    """Return `spec.kubelb`; what was given beats what the objects tell."""
    found = next(_images(estate, _IMAGE), None)
    data: Data = {}
    if version:
        data["version"] = version
    elif found:
        data["version"] = found["version"]
    else:
        data["version"] = Noted(
            VERSION, "guessed: no image of KubeLB is among the objects"
        )
    if edition:
        data["edition"] = edition
    elif found:
        data["edition"] = "EE" if found["ee"] else "CE"
    else:
        data["edition"] = Noted(EDITION, "guessed, for the same reason")
    # A Tenant's list replaces the Config's: what it has beside switches is of both.
    let_through = {
        key: value
        for tenant in estate.managed("Tenant")
        for key, value in _propagated(tenant).items()
        if not is_switch(key)
    }
    for config in estate.managed("Config"):
        if not config.api.startswith("kubelb.k8c.io/"):
            continue
        listed = config.spec.get("propagatedAnnotations")
        if isinstance(listed, dict):
            let_through.update(listed)
        if config.spec.get("propagateAllAnnotations") is True:
            data["propagateAllAnnotations"] = True
    if let_through:
        data["propagatedAnnotations"] = dict(sorted(let_through.items()))
    return data


def _propagated(tenant: Object) -> Data:
    listed = tenant.spec.get("propagatedAnnotations")
    return listed if isinstance(listed, dict) else {}


class Edge(NamedTuple):
    """A layer-7 edge as it runs: its Service's annotations and policy, where known."""

    data: Data
    annotations: Mapping[str, str] | None
    policy: str | None


def edges(estate: Estate, *, ingresses: bool) -> Iterator[Edge]:
    """Yield the edges; with *ingresses*, there is one of ingress-nginx in any case."""
    for each in sorted(estate.managed("EnvoyProxy"), key=lambda one: one.name):
        kubernetes = _inside(each.spec, "provider", "kubernetes", "envoyService")
        policy = kubernetes.get("externalTrafficPolicy")
        data: Data = {"name": each.name}
        if each.namespace not in ("", "envoy-gateway-system"):
            data["namespace"] = each.namespace
        annotations = kubernetes.get("annotations") or {}
        yield Edge(data, annotations, str(policy) if policy else None)
    controllers = [
        each
        for each in estate.managed("Service")
        if each.spec.get("type") == "LoadBalancer"
        and each.labels.get("app.kubernetes.io/name") == "ingress-nginx"
    ]
    for each in controllers:
        name = "nginx" if len(controllers) == 1 else each.name
        data = {"name": name, "kind": "ingress-nginx"}
        if each.namespace != "ingress-nginx":
            data["namespace"] = each.namespace
        policy = each.spec.get("externalTrafficPolicy")
        yield Edge(data, each.annotations, str(policy or "Cluster"))
    if ingresses and not controllers:
        yield Edge({"name": "nginx", "kind": "ingress-nginx"}, None, None)


def cilium(objects: Iterable[Object]) -> Data | None:
    """Return `dataplane` where Cilium's ConfigMap is among *objects*."""
    known = list(objects)
    config = next(
        (
            one
            for one in known
            if one.kind == "ConfigMap" and one.name == "cilium-config"
        ),
        None,
    )
    if config is None:
        return None
    values = config.data.get("data")
    values = values if isinstance(values, dict) else {}
    native = (
        values.get("routing-mode") == "native" or values.get("tunnel") == "disabled"
    )
    data: Data = {
        "version": _cilium_version(known),
        "mode": values.get("bpf-lb-mode", "snat"),
        "routing": "native" if native else "tunnel",
    }
    if values.get("bpf-lb-dsr-dispatch") in ("opt", "geneve"):
        data["dispatch"] = values["bpf-lb-dsr-dispatch"]
    if native and values.get("ipv4-native-routing-cidr"):
        data["nativeRoutingCIDR"] = values["ipv4-native-routing-cidr"]
    if values.get("kube-proxy-replacement") not in ("true", "strict"):
        data["kubeProxy"] = "present"
    data["output"] = Noted("none", "adopted: its own Helm values stay what they are")
    return {"cilium": data}


def _cilium_version(objects: Iterable[Object]) -> Any:  # noqa: ANN401  or a Noted
    for each in objects:
        if each.kind in _WORKLOADS:
            found = _CILIUM_IMAGE.search(repr(each.spec))
            if found:
                return found["version"]
    return Noted("1.20", "guessed: no image of Cilium is among the objects")


def _images(estate: Estate, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    everything = [*estate.management, *(o for t in estate.tenants.values() for o in t)]
    for each in everything:
        if each.kind in _WORKLOADS:
            found = pattern.search(repr(each.spec))
            if found:
                yield found


def _inside(data: Any, *keys: str) -> Data:  # noqa: ANN401  an object's inside
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
