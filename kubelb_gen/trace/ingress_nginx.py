"""What an ingress-nginx edge tells the backend about the client.

realip names the client, `$remote_addr`: whom the PROXY header names, or else the last
X-Forwarded-For entry outside `proxy-real-ip-cidr`, if the peer is inside.  X-Real-IP
is overwritten with it, and so is X-Forwarded-For, but for `compute-full-forwarded-for`,
which appends the peer to what came.  Every other header passes through.

Source: ingress-nginx `rootfs/etc/nginx/template/nginx.tmpl`, ngx_http_realip_module.
Checked against NGINX 1.31 with the directives of that template.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kubelb_gen.trace.flow import REAL_IP, Claim, Flow, Named
from kubelb_gen.trace.path import Role

if TYPE_CHECKING:
    from kubelb_gen.model.backends import Network
    from kubelb_gen.trace.ranges import Ranges


class Hop(Protocol):
    """The facts of an edge that matter here."""

    @property
    def replaces(self) -> bool:
        """Whether X-Forwarded-For is overwritten."""

    @property
    def believes(self) -> tuple[Network, ...]:
        """The proxies that are passed over."""

    @property
    def ranges(self) -> Ranges:
        """The networks of every role."""


def told(flow: Flow, seen: Named, whom: str, hop: Hop) -> tuple[Flow, Named, str]:
    """Return *flow* with the edge's headers, whom it takes for the client, and why.

    *seen* is who opened the connection, and *whom* that in words.
    """
    if not hop.replaces:
        claim = Claim(seen, Role.EDGE_PROXY)
        after = flow.forwarded(claim).telling(REAL_IP, claim)
        return after, seen, f"appends {whom} to X-Forwarded-For"
    client = _past_proxies(flow, seen, hop)
    if hop.believes:
        whom = "the last address outside proxy-real-ip-cidr"
    claim = Claim(client, Role.EDGE_PROXY)
    after = replace(flow, forwarded_for=(claim,)).telling(REAL_IP, claim)
    return after, client, f"replaces X-Forwarded-For with {whom}"


def _past_proxies(flow: Flow, seen: Named, hop: Hop) -> Named:
    named = seen
    for claim in reversed(flow.forwarded_for):
        if not hop.ranges.passes(named.role, hop.believes):
            break
        named = claim.named
    return named
