"""What we have to say about the user's files, as values.

A diagnostic is never raised and never printed here: problems are collected,
located in the source at the end, and drawn by `report.text` alone.
"""

from __future__ import annotations

import re
from enum import StrEnum

from kubelb_gen.frozen import dataclass

Key = str | int

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class DataPath:
    """A place in the data of one document, as the user would spell it.

    >>> str(DataPath("acme.yaml") / "spec" / "tenants" / 0 / "name")
    'spec.tenants[0].name'
    """

    source: str
    document: int = 0
    keys: tuple[Key, ...] = ()

    def __truediv__(self, key: Key) -> DataPath:
        return DataPath(self.source, self.document, (*self.keys, key))

    def __str__(self) -> str:
        return "".join(_spelled(key) for key in self.keys).removeprefix(".")


class Severity(StrEnum):
    """How much a diagnostic weighs; errors alone stop a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A stretch of one line of a source; line and column count from 1."""

    source: str
    line: int
    column: int
    width: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: what is wrong, where, and what would help.

    *label* is the text beside the caret; *on_key* puts the caret under the key
    instead of the value.  *designs* are set-ups that would work, where there are some.
    *about* is the port or backend that a suppression goes by, where *at* may lie
    outside of it, as in `defaults`.  *proposed* is the value that would do at *at*,
    where one is known for sure.  *overrides* is what stands in the spec below, where
    *at* is in an overlay.
    """

    id: str
    severity: Severity
    message: str
    at: DataPath | None = None
    label: str = ""
    hint: str | None = None
    designs: tuple[str, ...] = ()
    location: Location | None = None
    on_key: bool = False
    about: DataPath | None = None
    proposed: str | int | None = None
    overrides: Location | None = None


def _spelled(key: Key) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if _PLAIN_KEY.fullmatch(key):
        return f".{key}"
    return f"[{key!r}]"
