"""What arrives at a pod, packet by packet: the peer that no program can misreport."""

from __future__ import annotations

import socket
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.lab.namespaces import Namespace

_IPV4, _TO_US = 0x0800, 0
_BUFFER = 1 << 22
_FIN = 0x01


@dataclass(slots=True)
class Arrival:
    """One connection, or the datagrams from one source port."""

    source: str
    source_port: int
    port: int
    protocol: int
    data: bytes = b""
    ended: bool = False
    last: int = 0


@dataclass(slots=True)
class Wire:
    """Everything that has come in since the world began."""

    link: socket.socket
    _packets: int = 0
    _arrivals: dict[tuple[str, int, int, int], Arrival] = field(default_factory=dict)

    def mark(self) -> int:
        """How many packets have come in so far: the *since* of a later look."""
        self._read()
        return self._packets

    def arrivals(self, port: int, *, since: int = 0) -> list[Arrival]:
        """What has come in to *port*, in the order in which it began.

        A proxy may send a new request over an old connection, which then counts as
        come in *since* as well.
        """
        self._read()
        return [
            each
            for each in self._arrivals.values()
            if each.port == port and each.last > since
        ]

    def _read(self) -> None:
        while True:
            try:
                packet, (_, _, kind, *_) = self.link.recvfrom(65536)
            except BlockingIOError:
                return
            if kind == _TO_US:
                self._take(packet)

    def _take(self, packet: bytes) -> None:
        head = (packet[0] & 0x0F) * 4
        (length,) = struct.unpack_from("!H", packet, 2)
        protocol, source = packet[9], socket.inet_ntoa(packet[12:16])
        if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            return
        source_port, port = struct.unpack_from("!HH", packet, head)
        key = (source, source_port, port, protocol)
        arrival = self._arrivals.setdefault(key, Arrival(*key))
        self._packets += 1
        if protocol == socket.IPPROTO_UDP:
            data = packet[head + 8 : length]
        else:
            data = packet[head + (packet[head + 12] >> 4) * 4 : length]
            arrival.ended |= bool(packet[head + 13] & _FIN)
        # An acknowledgement on an old connection is nothing new.
        if data or not arrival.last:
            arrival.last = self._packets
        arrival.data += data


@contextmanager
def wire(pod: Namespace) -> Iterator[Wire]:
    """Listen to the only interface of *pod*."""
    with pod.inside():
        link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_IPV4))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    link.bind(("eth0", _IPV4))
    link.setblocking(False)
    with link:
        yield Wire(link)
