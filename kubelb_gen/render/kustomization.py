"""Kustomizations: one for each cluster, over the objects that are to be applied there.

`kubectl apply -k` and GitOps controllers start from them.
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.artifacts import Artifact
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role


def drafts(spec: str, applied: Iterable[Draft | Artifact]) -> Iterator[Draft]:
    """Yield a draft for each cluster that has an object among *applied*."""
    # Not by cluster: a tenant may be called `management`.
    by_folder: dict[str, list[Draft | Artifact]] = {}
    for each in applied:
        if each.role == Role.APPLY:
            by_folder.setdefault(_folder(each.path), []).append(each)
    for folder, below in sorted(by_folder.items()):
        yield _kustomization(spec, folder, below)


def _folder(path: str) -> str:
    first, _, rest = path.partition("/")
    return first if first == MANAGEMENT else f"{first}/{rest.partition('/')[0]}"


def _kustomization(spec: str, folder: str, below: list[Draft | Artifact]) -> Draft:
    inside = len(folder) + 1
    return Draft(
        path=f"{folder}/kustomization.yaml",
        kind=Kind.KUSTOMIZATION,
        role=Role.FILE,
        cluster=below[0].cluster,
        template="kubernetes/kustomization.yaml.j2",
        context={
            "spec": spec,
            "resources": tuple(sorted(each.path[inside:] for each in below)),
        },
    )
