"""Whether paths may name generated files, and may do so side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.artifacts.artifact import LOCK_NAME, folded_path, path_fault
from kubelb_gen.artifacts.layout import folders_above, folders_of
from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./\n"
_DEEP = 10  # far less than a path may be


def refuse_collisions(paths: Sequence[str]) -> None:
    """Raise `RenderError` when one of *paths* cannot be, or two of them are one."""
    if _are_plain(paths) and _are_apart(paths):
        return
    spelled: dict[str, str] = {}
    folders: set[str] = set()
    for path in paths:
        fault = path_fault(path)
        if fault is not None:
            raise RenderError(f"{path!r} cannot name a file: {fault}")
        _claim(spelled, path, path)
        for folder in folders_of(path):
            if folder in folders:
                break
            folders.add(folder)
            _claim(spelled, folder, f"{folder}/")


def are_paths(paths: Sequence[str]) -> bool:
    """Say whether each of *paths* may name a generated file."""
    return _are_plain(paths) or not any(map(path_fault, paths))


def _are_plain(paths: Sequence[str]) -> bool:
    """Say whether all *paths* are of the plainest kind, in a few looks at them all."""
    together = "\n".join(["", *paths, ""])
    parts = together.replace("\n", "/")
    return (
        together.isascii()
        and not together.encode().translate(None, _PLAIN)
        and together.count("\n") == len(paths) + 1
        and "//" not in parts
        and "/." not in parts
        and f"\n{LOCK_NAME}\n" not in together.lower()
        and max([path.count("/") for path in paths], default=0) < _DEEP
    )


def _are_apart(paths: Sequence[str]) -> bool:
    """Say whether no two plain *paths*, or their folders, differ in case alone."""
    folders = folders_above(paths)
    files_folded = {path.lower() for path in paths}
    folders_folded = {folder.lower() for folder in folders}
    return (
        len(files_folded) == len(paths)
        and len(folders_folded) == len(folders)
        and files_folded.isdisjoint(folders_folded)
    )


def _claim(spelled: dict[str, str], path: str, shown: str) -> None:
    folded = folded_path(path)
    other = spelled.get(folded)
    if other is None:
        spelled[folded] = shown
    elif other == shown:
        raise RenderError(f"two artifacts are named '{shown}'")
    else:
        names = f"'{other}' and '{shown}'"
        raise RenderError(f"{names} would be one name on some file systems")
