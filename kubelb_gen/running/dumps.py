"""The files that say what runs: dumps of objects, and configurations of backends.

A folder is searched for both, whatever is in it, a tree that we rendered as well; files
that no object and no configuration of ours can stand in are left alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.document import Source
from kubelb_gen.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD_INPUT = "<stdin>"
CONFIGURATIONS = (".conf", ".cfg")
_OBJECTS = (".yaml", ".yml", ".json")
# Of a rendered tree: not an object of a cluster, or the configuration of Envoy.
_NO_OBJECTS = ("kustomization.yaml", "kubelb-gen.lock.json")
_NO_OBJECTS_END = ("-values.yaml", ".envoy.yaml", ".static.yaml", ".dynamic.yaml")
_NO_OBJECTS_BEGIN = ("envoy-bootstrap",)
_MOST_BYTES = 256 * 1024 * 1024


class Dump(NamedTuple):
    """One text, and whose cluster it is of: `management`, a tenant, None: unsaid."""

    source: Source
    cluster: str | None = None

    @property
    def is_configuration(self) -> bool:
        """Whether it is of NGINX or HAProxy, and no objects."""
        return self.source.name.endswith(CONFIGURATIONS)


def read_dumps(paths: Iterable[str | Path], cluster: str | None = None) -> list[Dump]:
    """Read files, folders, or ``-`` for standard input.

    Raises OutputError with everything that cannot be read.
    """
    dumps: list[Dump] = []
    refused: list[str] = []
    for path in map(str, paths):
        for name, explicit in _files(path):
            try:
                dumps.append(Dump(_read(name, explicit=explicit), cluster))
            except OSError as error:
                refused.append(f"'{name}': {error.strerror or error}")
    if refused:
        raise OutputError("cannot read " + ", ".join(refused))
    return dumps


def _files(path: str) -> Iterator[tuple[str, bool]]:
    # Unlike Path's, it says no where the system refuses the very name.
    if path == "-" or not os.path.isdir(path):  # noqa: PTH112
        yield path, True
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            if _may_hold_objects(name) or name.endswith(CONFIGURATIONS):
                yield str(Path(folder, name)), False


def _may_hold_objects(name: str) -> bool:
    return (
        name.endswith(_OBJECTS)
        and name not in _NO_OBJECTS
        and not name.startswith((".", *_NO_OBJECTS_BEGIN))
        and not name.endswith(_NO_OBJECTS_END)
    )


def _read(name: str, *, explicit: bool) -> Source:
    if name == "-":
        if sys.stdin is None:
            raise OSError(0, "standard input is closed")
        content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        return Source.decoded(STANDARD_INPUT, content)
    with Path(name).open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(0, f"larger than {_MOST_BYTES // 1024 // 1024} MiB")
    return Source.decoded(name, content, explicit=explicit)
