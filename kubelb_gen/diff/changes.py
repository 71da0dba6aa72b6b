"""Two sides in, everything that differs out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.artifacts import LOCK_NAME
from kubelb_gen.diff.files import FileChange, file_change, file_changes
from kubelb_gen.diff.paths import PathChange, Record, path_changes
from kubelb_gen.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kubelb_gen.diagnostics import Diagnostic, Location
    from kubelb_gen.plan import Plan


# What a record can raise that says anything at all.
_SURPRISES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _path_changes(old: Side, new: Side) -> tuple[PathChange, ...]:
    try:
        return path_changes(old.meaning, new.meaning)
    except _SURPRISES as error:
        if not (old.from_lock or new.from_lock):
            raise
        # A lock is a file: anything may stand there.
        message = (
            f"'{LOCK_NAME}' says of its paths what this kubelb-gen does not write: "
            "render it anew"
        )
        raise OutputError(message) from error


def _no_lock() -> bytes | None:
    return None


def _nowhere(_port: str) -> Location | None:
    return None


class Side(NamedTuple):
    """One side: a spec that was rendered in memory, or a rendered directory.

    *spec* is its `metadata.name`, None where there is nothing at all.  *files* are
    bytes by path, and *lock* returns those of the lock; where they are not *whole*,
    what is the same on both sides is left out, and the lock takes long.  *from_lock*
    tells that *meaning* was read from a file, which knows nothing of the *edited* ones.
    *missing* says why there are no files to compare.  Where there is a spec to ask,
    *plan* is what it decides, *findings* are what the rules say, and *locate* returns
    where a port is.
    """

    name: str = ""
    spec: str | None = None
    meaning: Iterable[Record] = ()
    files: Mapping[str, bytes] = {}
    lock: Callable[[], bytes | None] = _no_lock
    whole: bool = True
    from_lock: bool = False
    edited: tuple[str, ...] = ()
    plan: Plan | None = None
    findings: tuple[Diagnostic, ...] = ()
    locate: Callable[[str], Location | None] = _nowhere
    missing: str | None = None


class Changes:
    """What is different in *new*: meaning first, then files.

    `paths` has one entry for each caller of each port that differs, `files` one for
    each file but the lock, which follows from all the others.  It is truthy where
    anything differs.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self.old = old
        self.new = new
        self.paths: tuple[PathChange, ...] = _path_changes(old, new)
        self.files: tuple[FileChange, ...] = ()
        if self.missing is None:
            self.files = file_changes(old.files, new.files)

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        if self.paths or self.files or self.old.spec != self.new.spec:
            return True
        # A lock can differ alone where another release wrote it.
        return self.old.whole and self.new.whole and self.old.lock() != self.new.lock()

    def __repr__(self) -> str:
        counted = f"{len(self.paths)} paths, {len(self.files)} files"
        return f"<{type(self).__name__}: {counted}>"

    @property
    def missing(self) -> str | None:
        """Why files are not compared, None where they are."""
        return self.old.missing or self.new.missing

    @cached_property
    def regressions(self) -> tuple[PathChange, ...]:
        """The paths that leave `preserved`, where their port stays."""
        return tuple(each for each in self.paths if each.regression)

    @cached_property
    def unsafe(self) -> tuple[PathChange, ...]:
        """The paths that are good at both ends, and not while one step is merged."""
        return tuple(each for each in self.paths if each.unsafe)

    @cached_property
    def lock(self) -> FileChange | None:
        """What becomes of the lock; None where it stays.

        This renders the whole of either spec.
        """
        if not self or self.missing is not None:
            return None
        return file_change(LOCK_NAME, self.old.lock(), self.new.lock())
