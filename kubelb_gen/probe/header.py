"""PROXY headers as a sender writes them.

Manual: haproxy's ``proxy-protocol.txt``.  KubeLB's Envoy sends version 2 at once,
before the client has said a word.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubelb_gen.probe.target import Address

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LOCAL, _PROXY = 0x20, 0x21
_STREAM = {4: 0x11, 6: 0x21}
_SOURCE_PORT = 40000
# RFC 5737 and RFC 3849: nobody's addresses, so that an answer that names one of
# them has it from the header.
CLIENTS = {
    4: ipaddress.ip_address("192.0.2.1"),
    6: ipaddress.ip_address("2001:db8::1"),
}
_DIALLED = {
    4: ipaddress.ip_address("192.0.2.2"),
    6: ipaddress.ip_address("2001:db8::2"),
}


def v1(client: Address, port: int) -> bytes:
    r"""Return a version 1 header: *client* dialled *port* somewhere.

    >>> v1(CLIENTS[4], 80)
    b'PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n'
    """
    dialled = _DIALLED[client.version]
    line = f"PROXY TCP{client.version} {client} {dialled} {_SOURCE_PORT} {port}\r\n"
    return line.encode("ascii")


def v2(client: Address, port: int) -> bytes:
    """Return a version 2 header: *client* dialled *port* somewhere."""
    body = client.packed + _DIALLED[client.version].packed
    body += struct.pack("!HH", _SOURCE_PORT, port)
    family = _STREAM[client.version]
    return _SIGNATURE + struct.pack("!BBH", _PROXY, family, len(body)) + body


def v2_local() -> bytes:
    """Return a version 2 header that names nobody: the peer is the client."""
    return _SIGNATURE + struct.pack("!BBH", _LOCAL, 0, 0)
