"""A file of checked frames, each under a key: read as a whole, added to, replaced.

What is not ours, not whole or of another program's making counts as absent, so that a
damaged cache costs time and nothing else.  Frames are added by one call of the system,
and a file is replaced by a rename: runs side by side see old frames or new ones.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_ADD = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_MOST_BYTES = 1 << 30


class Frame(NamedTuple):
    """Some JSON, and the texts that it tells the lengths of."""

    head: bytes
    body: bytes | memoryview

    @property
    def check(self) -> bytes:
        """What changes with any of it."""
        digest = sha256(self.head)
        digest.update(self.body)
        return digest.hexdigest()[:32].encode()


class Log:
    """The frames of the file *path* that were written under the same *title*.

    *size* is that of the file in bytes, 0 where there is nothing to add to.
    """

    def __init__(self, path: str, title: str) -> None:
        self._path = path
        self._title = f"kubelb-gen cache 1 {title}\n".encode()
        self.size = 0
        self.frames: dict[str, Frame] = {}

    def read(self) -> Log:
        """Take in what is there, the last frame of each key; nothing where none is."""
        data = _contents(self._path)
        if data.startswith(self._title):
            at, view = len(self._title), memoryview(data)
            try:
                while at < len(data):
                    at = self._take(data, view, at)
                self.size = at
            except ValueError:
                # Nobody knows where the next one begins: it is written anew.
                self.size = 0
        return self

    def _take(self, data: bytes, view: memoryview, at: int) -> int:
        start = data.index(b"\n", at) + 1
        key, check, head, body = data[at:start].split()
        middle = start + int(head)
        end = middle + int(body)
        frame = Frame(data[start:middle], view[middle:end])
        if int(head) < 0 or int(body) < 0 or frame.check != check:
            raise ValueError("a frame is damaged")
        self.frames[key.decode("ascii")] = frame
        return end

    def add(self, frames: Mapping[str, Frame]) -> None:
        """Write *frames* behind those that are there."""
        with suppress(OSError):
            descriptor = os.open(self._path, _ADD)
            try:
                os.write(descriptor, b"".join(_laid_out(frames)))
            finally:
                os.close(descriptor)

    def replace(self, frames: Mapping[str, Frame]) -> None:
        """Write *frames* in the place of those that are there."""
        draft = f"{self._path}.{os.urandom(8).hex()}"
        try:
            descriptor = os.open(draft, _MAKE, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor is no path
                file.write(self._title)
                file.writelines(_laid_out(frames))
            os.replace(draft, self._path)  # noqa: PTH105
        except OSError:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108

    def remove(self) -> None:
        """Let there be nothing."""
        with suppress(OSError):
            os.unlink(self._path)  # noqa: PTH108


def private_folder(path: str) -> bool:
    """Make the folder *path* for this user alone; say whether it is that."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return is_own(status)


def _contents(path: str) -> bytes:
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return b""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not is_own(status):
            return b""
        size = status.st_size
        data = os.read(descriptor, size) if size <= _MOST_BYTES else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return data


def is_own(status: os.stat_result) -> bool:
    """Say whether nobody but this user may write to what has *status*."""
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _laid_out(frames: Mapping[str, Frame]) -> Iterable[bytes]:
    for key, frame in frames.items():
        lengths = len(frame.head), len(frame.body)
        yield b"%s %s %d %d\n" % (key.encode(), frame.check, *lengths)
        yield frame.head
        yield bytes(frame.body)
