"""As much of an API server as `kubectl` asks for: the kinds there are, and one of each.

Whatever is asked for exists, is ready and carries the annotations that were given, so
that a command fails by what is wrong with the command alone.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Data = dict[str, Any]

_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
_KINDS = {
    "v1": {"configmaps": "ConfigMap", "pods": "Pod", "services": "Service"},
    "apps/v1": {
        "daemonsets": "DaemonSet",
        "deployments": "Deployment",
        "statefulsets": "StatefulSet",
    },
    "discovery.k8s.io/v1": {"endpointslices": "EndpointSlice"},
    "gateway.envoyproxy.io/v1alpha1": {
        "clienttrafficpolicies": "ClientTrafficPolicy",
        "envoyproxies": "EnvoyProxy",
    },
    "kubelb.k8c.io/v1alpha1": {"loadbalancers": "LoadBalancer", "tenants": "Tenant"},
}
_SELECTOR = {"matchLabels": {"app": "web"}}
_TEMPLATE: Data = {"metadata": {}, "spec": {"containers": []}}
_COUNTED = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
_BODIES: dict[str, Data] = {
    "Deployment": {
        "spec": {"replicas": 1, "selector": _SELECTOR, "template": _TEMPLATE},
        "status": {"observedGeneration": 1, **_COUNTED},
    },
    "StatefulSet": {
        "spec": {
            "replicas": 1,
            "selector": _SELECTOR,
            "template": _TEMPLATE,
            "updateStrategy": {"type": "RollingUpdate"},
        },
        "status": {"observedGeneration": 1, "readyReplicas": 1, **_COUNTED},
    },
    "EndpointSlice": {"ports": [{"port": 5001}, {"port": 5000}, {"port": 5001}]},
    "Service": {"spec": {"selector": {"app": "web"}, "ports": []}},
    "Pod": {"spec": {"containers": [{"name": "main"}]}, "status": {"phase": "Running"}},
    "ClientTrafficPolicy": {
        "status": {
            "ancestors": [{"conditions": [{"type": "Accepted", "status": "True"}]}]
        }
    },
}


@contextmanager
def api_server(annotations: Mapping[str, str], *contexts: str) -> Iterator[str]:
    """Serve; yields a kubeconfig in which each of *contexts* is this server."""
    port = free_port()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self) -> None:
            path = self.path.partition("?")[0]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(_answer(path, annotations)).encode())

        do_GET = do_PATCH = do_POST = do_DELETE = answer  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield json.dumps(_kubeconfig(port, contexts))
    finally:
        server.shutdown()
        server.server_close()


def _answer(path: str, annotations: Mapping[str, str]) -> Data:
    if path == "/version":
        return {"major": "1", "minor": "35", "gitVersion": "v1.35.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        named = [each for each in _KINDS if "/" in each]
        return {"kind": "APIGroupList", "groups": [_group(each) for each in named]}
    group = re.sub(r"^/apis?/", "", path)
    if group in _KINDS:
        return {
            "kind": "APIResourceList",
            "groupVersion": group,
            "resources": [_resource(*each) for each in _KINDS[group].items()],
        }
    return _objects(group, annotations)


def _objects(path: str, annotations: Mapping[str, str]) -> Data:
    for group, kinds in _KINDS.items():
        parts = path.removeprefix(f"{group}/").split("/")
        namespaced = parts[0] == "namespaces"
        for plural, kind in kinds.items():
            if path.startswith(f"{group}/") and plural in (parts[0], *parts[2:3]):
                metadata = {
                    "name": "web",
                    "uid": "u",
                    "generation": 1,
                    "annotations": dict(annotations),
                    **({"namespace": parts[1]} if namespaced else {}),
                }
                told = {"apiVersion": group, "kind": kind}
                one = {**told, "metadata": metadata, **_BODIES.get(kind, {})}
                if parts[-1] != plural:
                    return one
                metadata = {"resourceVersion": "1"}
                listed = {"apiVersion": group, "kind": f"{kind}List"}
                return {**listed, "metadata": metadata, "items": [one]}
    return {"kind": "Status", "status": "Failure", "code": 404}


def _group(name: str) -> Data:
    group, _, version = name.partition("/")
    versions = [{"groupVersion": name, "version": version}]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resource(plural: str, kind: str) -> Data:
    return {
        "name": plural,
        "singularName": kind.lower(),
        "namespaced": kind != "Tenant",
        "kind": kind,
        "verbs": _VERBS,
    }


def _kubeconfig(port: int, contexts: tuple[str, ...]) -> Data:
    server = {"server": f"http://127.0.0.1:{port}"}
    context = {"cluster": "all", "user": "me"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "all", "cluster": server}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": each, "context": context} for each in contexts],
    }
