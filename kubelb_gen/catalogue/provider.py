"""What one load balancer does to the connections that it forwards.

The class says whether the client's address reaches the node: a `passThrough` balancer
forwards packets, a `vip` is an address on the nodes themselves, a `proxying` balancer
opens connections of its own, so that only a PROXY header can tell who the client is.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from kubelb_gen.catalogue.proxy import ProxySupport, ProxyVersion
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


class LoadBalancerClass(StrEnum):
    """How the source address fares on its way to the node."""

    PASS_THROUGH = "passThrough"  # noqa: S105  no password
    VIP = "vip"
    PROXYING = "proxying"


class IPFamily(StrEnum):
    """Kubernetes' names of the address families."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


class DirectReturn(StrEnum):
    """What Cilium's DSR achieves behind a load balancer."""

    WORKS = "works"
    RISKY = "risky"
    USELESS = "useless"


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
