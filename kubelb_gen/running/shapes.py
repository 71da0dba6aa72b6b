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
_SINGLE = frozenset({"nodePort", "port", "targetPort"})


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
    shape = _lacking(keys, value, name)
    if shape is not None:
        yield keys, shape
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _odd((*keys, key), member, key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _odd((*keys, index), member, "")


def _lacking(
    keys: tuple[Key, ...],
    value: Any,  # noqa: ANN401
    name: str,
) -> str | None:
    if name in _LISTS:
        listed = value if isinstance(value, list) else [None]
        sound = all(isinstance(each, dict) for each in listed)
        return None if sound else "a list of mappings"
    if _is_mapping(keys, name):
        return None if isinstance(value, dict) else "a mapping"
    if name in _TEXTS:
        return None if isinstance(value, str) else "a text"
    is_single = not isinstance(value, dict | list)
    return None if is_single or name not in _SINGLE else "a single value"


def _is_mapping(keys: tuple[Key, ...], name: str) -> bool:
    # The port of a Service is a number; that of an Ingress has a number or a name.
    return name in _MAPPINGS or (name == "port" and keys[-2:-1] == ("service",))
