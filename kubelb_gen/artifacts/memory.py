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
import os
from array import array
from binascii import a2b_base64, b2a_base64
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.folder import open_directory
from kubelb_gen.artifacts.naming import are_paths
from kubelb_gen.artifacts.survey import sha256_of
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

VERSION = 1

# Size, mtime and ctime in nanoseconds, and inode.  The device is none of it: it is
# another one after a restart, and no two inodes are alike in all the rest.
Stamp: TypeAlias = "tuple[int, int, int, int]"

_HEAD, _MIDDLE, _END = b'{"sha256": "', b'", "memory": ', b"}\n"
_DIGITS = 64
_HEXADECIMAL = b"0123456789abcdef"
_BETWEEN = "//"  # in no path, and spelled as it is in JSON
_COLUMNS = "qqqQ"  # of stamps; there are inodes that fill 64 bits
_NONE: Stamp = (-1, 0, 0, 0)  # no file is that small


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
        stamps = [self.stamps.get(path, _NONE) for path in (LOCK_NAME, *self.hashes)]
        document = {
            "version": VERSION,
            "spec": self.spec,
            "lock": self.lock,
            # Many numbers and texts as few: JSON takes half of the time for the tree.
            "paths": _BETWEEN.join(self.hashes),
            "hashes": "".join(self.hashes.values()),
            "stamps": [
                b2a_base64(array(code, column).tobytes(), newline=False).decode()
                for code, column in zip(
                    _COLUMNS, zip(*stamps, strict=True), strict=True
                )
            ],
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        return b"".join((_HEAD, sha256_of(body).encode(), _MIDDLE, body, _END))


NOTHING = Memory(spec="", lock="", hashes={}, stamps={})


def stamp(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def load(place: str | PathLike[str]) -> Memory:
    """Return the memory in the file *place*; anything odd is as if there were none."""
    path = Path(place)
    try:
        folder = open_directory(str(path.parent))
        if folder is None:
            return NOTHING
        with folder:
            return parse_memory(folder.read(path.name) or b"")
    except (OutputError, ValueError, RecursionError):
        return NOTHING


def save(place: str | PathLike[str], memory: Memory) -> None:
    """Keep *memory* in the file *place*; raises `OutputError` where that fails."""
    path = Path(place)
    folder = open_directory(str(path.parent), create=True)
    if folder is None:
        return
    with folder:
        draft = f".{path.name}.{os.urandom(8).hex()}"
        try:
            folder.write(draft, memory.data(), 0o600)
            folder.move(draft, folder, path.name)
        except BaseException:
            with suppress(OutputError):
                folder.remove(draft)
            raise


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
            "paths": str(paths),
            "hashes": str(hashes),
            "stamps": [str(), str(), str(), str()] as stamps,
        } if _is_hexadecimal(lock + hashes):
            return _read(
                spec, lock, paths.split(_BETWEEN) if paths else [], hashes, stamps
            )
    raise ValueError("it is no memory of this version")


def _read(
    spec: str, lock: str, paths: list[str], together: str, stamps: list[str]
) -> Memory:
    if not are_paths(paths) or len(lock + together) != _DIGITS * (1 + len(paths)):
        raise ValueError("it names what is no path, or lacks hashes")
    hashes = [together[at : at + _DIGITS] for at in range(0, len(together), _DIGITS)]
    columns = map(_column, _COLUMNS, stamps)
    rows = zip(*columns, strict=True)
    return Memory(
        spec=spec,
        lock=lock,
        hashes=dict(zip(paths, hashes, strict=True)),
        stamps=dict(zip((LOCK_NAME, *paths), rows, strict=True)),
    )


def _is_hexadecimal(text: str) -> bool:
    return not text.encode().translate(None, _HEXADECIMAL)


def _column(code: str, text: str) -> array[int]:
    column = array(code)
    column.frombytes(a2b_base64(text, strict_mode=True))
    return column
