"""Apache httpd backends: a virtual host for each port.

`RemoteIPProxyProtocol` demands a PROXY header of everybody and believes it; its list
of exceptions leaks into other hosts, so the probe has a port of its own, and strangers
are refused by `CONN_REMOTE_ADDR`, which stays the peer.  `RemoteIPTrustedProxy` refuses
private addresses, which those of the proxies are; `RemoteIPInternalProxy` does not.

Manual: mod_remoteip, "Expressions in Apache HTTP Server".  Checked against 2.4.
"""

from collections.abc import Iterator, Mapping

from kubelb_gen.errors import RenderError
from kubelb_gen.model import Emit, ProxyAcceptance
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import BackendFile, ByHeader, ByPosition, ByWalk, Listener
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.listening import decoded_path, peers

_MODULES = (
    "mpm_event",
    "authz_core",
    "headers",
    "proxy",
    "proxy_http",
    "remoteip",
)


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield the Apache configuration that *file* stands for."""
    encrypts = any(each.tls is not None for each in file.listeners)
    yield Draft(
        path=f"backends/{file.tenant}/{file.namespace}/{file.name}.apache.conf",
        kind=Kind.APACHE,
        role=Role.FILE,
        cluster=file.tenant,
        template="apache/backend.conf.j2",
        context={
            "spec": spec,
            "complete": file.emit is Emit.COMPLETE,
            "modules": (*_MODULES, "ssl") if encrypts else _MODULES,
            "hosts": [_host(each) for each in file.listeners],
        },
    )


def _host(listener: Listener) -> Mapping[str, object]:
    return {
        "listen": listener.listen,
        "tls": listener.tls,
        "proxied": listener.accept is not ProxyAcceptance.NONE,
        "header": _header(listener),
        "internal": _internal(listener),
        "guard": peers(listener) if listener.guarded else (),
        # Behind a route the edge has told the scheme that the client used.
        "scheme": _scheme(listener),
        "upstream": listener.upstream,
        "probe": _probe(listener),
    }


def _scheme(listener: Listener) -> str | None:
    if listener.behind_route:
        return None
    return "http" if listener.tls is None else "https"


def _header(listener: Listener) -> str | None:
    match listener.reading:
        case None:
            return None
        case ByHeader(header=header):
            return header
        case ByPosition(from_right=place) if place > 1:
            raise RenderError(f"Apache cannot read entry {place} of X-Forwarded-For")
    return "X-Forwarded-For"


def _internal(listener: Listener) -> tuple[Network, ...]:
    walked = listener.reading.trusted if isinstance(listener.reading, ByWalk) else ()
    return tuple(dict.fromkeys((*peers(listener), *walked)))


def _probe(listener: Listener) -> Mapping[str, object] | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    return {"listen": port, "path": decoded_path(listener.probe)}
