"""The program at the end of a path, and what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.unparse.saying import said, text

if TYPE_CHECKING:
    from kubelb_gen.model import Backend, HeaderReading, Probe
    from kubelb_gen.model.backends import Workload
    from kubelb_gen.unparse.saying import Data


def backend_data(backend: Backend) -> Data:
    """Return what the spec says of *backend*."""
    upstream = backend.upstream_proxy_protocol
    trusted = backend.trusted_cidrs
    return said(
        kind=UNKNOWN if backend.unknown else str(backend.kind),
        mode=text(backend.mode),
        upstream=backend.upstream,
        upstreamProxyProtocol=None
        if upstream is ProxyAcceptance.NONE
        else str(upstream),
        proxyProtocol=backend.proxy_protocol,
        acceptProxyProtocol=text(backend.accept_proxy_protocol),
        reads=_reads(backend.reads),
        trustedCIDRs=None if trusted is None else [str(each) for each in trusted],
        probe=_probe(backend.probe),
        emit=text(backend.emit),
        configMap=None
        if backend.config_map is None
        else said(name=backend.config_map.name, key=backend.config_map.key),
        workload=_workload(backend.workload),
        tls=None
        if backend.tls is None
        else {"certificate": backend.tls.certificate, "key": backend.tls.key},
    )


def _workload(workload: Workload | None) -> Data | None:
    if workload is None:
        return None
    return said(
        kind=None if workload.kind == "Deployment" else workload.kind,
        name=workload.name,
        container=workload.container,
        mountPath=workload.mount_path,
    )


def _probe(probe: Probe | None) -> Data | None:
    if probe is None:
        return None
    return said(type=str(probe.type), port=probe.port, path=probe.path)


def _reads(reads: HeaderReading | None) -> Data | None:
    if reads is None:
        return None
    return said(
        header=reads.header,
        fromRight=reads.from_right,
        cidrs=[str(each) for each in reads.cidrs],
        first=reads.first,
        peer=reads.peer,
    )
