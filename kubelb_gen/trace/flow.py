"""What travels: a source address, and everything in front of and inside the payload.

A flow never holds addresses, only what stands behind them.  A lie is a name that no
hop gave: its *role* is None.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Protocol

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Protocol as Transport
from kubelb_gen.trace.path import Carried, Role, Setting, Snat

EXTERNAL_ADDRESS = "x-envoy-external-address"
FORWARDED_FOR = "x-forwarded-for"
REAL_IP = "x-real-ip"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody's address; *lost_at* is where it first took the client's place."""

    role: Role | None
    lost_at: Snat | None = None

    @property
    def is_lie(self) -> bool:
        """Whether a client made the address up."""
        return self.role is None

    def replaced(self, by: Role, at: Snat) -> "Named":
        """Return the address of *by*, which takes this one's place *at* a hop."""
        return Named(by, self.lost_at or at)


LIE = Named(None)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of who the client is; a *writer* CLIENT may be anybody."""

    named: Named
    writer: Role


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """A PROXY header in front of the payload."""

    version: ProxyVersion
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Connections, requests or datagrams as one hop hands them to the next.

    *headers* are PROXY headers, the outermost first; *forwarded_for* is
    X-Forwarded-For, oldest first; *fields* holds the single-valued request headers by
    lower-cased name.  *connect_only* sends nothing and leaves at once.
    """

    source: Named
    protocol: Transport = Transport.TCP
    over_ipv6: bool = False
    headers: tuple[ProxyHeader, ...] = ()
    forwarded_for: tuple[Claim, ...] = ()
    fields: Mapping[str, Claim] = field(default_factory=dict)
    connect_only: bool = False

    def behind(self, header: ProxyHeader) -> "Flow":
        """Return the flow with *header* in front of everything."""
        return replace(self, headers=(header, *self.headers))

    def forwarded(self, claim: Claim) -> "Flow":
        """Return the flow with *claim* as the last X-Forwarded-For entry."""
        return replace(self, forwarded_for=(*self.forwarded_for, claim))

    def telling(self, name: str, claim: Claim) -> "Flow":
        """Return the flow with the request header *name* overwritten."""
        return replace(self, fields={**self.fields, name: claim})

    def sent_by(self, source: Named) -> "Flow":
        """Return the flow on a connection, or in packets, from *source*."""
        return replace(self, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The flow after a hop, and why it is so.

    *broken* says why nothing comes out; *named* is whom the hop takes for the client,
    and *carried* what told it.  *unknown* tells that nobody knows what the hop does, so
    that the verdict is no verdict from there on.
    """

    flow: Flow
    why: str
    snat: bool = False
    setting: Setting | None = None
    broken: str | None = None
    named: Named | None = None
    carried: Carried | None = None
    unknown: bool = False


class Plane(Protocol):
    """A data plane: its module holds the name and this one function."""

    @property
    def KIND(self) -> str:  # noqa: N802  a constant of the module
        """The name of the data plane."""

    def forward(self, flow: Flow, hop: Any, /) -> Step:  # noqa: ANN401
        """Return what becomes of *flow*; every plane has facts of its own as *hop*."""


def refused(flow: Flow, why: str, setting: Setting | None = None) -> Step:
    """Return the step out of which nothing comes."""
    return Step(flow=flow, why=why, broken=why, setting=setting)


def unread(flow: Flow) -> str:
    """Say which headers stand in front of *flow*, in the words of a sentence."""
    return " and ".join(f"PROXY {each.version}" for each in flow.headers)
