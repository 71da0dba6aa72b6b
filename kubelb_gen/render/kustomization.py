"""Kustomizations: one for each cluster, over the objects that are to be applied there.

`kubectl apply -k` and GitOps controllers start from them.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kubelb_gen.artifacts import Artifact
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role


def drafts(spec: str, applied: Iterable[Draft | Artifact]) -> Iterator[Draft]:
    """Yield a draft for each cluster that has an object among *applied*."""
    objects = [each for each in applied if each.role == Role.APPLY]
    # Not by cluster: a tenant may be called `management`.
    by_folder = sorted(objects, key=lambda each: (_folder(each.path), each.path))
    for folder, below in groupby(by_folder, key=lambda each: _folder(each.path)):
        yield _kustomization(spec, folder, tuple(below))


def _folder(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[: 1 if parts[0] == MANAGEMENT else 2])


def _kustomization(
    spec: str, folder: str, below: tuple[Draft | Artifact, ...]
) -> Draft:
    return Draft(
        path=f"{folder}/kustomization.yaml",
        kind=Kind.KUSTOMIZATION,
        role=Role.FILE,
        cluster=below[0].cluster,
        template="kubernetes/kustomization.yaml.j2",
        context={
            "spec": spec,
            "resources": tuple(each.path.removeprefix(f"{folder}/") for each in below),
        },
    )
