"""A memory held against the tree on the disk, and taken anew after a write."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.bench import clock
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
        is_staged = len(sources) > 1
        self._known = NOTHING if place is None or is_staged else load(place)
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
        found: dict[str, str] = {}
        self._confirm(self._root, layout(paths), found)
        read, problems = digests(
            self._sources, (path for path in paths if path not in found)
        )
        return found | read, problems

    def keep(
        self, bench: Folder, new: Memory, lock: bytes, written: Container[str]
    ) -> None:
        """Remember *new*: what the tree holds since *written* were written.

        *lock* are the bytes of its lock.  Where this fails, the next run reads what
        it would have remembered.
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
        # There are times that no 64 bits hold.
        with suppress(OutputError, OverflowError):
            stamps |= self._taken(bench, new, lock, stamps)
            save(self._place, replace(new, stamps=stamps))

    def _taken(
        self, bench: Folder, new: Memory, lock: bytes, known: Container[str]
    ) -> dict[str, Stamp]:
        """Return the stamps of what is not *known* and holds what *new* says.

        A file that is changed twice within one tick of the clock may look as if it
        was once (git calls it racy).  So the file system's clock is read first, and
        no file is remembered whose `ctime` is not before that.
        """
        written = None if LOCK_NAME in known else self._root.status(LOCK_NAME)
        now, device = clock(bench, written.st_ctime_ns if written else 0)
        unknown = layout(path for path in (LOCK_NAME, *new.hashes) if path not in known)
        return {
            path: stamp(status)
            for path, status, data in _observed(self._root, unknown)
            if status.st_ctime_ns < now
            and status.st_dev == device
            and _says(data, lock if path == LOCK_NAME else new.hashes[path])
        }

    def _confirm(self, folder: Folder, branch: Branch, found: dict[str, str]) -> None:
        # Once for each file of a tree, so everything is at hand.
        at, look, confirmed = folder.descriptor, os.lstat, self._confirmed
        stamps, hashes = self._known.stamps, self._known.hashes
        for name, below in branch.items():
            if not isinstance(below, str):
                self._confirm_below(folder, name, below, found)
                continue
            known = stamps.get(below)
            if known is None:
                continue
            try:
                status = look(name, dir_fd=at)
            except OSError:
                # What cannot be looked at is left to be read, and to fail there.
                continue
            if stamp(status) == known:
                confirmed[below] = known
                found[below] = hashes[below]

    def _confirm_below(
        self, folder: Folder, name: str, below: Branch, found: dict[str, str]
    ) -> None:
        try:
            child = folder.enter(name)
        except OutputError:
            return
        if child is not None:
            with child:
                self._confirm(child, below, found)


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


def _says(data: bytes, expected: bytes | str) -> bool:
    """Say whether *data* are the bytes, or have the hash, that are *expected*."""
    return (sha256_of(data) if isinstance(expected, str) else data) == expected
