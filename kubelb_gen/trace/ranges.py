"""Which networks the spec gives for each role, and whether a trust list has them.

Where the spec gives none, nothing can be compared: `trust-ranges-missing` tells of
that, and the path assumes that the list is right.
"""

from collections.abc import Mapping
from dataclasses import field

from kubelb_gen.frozen import dataclass
from kubelb_gen.model.backends import Network
from kubelb_gen.trace.path import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """The networks of the roles that a spec knows, and those that it calls unknown."""

    by_role: Mapping[Role, tuple[Network, ...]] = field(default_factory=dict)
    unknown: frozenset[Role] = frozenset()

    def admits(self, role: Role, trusted: tuple[Network, ...]) -> bool:
        """Tell whether a guard with *trusted* lets anybody of *role* in."""
        known = self.by_role.get(role, ())
        return not known or any(_meet(one, two) for one in known for two in trusted)

    def passes(self, role: Role | None, trusted: tuple[Network, ...]) -> bool:
        """Tell whether a walk past *trusted* goes on over everybody of *role*.

        Nobody passes whom the spec has no place for: a client, or a node of the
        management cluster.
        """
        if role is None or role not in self.by_role:
            return False
        return all(
            any(_holds(two, one) for two in trusted) for one in self.by_role[role]
        )


def _meet(one: Network, two: Network) -> bool:
    return one.version == two.version and one.overlaps(two)


def _holds(outer: Network, inner: Network) -> bool:
    return (
        outer.version == inner.version
        and outer.prefixlen <= inner.prefixlen
        and outer.overlaps(inner)
    )
