"""CIDRs of the spec as networks, with `$name` replaced by its set.

Every range here says whom somebody trusts, so one that holds all addresses is
refused, and so are host bits: the writer meant either the host or the network.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from kubelb_gen.schema import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.node import Node
    from kubelb_gen.model.backends import Network

UNKNOWN = "unknown"
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def said_unknown(fields: Mapping[str, Node]) -> tuple[str, ...]:
    """Name the *fields* that the spec says are unknown."""
    return tuple(key for key in sorted(fields) if fields[key].data == UNKNOWN)


class Networks:
    """Reads CIDRs; knows the sets."""

    def __init__(self, sets: Mapping[str, Node], findings: Findings) -> None:
        self._findings = findings
        self._sets = {name: self._listed(node) for name, node in sets.items()}

    def read(self, node: Node | None) -> tuple[Network, ...] | None:
        """Return the networks of a list, or None where there is no list.

        Of a list that is `unknown` there are none.
        """
        if node is None:
            return None
        return () if node.data == UNKNOWN else self._listed(node)

    def one(self, node: Node | None) -> Network | None:
        """Return the network of a single CIDR that trusts nobody."""
        return None if node is None else self._parsed(node)

    def _listed(self, node: Node) -> tuple[Network, ...]:
        found: dict[Network, None] = {}
        for index in range(len(node.data)):
            item = node[index]
            if item.data.startswith("$"):
                found.update(dict.fromkeys(self._named(item)))
                continue
            network = self._parsed(item)
            if network is not None and network.prefixlen == 0:
                self._findings.error(
                    "trusts-everybody",
                    f"'{item.data}' is every address there is",
                    item.at,
                    hint="name the ranges of the proxies or nodes that connect",
                )
            elif network is not None:
                found[network] = None
        return tuple(found)

    def _named(self, item: Node) -> tuple[Network, ...]:
        name = item.data[1:]
        if name not in self._sets:
            self._findings.missing(
                "unknown-reference",
                f"'{item.data}' is none of the cidrSets",
                item.at,
                hint=did_you_mean(name, self._sets),
            )
            return ()
        return self._sets[name]

    def _parsed(self, node: Node) -> Network | None:
        text = node.data
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            pass
        else:
            return None if self._is_mapped(network, node) else network
        try:
            meant = ipaddress.ip_network(text, strict=False)
        except ValueError:
            self._findings.error("malformed", f"'{text}' is not a CIDR", node.at)
            return None
        host = text.partition("/")[0]
        self._findings.error(
            "host-bits",
            f"'{text}' has host bits set",
            node.at,
            hint=f"the network is {meant}, the host is {host}/{meant.max_prefixlen}",
        )
        return None

    def _is_mapped(self, network: Network, node: Node) -> bool:
        """Tell IPv4 written as IPv6, which no peer over IPv4 is ever inside."""
        if network.version == 4 or not network.subnet_of(_MAPPED):  # noqa: PLR2004
            return False
        address = network.network_address.ipv4_mapped
        self._findings.error(
            "malformed",
            f"'{node.data}' is an IPv4 range written as IPv6",
            node.at,
            hint=f"write {address}/{network.prefixlen - _MAPPED.prefixlen}",
        )
        return True
