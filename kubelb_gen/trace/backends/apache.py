"""Whom an Apache backend takes for the client.

`RemoteIPProxyProtocol` demands a header and reads both versions.  `RemoteIPHeader` is
walked from the right past `RemoteIPInternalProxy`.

Manual: mod_remoteip.  Checked against 2.4.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.trace.backends.receiving import BackendHop, receive_and_read
from kubelb_gen.trace.flow import Flow, Step

KIND = "apache"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Apache's `REMOTE_ADDR` names."""
    return receive_and_read(flow, hop, _READABLE)
