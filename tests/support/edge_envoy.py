"""An Envoy at the edge, in front of KubeLB's, as Envoy Gateway sets it up.

The edge leaves from 127.0.0.2, which is then the last X-Forwarded-For entry that a
backend gets.  Without trusted proxies the client is the connection's source; with
them it comes from X-Forwarded-For, which Envoy Gateway asks of an extension (its
`numTrustedHops: N` becomes `xff_num_trusted_hops: N - 1` there), and the edge still
appends its own peer.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.loopback import free_ports
from tests.support.servers import envoy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.loopback import Running

EDGE = "127.0.0.2"
OUTER_PROXY = "127.0.0.6"

Config = dict[str, object]

_TYPES = "type.googleapis.com/envoy.extensions"


@dataclass(frozen=True, slots=True)
class Edge:
    """A running edge: where clients reach it."""

    port: int
    program: Running


@contextmanager
def edge_envoy(
    folder: Path,
    upstream: int,
    *,
    trusted_cidrs: tuple[str, ...] = (),
    trusted_hops: int | None = None,
    proxy_protocol: bool = False,
) -> Iterator[Edge]:
    """An edge in front of KubeLB's Envoy, which listens on port *upstream*.

    *trusted_cidrs* and *trusted_hops* are the fields of a ClientTrafficPolicy, of
    which one is set at most; *proxy_protocol* makes every client send a header.
    """
    (port,) = free_ports(1)
    config = edge_bootstrap(
        port,
        upstream,
        trusted_cidrs=trusted_cidrs,
        trusted_hops=trusted_hops,
        proxy_protocol=proxy_protocol,
    )
    with envoy(folder, json.dumps(config), ports=[port]) as program:
        yield Edge(port, program)


def edge_bootstrap(
    port: int,
    upstream: int,
    *,
    trusted_cidrs: tuple[str, ...] = (),
    trusted_hops: int | None = None,
    proxy_protocol: bool = False,
) -> Config:
    """The edge's static bootstrap, without an admin port."""
    manager = _manager(_detection(trusted_cidrs, trusted_hops))
    listener: Config = {
        "name": "edge",
        "address": _address("127.0.0.1", port),
        "filter_chains": [{"filters": [manager]}],
    }
    if proxy_protocol:
        listener["listener_filters"] = [
            _typed(
                "envoy.filters.listener.proxy_protocol",
                "filters.listener.proxy_protocol.v3.ProxyProtocol",
            )
        ]
    return {
        "static_resources": {"listeners": [listener], "clusters": [_cluster(upstream)]}
    }


def _detection(cidrs: tuple[str, ...], hops: int | None) -> Config | None:
    if not cidrs and hops is None:
        return None
    trust: Config = {"skip_xff_append": False}
    if cidrs:
        networks = [cidr.split("/") for cidr in cidrs]
        trust["xff_trusted_cidrs"] = {
            "cidrs": [
                {"address_prefix": prefix, "prefix_len": int(length)}
                for prefix, length in networks
            ]
        }
    elif hops is not None:
        trust["xff_num_trusted_hops"] = max(hops - 1, 0)
    return _typed(
        "envoy.extensions.http.original_ip_detection.xff",
        "http.original_ip_detection.xff.v3.XffConfig",
        **trust,
    )


def _manager(detection: Config | None) -> Config:
    route: Config = {"match": {"prefix": "/"}, "route": {"cluster": "kubelb"}}
    host: Config = {"name": "all", "domains": ["*"], "routes": [route]}
    manager: Config = {
        "stat_prefix": "edge",
        "use_remote_address": detection is None,
        "http_filters": [
            _typed("envoy.filters.http.router", "filters.http.router.v3.Router")
        ],
        "route_config": {"name": "edge", "virtual_hosts": [host]},
    }
    if detection is not None:
        manager["original_ip_detection_extensions"] = [detection]
    return _typed(
        "envoy.filters.network.http_connection_manager",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        **manager,
    )


def _cluster(upstream: int) -> Config:
    endpoint: Config = {"endpoint": {"address": _address("127.0.0.1", upstream)}}
    source = {"address": EDGE, "port_value": 0}
    return {
        "name": "kubelb",
        "type": "STATIC",
        "connect_timeout": "5s",
        "upstream_bind_config": {"source_address": source},
        "load_assignment": {
            "cluster_name": "kubelb",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _typed(name: str, kind: str, **fields: object) -> Config:
    config: Config = {"@type": f"{_TYPES}.{kind}", **fields}
    return {"name": name, "typed_config": config}


def _address(address: str, port: int) -> Config:
    return {"socket_address": {"address": address, "port_value": port}}
