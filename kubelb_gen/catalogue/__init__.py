"""Load balancers as data: what each does to the client's address, and how we know.

A new load balancer is a new entry in `providers.json`, with its source and its date.
"""

from kubelb_gen.catalogue.entries import provider, provider_names
from kubelb_gen.catalogue.provider import (
    DirectReturn,
    IPFamily,
    LoadBalancerClass,
    LocalSupport,
    Provider,
    custom,
)
from kubelb_gen.catalogue.proxy import ProxyScope, ProxySupport, ProxyVersion
from kubelb_gen.catalogue.sharing import Sharing, merged

__all__ = [
    "DirectReturn",
    "IPFamily",
    "LoadBalancerClass",
    "LocalSupport",
    "Provider",
    "ProxyScope",
    "ProxySupport",
    "ProxyVersion",
    "Sharing",
    "custom",
    "merged",
    "provider",
    "provider_names",
]
