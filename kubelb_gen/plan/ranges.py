"""Ranges of addresses, as trust lists compare them."""

from ipaddress import IPv4Network, IPv6Network

from kubelb_gen.model.backends import Network


def within(network: Network, other: Network) -> bool:
    """Tell whether *network* is a part of *other*."""
    match network, other:
        case (IPv4Network(), IPv4Network()) | (IPv6Network(), IPv6Network()):
            return network.subnet_of(other)  # type: ignore[arg-type]
    return False
