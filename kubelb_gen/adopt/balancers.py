"""Which load balancer it is, by the annotations that only one of them reads.

A Service does not name its load balancer.  Its annotations do, where somebody had a
reason to write one; so do the objects of MetalLB and Cilium, and the host name that a
cloud puts into the status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.catalogue.switches import switched_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.catalogue import Provider
    from kubelb_gen.running.estate import Estate

_BY_KIND = {
    "BGPAdvertisement": "metallb-bgp",
    "L2Advertisement": "metallb-l2",
    "CiliumBGPClusterConfig": "cilium-bgp",
    "CiliumBGPPeeringPolicy": "cilium-bgp",
    "CiliumL2AnnouncementPolicy": "cilium-l2",
}
_BY_NODE = {
    "hcloud": "hetzner",
    "gce": "gcp-passthrough",
    "vultr": "vultr",
    "linode": "linode",
    "exoscale": "exoscale",
    "upcloud": "upcloud",
    "cloudscale": "cloudscale",
    "stackit": "stackit",
    "scaleway": "scaleway",
}


def by_annotations(annotations: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the providers that read most of *annotations*, one where it is clear."""
    merged = [dict(each) for each in annotations]
    scores = {name: _score(provider(name), merged) for name in provider_names()}
    best = max(scores.values())
    return [name for name, score in scores.items() if score == best] if best else []


def by_objects(estate: Estate) -> list[str]:
    """Return the providers that the objects of the management cluster speak of."""
    found = {_BY_KIND[each.kind] for each in estate.management if each.kind in _BY_KIND}
    for each in estate.managed("Node"):
        scheme = str(each.spec.get("providerID") or "").partition("://")[0]
        if scheme in _BY_NODE:
            found.add(_BY_NODE[scheme])
    return sorted(found)


def sent(
    known: Provider, annotations: Mapping[str, str], ports: Mapping[int, str]
) -> dict[int, str]:
    """Return the PROXY version that *annotations* switch on, by port.

    *ports* are the TCP ports of the Service, number to name.
    """
    on = known.proxy and switched_on(known.proxy, annotations, ports)
    if not on:
        return {}
    return dict.fromkeys(
        ports if on.ports is None else sorted(on.ports), str(on.version)
    )


def _score(known: Provider, annotations: Iterable[Mapping[str, str]]) -> int:
    score = 0
    for each in annotations:
        extra = known.extra_annotations
        if any(each.get(key, value) != value for key, value in extra.items()):
            return 0
        score += 2 * sum(key in each for key in extra)
        score += sum(key in each for key in _keys(known, each))
    return score


def _keys(known: Provider, annotations: Mapping[str, str]) -> set[str]:
    support = known.proxy
    if support is None:
        return set(known.local.annotations)
    keys = {key for switch in support.enable.values() for key in switch}
    for switch in support.enable.values():
        # A value of another provider's makes the key none of this one's.
        for key, value in switch.items():
            given = annotations.get(key, value)
            if given not in (value, support.disable.get(key)) and key in annotations:
                keys.discard(key)
    templates = {key for switch in support.enable_ports.values() for key in switch}
    heads = tuple(key.partition("{port}")[0] for key in templates if "{port}" in key)
    keys |= {key for key in annotations if heads and key.startswith(heads)}
    keys |= templates | set(support.disable)
    return keys
