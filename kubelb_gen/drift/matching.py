"""Which object that runs is which of those that the spec renders.

KubeLB names its objects by the UID of a Service, which a spec need not know: they are
matched by the labels that say which Service they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.document import Source
from kubelb_gen.errors import InvalidSpecError
from kubelb_gen.render.draft import MANAGEMENT, Kind
from kubelb_gen.running import Dump, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.running import Object
    from kubelb_gen.running.estate import Estate

Key = tuple[str, str, str, str]
# What stands in the place of a name that KubeLB makes of a UID; no name has a blank.
ORIGIN = "for "

_OBJECTS = frozenset(
    {
        Kind.SERVICE,
        Kind.LOAD_BALANCER,
        Kind.ENVOY_SERVICE,
        Kind.CLIENT_TRAFFIC_POLICY,
        Kind.ENVOY_PROXY,
        Kind.TENANT_ANNOTATIONS,
        Kind.CONFIG_MAP,
    }
)
_ORIGIN = "kubelb.k8c.io/origin-ns", "kubelb.k8c.io/origin-name"


class Wanted(NamedTuple):
    """An object that the spec renders, and the file that it stands in."""

    key: Key
    kind: Kind
    cluster: str
    object: Object
    path: str


def wanted_of(artifacts: Artifacts) -> Iterator[Wanted]:
    """Yield the objects among *artifacts*.

    A template of the user's may write nothing; raises `InvalidSpecError` where one
    wrote what is no object.
    """
    chosen = [each for each in artifacts.values() if Kind(each.kind) in _OBJECTS]
    dumps = [Dump(Source(each.path, each.text), each.cluster) for each in chosen]
    files = {each.path: each for each in chosen}
    objects, sources, problems = objects_of(dumps)
    if problems:
        raise InvalidSpecError(sources.placed(problems))
    for each in objects:
        file = files[each.at.source]
        yield Wanted(
            key=key_of(each, file.cluster),
            kind=Kind(file.kind),
            cluster=file.cluster,
            object=each,
            path=file.path,
        )


def running(estate: Estate) -> dict[Key, Object]:
    """Return the objects of *estate* by the keys of what a spec renders."""
    found: dict[Key, Object] = {}
    for each in estate.management:
        found.setdefault(key_of(each, MANAGEMENT), each)
    for tenant, objects in estate.tenants.items():
        for each in objects:
            found.setdefault(key_of(each, tenant), each)
    return found


def key_of(found: Object, cluster: str) -> Key:
    """Return what names *found* in *cluster*, whatever its UID is."""
    labels = found.labels
    if cluster == MANAGEMENT and all(label in labels for label in _ORIGIN):
        origin = "/".join(labels[label] for label in _ORIGIN)
        return (cluster, found.kind, found.namespace, f"{ORIGIN}{origin}")
    return (cluster, found.kind, found.namespace, found.name)


def unseen(wanted: Iterable[Wanted], found: Iterable[Key]) -> set[tuple[str, str]]:
    """Return the clusters and kinds of *wanted* that *found* has nothing of."""
    seen = {key[:2] for key in found}
    return {each.key[:2] for each in wanted} - seen
