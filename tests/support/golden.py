"""Compare files with the reviewed ones, or write them anew when asked to."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Golden:
    """The reviewed files of this run; *update* is ``--update-golden``."""

    update: bool

    def compare_tree(self, actual: Mapping[str, str], folder: Path) -> None:
        """Fail unless *folder* holds exactly *actual*: relative path to text.

        An update also removes the files that nothing renders any more.
        """
        if self.update:
            _write(actual, folder)
            return
        expected = _read(folder)
        complaints = [
            complaint
            for path in sorted(expected.keys() | actual.keys())
            if (complaint := _compare(path, expected.get(path), actual.get(path)))
        ]

        assert not complaints, "\n".join(
            [f"{folder} differs (make golden, then review):", *complaints]
        )

    def compare_text(self, actual: str, path: Path) -> None:
        """Fail unless the file *path* holds exactly *actual*."""
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(actual.encode())
            return
        expected = path.read_bytes().decode() if path.is_file() else None
        complaint = _compare(path.name, expected, actual)

        assert not complaint, f"{path} differs (make golden, then review):\n{complaint}"


def _read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _write(actual: Mapping[str, str], folder: Path) -> None:
    for stale in _read(folder).keys() - actual.keys():
        (folder / stale).unlink()
    for path, text in actual.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    below = sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True)
    for each in below:
        if not any(each.iterdir()):
            each.rmdir()


def _compare(path: str, expected: str | None, actual: str | None) -> str:
    if expected == actual:
        return ""
    if expected is None:
        return f"{path}: is new"
    if actual is None:
        return f"{path}: is not rendered any more"
    lines = difflib.unified_diff(
        expected.splitlines(keepends=True),
        actual.splitlines(keepends=True),
        f"reviewed/{path}",
        f"rendered/{path}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ no newline at end\n"
        for line in lines
    )
