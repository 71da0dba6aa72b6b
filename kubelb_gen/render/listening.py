"""What several backend programs have in common about a port."""

from ipaddress import ip_network
from urllib.parse import quote, unquote

from kubelb_gen.model import Probe, ProbeType
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Listener

# No connection has this source.  To most programs an empty list means everybody.
_NOBODY = (ip_network("0.0.0.0/32"),)


def peers(listener: Listener) -> tuple[Network, ...]:
    """Return whom a listener with a guard believes; never an empty list."""
    return listener.trusted or _NOBODY


def dual_stack(listener: Listener) -> bool:
    """Tell whether peers come over IPv6 as well."""
    return any(peer.version == 6 for peer in listener.trusted)  # noqa: PLR2004


def host_and_port(upstream: str) -> tuple[str, int]:
    """Return both parts of `host:port`, the brackets of an IPv6 address taken off.

    >>> host_and_port("[::1]:8080")
    ('::1', 8080)
    """
    host, _, port = upstream.rpartition(":")
    return host.strip("[]"), int(port)


def encoded_path(probe: Probe) -> str | None:
    """Return the path of *probe* as it is sent, without the query."""
    if probe.type is ProbeType.TCP_SOCKET:
        return None
    return quote((probe.path or "/").partition("?")[0], safe="/%:@!$&'()*+,;=~[]")


def decoded_path(probe: Probe) -> str | None:
    """Return the path of *probe* as it is meant, without the query."""
    if probe.type is ProbeType.TCP_SOCKET:
        return None
    return unquote((probe.path or "/").partition("?")[0])
