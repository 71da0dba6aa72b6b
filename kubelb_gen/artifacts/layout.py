"""Paths as the folders that hold them, so that each folder is entered once."""

from collections.abc import Iterable
from typing import TypeAlias

from kubelb_gen.errors import OutputError

# A leaf is the whole path of a file, a branch is a folder.
Branch: TypeAlias = "dict[str, Branch | str]"


def layout(paths: Iterable[str]) -> Branch:
    """Return the folders of *paths*, with the paths as leaves.

    >>> layout(["a/b", "a/c", "d"])
    {'a': {'b': 'a/b', 'c': 'a/c'}, 'd': 'd'}
    """
    root: Branch = {}
    known: dict[str, Branch] = {"": root}
    for path in paths:
        folder, _, name = path.rpartition("/")
        branch = known.get(folder)
        if branch is None:
            branch = _grown(root, folder)
            known[folder] = branch
        if branch.setdefault(name, path) != path:
            raise _both(path)
    return root


def folders_of(path: str) -> Iterable[str]:
    """Yield the folders above *path*, the nearest one first.

    >>> list(folders_of("a/b/c"))
    ['a/b', 'a']
    """
    while path := path.rpartition("/")[0]:
        yield path


def folders_above(paths: Iterable[str]) -> set[str]:
    """Return every folder above any of *paths*.

    >>> sorted(folders_above(["a/b/c", "a/d", "e"]))
    ['a', 'a/b']
    """
    # Of many files in one folder, one look at what is above.
    near = {path.rpartition("/")[0] for path in paths} - {""}
    return near | {folder for each in near for folder in folders_of(each)}


def _grown(root: Branch, folder: str) -> Branch:
    branch = root
    for part in folder.split("/"):
        below = branch.setdefault(part, {})
        if isinstance(below, str):
            raise _both(below)
        branch = below
    return branch


def _both(path: str) -> OutputError:
    return OutputError(f"'{path}' is named as a file and as a folder")
