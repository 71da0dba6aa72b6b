"""What the parts of a tenant need to know of the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.networks import Networks
    from kubelb_gen.build.node import Node
    from kubelb_gen.model import Edge, EnvoyPorts


@dataclass(frozen=True, slots=True)
class Context:
    """Sets, profiles and names that tenants refer to."""

    findings: Findings
    networks: Networks
    profiles: Mapping[str, Node]
    balancers: list[str]
    edges: tuple[Edge, ...]
    envoy: EnvoyPorts
