"""Envoy backends: one listener and one cluster for each port.

The listener filter demands a PROXY header, reads both versions and believes everybody;
`direct_source_prefix_ranges`, which compares the peer and not whom it names, is what
refuses strangers.  `xff_num_trusted_hops: N` with `use_remote_address` takes entry N
from the right of X-Forwarded-For, and the peer where that entry is missing.

Manual: Envoy, "HTTP header manipulation", "Proxy Protocol".  Checked against 1.40.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from kubelb_gen.errors import RenderError
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.plan import BackendFile, ByPosition, Listener
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.listening import (
    dual_stack,
    encoded_path,
    host_and_port,
    peers,
)

# `any` is what a listener accepts; nothing is sent in two versions.
_SEND_PROXY = {ProxyAcceptance.V1: "V1", ProxyAcceptance.V2: "V2"}


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield the Envoy bootstrap that *file* stands for."""
    yield Draft(
        path=f"backends/{file.tenant}/{file.namespace}/{file.name}.envoy.yaml",
        kind=Kind.ENVOY,
        role=Role.FILE,
        cluster=file.tenant,
        template="envoy_backend/bootstrap.yaml.j2",
        context={
            "spec": spec,
            "listeners": [_listener(each) for each in file.listeners],
        },
    )


def _listener(listener: Listener) -> Mapping[str, object]:
    host, port = host_and_port(listener.upstream)
    return {
        "label": listener.label,
        "dual_stack": dual_stack(listener),
        "listen": listener.listen,
        "http": listener.mode.is_http,
        "proxy_protocol": listener.accept is not ProxyAcceptance.NONE,
        "optional": listener.accept is ProxyAcceptance.OPTIONAL,
        "guarded": listener.guarded,
        "trusted": [
            {"prefix": str(peer.network_address), "length": peer.prefixlen}
            for peer in peers(listener)
        ],
        "hops": _hops(listener),
        "tls": listener.tls,
        "upstream": {"host": host, "port": port, "named": _is_name(host)},
        "send_proxy": _SEND_PROXY.get(listener.upstream_proxy_protocol),
        "probe": _probe(listener),
    }


def _hops(listener: Listener) -> int:
    if listener.reading is None:
        return 0
    if not isinstance(listener.reading, ByPosition):
        raise RenderError("Envoy reads X-Forwarded-For by position here, nothing else")
    return listener.reading.from_right


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _probe(listener: Listener) -> Mapping[str, object] | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    return {"listen": port, "path": encoded_path(listener.probe)}
