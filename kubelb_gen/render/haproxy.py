"""HAProxy backends: one `listen` section for each port.

`accept-proxy` demands a header and reads both versions.  `tcp-request connection` runs
before the header is read, where `src` is still the peer; from the session on, `src` is
the client.  `option forwardfor` adds a line of its own, so the client's goes first.

Manual: HAProxy configuration manual, sections 4.2 and 5.1.  Checked against 2.8.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from kubelb_gen.errors import RenderError
from kubelb_gen.model import Emit, Probe, ProbeType, ProxyAcceptance
from kubelb_gen.plan import (
    BackendFile,
    ByPosition,
    ByWalk,
    Listener,
    Reading,
)
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role

# `any` is what a listener accepts; nothing is sent in two versions.
_SEND_PROXY = {ProxyAcceptance.V1: "send-proxy", ProxyAcceptance.V2: "send-proxy-v2"}


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield the HAProxy configuration that *file* stands for."""
    yield Draft(
        path=f"backends/{file.tenant}/{file.namespace}/{file.name}.haproxy.cfg",
        kind=Kind.HAPROXY,
        role=Role.FILE,
        cluster=file.tenant,
        template="haproxy/backend.cfg.j2",
        context={
            "spec": spec,
            "complete": file.emit is Emit.COMPLETE,
            "encrypts": any(listener.tls is not None for listener in file.listeners),
            "proxies": [_proxy(listener) for listener in file.listeners],
        },
    )


def _proxy(listener: Listener) -> Mapping[str, object]:
    return {
        "label": listener.label,
        "mode": "http" if listener.mode.is_http else "tcp",
        "http": listener.mode.is_http,
        "bind": _bind(listener, listener.listen),
        "certificate": listener.tls.certificate if listener.tls else None,
        "scheme": "https" if listener.tls else "http",
        "accept_proxy": listener.accept is not ProxyAcceptance.NONE,
        "guarded": listener.guarded,
        "trusted": listener.trusted,
        "set_src": None if listener.reading is None else _set_src(listener.reading),
        # Behind a route the edge has told the scheme that the client used.
        "tells_scheme": not listener.behind_route,
        "upstream": listener.upstream,
        "send_proxy": _SEND_PROXY.get(listener.upstream_proxy_protocol),
        "probe": _probe(listener),
    }


def _bind(listener: Listener, port: int) -> tuple[str, ...]:
    # "*" is IPv4 alone, and a machine without IPv6 refuses ":::".
    dual_stack = any(peer.version == 6 for peer in listener.trusted)  # noqa: PLR2004
    return (f":::{port}", "v4v6") if dual_stack else (f"*:{port}",)


def _set_src(reading: Reading) -> Mapping[str, object]:
    if isinstance(reading, ByWalk):
        raise RenderError("HAProxy reads X-Forwarded-For by position, never by CIDR")
    if isinstance(reading, ByPosition):
        return {"header": "x-forwarded-for", "from_right": reading.from_right}
    # Several lines of it: the last hop wrote the last one.
    return {"header": reading.header.lower(), "from_right": 1}


def _probe(listener: Listener) -> Mapping[str, object] | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    return {"bind": _bind(listener, port), "path": _path(listener.probe)}


def _path(probe: Probe) -> str | None:
    """Return the path as HAProxy compares it: encoded, without the query."""
    if probe.type is ProbeType.TCP_SOCKET:
        return None
    return quote((probe.path or "/").partition("?")[0], safe="/%:@!$&'()*+,;=~[]")
