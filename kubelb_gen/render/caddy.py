"""Caddy backends: one whole Caddyfile.

`servers` without an address holds for every port of the file; with one that is no
listener's, it is passed over in silence.  A `proxy_protocol` wrapper without `allow`
swallows headers unread; with it, a header of those peers is read where there is one.
Trusted proxies are walked from the right only where `trusted_proxies_strict` says so.

Manual: Caddyfile global options, `servers`; `reverse_proxy`.  Checked against 2.11.
"""

from collections.abc import Iterable, Iterator, Mapping

from kubelb_gen.errors import RenderError
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import BackendFile, ByHeader, ByPosition, ByWalk, Listener
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.listening import decoded_path, peers

_SEND_PROXY = {ProxyAcceptance.V1: "v1", ProxyAcceptance.V2: "v2"}


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield the Caddyfile that *file* stands for."""
    proxied = [each for each in file.listeners if _takes_proxy(each)]
    reading = [each for each in file.listeners if each.reading is not None]
    yield Draft(
        path=f"backends/{file.tenant}/{file.namespace}/{file.name}.Caddyfile",
        kind=Kind.CADDY,
        role=Role.FILE,
        cluster=file.tenant,
        template="caddy/Caddyfile.j2",
        context={
            "spec": spec,
            "allowed": _distinct(peer for each in proxied for peer in peers(each)),
            "trusted": _distinct(peer for each in reading for peer in _believed(each)),
            "client_ip_header": next(map(_header, reading), None),
            "encrypts": any(each.tls is not None for each in file.listeners),
            "sites": [_site(each) for each in file.listeners],
        },
    )


def _site(listener: Listener) -> Mapping[str, object]:
    return {
        "label": listener.label,
        "listen": listener.listen,
        "tls": listener.tls,
        # Past a PROXY header the peer is no longer to be seen; `allow` guards there.
        "guard": peers(listener) if listener.reading is not None else (),
        "upstream": listener.upstream,
        "send_proxy": _SEND_PROXY.get(listener.upstream_proxy_protocol),
        "probe": _probe(listener),
    }


def _takes_proxy(listener: Listener) -> bool:
    return listener.accept is not ProxyAcceptance.NONE


def _believed(listener: Listener) -> tuple[Network, ...]:
    walked = listener.reading.trusted if isinstance(listener.reading, ByWalk) else ()
    return (*peers(listener), *walked)


def _header(listener: Listener) -> str:
    match listener.reading:
        case ByHeader(header=header):
            return header
        case ByPosition(from_right=place) if place > 1:
            raise RenderError(f"Caddy cannot read entry {place} of X-Forwarded-For")
    return "X-Forwarded-For"


def _distinct(networks: Iterable[Network]) -> tuple[Network, ...]:
    return tuple(dict.fromkeys(networks))


def _probe(listener: Listener) -> Mapping[str, object] | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    return {"listen": port, "path": decoded_path(listener.probe)}
