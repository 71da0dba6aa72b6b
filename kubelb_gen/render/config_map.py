"""ConfigMaps with the configurations of the backends.

They hold rendered text, so they come after everything else.  A pod restarts on a change
where its template carries the same checksum.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from kubelb_gen.plan import BackendFile
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.metadata import in_order, metadata

CHECKSUM = "kubelb-gen/config-sha256"


def drafts(
    spec: str, backends: Iterable[tuple[BackendFile, Mapping[str, str]]]
) -> Iterator[Draft]:
    """Yield a draft for each backend; its texts by path, the main file first."""
    for backend, files in backends:
        if files:
            yield _config_map(spec, backend, keyed(backend, files))


def name_of(backend: BackendFile) -> str:
    """Return the name of the ConfigMap with the configuration of *backend*."""
    return backend.config_map.name or f"{backend.name}-{backend.kind}"


def path_of(backend: BackendFile) -> str:
    """Return where the ConfigMap with the configuration of *backend* is written."""
    stem = f"{backend.name}.{backend.kind}"
    return f"tenants/{backend.tenant}/{backend.namespace}/{stem}.configmap.yaml"


def checksum(texts: Mapping[str, str]) -> str:
    """Return the digest that changes when a key or a text of *texts* does."""
    digest = hashlib.sha256()
    for key, text in sorted(texts.items()):
        # Neither a key nor a configuration holds a NUL.
        digest.update(f"{key}\0{text}\0".encode())
    return digest.hexdigest()


def keyed(backend: BackendFile, files: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of *files*, the main one first, by their ConfigMap keys."""
    main, *others = files
    names = {
        path: path.rpartition("/")[2].removeprefix(f"{backend.name}.") for path in files
    }
    keys = {main: backend.config_map.key or names[main]}
    keys.update((other, names[other]) for other in others)
    return {keys[path]: text for path, text in files.items()}


def _config_map(spec: str, backend: BackendFile, texts: Mapping[str, str]) -> Draft:
    return Draft(
        path=path_of(backend),
        kind=Kind.CONFIG_MAP,
        role=Role.APPLY,
        cluster=backend.tenant,
        template="kubernetes/config_map.yaml.j2",
        context=metadata(
            spec=spec,
            name=name_of(backend),
            namespace=backend.namespace,
            annotations={CHECKSUM: checksum(texts)},
        )
        | {"texts": in_order(texts)},
    )
