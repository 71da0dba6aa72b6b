"""A trusted range is so large that clients of the internet are inside it.

What: `egressCIDRs`, `internalCIDRs`, `podCIDRs` or `trustedCIDRs` holds public
addresses by the ten thousand, or `trustedProxies.cidrs` by the million.
Why: whoever has such an address can name any client.  No cluster's nodes fill a public
/15, and no CDN publishes a /10.

Bad:

    egressCIDRs: [128.0.0.0/1]

Good, the addresses of the NAT gateway:

    egressCIDRs: [198.51.100.4/32]
"""

from collections.abc import Iterator
from ipaddress import IPv4Network

from kubelb_gen.checks.programs import pins
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan
from kubelb_gen.plan.ranges import within

ID = "trust-range-public"
SEVERITY = Severity.WARNING

_CARRIERS = IPv4Network("100.64.0.0/10")
# The longest prefix, by IP version, that is still too short.
_OWN = {4: 15, 6: 31}
_PROXIES = {4: 10, 6: 24}

_Place = tuple[DataPath | None, tuple[Network, ...], dict[int, int]]


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each list that trusts a part of the internet."""
    seen: set[DataPath] = set()
    for at, ranges, limits in _places(plan):
        if at is None or at in seen:
            continue
        seen.add(at)
        wide = [each for each in ranges if _is_public(each, limits)]
        if wide:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{', '.join(map(str, wide))} in {at.keys[-1]} holds public "
                "addresses of strangers, who could name any client",
                at=at,
                hint="name the ranges of the nodes, pods or proxies that connect",
            )


def _places(plan: Plan) -> Iterator[_Place]:
    management = plan.fleet.management
    yield _at(management.at, "egressCIDRs"), management.egress_cidrs, _OWN
    yield _at(management.at, "podCIDRs"), management.pod_cidrs, _OWN
    for tenant in plan.fleet.tenants:
        yield _at(tenant.at, "internalCIDRs"), tenant.internal_cidrs, _OWN
        yield _at(tenant.at, "egressCIDRs"), tenant.egress_cidrs or (), _OWN
        for gateway in tenant.gateways:
            at = _at(_at(gateway.at, "trustedProxies"), "cidrs")
            yield at, gateway.trusted_proxies.cidrs, _PROXIES
    for pin in pins(plan):
        yield pin.at, pin.trusted, _OWN


def _at(place: DataPath | None, key: str) -> DataPath | None:
    return None if place is None else place / key


def _is_public(network: Network, limits: dict[int, int]) -> bool:
    return (
        network.prefixlen <= limits[network.version]
        and not network.is_private
        and not within(network, _CARRIERS)
    )
