"""Where the cache lies: below `$XDG_CACHE_HOME/kubelb-gen`, for this user alone.

Source: XDG Base Directory Specification 0.8; a relative path there counts as none.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from kubelb_gen import __version__
from kubelb_gen.assets import template_root
from kubelb_gen.cache.log import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

_OLD = 30 * 24 * 3600


def fleet_logs(specs: Iterable[str]) -> tuple[str, str] | None:
    """Return the paths of what is known of the fleet of *specs*, and of its texts.

    None where there is no place for a cache.
    """
    folder = _folder("fleets")
    if folder is None:
        return None
    real = "\0".join(map(os.path.realpath, specs))
    name = f"{folder}/{sha256(os.fsencode(real)).hexdigest()[:32]}"
    return f"{name}.shares", f"{name}.texts"


def tree_memory(directory: str) -> str | None:
    """Return the path of what is known of the output *directory*."""
    folder = _folder("trees")
    if folder is None:
        return None
    real = os.path.realpath(directory)
    return f"{folder}/{sha256(os.fsencode(real)).hexdigest()[:32]}.json"


def sweep(folder: str) -> None:
    """Remove what was used by no run of the last thirty days."""
    with suppress(OSError):
        then = time.time() - _OLD
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < then:
                        os.unlink(entry.path)  # noqa: PTH108


@cache
def program() -> str:
    """Return what tells this program from any other that may have filled the cache.

    A checkout changes without its version, so that each of our files counts.
    """
    package = Path(__file__).parents[1]
    folders = dict.fromkeys((str(package), str(template_root())))
    stats = (each for folder in folders for each in _stats(folder))
    return sha256("\n".join((__version__, sys.version, *stats)).encode()).hexdigest()


def _folder(name: str) -> str | None:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # noqa: PTH117
        base = os.path.expanduser("~/.cache")  # noqa: PTH111
    if not os.path.isabs(base):  # noqa: PTH117
        return None
    folder = f"{base}/kubelb-gen"
    below = f"{folder}/{name}"
    return below if private_folder(folder) and private_folder(below) else None


def _stats(folder: str) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    found += _stats(entry.path)
            else:
                status = entry.stat()
                found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    return found
