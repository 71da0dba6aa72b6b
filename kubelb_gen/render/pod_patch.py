"""Patches for the workloads whose pods run a backend that we write.

A patch mounts the ConfigMap, opens the ports, sets the readiness probe, and changes the
pod template with the configuration, so that pods restart on a new one.  The workload
is no object of ours, so no kustomization of ours lists its patch.  A probe has one
handler: the others are taken out, or a merge would leave two.

Manual: Kubernetes, "Configure Liveness, Readiness and Startup Probes", "Update API
Objects in Place Using kubectl patch".
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from kubelb_gen.model import ProbeType, Protocol, Workload
from kubelb_gen.plan import BackendFile, Listener, names
from kubelb_gen.plan.pods import plain_probe_port
from kubelb_gen.plan.workloads import mount_path
from kubelb_gen.render.config_map import CHECKSUM, checksum, keyed, name_of
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.metadata import metadata

Texts = Mapping[str, str]


def drafts(spec: str, backends: Sequence[tuple[BackendFile, Texts]]) -> Iterator[Draft]:
    """Yield a draft for each backend with a workload; its texts by path."""
    by_workload: dict[tuple[str, ...], list[str]] = {}
    for backend, texts in backends:
        if backend.workload is not None and texts:
            digests = by_workload.setdefault(_key(backend, backend.workload), [])
            digests.append(checksum(keyed(backend, texts)))
    for backend, texts in backends:
        if backend.workload is not None and texts:
            digests = by_workload[_key(backend, backend.workload)]
            yield _patch(spec, backend, backend.workload, _together(digests))


def path_of(backend: BackendFile) -> str:
    """Return where the patch for the workload of *backend* is written."""
    stem = f"{backend.name}.{backend.kind}"
    return f"tenants/{backend.tenant}/{backend.namespace}/{stem}.pod.patch.yaml"


def _key(backend: BackendFile, workload: Workload) -> tuple[str, ...]:
    return (backend.tenant, backend.namespace, workload.kind, workload.name)


def _together(digests: Sequence[str]) -> str:
    """Return one digest for a pod that mounts several ConfigMaps."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _patch(spec: str, backend: BackendFile, workload: Workload, digest: str) -> Draft:
    config_map = name_of(backend)
    return Draft(
        path=path_of(backend),
        kind=Kind.POD_PATCH,
        role=Role.FILE,
        cluster=backend.tenant,
        template="kubernetes/pod_patch.yaml.j2",
        context=metadata(spec=spec, name=workload.name, namespace=backend.namespace)
        | {
            "workload": workload.kind,
            "annotation": CHECKSUM,
            "digest": digest,
            "container": workload.container,
            "ports": tuple(_ports(backend)),
            "probe": _probe(backend.listeners),
            "volume": names.volume(config_map),
            "mount_path": mount_path(backend),
            "config_map": config_map,
        },
    )


def _ports(backend: BackendFile) -> Iterator[Mapping[str, object]]:
    for each in backend.listeners:
        yield {
            "name": backend.port_names.get(each.listen),
            "number": each.listen,
            "protocol": each.protocol,
        }
    for port in dict.fromkeys(map(plain_probe_port, backend.listeners)):
        if port is not None:
            yield {"name": None, "number": port, "protocol": Protocol.TCP}


def _probe(listeners: Sequence[Listener]) -> Mapping[str, object] | None:
    """Return the probe of the first of *listeners* that says one, else a connection."""
    asked = next((each for each in listeners if each.probe is not None), None)
    if asked is None or asked.probe is None:
        tcp = (each.listen for each in listeners if each.protocol is Protocol.TCP)
        port = next(tcp, None)
        return None if port is None else {"port": port, "path": None}
    over_http = asked.probe.type is ProbeType.HTTP_GET
    own = plain_probe_port(asked) is not None
    return {
        "port": asked.probe.port or asked.listen,
        "path": asked.probe.path if over_http else None,
        "scheme": "HTTPS" if asked.tls is not None and not own else "HTTP",
    }
