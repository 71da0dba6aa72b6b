"""PROXY protocol headers, written and read independently of the product.

The layout is the one of haproxy's ``proxy-protocol.txt``.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from enum import StrEnum

Address = tuple[str, int]
Tlv = tuple[int, bytes]

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = len(SIGNATURE) + 4
_V1_LONGEST = 107
_TCP4, _TCP6 = 0x11, 0x21
_LOCAL, _PROXY = 0x20, 0x21


class Version(StrEnum):
    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class Header:
    """One header as read: endpoints are absent in LOCAL and UNKNOWN ones."""

    version: Version
    source: Address | None
    destination: Address | None
    tlvs: tuple[Tlv, ...] = ()


class HeaderError(Exception):
    """The bytes start like a header and are none."""


def v1(source: Address, destination: Address) -> bytes:
    """A version 1 header that says *source* dialled *destination*."""
    family = f"TCP{ipaddress.ip_address(source[0]).version}"
    line = f"PROXY {family} {source[0]} {destination[0]} {source[1]} {destination[1]}"
    return f"{line}\r\n".encode("ascii")


def v2(source: Address, destination: Address, *, tlvs: tuple[Tlv, ...] = ()) -> bytes:
    """A version 2 header that says *source* dialled *destination*."""
    source_ip, destination_ip = map(ipaddress.ip_address, (source[0], destination[0]))
    body = source_ip.packed + destination_ip.packed
    body += struct.pack("!HH", source[1], destination[1])
    for kind, value in tlvs:
        body += struct.pack("!BH", kind, len(value)) + value
    family = _TCP4 if source_ip.version == 4 else _TCP6
    return SIGNATURE + struct.pack("!BBH", _PROXY, family, len(body)) + body


def v2_local() -> bytes:
    """A version 2 header that says: use the connection's real endpoints."""
    return SIGNATURE + struct.pack("!BBH", _LOCAL, 0, 0)


def split(data: bytes) -> tuple[Header | None, bytes]:
    """The header that *data* starts with, and what follows it.

    Data without a header comes back whole; a header that is cut short or
    malformed raises `HeaderError`.
    """
    if data.startswith(SIGNATURE):
        return _split_v2(data)
    if data.startswith(b"PROXY "):
        return _split_v1(data)
    return None, data


def _split_v1(data: bytes) -> tuple[Header, bytes]:
    end = data.find(b"\r\n", 0, _V1_LONGEST)
    if end < 0:
        message = f"version 1 header without an end: {data[:_V1_LONGEST]!r}"
        raise HeaderError(message)
    rest = data[end + 2 :]
    match data[:end].decode("ascii", errors="replace").split(" "):
        case ["PROXY", "UNKNOWN", *_]:
            return Header(Version.V1, None, None), rest
        case ["PROXY", "TCP4" | "TCP6", source, destination, sport, dport]:
            header = Header(Version.V1, (source, int(sport)), (destination, int(dport)))
            return header, rest
        case words:
            raise HeaderError(f"version 1 header of another form: {words}")


def _split_v2(data: bytes) -> tuple[Header, bytes]:
    if len(data) < _FIXED:
        raise HeaderError(f"version 2 header cut short: {data.hex()}")
    command, family, length = struct.unpack_from("!BBH", data, len(SIGNATURE))
    body, rest = data[_FIXED : _FIXED + length], data[_FIXED + length :]
    if len(body) < length:
        raise HeaderError(f"version 2 header cut short: {data.hex()}")
    match command, family:
        case (0x20, _):
            return Header(Version.V2, None, None, _tlvs(body)), rest
        case (0x21, 0x11 | 0x21):
            size = 4 if family == _TCP4 else 16
            source = str(ipaddress.ip_address(body[:size]))
            destination = str(ipaddress.ip_address(body[size : 2 * size]))
            sport, dport = struct.unpack_from("!HH", body, 2 * size)
            tlvs = _tlvs(body[2 * size + 4 :])
            header = Header(Version.V2, (source, sport), (destination, dport), tlvs)
            return header, rest
        case _:
            raise HeaderError(f"version 2 header of another form: {data.hex()}")


def _tlvs(data: bytes) -> tuple[Tlv, ...]:
    found = []
    while data:
        kind, length = struct.unpack_from("!BH", data)
        found.append((kind, data[3 : 3 + length]))
        data = data[3 + length :]
    return tuple(found)
