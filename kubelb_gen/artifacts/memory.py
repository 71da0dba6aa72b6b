"""What a run remembers of a tree that it wrote: which file holds what, as of when.

The next run asks the file system for the stamps of the files alone, and reads those
whose stamp is another.  It is what git does with its index, and it rests on the same:
that whoever changes a file changes the `ctime` of its inode, which nobody can set but
by setting the clock of the machine or by writing to the disk past the file system, or
through a memory mapping that is older than the stamp.  A file on a network file system
may be changed from another machine, and seem the same here for as long as attributes
are cached.  Whoever can write the memory can write the tree as well; a memory that is
damaged, or that of another tree, costs time and nothing else.  Without a memory
everything is read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.folder import open_directory
from kubelb_gen.artifacts.naming import are_paths
from kubelb_gen.artifacts.survey import sha256_of
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from os import PathLike

VERSION = 1

# Size, mtime and ctime in nanoseconds, and inode.  The device is none of it: it is
# another one after a restart, and no two inodes are alike in all the rest.
Stamp: TypeAlias = "tuple[int, int, int, int]"

_HEAD, _MIDDLE, _END = b'{"sha256": "', b'", "memory": ', b"}\n"
_HEXADECIMAL = b"0123456789abcdef"
_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the lock of a tree says, and who of its files holds just that.

    *lock* is the hash of the lock, *hashes* are those of the files by path; *stamps*
    are those of the lock and of files that held what *lock* and *hashes* say.
    """

    spec: str
    lock: str
    hashes: Mapping[str, str]
    stamps: Mapping[str, Stamp]

    def data(self) -> bytes:
        """Return the bytes of the file of the memory."""
        paths = list(self.hashes)
        stamps = [self.stamps.get(path) for path in (LOCK_NAME, *paths)]
        columns = zip(*(each or (0, 0, 0, 0) for each in stamps), strict=True)
        document = {
            "version": VERSION,
            "spec": self.spec,
            "lock": self.lock,
            "paths": paths,
            "hashes": list(self.hashes.values()),
            "stamps": list(columns),
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        return b"".join((_HEAD, sha256_of(body).encode(), _MIDDLE, body, _END))


NOTHING = Memory(spec="", lock="", hashes={}, stamps={})


def stamp(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def load(place: str | PathLike[str] | None) -> Memory:
    """Return the memory in the file *place*; anything odd is as if there were none."""
    if place is None:
        return NOTHING
    try:
        return parse_memory(Path(place).read_bytes())
    except (OSError, ValueError, RecursionError):
        return NOTHING


def save(place: str | PathLike[str], memory: Memory) -> None:
    """Keep *memory* in the file *place*; where that cannot be, the old one stays."""
    path = Path(place)
    try:
        folder = open_directory(str(path.parent), create=True)
        if folder is not None:
            with folder:
                draft = f"{path.name}.draft"
                folder.remove(draft)
                folder.write(draft, memory.data())
                folder.move(draft, folder, path.name)
    except (OutputError, UnicodeEncodeError):
        return


def parse_memory(data: bytes) -> Memory:
    """Read a memory back; raises `ValueError` when it is damaged or is none."""
    start, body_at = len(_HEAD), len(_HEAD) + _DIGITS + len(_MIDDLE)
    body = data[body_at : -len(_END)]
    told = data[start : start + _DIGITS]
    if _HEAD + told + _MIDDLE + body + _END != data or sha256_of(body).encode() != told:
        raise ValueError("it is damaged")
    match json.loads(body):
        case {
            "version": 1,
            "spec": str(spec),
            "lock": str(lock),
            "paths": list(paths),
            "hashes": list(hashes),
            "stamps": [list(), list(), list(), list()] as columns,
        } if _fit(paths, [lock, *hashes], columns):
            stamps = zip((LOCK_NAME, *paths), zip(*columns, strict=True), strict=True)
            return Memory(
                spec=spec,
                lock=lock,
                hashes=dict(zip(paths, hashes, strict=True)),
                stamps=dict(stamps),
            )
    raise ValueError("it is no memory of this version")


def _fit(
    paths: list[object], hashes: list[object], columns: list[list[object]]
) -> bool:
    return (
        are_paths(paths)
        and _are_hashes(hashes)
        and all(set(map(type, column)) <= {int} for column in columns)
        and {len(paths) + 1} == {len(each) for each in (hashes, *columns)}
    )


def _are_hashes(values: list[object]) -> bool:
    texts = [each for each in values if isinstance(each, str) and len(each) == _DIGITS]
    try:
        together = "".join(texts).encode("ascii")
    except UnicodeEncodeError:
        return False
    return len(texts) == len(values) and not together.translate(None, _HEXADECIMAL)
