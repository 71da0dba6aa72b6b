"""Which files make up a spec.

A file that is named must be a spec.  A folder may hold anything: of it, only files
called ``*.yaml``, ``*.yml`` or ``*.json`` are looked at, and what we rendered
ourselves is left out.
"""

from __future__ import annotations

import codecs
import os
import sys
from dataclasses import field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Diagnostic, Location, Severity
from kubelb_gen.errors import LoadError, OutputError
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_ENDINGS = tuple(SUFFIXES)
LOCK_FILE = "kubelb-gen.lock.json"
STANDARD_INPUT = "<stdin>"

# Far above any fleet; it keeps a device or an endless pipe from filling the memory.
_MOST_BYTES = 256 * 1024 * 1024
# Most files are read at once.
_SMALL = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """A named text; *explicit* when the user named it and no folder walk found it."""

    name: str
    text: str
    explicit: bool = True
    problems: tuple[Diagnostic, ...] = field(default=(), repr=False)

    @classmethod
    def decoded(cls, name: str, content: bytes, *, explicit: bool = True) -> Source:
        """Return *content* as text, with a problem where it is not UTF-8."""
        content = content.removeprefix(codecs.BOM_UTF8)
        try:
            return cls(name, content.decode("utf-8"), explicit)
        except UnicodeDecodeError as error:
            return cls(name, "", explicit, (_not_utf8(name, content, error.start),))


def read_sources(paths: Iterable[str | Path]) -> list[Source]:
    """Read the files that *paths* name: files, folders, or ``-`` for standard input.

    Raises OutputError with everything that cannot be read, LoadError when nothing
    is there to read.
    """
    sources: list[Source] = []
    refused: list[str] = []
    empty: list[Diagnostic] = []
    seen: set[str] = set()
    for path in map(str, paths):
        found = len(sources)
        for name, known, explicit in _files(path):
            try:
                if (real := known or os.path.realpath(name)) in seen:
                    found -= 1
                    continue
                seen.add(real)
                sources.append(_read(name, explicit=explicit))
            except OSError as error:
                refused.append(f"'{name}': {error.strerror or error}")
            except ValueError:
                refused.append(f"{name!r}: no file can have this name")
        if found == len(sources) and not refused:
            empty.append(_nothing_in(path))
    if refused:
        message = "cannot read " + ", ".join(refused)
        raise OutputError(message)
    if empty:
        raise LoadError(empty)
    return sources


def _files(path: str) -> Iterator[tuple[str, str | None, bool]]:
    """Yield each file with its real path, if that is known, and whether it is named."""
    # Unlike Path's, it says no where the system refuses the very name.
    if path == "-" or not os.path.isdir(path):  # noqa: PTH112
        yield path, None, True
        return
    entered: set[str] = set()
    pending = [path]
    while pending:
        folder = pending.pop()
        real = os.path.realpath(folder)
        if real in entered or os.path.isfile(f"{folder}/{LOCK_FILE}"):  # noqa: PTH113
            continue
        entered.add(real)
        folders = []
        # Once for each file of a fleet, so that nothing is asked twice.
        before = str(Path(folder, "_"))[:-1]
        for entry in _listed(folder):
            child = f"{before}{entry.name}"
            is_link = entry.is_symlink()
            # As above: what cannot be looked at is for the reader to tell.
            if os.path.isdir(child) if is_link else entry.is_dir():  # noqa: PTH112
                _refuse_to_leave(path, child)
                folders.append(child)
            elif entry.name.endswith(_ENDINGS):
                if is_link:
                    if not _is_special(child):
                        yield child, None, False
                elif entry.is_file():
                    yield child, f"{real}/{entry.name}", False
        pending.extend(reversed(folders))


def _refuse_to_leave(named: str, folder: str) -> None:
    """Raise OutputError where *folder* is a link out of the folder that was *named*.

    Whoever wrote the specs would choose what is walked, up to the whole disk.
    """
    if not os.path.islink(folder):  # noqa: PTH114  as isdir above
        return
    root, real = os.path.realpath(named), os.path.realpath(folder)
    if os.path.commonpath([root, real]) != root:
        message = (
            f"'{folder}' is a link that leads out of '{named}': name '{real}' as a "
            "SPEC of its own"
        )
        raise OutputError(message)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            seen = [each for each in entries if not each.name.startswith(".")]
    except OSError as error:
        message = f"cannot read '{folder}': {error.strerror}"
        raise OutputError(message) from error
    return sorted(seen, key=attrgetter("name"))


def _is_special(path: str) -> bool:
    """Tell pipes and devices, which may never end; a broken link is for the reader."""
    # As above: Path's raise where a path is longer than the system lets it be.
    return os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113


def _read(name: str, *, explicit: bool) -> Source:
    if name == "-":
        return Source.decoded(STANDARD_INPUT, sys.stdin.buffer.read(_MOST_BYTES + 1))
    # Once for each file of a fleet, so that the system is asked for nothing more.
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        # A pipe comes in many small pieces.
        pieces: list[bytes] = []
        length = 0
        while length <= _MOST_BYTES:
            more = os.read(descriptor, max(_SMALL, length))
            if not more:
                return Source.decoded(name, b"".join(pieces), explicit=explicit)
            pieces.append(more)
            length += len(more)
    finally:
        os.close(descriptor)
    raise OSError(0, f"larger than {_MOST_BYTES // 1024 // 1024} MiB")


def _nothing_in(path: str) -> Diagnostic:
    return Diagnostic(
        id="no-spec",
        severity=Severity.ERROR,
        message=f"no spec in '{path}'",
        hint="a folder is searched for *.yaml, *.yml and *.json files that are not "
        "hidden, outside folders that kubelb-gen rendered",
    )


def _not_utf8(name: str, content: bytes, at: int) -> Diagnostic:
    start = content.rfind(b"\n", 0, at) + 1
    end = content.find(b"\n", at)
    line = content[start : end if end >= 0 else len(content)]
    column = len(content[start:at].decode("utf-8", "replace")) + 1
    hint = "save the file as UTF-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        hint = "the file looks like UTF-16; " + hint
    return Diagnostic(
        id="not-utf8",
        severity=Severity.ERROR,
        message=f"byte 0x{content[at]:02x} is not UTF-8 text",
        hint=hint,
        location=Location(
            source=name,
            line=content.count(b"\n", 0, start) + 1,
            column=column,
            width=1,
            text=line.decode("utf-8", "replace").rstrip("\r"),
        ),
    )
