"""The paths of a spec in a few words each, as the lock keeps them for later diffs."""

from collections.abc import Iterable, Mapping

from kubelb_gen.trace.path import Path


def meaning(paths: Iterable[Path]) -> tuple[Mapping[str, object], ...]:
    """Return one mapping per path: its verdict, identity, peer and trust."""
    return tuple(_meaning(path) for path in paths)


def _meaning(path: Path) -> Mapping[str, object]:
    return {
        "path": _key(path),
        "from": path.source,
        "verdict": path.verdict,
        "identity": path.identity.is_,
        "carriedBy": path.identity.carried_by,
        "peer": path.peer,
        "trust": [str(network) for network in path.trust],
    }


def _key(path: Path) -> str:
    parts = (path.tenant, path.gateway, path.namespace, path.name)
    return "/".join(filter(None, parts)) + f":{path.port}/{path.protocol}"
