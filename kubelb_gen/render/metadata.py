"""What all our Kubernetes objects have in common: the header and their metadata."""

from collections.abc import Mapping

Pairs = tuple[tuple[str, str], ...]


def metadata(
    *,
    spec: str,
    name: str,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    stand_in: str | None = None,
) -> dict[str, object]:
    """Return the context of `kubernetes/_metadata.j2`.

    *stand_in* is the part of *name* that is made up, None when nothing is.
    """
    return {
        "spec": spec,
        "name": name,
        "namespace": namespace,
        "labels": in_order(labels or {}),
        "annotations": in_order(annotations or {}),
        "stand_in": stand_in,
    }


def in_order(strings: Mapping[str, str]) -> Pairs:
    """Return the pairs of *strings* by key: the spec's order means nothing here."""
    return tuple(sorted(strings.items()))
