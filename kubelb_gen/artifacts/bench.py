"""The folder `.kubelb-gen`, where a write is prepared: for one writer at a time.

Whoever holds the flock on `writing` owns the folder.  The kernel drops the flock with
its process, so a killed writer bars nobody.  After a write nothing of it is left.
"""

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kubelb_gen.artifacts.folder import Folder
from kubelb_gen.errors import OutputError

BENCH = ".kubelb-gen"
JOURNAL = "journal.json"
DRAFT = "journal.draft"

_WRITING = "writing"
_CLAIM = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
_STAGE = re.compile(r"stage-\w+")
_ATTEMPTS = 100
_TOUCH = os.O_WRONLY | os.O_NOFOLLOW
# A kernel's clock ticks every 1 to 10 milliseconds.
_TICK = 0.001
_TICKS = 25


@contextmanager
def exclusive(root: Folder) -> Iterator[Folder]:
    """Hold *root* against other writers, and yield its bench.

    Raises `OutputError` at once when another process writes.
    """
    bench, claim = _claimed(root)
    with bench:
        try:
            yield bench
        except BaseException:
            # The first failure is the one to tell; the next write sweeps the rest.
            with suppress(OutputError):
                _leave(root, bench)
            raise
        else:
            _leave(root, bench)
        finally:
            os.close(claim)


def sweep(bench: Folder) -> None:
    """Remove the stages that no journal needs."""
    if bench.status(JOURNAL) is not None:
        return
    for name in bench.names():
        if _STAGE.fullmatch(name):
            bench.remove_all(name)
    bench.remove(DRAFT)


def clock(bench: Folder, past: int) -> tuple[int, int]:
    """Return the file system's time, in nanoseconds and later than *past*, and device.

    It is the `ctime` of the claim, after a change of it.  The time is 0 where no
    `ctime` tells a change: where it is but another name of the `mtime`, which anyone
    can set, never moves, or moves too seldom to wait for.
    """
    try:
        claim = os.open(_WRITING, _TOUCH, dir_fd=bench.descriptor)
        try:
            past = max(past, os.fstat(claim).st_ctime_ns)
            for _ in range(_TICKS):
                os.utime(claim, ns=(0, 0))
                now = os.fstat(claim)
                if now.st_ctime_ns > past:
                    return now.st_ctime_ns, now.st_dev
                time.sleep(_TICK)
            return 0, now.st_dev
        finally:
            os.close(claim)
    except OSError as error:
        raise bench.refused("write", _WRITING, error) from error


def _claimed(root: Folder) -> tuple[Folder, int]:
    for _ in range(_ATTEMPTS):
        root.create(BENCH)
        bench = root.enter(BENCH)
        if bench is None:
            continue
        claim = None
        try:
            claim = _claim(root, bench)
        finally:
            if claim is None:
                os.close(bench.descriptor)
        if claim is not None:
            return bench, claim
    raise _busy(root)


def _claim(root: Folder, bench: Folder) -> int | None:
    """Return the locked descriptor; None when the last writer just cleaned up."""
    try:
        claim = os.open(_WRITING, _CLAIM, 0o666, dir_fd=bench.descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutputError(f"'{bench.path(_WRITING)}' is a symlink") from error
        raise bench.refused("write", _WRITING, error) from error
    kept = False
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A flock on a file that its last holder unlinked would hold nobody off.
        now = bench.status(_WRITING)
        kept = now is not None and os.path.samestat(now, os.fstat(claim))
    except BlockingIOError as error:
        raise _busy(root) from error
    except OSError as error:
        raise bench.refused("lock", _WRITING, error) from error
    finally:
        if not kept:
            os.close(claim)
    return claim if kept else None


def _leave(root: Folder, bench: Folder) -> None:
    bench.remove(_WRITING)
    root.remove_if_empty(BENCH)


def _busy(root: Folder) -> OutputError:
    return OutputError(f"another kubelb-gen writes to '{root.shown}'")
