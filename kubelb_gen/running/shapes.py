"""Fields of objects that hold what an API server would never let them hold.

Whoever reads an object takes its shape for granted, since an API server checked it;
a file that merely looks like a dump was checked by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diagnostics import Key

_KINDS = frozenset(
    {
        *("Addresses", "ClientTrafficPolicy", "Config", "EnvoyProxy", "GRPCRoute"),
        *(
            "Gateway",
            "HTTPRoute",
            "Ingress",
            "LoadBalancer",
            "Node",
            "Route",
            "Service",
        ),
        *("TCPRoute", "TLSRoute", "Tenant", "UDPRoute"),
    }
)
_LISTS = frozenset(
    {
        *("addresses", "backendRefs", "endpoints", "listeners", "parentRefs", "paths"),
        *("ports", "rules", "services", "targetRefs"),
    }
)
_MAPPINGS = frozenset(
    {
        *("annotations", "backend", "defaultBackend", "http", "labels", "metadata"),
        *("selector", "service", "spec", "status", "targetRef"),
    }
)
_TEXTS = frozenset(
    {
        *("address", "appProtocol", "hostname", "ip", "kind", "name", "namespace"),
        *("protocol", "type", "uid"),
    }
)
_SINGLE = frozenset({"nodePort", "targetPort"})


def misshapen(kind: str, data: Any) -> tuple[tuple[Key, ...], str] | None:  # noqa: ANN401
    """Return where an object of *kind* has no shape of Kubernetes, and which it lacks.

    None for an object that is sound, or of a kind that nobody reads.
    """
    if kind not in _KINDS:
        return None
    parts = [("metadata", data.get("metadata"))]
    parts += [(name, data.get(name)) for name in ("spec", "status")]
    return next(
        (found for name, part in parts for found in _odd((name,), part, name)), None
    )


def _odd(
    keys: tuple[Key, ...],
    value: Any,  # noqa: ANN401
    name: str,
) -> Iterator[tuple[tuple[Key, ...], str]]:
    if value is None:
        return
    if name in _LISTS and not (
        isinstance(value, list) and all(isinstance(each, dict) for each in value)
    ):
        yield keys, "a list of mappings"
    elif _is_mapping(keys, name) and not isinstance(value, dict):
        yield keys, "a mapping"
    elif name in _TEXTS and not isinstance(value, str):
        yield keys, "a text"
    elif isinstance(value, dict):
        if name in _SINGLE or (name == "port" and not _is_mapping(keys, name)):
            yield keys, "a single value"
        for key, member in value.items():
            yield from _odd((*keys, key), member, key)
    elif isinstance(value, list):
        if name in _SINGLE or name == "port":
            yield keys, "a single value"
        for index, member in enumerate(value):
            yield from _odd((*keys, index), member, "")


def _is_mapping(keys: tuple[Key, ...], name: str) -> bool:
    # The port of a Service is a number; that of an Ingress has a number or a name.
    return name in _MAPPINGS or (name == "port" and keys[-2:-1] == ("service",))
