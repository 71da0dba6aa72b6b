"""What one load balancer does to the connections that it forwards.

The class says whether the client's address reaches the node: a `passThrough` balancer
forwards packets, a `vip` is an address on the nodes themselves, a `proxying` balancer
opens connections of its own, so that only a PROXY header can tell who the client is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class LoadBalancerClass(StrEnum):
    """How the source address fares on its way to the node."""

    PASS_THROUGH = "passThrough"  # noqa: S105  no password
    VIP = "vip"
    PROXYING = "proxying"


class ProxyVersion(StrEnum):
    """The PROXY protocol: version 1 is a line of text, version 2 is binary."""

    V1 = "v1"
    V2 = "v2"


class IPFamily(StrEnum):
    """Kubernetes' names of the address families."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


class ProxyScope(StrEnum):
    """Whether PROXY is a matter of the whole Service or of each of its ports."""

    SERVICE = "service"
    PORTS = "ports"


class DirectReturn(StrEnum):
    """What Cilium's DSR achieves behind a load balancer."""

    WORKS = "works"
    RISKY = "risky"
    USELESS = "useless"


_EACH, _END = "{each}", "{/each}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySupport:
    """How a balancer is made to send PROXY, and how it is made to stop.

    *versions* stand in order of preference; *certain* is False where the vendor names
    none and ours is a guess.  *enable_ports* and *disable_ports* hold templates, which
    `switch_on` and `switch_off` fill.  An empty *disable* means that the annotation has
    to be removed.
    """

    versions: tuple[ProxyVersion, ...]
    certain: bool = True
    scope: ProxyScope = ProxyScope.SERVICE
    enable: Mapping[ProxyVersion, Mapping[str, str]] = field(hash=False)
    enable_ports: Mapping[ProxyVersion, Mapping[str, str]] = field(
        default_factory=dict, hash=False
    )
    enable_note: str | None = None
    disable: Mapping[str, str] = field(default_factory=dict, hash=False)
    disable_ports: Mapping[str, str] = field(default_factory=dict, hash=False)
    disable_note: str | None = None

    def switch_on(
        self, version: ProxyVersion, ports: Mapping[int, str] | None = None
    ) -> dict[str, str]:
        """Name the annotations for all ports, or for *ports* (number to name) alone.

        ValueError when *ports* is given and the balancer knows no such distinction.
        """
        if ports is None:
            return dict(self.enable[version])
        if version not in self.enable_ports:
            msg = f"PROXY {version} is switched on for a Service as a whole"
            raise ValueError(msg)
        return _all_filled(self.enable_ports[version], ports)

    def switch_off(self, ports: Mapping[int, str]) -> dict[str, str]:
        """Name the annotations that say off for each of *ports* by itself."""
        return _all_filled(self.disable_ports, ports)

    def values_of_port(self, key: str) -> set[str]:
        """Name the values, for on and for off, of *key* where it is of one port."""
        number = re.search(r"\d+$", key)
        if number is None:
            return set()
        sets = (*self.enable_ports.values(), self.disable_ports)
        ports = {int(number.group()): ""}
        return {
            _all_filled({template: value}, ports)[key]
            for templates in sets
            for template, value in templates.items()
            if template.replace("{port}", number.group()) == key != template
        }

    def has_own_keys(self, version: ProxyVersion) -> bool:
        """Whether ports are switched by keys that the form for all does not overwrite.

        What such a key says stays when another form is written: KubeLB never takes an
        annotation off the Envoy Service.
        """
        keys = self.enable_ports.get(version, {}).keys()
        return bool(keys - self.enable[version].keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSupport:
    """Whether `externalTrafficPolicy: Local` delivers; not whether it is enough.

    *since* is the first Cilium version with which it does, and *works* the answer when
    the version is not known.  *annotations* are what the Service then needs besides.
    """

    works: bool
    why: str
    since: tuple[int, int, int] | None = None
    with_proxy: bool = True
    why_with_proxy: str | None = None
    condition: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One load balancer, as the catalogue or the spec describes it.

    *mixed_protocols* None is not known.  *ip_mode* None is not known, or a host name in
    the Service's status.  *unverified* lists the statements that nobody has checked.
    """

    name: str
    title: str
    kind: LoadBalancerClass
    kind_udp: LoadBalancerClass | None = None
    kind_by_family: Mapping[IPFamily, LoadBalancerClass] = field(
        default_factory=dict, hash=False
    )
    kind_by_policy: Mapping[str, LoadBalancerClass] = field(
        default_factory=dict, hash=False
    )
    udp: bool
    mixed_protocols: bool | None
    proxy: ProxySupport | None
    local: LocalSupport
    direct_return: DirectReturn
    direct_return_why: str
    health_checks: tuple[str, ...] = ()
    extra_annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    ip_mode: str | None = None
    ip_mode_with_proxy: str | None = None
    source: str
    date: str | None = None
    unverified: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def class_for(
        self,
        protocol: str,
        family: IPFamily = IPFamily.IPV4,
        policy: str | None = None,
    ) -> LoadBalancerClass:
        """Name the class for one path; *policy* is `Local`, `Cluster` or not decided.

        What translates between address families loses the source whatever the
        protocol, so that the family has the first word.
        """
        if family in self.kind_by_family:
            return self.kind_by_family[family]
        if policy is not None and policy in self.kind_by_policy:
            return self.kind_by_policy[policy]
        if protocol.upper() == "UDP" and self.kind_udp is not None:
            return self.kind_udp
        return self.kind

    def local_works(
        self,
        cilium_version: tuple[int, int, int] | None,
        *,
        sends_proxy: bool = False,
    ) -> bool:
        """Whether `Local` delivers here; *cilium_version* None is not known.

        A PROXY header can break the health checks that `Local` relies on.
        """
        if sends_proxy and not self.local.with_proxy:
            return False
        if cilium_version is None or self.local.since is None:
            return self.local.works
        return cilium_version >= self.local.since

    def annotations_under(self, policy: str) -> dict[str, str]:
        """What the Service must carry under *policy*, PROXY aside."""
        needed = dict(self.extra_annotations)
        if policy == "Local":
            needed.update(self.local.annotations)
        return needed


def custom(
    name: str,
    *,
    kind: LoadBalancerClass,
    version: ProxyVersion | None = None,
    enable: Mapping[str, str] | None = None,
    disable: Mapping[str, str] | None = None,
) -> Provider:
    """Make a provider of what a spec says about a balancer that we do not know.

    With *version* it can send PROXY; without annotations its owner has switched it on.
    """
    proxy = None
    if version is not None:
        proxy = ProxySupport(
            versions=(version,),
            enable={version: dict(enable or {})},
            disable=dict(disable or {}),
        )
    direct_return = {
        LoadBalancerClass.VIP: DirectReturn.WORKS,
        LoadBalancerClass.PASS_THROUGH: DirectReturn.RISKY,
        LoadBalancerClass.PROXYING: DirectReturn.USELESS,
    }[kind]
    return Provider(
        name=name,
        title=f"{name} (described in the spec)",
        kind=kind,
        udp=True,
        mixed_protocols=None,
        proxy=proxy,
        local=LocalSupport(works=True, why="the spec says nothing against it"),
        direct_return=direct_return,
        direct_return_why="the spec says what class of load balancer it is, no more",
        source="spec",
    )


def _all_filled(
    templates: Mapping[str, str], ports: Mapping[int, str]
) -> dict[str, str]:
    return {
        filled_key: filled_value
        for key, value in templates.items()
        for filled_key, filled_value in _filled(key, value, ports)
    }


def _filled(key: str, value: str, ports: Mapping[int, str]) -> list[tuple[str, str]]:
    if "{port}" in key:
        return [
            (_for_port(key, number, name), _for_port(value, number, name))
            for number, name in ports.items()
        ]
    return [(key, _repeated(value, ports))]


def _repeated(value: str, ports: Mapping[int, str]) -> str:
    before, marker, rest = value.partition(_EACH)
    if not marker:
        return value
    item, _, after = rest.partition(_END)
    items = ",".join(_for_port(item, number, name) for number, name in ports.items())
    return before + items + _repeated(after, ports)


def _for_port(template: str, number: int, name: str) -> str:
    # Not str.format: the values are JSON, full of braces of their own.
    return template.replace("{port}", str(number)).replace("{name}", name)
