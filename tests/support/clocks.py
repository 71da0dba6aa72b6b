"""File systems whose times tell less than those of the one that the tests run on."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Times = Callable[[int, int], tuple[int, int]]

TICK = 8_000_000
KINDS: dict[str, Times] = {
    "fine": lambda mtime, ctime: (mtime, ctime),
    "coarse": lambda mtime, ctime: (mtime // TICK * TICK, ctime // TICK * TICK),
    "of one time": lambda mtime, _: (mtime, mtime),
    "without changes": lambda mtime, _: (mtime, 1),
    "without times": lambda *_: (0, 0),
}


@contextmanager
def clocked(times: Times) -> Iterator[None]:
    """Let `os` tell *times* of mtime and ctime, and no more."""
    names = ("stat", "lstat", "fstat")
    real: dict[str, Callable[..., os.stat_result]] = {
        name: getattr(os, name) for name in names
    }

    def shim(name: str) -> Callable[..., os.stat_result]:
        def call(*given: Any, **named: Any) -> os.stat_result:  # noqa: ANN401  as os
            status = real[name](*given, **named)
            mtime, ctime = times(status.st_mtime_ns, status.st_ctime_ns)
            told = {
                "st_atime_ns": status.st_atime_ns,
                "st_mtime_ns": mtime,
                "st_ctime_ns": ctime,
            }
            return os.stat_result(tuple(status)[:10], told)

        return call

    for name in names:
        setattr(os, name, shim(name))
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)
