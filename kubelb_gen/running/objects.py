"""Objects of Kubernetes in dumps, one by one, with the place where each stands.

`kubectl get` prints one object, a `List`, or one document after another; all are read
alike.  Secrets are passed over before anything looks at them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.document import Sources, parse_any
from kubelb_gen.running.shapes import misshapen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.running.dumps import Dump

_GATEWAY_API = "gateway.networking.k8s.io/"
_KUBELB, _ENVOY = "kubelb.k8c.io/", "gateway.envoyproxy.io/"
# Others call theirs alike: a Gateway of Istio, a Service of Knative.
_APIS = {
    **dict.fromkeys(("ConfigMap", "Node", "Service"), "v1"),
    **dict.fromkeys(("Addresses", "Config", "LoadBalancer", "Tenant"), _KUBELB),
    **dict.fromkeys(("ClientTrafficPolicy", "EnvoyProxy"), _ENVOY),
    **dict.fromkeys(
        ("Gateway", "GatewayClass", "GRPCRoute", "HTTPRoute"), _GATEWAY_API
    ),
    **dict.fromkeys(("TCPRoute", "TLSRoute", "UDPRoute"), _GATEWAY_API),
    "Ingress": "networking.k8s.io/",
}
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Object(NamedTuple):
    """One object as an API server gave it, or as a file has it."""

    api: str
    kind: str
    namespace: str
    name: str
    data: Mapping[str, Any]
    at: DataPath
    cluster: str | None = None

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec, empty where there is none."""
        return _mapping(self.data.get("spec"))

    @property
    def labels(self) -> dict[str, str]:
        """The labels."""
        return _strings(_mapping(self.data.get("metadata")).get("labels"))

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations, but for kubectl's copy of what was applied last."""
        found = _strings(_mapping(self.data.get("metadata")).get("annotations"))
        found.pop(LAST_APPLIED, None)
        return found

    @property
    def uid(self) -> str | None:
        """The UID that an API server gave it."""
        uid = _mapping(self.data.get("metadata")).get("uid")
        return uid if isinstance(uid, str) else None

    @property
    def shown(self) -> str:
        """Its kind and name, as a sentence has them."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} '{where}'"


def objects_of(dumps: Iterable[Dump]) -> tuple[list[Object], Sources, list[Diagnostic]]:
    """Return the objects of *dumps*, their texts, and every problem, located.

    What lies in a folder and is no object is passed over; in a file that was named it
    is a problem.
    """
    objects: list[Object] = []
    problems: list[Diagnostic] = []
    parsed = []
    for dump in dumps:
        if dump.is_configuration:
            continue
        one = parse_any(dump.source)
        parsed.append(one)
        for document in one.documents:
            for data, at in _items(document.data, document.at):
                found = _object(data, at, dump.cluster)
                if isinstance(found, Object):
                    objects.append(found)
                elif dump.source.explicit and found is not None:
                    problems.append(found)
    sources = Sources(parsed)
    return objects, sources, list(sources.placed([*sources.diagnostics, *problems]))


def _items(data: Any, at: DataPath) -> Iterator[tuple[Any, DataPath]]:  # noqa: ANN401
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not str(data.get("kind", "")).endswith("List"):
        yield data, at
        return
    kind = str(data["kind"]).removesuffix("List")
    for index, item in enumerate(items):
        told = item
        # Items of a typed list may leave out what the list says.
        if isinstance(item, dict) and kind and "kind" not in item:
            told = {"apiVersion": data.get("apiVersion"), "kind": kind, **item}
        yield told, at / "items" / index


def _object(
    data: Any,  # noqa: ANN401
    at: DataPath,
    cluster: str | None,
) -> Object | Diagnostic | None:
    if not isinstance(data, dict):
        return _no_object("it is no mapping", at)
    api, kind = data.get("apiVersion"), data.get("kind")
    metadata = data.get("metadata")
    if not isinstance(api, str) or not isinstance(kind, str):
        return _no_object("it has no apiVersion and kind", at)
    if kind == "Secret" or not _is_known(api, kind):
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return _no_object(f"this {kind} has no metadata.name", at)
    if odd := misshapen(kind, data):
        keys, shape = odd
        place = replace(at, keys=(*at.keys, *keys))
        field = str(replace(at, keys=keys))
        return _no_object(f"{field} of this {kind} is not {shape}", place)
    namespace = metadata.get("namespace")
    return Object(
        api=api,
        kind=kind,
        namespace=namespace if isinstance(namespace, str) else "",
        name=metadata["name"],
        data=data,
        at=at,
        cluster=cluster,
    )


def _is_known(api: str, kind: str) -> bool:
    wanted = _APIS.get(kind, api)
    return api.startswith(wanted) if wanted.endswith("/") else api == wanted


def _no_object(why: str, at: DataPath) -> Diagnostic:
    return Diagnostic(
        id="no-object",
        severity=Severity.ERROR,
        message=f"no object of Kubernetes: {why}",
        at=at,
        hint="give what 'kubectl get KIND -A -o yaml' prints",
    )


def _mapping(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _strings(data: object) -> dict[str, str]:
    return {
        key: value for key, value in _mapping(data).items() if isinstance(value, str)
    }
