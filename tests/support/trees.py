"""Small rendered trees, and what is really on a disk."""

from collections.abc import Mapping
from pathlib import Path

from kubelb_gen.artifacts import Artifact, Artifacts


def tree(files: Mapping[str, str], spec: str = "acme") -> Artifacts:
    """Return artifacts of *files*: texts by path."""
    return Artifacts(
        (
            Artifact(path=path, kind="service", role="apply", cluster="c", text=text)
            for path, text in files.items()
        ),
        spec=spec,
    )


def on_disk(directory: Path) -> dict[str, bytes | None]:
    """Return everything below *directory*: bytes of files, None for folders."""
    return {
        str(path.relative_to(directory)): None if path.is_dir() else path.read_bytes()
        for path in directory.rglob("*")
    }


def wholly(artifacts: Artifacts) -> dict[str, bytes | None]:
    """Return what `on_disk` says where *artifacts* and nothing else were written."""
    files: dict[str, bytes | None] = {
        path: each.text.encode() for path, each in artifacts.items()
    }
    files["kubelb-gen.lock.json"] = artifacts.lock.text().encode()
    folders = {str(up) for path in files for up in Path(path).parents} - {"."}
    return files | dict.fromkeys(folders)
