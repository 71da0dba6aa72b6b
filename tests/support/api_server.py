"""Objects as `kubectl get -o yaml` prints them: what an API server and KubeLB add.

Defaults: Kubernetes' API reference, Service v1.  Names and labels of KubeLB's objects:
kubelb v1.4.3, `internal/kubelb/loadbalancer.go`.
"""

from __future__ import annotations

import copy
import json
import uuid
import zlib
from typing import TYPE_CHECKING, Any

import yaml

from kubelb_gen.document import Source
from kubelb_gen.running import Dump

if TYPE_CHECKING:
    from kubelb_gen.artifacts import Artifacts

Object = dict[str, Any]
Cluster = dict[str, list[Object]]

KINDS = {
    "service",
    "loadbalancer",
    "envoy-service",
    "configmap",
    "clienttrafficpolicy",
    "envoyproxy",
    "tenant-annotations",
}
_DRAWN = 31999


def clusters(artifacts: Artifacts) -> Cluster:
    """Return the objects of *artifacts* as they run, by cluster."""
    found: Cluster = {}
    for each in artifacts.values():
        if each.kind in KINDS and ".patch." not in each.path:
            data = yaml.safe_load(each.text)
            found.setdefault(each.cluster, []).append(served(data))
    return found


def dumps(found: Cluster) -> list[Dump]:
    """Return *found* as one dump for each cluster, as JSON."""
    return [
        Dump(Source(f"{cluster}.json", json.dumps(listed(objects), indent=1)), cluster)
        for cluster, objects in found.items()
    ]


def addresses(tenant: str, nodes: list[str]) -> Object:
    """Return what KubeLB's agent says of the nodes of *tenant*."""
    return {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "Addresses",
        "metadata": {"name": "default", "namespace": f"tenant-{tenant}"},
        "spec": {"addresses": [{"ip": each} for each in nodes]},
    }


def listed(objects: list[Object]) -> Object:
    """Return *objects* as `kubectl get` has them."""
    metadata = {"resourceVersion": ""}
    return {"apiVersion": "v1", "items": objects, "kind": "List", "metadata": metadata}


def by_name(found: Cluster, cluster: str, kind: str, name: str = "") -> Object:
    """Return the object of *found* called *name*, or the one of its kind."""
    fitting = (
        each
        for each in found[cluster]
        if each["kind"] == kind and name in each["metadata"]["name"]
    )
    return next(fitting)


def served(data: Object) -> Object:
    """Return *data* as an API server gives it back."""
    found = copy.deepcopy(data)
    metadata = found["metadata"]
    labels = metadata.get("labels", {})
    identity = f"{metadata.get('namespace')}/{metadata['name']}/{found['kind']}"
    metadata["uid"] = str(uuid.uuid5(uuid.NAMESPACE_URL, identity))
    metadata["creationTimestamp"] = "2026-08-14T07:12:55Z"
    metadata["resourceVersion"] = "81234567"
    metadata["managedFields"] = [{"manager": "kubectl", "operation": "Apply"}]
    if "kubelb.k8c.io/origin-name" in labels:
        origin = labels["kubelb.k8c.io/origin-ns"], labels["kubelb.k8c.io/origin-name"]
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{'/'.join(origin)}/Service"))
        envoy = metadata["name"].startswith("envoy-")
        metadata["name"] = f"envoy-{uid}" if envoy else uid
        if "kubelb.k8c.io/lb-name" in labels:
            labels["kubelb.k8c.io/lb-name"] = uid
    else:
        annotations = metadata.setdefault("annotations", {})
        note = "kubectl.kubernetes.io/last-applied-configuration"
        annotations[note] = json.dumps(data)
    if found["kind"] == "Service":
        _default(found)
    elif found["kind"] == "LoadBalancer":
        found["status"] = {"loadBalancer": {"ingress": [{"ip": "198.51.100.7"}]}}
        metadata["finalizers"] = ["kubelb.k8c.io/cleanup"]
    return found


def _default(service: Object) -> None:
    spec = service["spec"]
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("internalTrafficPolicy", "Cluster")
    spec |= {"clusterIP": "10.96.14.7", "clusterIPs": ["10.96.14.7"]}
    spec |= {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
    if spec["type"] == "LoadBalancer":
        spec.setdefault("externalTrafficPolicy", "Cluster")
        spec["allocateLoadBalancerNodePorts"] = True
        service["status"] = {
            "loadBalancer": {"ingress": [{"ip": "198.51.100.7", "ipMode": "VIP"}]}
        }
        if spec["externalTrafficPolicy"] == "Local":
            spec["healthCheckNodePort"] = 32111
    made = service["metadata"]["name"].startswith("envoy-")
    for number, port in enumerate(spec["ports"]):
        port.setdefault("protocol", "TCP")
        if spec["type"] == "LoadBalancer":
            port.setdefault("nodePort", _DRAWN + number)
        if made:
            port["targetPort"] = 10000 + (_drawn_for(service) + number) % 20000
    if made:
        annotations = service["metadata"].setdefault("annotations", {})
        annotations["metallb.io/ip-allocated-from-pool"] = "public"


def _drawn_for(service: Object) -> int:
    """Return a number that no two Services share, as KubeLB's allocator draws one."""
    return zlib.crc32(service["metadata"]["name"].encode())
