"""An NGINX at the edge, with what ingress-nginx writes about the client.

The directives are those of ingress-nginx's `rootfs/etc/nginx/template/nginx.tmpl`,
chosen by the controller's ConfigMap as that template chooses them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.edge_envoy import EDGE, Edge
from tests.support.loopback import free_ports
from tests.support.servers import nginx

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FULL = """\
map $http_x_forwarded_for $full_x_forwarded_for {{
    default "$http_x_forwarded_for, {peer}";
    ''      "{peer}";
}}
"""


@contextmanager
def edge_nginx(
    folder: Path, upstream: int, config: Mapping[str, str]
) -> Iterator[Edge]:
    """An edge in front of KubeLB's Envoy on *upstream*; *config* is its ConfigMap.

    It leaves from 127.0.0.2.
    """
    (port,) = free_ports(1)
    at, to = f"127.0.0.1:{port}", f"127.0.0.1:{upstream}"
    lines = [*shared(config), *server([at], to, config, source=EDGE)]
    with nginx(folder, http=["\n".join(lines)], ports=[port]) as program:
        yield Edge(port, program)


def shared(config: Mapping[str, str]) -> Iterator[str]:
    """What stands once, in front of all servers of an edge."""
    if _whole_list(config):
        proxy = config.get("use-proxy-protocol") == "true"
        peer = "$proxy_protocol_addr" if proxy else "$realip_remote_addr"
        yield _FULL.format(peer=peer)


def server(
    listens: Iterable[str],
    upstream: str,
    config: Mapping[str, str],
    *,
    source: str | None = None,
) -> Iterator[str]:
    """A server on the addresses *listens* that leads to *upstream*, from *source*."""
    proxy = config.get("use-proxy-protocol") == "true"
    headers = config.get("use-forwarded-headers") == "true"
    yield "server {"
    for each in listens:
        yield f"    listen {each}{' proxy_protocol' if proxy else ''};"
    if proxy or headers or config.get("enable-real-ip") == "true":
        yield f"    real_ip_header {'proxy_protocol' if proxy else 'X-Forwarded-For'};"
        yield "    real_ip_recursive on;"
        # The controller's default trusts everybody.
        for network in config.get("proxy-real-ip-cidr", "0.0.0.0/0").split(","):
            yield f"    set_real_ip_from {network};"
    client = "$full_x_forwarded_for" if _whole_list(config) else "$remote_addr"
    yield "    location / {"
    if source is not None:
        yield f"        proxy_bind {source};"
    yield "        proxy_set_header X-Real-IP $remote_addr;"
    yield f"        proxy_set_header X-Forwarded-For {client};"
    yield "        proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;"
    yield "        proxy_set_header X-Forwarded-Proto $scheme;"
    yield f"        proxy_pass http://{upstream};"
    yield "    }"
    yield "}"


def _whole_list(config: Mapping[str, str]) -> bool:
    return (
        config.get("use-forwarded-headers") == "true"
        and config.get("compute-full-forwarded-for") == "true"
    )
