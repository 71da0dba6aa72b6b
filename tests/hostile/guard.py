"""What no input may make us do, watched from inside: Python tells its auditors.

A watched block may read files and write below one folder.  It may not write anywhere
else, start a program, open a socket or load a library by name.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_CHANGING = frozenset(
    {
        *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink"),
        *("os.truncate", "os.chmod", "os.chown", "os.utime", "shutil.rmtree"),
    }
)
_NEVER = ("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Trespass(BaseException):
    """Something was touched that no input may reach."""


class Hang(BaseException):
    """More processor time went by than the size of the input allows."""


class _Watch:
    """The one hook of this process, which can be switched and never removed."""

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()
        self.on = False
        self.installed = False

    def __call__(self, event: str, given: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event.startswith(_NEVER):
            raise Trespass(f"{event} {given!r}")
        if event == "open" and _writes(given) and not self._inside(given[0]):
            raise Trespass(f"open for writing {given!r}")
        if event in _CHANGING and not self._inside(given[0]):
            raise Trespass(f"{event} {given!r}")

    def _inside(self, path: object) -> bool:
        if not self.folders:
            return False
        # What is relative is resolved below a descriptor of the output folder.
        shown = os.fsdecode(path) if isinstance(path, str | bytes) else str(path)
        if not os.path.isabs(shown):  # noqa: PTH117  a text, maybe no path at all
            return "/" not in shown and shown != ".."
        return shown.startswith(self.folders)


_watch = _Watch()


@contextmanager
def watched(folder: str | None, seconds: float, *others: str) -> Iterator[None]:
    """Raise `Trespass` or `Hang` out of the block where it does what it may not.

    It may write below *folder*, where there is one, and then below *others* as well.
    *seconds* are of processor time, so that a busy machine is no hang.
    """
    if not _watch.installed:
        sys.addaudithook(_watch)
        _watch.installed = True
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _watch.folders = () if folder is None else (folder, *others)
    _watch.on = True
    try:
        yield
    finally:
        _watch.on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Hang


def _writes(given: tuple[object, ...]) -> bool:
    _, mode, flags = given
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITES)
