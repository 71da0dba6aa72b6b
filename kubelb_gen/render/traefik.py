"""Traefik backends: a static file with the ports, a dynamic one with the rest.

A PROXY header is read from `trustedIPs`, where there is one; that of others is taken
off and ignored.  `forwardedHeaders` keeps what the edge wrote, and Traefik appends its
peer; it has no way to tell the application one entry of X-Forwarded-For, so that at
layer 7 the application reads X-Envoy-External-Address, which `trustedIPs` does not
guard: an `ipAllowList` does.

Manual: Traefik, "EntryPoints", "Headers", "IPAllowList".  Checked against 3.7.
"""

from collections.abc import Iterator, Mapping

from kubelb_gen.errors import RenderError
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.plan import BackendFile, ByHeader, ByPosition, ByWalk, Listener
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.listening import decoded_path, peers


def drafts(spec: str, file: BackendFile) -> Iterator[Draft]:
    """Yield both Traefik files that *file* stands for."""
    entries = [_entry(each) for each in file.listeners]
    for part in ("static", "dynamic"):
        yield Draft(
            path=f"backends/{file.tenant}/{file.namespace}/"
            f"{file.name}.traefik.{part}.yaml",
            kind=Kind.TRAEFIK,
            role=Role.FILE,
            cluster=file.tenant,
            template=f"traefik/{part}.yaml.j2",
            context={"spec": spec, "entries": entries},
        )


def _entry(listener: Listener) -> Mapping[str, object]:
    if isinstance(listener.reading, ByWalk):
        raise RenderError("Traefik's application cannot walk X-Forwarded-For")
    return {
        "label": listener.label,
        "listen": listener.listen,
        "proxied": listener.accept is not ProxyAcceptance.NONE,
        "behind_route": listener.reading is not None,
        "trusted": [str(peer) for peer in peers(listener)],
        "application": _application(listener),
        "removed": _removed(listener),
        "tls": listener.tls,
        "upstream": listener.upstream,
        "probe": _probe(listener),
    }


def _removed(listener: Listener) -> tuple[str, ...]:
    """Return the headers that the client may have written itself."""
    if listener.reading is None:
        return ("Forwarded", "X-Envoy-External-Address")
    # Traefik writes X-Real-Ip itself, unless a trusted peer brings one.
    removed = ("Forwarded", "X-Real-Ip")
    if isinstance(listener.reading, ByHeader):
        return removed
    return (*removed, "X-Envoy-External-Address")


def _application(listener: Listener) -> Mapping[str, object] | None:
    """Return where the application finds the client at layer 7."""
    match listener.reading:
        case ByHeader(header=header):
            return {"header": header, "place": None}
        case ByPosition(from_right=place):
            # Traefik appends its own peer.
            return {"header": "X-Forwarded-For", "place": place + 1}
    return None


def _probe(listener: Listener) -> Mapping[str, object] | None:
    port = plain_probe_port(listener)
    if port is None or listener.probe is None:
        return None
    path = decoded_path(listener.probe)
    return {
        "listen": port,
        "rule": None if path is None else rule(path),
        # Nobody is refused there, so nobody may name a client either.
        "removed": _named_there(listener),
    }


def _named_there(listener: Listener) -> tuple[str, ...]:
    reading = listener.reading
    return (reading.header,) if isinstance(reading, ByHeader) else ()


def rule(path: str) -> str:
    """Return the rule that matches *path* alone.

    Raises `RenderError` where it holds the sign that ends it there.
    """
    if "`" in path:
        raise RenderError(f"{path!r} cannot be written into a rule of Traefik")
    return f"Path(`{path}`)"
