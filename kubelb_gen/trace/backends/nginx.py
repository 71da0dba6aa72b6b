"""Whom an NGINX backend takes for the client.

`listen ... proxy_protocol` demands a header and reads both versions.  realip walks
X-Forwarded-For from the right past `set_real_ip_from`, or takes the last entry.

Manual: ngx_http_realip_module, ngx_stream_realip_module.  Checked against NGINX 1.22.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.trace.backends.receiving import BackendHop, receive_and_read
from kubelb_gen.trace.flow import Flow, Step

KIND = "nginx"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom NGINX's `$remote_addr` names."""
    return receive_and_read(flow, hop, _READABLE)
