"""The files of a folder of templates: which there are, and what cannot be one.

Nothing outside of the folder is read, whatever links lead out of it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from kubelb_gen import assets
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SUFFIX = ".j2"
# Ours, under a name that no folder hides.
PREFIX = "kubelb-gen/"
# What other commands than `render` lay out.
_OF_OTHERS = ("init/", "snippet/")
_MOST_FILES = 500
_MOST_BYTES = 64 * 1024


def our_names() -> list[str]:
    """Return the names of the templates of `render`; what is included begins with _."""
    root = assets.template_root()
    found = (path.relative_to(root).as_posix() for path in root.rglob(f"*{SUFFIX}"))
    return sorted(name for name in found if not name.startswith(_OF_OTHERS))


def our_text(name: str) -> str:
    """Return the source of our template *name*."""
    return (assets.template_root() / name).read_text("utf-8")


def purpose(name: str) -> str:
    """Return what our template *name* says of its context, in its first comment."""
    head, found, _ = our_text(name).partition("#}")
    return " ".join(head.removeprefix("{#").split()) if found else ""


def read_folder(folder: str) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the templates of *folder* by name, and what is wrong with the others.

    Raises `OutputError` where the folder or a file of it cannot be read.
    """
    if "\0" in folder:
        raise OutputError(f"cannot read {folder!r}: no name holds a NUL")
    try:
        names = sorted(_names(folder))
        read = {name: _read(folder, name) for name in names[:_MOST_FILES]}
    except OSError as error:
        message = f"cannot read '{error.filename or folder}': {error.strerror}"
        raise OutputError(message) from error
    return _judged(folder, names, read)


def read_files(
    folder: str, files: Mapping[str, bytes]
) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return what `read_folder` does of *files*, which were read from elsewhere."""
    return _judged(folder, sorted(files), files)


def _judged(
    folder: str, names: Sequence[str], read: Mapping[str, bytes | Diagnostic]
) -> tuple[dict[str, str], list[Diagnostic]]:
    texts: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for name in names[:_MOST_FILES]:
        data = read[name]
        text = data if isinstance(data, Diagnostic) else _text(folder, name, data)
        if isinstance(text, Diagnostic):
            problems.append(text)
        else:
            texts[name] = text
    if len(names) > _MOST_FILES:
        problems.append(_odd(f"'{folder}' holds more than {_MOST_FILES} templates"))
    if not names:
        problems.append(_none_in(folder))
    problems += _unknown(folder, texts)
    return texts, problems


def _names(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise error

    for here, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for each in files:
            if each.endswith(SUFFIX) and not each.startswith("."):
                yield Path(here, each).relative_to(folder).as_posix()


def _read(folder: str, name: str) -> bytes | Diagnostic:
    path = str(Path(folder, name))
    inside = os.path.realpath(folder)
    real = os.path.realpath(path)
    if os.path.commonpath([inside, real]) != inside:
        return _odd(f"'{path}' is a link that leads out of '{folder}'")
    # Without O_NONBLOCK, opening a FIFO would wait for its writer.
    descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return _odd(f"'{path}' is no regular file")
        return file.read(_MOST_BYTES + 1)


def _text(folder: str, name: str, data: bytes) -> str | Diagnostic:
    path = str(Path(folder, name))
    if len(data) > _MOST_BYTES:
        return _odd(f"'{path}' is larger than {_MOST_BYTES // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _odd(f"'{path}': byte 0x{data[error.start]:02x} is not UTF-8 text")


def _unknown(folder: str, texts: dict[str, str]) -> Iterator[Diagnostic]:
    # Imported for a mistake alone.
    from difflib import get_close_matches  # noqa: PLC0415

    known = our_names()
    for name in texts:
        if name in known or name.rpartition("/")[2].startswith("_"):
            continue
        close = get_close_matches(name, known, n=1)
        yield Diagnostic(
            id="unknown-template",
            severity=Severity.ERROR,
            message=f"'{Path(folder, name)}' takes the place of no template of ours",
            hint=f"did you mean '{close[0]}'?"
            if close
            else "'kubelb-gen templates' lists them; one to include begins with _",
        )


def _none_in(folder: str) -> Diagnostic:
    return Diagnostic(
        id="no-template",
        severity=Severity.ERROR,
        message=f"no template in '{folder}'",
        hint=f"a template ends in {SUFFIX}; 'kubelb-gen templates' lists their names",
    )


def _odd(message: str) -> Diagnostic:
    return Diagnostic(id="odd-template", severity=Severity.ERROR, message=message)
