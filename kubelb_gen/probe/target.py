"""Where to connect: HOST:PORT, with an IPv6 address in brackets."""

from __future__ import annotations

import ipaddress
import re

from kubelb_gen.errors import UsageError
from kubelb_gen.frozen import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TARGET = re.compile(r"(?:\[(?P<ipv6>[^\[\]]*)\]|(?P<name>[^:\[\]]*)):(?P<port>[^:]*)")
_LONGEST_NAME, _LONGEST_LABEL = 253, 63
_LABEL = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_LABEL}}}")
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A *host*, by name or by address, and a *port*.

    >>> str(Target(host="2001:db8::1", port=80))
    '[2001:db8::1]:80'
    """

    host: str
    port: int

    @property
    def bracketed(self) -> str:
        """The host as it stands in a URL or a Host header."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        return f"{self.bracketed}:{self.port}"


def parse_target(text: str) -> Target:
    """Read HOST:PORT.

    Raises `UsageError` where *text* is none.

    >>> parse_target("[::1]:5000")
    Target(host='::1', port=5000)
    """
    found = _TARGET.fullmatch(text)
    if found is None:
        message = f"{text!r} is not HOST:PORT; an IPv6 address stands in brackets"
        raise UsageError(message)
    host = found["name"]
    host = _ipv6(found["ipv6"], text) if host is None else parse_name(host, text)
    return Target(host=host, port=_port(found["port"], text))


def parse_address(text: str) -> Address:
    """Read an IP address; raises `UsageError` where *text* is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        message = f"{text!r} is not an IP address"
        raise UsageError(message) from error


def parse_name(name: str, text: str | None = None) -> str:
    """Return *name* where it can be a host's; raises `UsageError` else."""
    labels = name.removesuffix(".").split(".")
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        where = "" if text is None else f" in {text!r}"
        message = f"{name!r}{where} is neither a host name nor an IPv4 address"
        raise UsageError(message)
    return name


def _ipv6(address: str, text: str) -> str:
    plain, percent, zone = address.partition("%")
    try:
        ipaddress.IPv6Address(plain)
    except ValueError as error:
        message = f"{address!r} in {text!r} is not an IPv6 address"
        raise UsageError(message) from error
    if percent and not _ZONE.fullmatch(zone):
        message = f"{zone!r} in {text!r} is not the zone of an IPv6 address"
        raise UsageError(message)
    return address


def _port(digits: str, text: str) -> int:
    if digits.isascii() and digits.isdigit() and len(digits) <= len(str(_HIGHEST_PORT)):
        port = int(digits)
        if 1 <= port <= _HIGHEST_PORT:
            return port
    message = f"{digits!r} in {text!r} is not a port from 1 to {_HIGHEST_PORT}"
    raise UsageError(message)
