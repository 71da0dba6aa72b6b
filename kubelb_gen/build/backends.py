"""The program that serves a port."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.model import (
    Backend,
    BackendKind,
    BackendMode,
    ConfigMapKey,
    Emit,
    HeaderReading,
    Probe,
    ProbeType,
    ProxyAcceptance,
    Tls,
    Workload,
)

if TYPE_CHECKING:
    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.networks import Networks
    from kubelb_gen.build.node import Node

_WAYS_TO_READ = ("fromRight", "cidrs", "first", "peer")
_LAST_PORT = 65535


def build_backend(
    node: Node, upstream: Node | None, networks: Networks, findings: Findings
) -> Backend:
    """Return the program of *node*; *upstream* is the port's own, if it has one."""
    unknown = node.value("kind") == UNKNOWN
    kind = BackendKind.OTHER if unknown else BackendKind(node.value("kind"))
    upstream = upstream or node.find("upstream")
    emit = Emit(node.value("emit")) if "emit" in node else None
    if upstream is not None:
        _check_upstream(upstream, findings)
    elif kind is not BackendKind.OTHER and emit is not Emit.NONE:
        findings.error(
            "missing-field",
            f"'upstream' is missing: {kind} needs a program to hand requests to",
            node.at,
            hint="give host:port, or 'emit: none' when you write the configuration",
        )
    pinned = node.value("acceptProxyProtocol")
    return Backend(
        kind=kind,
        mode=_mode(kind, node),
        upstream=upstream.data if upstream else None,
        upstream_proxy_protocol=ProxyAcceptance(
            node.value("upstreamProxyProtocol", "none")
        ),
        probe=_probe(node),
        emit=emit,
        config_map=_config_map(node),
        workload=_workload(node),
        tls=_tls(node),
        proxy_protocol=node.value("proxyProtocol"),
        reads=_reads(node.find("reads"), networks, findings),
        accept_proxy_protocol=ProxyAcceptance(pinned) if pinned else None,
        trusted_cidrs=networks.read(node.find("trustedCIDRs")),
        unknown=unknown,
        at=node.at,
    )


def _mode(kind: BackendKind, node: Node) -> BackendMode | None:
    if kind is BackendKind.OTHER:
        return None
    # At layer 7 no mode is given: a header is read by HTTP only.
    return BackendMode(node.value("mode", BackendMode.HTTP))


def _check_upstream(upstream: Node, findings: Findings) -> None:
    host, _, number = upstream.data.rpartition(":")
    port = int(number)
    if not _is_host(host):
        message = f"'{host}' is neither an address nor a host name"
        findings.error("malformed", message, upstream.at)
    if port > _LAST_PORT:
        findings.error(
            "out-of-range",
            f"'{upstream.data}' has port {port}, out of range",
            upstream.at,
            label=f"from 1 to {_LAST_PORT}",
        )


@lru_cache(1024)
def _is_host(text: str) -> bool:
    """Tell names and addresses from what only looks like an address."""
    if not text.startswith("[") and not text.replace(".", "").isdigit():
        return True
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return text.startswith("[") == (":" in text)


def _probe(node: Node) -> Probe | None:
    if "probe" not in node:
        return None
    probe = node["probe"]
    kind = ProbeType(probe.value("type"))
    path = probe.value("path", "/" if kind is ProbeType.HTTP_GET else None)
    return Probe(type=kind, port=probe.value("port"), path=path)


def _config_map(node: Node) -> ConfigMapKey | None:
    if "configMap" not in node:
        return None
    given = node["configMap"]
    return ConfigMapKey(name=given.value("name"), key=given.value("key"))


def _workload(node: Node) -> Workload | None:
    if "workload" not in node:
        return None
    given = node["workload"]
    return Workload(
        kind=given.value("kind", "Deployment"),
        name=given.value("name"),
        container=given.value("container"),
        mount_path=given.value("mountPath"),
    )


def _tls(node: Node) -> Tls | None:
    if "tls" not in node:
        return None
    given = node["tls"]
    return Tls(certificate=given.value("certificate"), key=given.value("key"))


def _reads(
    node: Node | None, networks: Networks, findings: Findings
) -> HeaderReading | None:
    if node is None:
        return None
    ways = [way for way in _WAYS_TO_READ if node.value(way) not in (None, False)]
    if len(ways) != 1:
        given = ", ".join(ways) or "none of them"
        findings.error(
            "one-way-to-read",
            "'reads' must say one of fromRight, cidrs, first and peer",
            node.at,
            label=f"this says {given}",
        )
    peer = node.flag("peer")
    return HeaderReading(
        header=node.value("header", None if peer else "X-Forwarded-For"),
        from_right=node.value("fromRight"),
        cidrs=networks.read(node.find("cidrs")) or (),
        first=node.flag("first"),
        peer=peer,
    )
