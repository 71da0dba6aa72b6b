"""One revision as folders and files, found by the rules that hold on disk.

A symlink leads where it would in a checkout, as long as that is inside the repository.
What a submodule holds is in another repository, so it is not there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kubelb_gen.artifacts import LOCK_NAME, Tree, parse_lock
from kubelb_gen.document import Source
from kubelb_gen.document.sources import SUFFIXES
from kubelb_gen.errors import OutputError
from kubelb_gen.gitsource.objects import Item, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINKS = 40  # as Linux allows on the way to one file


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What *repository* holds at the revision *ref*; *root* is its top folder.

    Paths are relative to the top of the repository, without `.` and `..`.
    """

    repository: Repository
    ref: str
    root: Item

    def holds(self, path: str) -> bool:
        """Tell whether there is a file or a folder at *path*."""
        return self._find(path) is not None

    def rendered(self, path: str) -> Tree | None:
        """Return the rendered directory at *path*, None where there is none."""
        found = self._find(path)
        lock = self._find(_below(path, LOCK_NAME))
        if found is None or not found.item.is_folder or lock is None:
            return None
        read = parse_lock(
            self.repository.blob(lock.item.oid), self._shown(_below(path, LOCK_NAME))
        )
        contents: dict[str, bytes] = {}
        for name in read.hashes():
            file = self._find(_below(path, name))
            if file is not None and not file.item.is_folder:
                contents[name] = self.repository.blob(file.item.oid)
        return Tree(lock=read, contents=contents)

    def sources(self, path: str) -> list[Source]:
        """Return the files at *path* that may be a spec; none is an empty list."""
        found = self._find(path)
        if found is None:
            return []
        explicit = not found.item.is_folder
        files = [(path, found)] if explicit else self._walk(path, found, set())
        once = {file.real: (name, file.item.oid) for name, file in reversed([*files])}
        return [
            Source.decoded(
                self._shown(name), self.repository.blob(oid), explicit=explicit
            )
            for name, oid in reversed(once.values())
        ]

    def files(self, path: str, suffix: str) -> dict[str, bytes]:
        """Return the files below *path* that end in *suffix*, by their names there.

        Hidden ones are left out; no folder at *path* has none.
        """
        found = self._find(path)
        if found is None or not found.item.is_folder:
            return {}
        return {
            name.removeprefix(f"{path}/"): self.repository.blob(oid)
            for name, oid in self._below(path, found, set())
            if name.endswith(suffix)
        }

    def _below(
        self, path: str, folder: _Found, entered: set[tuple[str, ...]]
    ) -> Iterator[tuple[str, str]]:
        if folder.real in entered:
            return
        entered.add(folder.real)
        for name in sorted(self.repository.tree(folder.item.oid)):
            here = _below(path, name)
            found = None if name.startswith(".") else self._find(here)
            if found and found.item.is_folder:
                yield from self._below(here, found, entered)
            elif found:
                yield here, found.item.oid

    def _walk(
        self, path: str, folder: _Found, entered: set[tuple[str, ...]]
    ) -> Iterator[tuple[str, _Found]]:
        names = self.repository.tree(folder.item.oid)
        if LOCK_NAME in names or folder.real in entered:
            return
        entered.add(folder.real)
        found = {
            _below(path, name): self._find(_below(path, name))
            for name in sorted(names)
            if not name.startswith(".")
        }
        # Files before the folders beside them, as on disk.
        for name, each in found.items():
            if (
                each
                and not each.item.is_folder
                and PurePosixPath(name).suffix in SUFFIXES
            ):
                yield name, each
        for name, each in found.items():
            if each and each.item.is_folder:
                yield from self._walk(name, each, entered)

    def _find(self, path: str) -> _Found | None:
        """Return what *path* leads to, links followed; None for a submodule, too."""
        way = [("", self.root)]
        left = _parts(path)
        links = 0
        while left:
            name = left.pop(0)
            if name == "..":
                if len(way) == 1:
                    raise OutputError(self._leads_out(path))
                way.pop()
                continue
            if not way[-1][1].is_folder:
                return None
            item = self.repository.tree(way[-1][1].oid).get(name)
            if item is None or item.is_submodule:
                return None
            if item.is_link:
                links += 1
                left = self._followed(path, item, links) + left
            else:
                way.append((name, item))
        return _Found(tuple(name for name, _ in way[1:]), way[-1][1])

    def _followed(self, path: str, link: Item, links: int) -> list[str]:
        if links > _MOST_LINKS:
            raise OutputError(f"'{self._shown(path)}': too many links")
        target = os.fsdecode(self.repository.blob(link.oid))
        if target.startswith("/"):
            raise OutputError(self._leads_out(path))
        return _parts(target)

    def _leads_out(self, path: str) -> str:
        return f"'{self._shown(path)}': a link leads out of the repository"

    def _shown(self, path: str) -> str:
        return f"git:{self.ref}:{path}"


# What git calls a tree without files, by SHA-1 and by SHA-256.
_EMPTY_TREES = (
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
)


@dataclass(frozen=True, slots=True)
class _Found:
    real: tuple[str, ...]
    item: Item


def snapshot(repository: Repository, ref: str) -> Snapshot:
    """Return what *repository* holds at *ref*: a commit, a tag, a tree.

    HEAD is an empty tree where nobody has committed so far.  Raises `OutputError` where
    there is no such revision.
    """
    # A line break would be a second question.
    found = None if "\n" in ref or not ref else repository.find(f"{ref}^{{tree}}")
    if found is None and ref == "HEAD":
        found = next(filter(None, map(repository.find, _EMPTY_TREES)), None)
    if found is None or found[1] != "tree":
        raise OutputError(f"cannot read 'git:{ref}': git knows no such revision")
    return Snapshot(repository, ref, Item("40000", found[0]))


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
