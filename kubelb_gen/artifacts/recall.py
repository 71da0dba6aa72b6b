"""A memory held against the tree on the disk, and taken anew after a write."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.bench import tick
from kubelb_gen.artifacts.layout import layout
from kubelb_gen.artifacts.memory import NOTHING, load, save, stamp
from kubelb_gen.artifacts.survey import digests, sha256_of
from kubelb_gen.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Sequence
    from os import PathLike

    from kubelb_gen.artifacts.folder import Folder
    from kubelb_gen.artifacts.layout import Branch
    from kubelb_gen.artifacts.memory import Memory, Stamp


class Recall:
    """What is remembered of a tree, as far as the disk confirms it.

    *sources* are the folder of the tree, and before it the stage that is pending;
    *place* is the file of the memory.  Without it, nothing is remembered.
    """

    def __init__(
        self, sources: Sequence[Folder], place: str | PathLike[str] | None
    ) -> None:
        self._sources = sources
        self._root = sources[-1]
        self._place = place
        # What is staged stands above what is remembered.
        is_used = place is not None and len(sources) == 1
        self._known = load(place) if is_used else NOTHING
        self._confirmed: dict[str, Stamp] = {}

    def lock(self) -> Memory | None:
        """Return what the lock says; None when it has to be read."""
        before = self._known.stamps.get(LOCK_NAME)
        if before is None:
            return None
        status = self._root.status(LOCK_NAME)
        if status is None or stamp(status) != before:
            return None
        self._confirmed[LOCK_NAME] = before
        return self._known

    def digests(self, paths: Collection[str]) -> tuple[dict[str, str], list[str]]:
        """Return the hash of each of *paths* that exists, and the problems."""
        if not self._known.stamps:
            return digests(self._sources, paths)
        confirmed: dict[str, Stamp] = {}
        self._confirm(self._root, layout(paths), confirmed)
        self._confirmed |= confirmed
        hashes = self._known.hashes
        found = {path: hashes[path] for path in confirmed}
        read, problems = digests(
            self._sources, (path for path in paths if path not in confirmed)
        )
        return found | read, problems

    def keep(self, bench: Folder, new: Memory, written: Container[str]) -> None:
        """Remember *new*, which is what the tree now holds; *written* are new there.

        Where that fails, the next run reads what it would have remembered.
        """
        if self._place is None:
            return
        stamps = {
            path: each
            for path, each in self._confirmed.items()
            if path not in written and (path in new.hashes or path == LOCK_NAME)
        }
        if len(stamps) == len(new.hashes) + 1:
            return
        with suppress(OutputError):
            stamps |= self._taken(bench, new, stamps)
            save(self._place, replace(new, stamps=stamps))

    def _taken(
        self, bench: Folder, new: Memory, known: Container[str]
    ) -> dict[str, Stamp]:
        """Return the stamps of what is not *known* and holds what *new* says.

        A file that is changed within one tick of the clock may look as it did before
        (git calls it racy).  So none is remembered whose times are not before a clock
        of the same file system that was read before the file was.
        """
        hashes = {LOCK_NAME: new.lock, **new.hashes}
        lock = self._root.status(LOCK_NAME)
        clock = tick(bench, lock.st_ctime_ns if lock and LOCK_NAME not in known else 0)
        now = min(clock.st_mtime_ns, clock.st_ctime_ns)
        unknown = layout(path for path in hashes if path not in known)
        return {
            path: stamp(status)
            for path, status, data in _observed(self._root, unknown)
            if max(status.st_mtime_ns, status.st_ctime_ns) < now
            and status.st_dev == clock.st_dev
            and sha256_of(data) == hashes[path]
        }

    def _confirm(
        self, folder: Folder, branch: Branch, confirmed: dict[str, Stamp]
    ) -> None:
        # What cannot be looked at is left to be read, and to fail there.
        at, known, look = folder.descriptor, self._known.stamps, os.stat
        for name, below in branch.items():
            if not isinstance(below, str):
                self._confirm_below(folder, name, below, confirmed)
            elif (before := known.get(below)) is not None:
                try:
                    status = look(name, dir_fd=at, follow_symlinks=False)
                except OSError:
                    continue
                if stamp(status) == before:
                    confirmed[below] = before

    def _confirm_below(
        self, folder: Folder, name: str, below: Branch, confirmed: dict[str, Stamp]
    ) -> None:
        try:
            child = folder.enter(name)
        except OutputError:
            return
        if child is not None:
            with child:
                self._confirm(child, below, confirmed)


def _observed(
    folder: Folder, branch: Branch
) -> Iterator[tuple[str, os.stat_result, bytes]]:
    for name, below in branch.items():
        if isinstance(below, str):
            seen = folder.observe(name)
            if seen is not None:
                yield below, *seen
        elif (child := folder.enter(name)) is not None:
            with child:
                yield from _observed(child, below)
