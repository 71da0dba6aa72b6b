"""The programs behind Services and routes that run a configuration of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from kubelb_gen.adopt.noted import Noted
from kubelb_gen.plan import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.running.configurations import Configuration
    from kubelb_gen.running.served import Served

Data = dict[str, Any]

_KEYS = ("nginx.conf", "nginx-stream.conf", "nginx-probe.conf", "haproxy.cfg")
_UNKNOWN = "unknown: nothing in the objects tells which program it is, or what it reads"


class Running(NamedTuple):
    """One listener, and the configuration that it was found in."""

    served: Served
    config: Configuration


class Programs:
    """All listeners by their labels.

    *appended* is how many entries the path itself appends to X-Forwarded-For, *pods*
    whom the last one names: the edge's.
    """

    def __init__(
        self,
        configurations: Iterable[Configuration],
        appended: int = 2,
        pods: Iterable[str] = (),
    ) -> None:
        self.appended, self.pods = appended, tuple(pods)
        self._found: dict[str, Running] = {}
        orphans: list[Served] = []
        for config in configurations:
            for served in config.served:
                if served.mode == "probe":
                    orphans.append(served)
                    continue
                known = self._found.get(served.label)
                # A ConfigMap is what is mounted; the file beside it is its source.
                if known is None or (config.config_map and not known.config.config_map):
                    self._found[served.label] = Running(served, config)
        for probe in orphans:
            if probe.label in self._found:
                known = self._found[probe.label]
                served = known.served._replace(probe=probe.probe)
                self._found[probe.label] = known._replace(served=served)
        self.used: set[str] = set()

    def of(self, *parts: str) -> Running | None:
        """Return the listener whose label is made of *parts*."""
        label = names.label(*parts)
        self.used.add(label)
        return self._found.get(label)

    def left_over(self) -> list[Running]:
        """Return the listeners that nobody asked for."""
        return [
            found
            for label, found in sorted(self._found.items())
            if label not in self.used
        ]


def backend_data(running: Running, service: str) -> Data:
    """Return what the spec says of the program that *running* is a listener of."""
    served, config = running
    data: Data = {"kind": served.kind, "mode": served.mode, "upstream": served.upstream}
    if served.sends != "none":
        data["upstreamProxyProtocol"] = served.sends
    if served.probe is not None:
        data["probe"] = {"type": "tcpSocket", "port": served.probe.port}
        if served.probe.path is not None:
            path = quote(served.probe.path, safe="/%:@!$&'()*+,;=~[]")
            data["probe"] = {**data["probe"], "type": "httpGet", "path": path}
    if served.complete != (served.kind == "haproxy"):
        data["emit"] = "complete" if served.complete else "fragment"
    if served.tls is not None:
        data["tls"] = {"certificate": served.tls[0], "key": served.tls[1]}
    mounted: Data = {}
    if config.config_map not in (None, f"{service}-{served.kind}"):
        mounted["name"] = config.config_map
    if config.key is not None and config.key not in _KEYS:
        mounted["key"] = config.key
    if mounted:
        data["configMap"] = mounted
    return data


def unknown() -> Noted:
    """Return the backend of which nothing is known."""
    return Noted({"kind": "unknown"}, _UNKNOWN)
