"""The attacker's story of a path: each lie, its fate, and the bytes that show it.

Commands name HOST, the public name or address, and EDGE, the address of the edge behind
its proxies.  The address that is lied about belongs to nobody (RFC 5737, RFC 3849).
"""

import ipaddress
import shlex
import struct
from collections.abc import Iterator

from kubelb_gen.report.ports import TracedPort
from kubelb_gen.report.text import visible
from kubelb_gen.trace import FlowKind, Layer, Lie, LiePlace, Origin, Path

_LIE = {
    4: ipaddress.ip_address("203.0.113.66"),
    6: ipaddress.ip_address("2001:db8::66"),
}
_DIALLED = {
    4: ipaddress.ip_address("192.0.2.1"),
    6: ipaddress.ip_address("2001:db8::1"),
}
_SOURCE_PORT = 40000
_SIGNATURE = r"\r\n\r\n\000\r\nQUIT\n"
_PROXY_COMMAND = 0x21
_HEADERS = {
    LiePlace.FORWARDED_FOR: "X-Forwarded-For",
    LiePlace.EXTERNAL_ADDRESS: "X-Envoy-External-Address",
    LiePlace.REAL_IP: "X-Real-IP",
}
_PROXY = (LiePlace.PROXY_V1, LiePlace.PROXY_V2)
_HTTP = 80


def forge(port: TracedPort) -> str:
    """Return what a client can try on *port*, and what comes of it, as lines.

    Of the other ways in only the lies that succeed are told, and the rest counted.
    """
    lines = [*_story(port.main, port.main.lies)]
    for path in port.others:
        lines += _story(path, tuple(lie for lie in path.lies if lie.believed))
    return "\n".join(lines)


def _story(path: Path, lies: tuple[Lie, ...]) -> Iterator[str]:
    if path.flow is not FlowKind.TRAFFIC:
        return
    believed = sum(lie.believed for lie in path.lies)
    number = "1 lie" if len(path.lies) == 1 else f"{len(path.lies)} lies"
    yield f"forge from {path.source}: {number}, {believed} believed"
    for lie in lies:
        word = "BELIEVED" if lie.believed else "dropped"
        yield f"  {visible(_written(lie))}: {word} at {visible(lie.hop)}"
        yield f"    {visible(lie.fate)}"
        yield f"    $ {command(path, lie)}"


def command(path: Path, lie: Lie) -> str:
    """Return a command line that tells *lie* on *path*."""
    if lie.place in _PROXY:
        return _piped(path, lie)
    family = " -6" if _version(path) == 6 else ""  # noqa: PLR2004  the IP version
    past = " --connect-to ::EDGE:" if lie.past_proxies else ""
    value = ", ".join([str(_LIE[_version(path)])] * lie.entries)
    header = shlex.quote(f"{_name(lie)}: {value}")
    return f"curl{family}{past} -H {header} http://{_authority(path)}/"


def _written(lie: Lie) -> str:
    where = _name(lie) if lie.place not in _PROXY else lie.place
    return f"{where}, sent straight to the edge" if lie.past_proxies else where


def _name(lie: Lie) -> str:
    return _HEADERS.get(lie.place) or lie.header or lie.place


def _version(path: Path) -> int:
    return 6 if path.source is Origin.INTERNET_IPV6 else 4


def _host(path: Path) -> str:
    if path.source is not Origin.CLUSTER_SERVICE_IP:
        return "HOST"
    name = f"{path.name}-plain" if path.plain else path.name
    return f"{name}.{path.namespace}.svc"


def _port(path: Path) -> int:
    # A client at layer 7 dials the edge, and not the backend's Service.
    outside = path.source is not Origin.CLUSTER_SERVICE_IP
    return _HTTP if path.layer is Layer.L7 and outside else path.port


def _authority(path: Path) -> str:
    port = _port(path)
    return _host(path) if port == _HTTP else f"{_host(path)}:{port}"


def _piped(path: Path, lie: Lie) -> str:
    text = f"{_header(path, lie.place)}{_request(path)}"
    datagrams = " -u" if path.protocol == "UDP" else ""
    host = "EDGE" if lie.past_proxies else _host(path)
    return f"printf '{text}' | nc{datagrams} -w 3 {host} {_port(path)}"


def _request(path: Path) -> str:
    if path.layer is not Layer.L7:
        return ""
    host = _host(path)
    return rf"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"


def _header(path: Path, place: LiePlace) -> str:
    version = _version(path)
    client, dialled = _LIE[version], _DIALLED[version]
    if place is LiePlace.PROXY_V1:
        ports = f"{_SOURCE_PORT} {_port(path)}"
        return rf"PROXY TCP{version} {client} {dialled} {ports}\r\n"
    transport = 2 if path.protocol == "UDP" else 1
    family = (0x10 if version == 4 else 0x20) + transport  # noqa: PLR2004
    body = client.packed + dialled.packed
    body += struct.pack("!HH", _SOURCE_PORT, _port(path))
    head = struct.pack("!BBH", _PROXY_COMMAND, family, len(body))
    return _SIGNATURE + _octal(head + body)


def _octal(data: bytes) -> str:
    r"""Write *data* for any printf: `\x` is not in POSIX.

    >>> _octal(b"\r\n!")
    '\\015\\012\\041'
    """
    return "".join(rf"\{byte:03o}" for byte in data)
