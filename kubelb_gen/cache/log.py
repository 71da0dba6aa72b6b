"""A file of checked lines, each under a key: read as a whole, added to, replaced.

What is not ours, not whole or of another run's making counts as absent, line by line,
so that a damaged cache costs time and nothing else.  Lines are added by one call of the
system, and a file is replaced by a rename, so that runs side by side see old lines or
new ones.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_ADD = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_MOST_BYTES = 1 << 30
_KEY, _CHECK = 64, 32


class Log:
    """The lines of the file *path* that were written under the same *title*."""

    def __init__(self, path: str, title: str) -> None:
        self._path = path
        self._head = f"kubelb-gen cache 1 {title}".encode()
        self.size = 0
        self.lines: dict[str, bytes] = {}

    def read(self) -> Log:
        """Take in what is there, the last line of each key; nothing where none is."""
        data = _contents(self._path)
        head, _, body = data.partition(b"\n")
        if head != self._head:
            return self
        self.size = len(data)
        for line in body.split(b"\n"):
            text = line[_KEY + _CHECK + 2 :]
            if text and line[_KEY + 1 : _KEY + _CHECK + 1] == _check(text):
                self.lines[line[:_KEY].decode("ascii", "replace")] = text
        return self

    def add(self, lines: Mapping[str, bytes]) -> None:
        """Write *lines* behind those that are there."""
        with suppress(OSError):
            descriptor = os.open(self._path, _ADD)
            try:
                os.write(descriptor, _laid_out(lines))
            finally:
                os.close(descriptor)

    def replace(self, lines: Mapping[str, bytes]) -> None:
        """Write *lines* in the place of those that are there."""
        draft = f"{self._path}.{secrets.token_hex(8)}"
        try:
            descriptor = os.open(draft, _MAKE, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor is no path
                file.write(self._head + _laid_out(lines))
            os.replace(draft, self._path)  # noqa: PTH105
        except OSError:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108


def private_folder(path: str) -> bool:
    """Make the folder *path* for this user alone; say whether it is that."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return _is_own(status)


def _contents(path: str) -> bytes:
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return b""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _is_own(status):
            return b""
        with open(descriptor, "rb", closefd=False) as file:  # noqa: PTH123
            data = file.read(_MOST_BYTES + 1)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return data if len(data) <= _MOST_BYTES else b""


def _is_own(status: os.stat_result) -> bool:
    # What others may write to would say what our files hold.
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _check(text: bytes) -> bytes:
    return sha256(text).hexdigest()[:_CHECK].encode()


def _laid_out(lines: Mapping[str, bytes]) -> bytes:
    # A line of a run that was killed may lack its end: each brings its beginning.
    return b"".join(
        b"\n%s %s %s" % (key.encode(), _check(text), text)
        for key, text in lines.items()
    )
