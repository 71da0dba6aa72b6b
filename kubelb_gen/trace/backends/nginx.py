"""Whom an NGINX backend takes for the client.

`listen ... proxy_protocol` demands a header and reads both versions.  realip walks
X-Forwarded-For from the right past `set_real_ip_from`, or takes the last entry.

Manual: ngx_http_realip_module, ngx_stream_realip_module.  Checked against NGINX 1.22.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from kubelb_gen.trace.backends.receiving import (
    BackendHop,
    by_field,
    by_position,
    by_walk,
    receive,
)
from kubelb_gen.trace.flow import Flow, Step

KIND = "nginx"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom NGINX's `$remote_addr` names."""
    step = receive(flow, hop, _READABLE)
    if step.broken is not None or flow.connect_only:
        return step
    match hop.reading:
        case ByHeader(header=header):
            return by_field(step.flow, hop, header)
        case ByPosition(from_right=from_right):
            return by_position(step.flow, hop, from_right)
        case ByWalk(trusted=trusted):
            return by_walk(step.flow, hop, (*hop.trusted, *trusted))
    return step
