"""Where the cache lies: below `$XDG_CACHE_HOME/kubelb-gen`, for this user alone.

Source: XDG Base Directory Specification 0.8; a relative path there counts as none.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from kubelb_gen.assets import template_root
from kubelb_gen.cache.log import is_own, private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

_OLD = 30 * 24 * 3600
_OURS = r"\.?[0-9a-f]{32}\.(shares|texts|json)\b"


def fleet_logs(specs: Iterable[str]) -> tuple[str, str] | None:
    """Return the paths of what is known of the fleet of *specs*, and of its texts.

    None where there is no place for a cache.
    """
    folder = _folder("fleets")
    if folder is None:
        return None
    name = _named(folder, specs)
    if name is None:
        return None
    return f"{name}.shares", f"{name}.texts"


def tree_memory(directory: str) -> str | None:
    """Return the path of what is known of the output *directory*.

    None where there is no place for it, or where others could have written to it.
    """
    folder = _folder("trees")
    name = None if folder is None else _named(folder, [directory])
    if name is None:
        return None
    with suppress(FileNotFoundError):
        if not is_own(os.lstat(f"{name}.json")):
            return None
    return f"{name}.json"


def sweep() -> None:
    """Remove what no run of the last thirty days has written to."""
    then = time.time() - _OLD
    for folder in filter(None, (_folder("fleets"), _folder("trees"))):
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if not re.match(_OURS, entry.name):
                    # The folder may be a link to where there are other files.
                    continue
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < then:
                        os.unlink(entry.path)  # noqa: PTH108


@cache
def program() -> str:
    """Return what tells this program from any other that may have filled the cache.

    A wheel has the hashes of its files beside it, the same wherever it is installed; a
    checkout changes without its version, so that there the times of files count.
    """
    package = Path(__file__).parents[1]
    hashes = _hashes(package)
    told = [sys.version, hashes, *_stats(str(package), timed=not hashes)]
    if not hashes:
        told += _stats(str(template_root()), timed=True)
    return sha256("\n".join(told).encode()).hexdigest()


def _hashes(package: Path) -> str:
    """Return the lines about *package* in the record of its wheel, if there is one.

    Source: the specification "Recording installed projects" of packaging.python.org.
    """
    name = package.name
    for record in package.parent.glob(f"{name}-*.dist-info/RECORD"):
        with suppress(OSError, UnicodeDecodeError):
            lines = record.read_text(encoding="utf-8").splitlines()
            return "\n".join(each for each in lines if each.startswith(f"{name}/"))
    return ""


def _folder(name: str) -> str | None:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # noqa: PTH117
        home = os.path.expanduser("~")  # noqa: PTH111
        if not os.path.isabs(home) or home == "/":  # noqa: PTH117
            return None
        base = f"{home}/.cache"
    folder = f"{base}/kubelb-gen"
    below = f"{folder}/{name}"
    return below if private_folder(folder) and private_folder(below) else None


def _named(folder: str, paths: Iterable[str]) -> str | None:
    try:
        real = "\0".join(map(os.path.realpath, paths))
    except OSError:
        # The working folder was removed.
        return None
    return f"{folder}/{sha256(os.fsencode(real)).hexdigest()[:32]}"


def _stats(folder: str, *, timed: bool) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if not entry.is_dir():
                status = entry.stat()
                time_of = status.st_mtime_ns if timed else 0
                found.append(f"{entry.name} {status.st_size} {time_of}")
            elif entry.name != "__pycache__":
                found += [entry.name, *_stats(entry.path, timed=timed)]
    return found
