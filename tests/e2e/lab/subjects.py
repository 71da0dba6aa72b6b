"""Ports of Services: every backend under every policy, pitfalls, callers, UDP."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tests.e2e.lab.cells import (
    HEALTH,
    HTTP,
    KUBELET,
    SERVICE_IP,
    TCP,
    UDP,
    V4,
    VIP,
    Data,
    Subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_HTTP, _TCP = {"upstream": f"127.0.0.1:{HTTP}"}, {"upstream": f"127.0.0.1:{TCP}"}

NGINX_HTTP: Data = {"kind": "nginx", "mode": "http", **_HTTP}
NGINX_STREAM: Data = {"kind": "nginx", "mode": "stream", **_TCP}
HAPROXY_HTTP: Data = {"kind": "haproxy", "mode": "http", **_HTTP}
# HAProxy tells whom it takes for the client only to who asks for a header.
HAPROXY_TCP: Data = {
    "kind": "haproxy",
    "mode": "tcp",
    "upstreamProxyProtocol": "v2",
    **_TCP,
}
ENVOY_HTTP: Data = {"kind": "envoy", "mode": "http", **_HTTP}
ENVOY_TCP: Data = {
    "kind": "envoy",
    "mode": "tcp",
    "upstreamProxyProtocol": "v2",
    **_TCP,
}
TRAEFIK: Data = {"kind": "traefik", **_HTTP}
CADDY: Data = {"kind": "caddy", **_HTTP}
APACHE: Data = {"kind": "apache", "emit": "complete", **_HTTP}
_FIRST = {
    "nginx-http": NGINX_HTTP,
    "nginx-stream": NGINX_STREAM,
    "haproxy-http": HAPROXY_HTTP,
    "haproxy-tcp": HAPROXY_TCP,
}
LATER = {
    "envoy-http": ENVOY_HTTP,
    "envoy-tcp": ENVOY_TCP,
    "traefik": TRAEFIK,
    "caddy": CADDY,
    "apache": APACHE,
}
_PROGRAMS = {**_FIRST, **LATER}


def other(proxy_protocol: str) -> Data:
    """A program that we do not write, which wants PROXY or not."""
    return {"kind": "other", "proxyProtocol": proxy_protocol}


def all_backends(
    *policies: str, wanting: str = "required", annotations: tuple[str, ...]
) -> Iterator[Subject]:
    """Backends under every policy, with and without the annotation.

    NGINX, HAProxy and others are run in every way, so that for the rest one way is
    enough: see `later_backends`.
    """
    for policy, annotation in product(policies, annotations):
        end = f"{policy.lower()}-{'on' if annotation == 'v2' else 'off'}"
        told = annotation == "v2" or wanting == "always"
        programs = {**_FIRST, "other": other("required" if told else "none")}
        for name, backend in programs.items():
            yield Subject(
                name=f"{name}-{end}",
                backend=backend,
                policy=policy,
                annotation=annotation,
            )


def later_backends(
    *policies: str, annotations: tuple[str, ...], flows: tuple[str, ...] = (V4,)
) -> Iterator[Subject]:
    """Envoy, Traefik, Caddy and Apache, likewise."""
    for policy, annotation in product(policies, annotations):
        end = f"{policy.lower()}-{'on' if annotation == 'v2' else 'off'}"
        for name, backend in LATER.items():
            yield Subject(
                name=f"{name}-{end}",
                backend=backend,
                policy=policy,
                annotation=annotation,
                flows=flows,
            )


# What goes wrong when one end expects what the other does not do.
PITFALLS = (
    *(
        Subject(
            name=f"{name}-unexpected",
            backend={**backend, "acceptProxyProtocol": "none"},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="other-unexpected",
        backend=other("none"),
        policy="Local",
        annotation="v2",
    ),
    *(
        Subject(
            name=f"{name}-in-vain",
            backend={**backend, "acceptProxyProtocol": "v2"},
            policy="Local",
            annotation="none",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="other-in-vain",
        backend=other("required"),
        policy="Local",
        annotation="none",
    ),
    Subject(
        name="other-takes-both-on",
        backend=other("accepted"),
        policy="Local",
        annotation="v2",
    ),
    Subject(
        name="other-takes-both-off",
        backend=other("accepted"),
        policy="Local",
        annotation="none",
    ),
    *(
        Subject(
            name=f"{name}-wrong-trust",
            backend={**backend, "trustedCIDRs": ["172.16.0.0/12"]},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    *(
        Subject(
            name=f"{name}-pinned-to-v1",
            backend={**backend, "acceptProxyProtocol": "v1"},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="nginx-stream-telling",
        backend={**NGINX_STREAM, "upstreamProxyProtocol": "v1"},
        policy="Local",
        annotation="v2",
    ),
    Subject(
        name="other-wrong-trust",
        backend={**other("accepted"), "trustedCIDRs": ["172.16.0.0/12"]},
        policy="Local",
        annotation="v2",
    ),
    # The egress range alone, where the tenant's nodes are the peers.
    Subject(
        name="nginx-http-narrow-trust",
        backend={**NGINX_HTTP, "trustedCIDRs": ["10.3.0.0/16"]},
        policy="Cluster",
        annotation="v2",
    ),
)

CALLERS = (
    *(
        Subject(name=f"{name}-called", backend=backend, flows=(SERVICE_IP, VIP))
        for name, backend in {**_PROGRAMS, "other": other("required")}.items()
    ),
    *(
        Subject(
            name=f"{name}-called-{end}",
            backend=backend,
            policy=policy,
            annotation=annotation,
            flows=(SERVICE_IP, VIP),
        )
        for name, backend in {
            "nginx-http": NGINX_HTTP,
            "haproxy-tcp": HAPROXY_TCP,
            "other": other("none"),
        }.items()
        for end, policy, annotation in (
            ("unannotated", "Local", "none"),
            ("under-cluster", "Cluster", "none"),
        )
    ),
    Subject(
        name="nginx-http-plain", backend=NGINX_HTTP, plain=True, flows=(SERVICE_IP,)
    ),
    Subject(
        name="haproxy-tcp-plain", backend=HAPROXY_TCP, plain=True, flows=(SERVICE_IP,)
    ),
    Subject(
        name="other-takes-both-called",
        backend=other("accepted"),
        flows=(SERVICE_IP,),
    ),
    Subject(
        name="other-trusting-called",
        backend={**other("accepted"), "trustedCIDRs": ["10.3.0.0/16"]},
        flows=(V4, SERVICE_IP),
    ),
    Subject(
        name="nginx-http-probed",
        backend={
            **NGINX_HTTP,
            "probe": {"type": "httpGet", "port": 18081, "path": "/healthz"},
        },
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="haproxy-http-probed",
        backend={
            **HAPROXY_HTTP,
            "probe": {"type": "httpGet", "port": 18082, "path": "/healthz"},
        },
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="nginx-stream-probed",
        backend={**NGINX_STREAM, "probe": {"type": "tcpSocket"}},
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="nginx-http-probed-on-its-port",
        backend={**NGINX_HTTP, "probe": {"type": "httpGet", "path": "/healthz"}},
        flows=(KUBELET,),
    ),
)

UDP_PORTS = tuple(
    Subject(
        name=f"{name}-{policy.lower()}", backend=backend, policy=policy, protocol="UDP"
    )
    for policy in ("Cluster", "Local")
    for name, backend in {
        "udp-nginx": {**NGINX_STREAM, "upstream": f"127.0.0.1:{UDP}"},
        "udp-other": other("none"),
    }.items()
)
