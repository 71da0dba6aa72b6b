"""One listener of a backend, as its running configuration has it."""

from __future__ import annotations

from typing import NamedTuple


class Probe(NamedTuple):
    """A plain listener for the kubelet; *path* is None where it only connects."""

    port: int
    path: str | None = None


class Served(NamedTuple):
    """One listener; ranges are texts, as they stand in the configuration.

    *accepts* tells that a PROXY header is read; *header* is the request header that
    names the client, with *from_right* where it is picked by place and *walked* where
    by address.  *trusted* is whom the guard admits, None where nobody is turned away.
    """

    label: str
    kind: str
    mode: str
    listen: int
    upstream: str
    udp: bool = False
    accepts: bool = False
    trusted: tuple[str, ...] | None = None
    header: str | None = None
    from_right: int | None = None
    walked: tuple[str, ...] = ()
    sends: str = "none"
    probe: Probe | None = None
    tls: tuple[str, str] | None = None
    complete: bool = False
