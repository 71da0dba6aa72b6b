"""NGINX backends: `http` and `stream` fragments, or a whole configuration.

A PROXY header counts only from `set_real_ip_from`, and NGINX has no switch for who may
send one, hence the guard on `$realip_remote_addr`.  A probe cannot share a port that
wants a header; `httpGet` needs the `http` module, so beside `stream` it goes to a
fragment of its own.

Manual: ngx_http_realip_module, ngx_stream_realip_module.  Checked against NGINX 1.31.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from kubelb_gen.errors import RenderError
from kubelb_gen.model import (
    Emit,
    Probe,
    ProbeType,
    Protocol,
    ProxyAcceptance,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import (
    BackendFile,
    ByHeader,
    ByPosition,
    ByWalk,
    Listener,
    Reading,
)
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role

Block = Mapping[str, object]

# A bucket of 64 bytes holds one of our variables; from about ten fragments on, 1.31
# warns that it found no arrangement without a collision.
_UNCROWDED = 4


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield the NGINX configurations of *file*, one for each `include`."""
    http = [_http_server(each) for each in file.listeners if each.mode.is_http]
    raw = [each for each in file.listeners if not each.mode.is_http]
    stream = [_stream_server(each) for each in raw]
    probes = [_http_probe(each) for each in raw if _is_asked_over_http(each)]
    if file.emit is Emit.COMPLETE:
        blocks = {"http": http, "stream": stream, "probes": probes}
        crowded = max(len(http), len(stream)) > _UNCROWDED
        draft = _draft(spec, file, "nginx", "complete", blocks)
        yield replace(draft, context={**draft.context, "crowded": crowded})
        return
    if http:
        yield _draft(spec, file, "nginx", "http", {"http": http})
    if stream:
        extension = "nginx-stream" if http else "nginx"
        yield _draft(spec, file, extension, "stream", {"stream": stream})
    if probes:
        yield _draft(spec, file, "nginx-probe", "probe", {"probes": probes})


def _draft(
    spec: str,
    file: BackendFile,
    extension: str,
    template: str,
    blocks: Mapping[str, list[Block]],
) -> Draft:
    folder = f"backends/{file.tenant}/{file.namespace}"
    return Draft(
        path=f"{folder}/{file.name}.{extension}.conf",
        kind=Kind.NGINX,
        role=Role.FILE,
        cluster=file.tenant,
        template=f"nginx/{template}.conf.j2",
        context={"spec": spec, **blocks},
    )


def _http_server(listener: Listener) -> Block:
    return {
        **_server(listener),
        "real_ip_header": _real_ip_header(listener),
        "set_real_ip_from": _real_ip_sources(listener),
        "recursive": isinstance(listener.reading, ByWalk),
        # Behind a route the edge has told the scheme that the client used.
        "tells_scheme": not listener.behind_route,
        "probe": _plain_probe(listener),
    }


def _stream_server(listener: Listener) -> Block:
    return {
        **_server(listener),
        "udp": listener.protocol is Protocol.UDP,
        "send_proxy": listener.upstream_proxy_protocol is not ProxyAcceptance.NONE,
        "probe": None if _is_asked_over_http(listener) else _plain_probe(listener),
    }


def _http_probe(listener: Listener) -> Block:
    return {
        "label": listener.label,
        "upstream": listener.upstream,
        "probe": _plain_probe(listener),
    }


def _server(listener: Listener) -> Block:
    return {
        "label": listener.label,
        "listen": _addresses(listener, listener.listen),
        "tls": None if listener.protocol is Protocol.UDP else listener.tls,
        "proxy_protocol": listener.accept is not ProxyAcceptance.NONE,
        "guarded": listener.guarded,
        "trusted": listener.trusted,
        "upstream": listener.upstream,
    }


def _addresses(listener: Listener, port: int) -> tuple[str, ...]:
    # A bare number is IPv4 alone, and a machine without IPv6 refuses "[::]".
    if _has_ipv6(listener.trusted):
        return (str(port), f"[::]:{port}")
    return (str(port),)


@lru_cache(1024)
def _has_ipv6(peers: tuple[Network, ...]) -> bool:
    return any(peer.version == 6 for peer in peers)  # noqa: PLR2004


def _real_ip_header(listener: Listener) -> str | None:
    if listener.accept is not ProxyAcceptance.NONE:
        return "proxy_protocol"
    return None if listener.reading is None else _header_read(listener.reading)


def _header_read(reading: Reading) -> str:
    if isinstance(reading, ByHeader):
        return reading.header
    if isinstance(reading, ByPosition) and reading.from_right > 1:
        place = reading.from_right
        raise RenderError(f"NGINX cannot read entry {place} of X-Forwarded-For")
    return "X-Forwarded-For"


def _real_ip_sources(listener: Listener) -> tuple[str, ...]:
    walked = listener.reading.trusted if isinstance(listener.reading, ByWalk) else ()
    return _distinct((*listener.trusted, *walked))


@lru_cache(1024)
def _distinct(values: tuple[Network, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, values)))


def _is_asked_over_http(listener: Listener) -> bool:
    """Tell whether the probe needs an HTTP listener besides *listener*."""
    probe = listener.probe
    return (
        probe is not None
        and probe.type is ProbeType.HTTP_GET
        and plain_probe_port(listener) is not None
    )


def _plain_probe(listener: Listener) -> Block | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    return {
        "listen": _addresses(listener, port),
        "path": _location(listener.probe),
    }


def _location(probe: Probe) -> str | None:
    """Return the path as NGINX compares it: decoded, without the query."""
    if probe.type is ProbeType.TCP_SOCKET:
        return None
    return unquote((probe.path or "/").partition("?")[0])
