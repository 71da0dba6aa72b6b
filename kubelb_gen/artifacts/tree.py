"""A rendered tree as it counts: read through the journal of an interrupted write."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from os import PathLike, fspath

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.bench import BENCH, JOURNAL
from kubelb_gen.artifacts.folder import Folder, open_directory
from kubelb_gen.artifacts.journal import Journal, parse_journal
from kubelb_gen.artifacts.lock import Lock, parse_lock
from kubelb_gen.artifacts.survey import read_each
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass

_ATTEMPTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Our files in a directory; *lock* is None where nothing was ever rendered.

    *contents* are the files of the lock that exist, edited by hand or not.
    """

    lock: Lock | None = None
    contents: Mapping[str, bytes] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Return what the file *path* says."""
        try:
            return self.contents[path].decode()
        except UnicodeDecodeError as error:
            raise OutputError(f"'{path}' is not UTF-8: {error.reason}") from error


@dataclass(frozen=True, slots=True)
class View:
    """An open directory as it counts: the stage of a pending journal comes first."""

    root: Folder
    journal: Journal | None
    sources: tuple[Folder, ...]

    def lock_data(self) -> bytes | None:
        """Return the bytes of the lock, if there is one."""
        found: list[bytes] = []
        problems = read_each(
            self.sources, [LOCK_NAME], lambda _, data: found.append(data)
        )
        if problems:
            raise OutputError("\n".join(problems))
        return found[0] if found else None


def read_tree(directory: str | PathLike[str]) -> Tree:
    """Read what *directory* holds of ours: one state, never a mix of two.

    A directory that does not exist has no lock.
    """
    root = open_directory(fspath(directory))
    if root is None:
        return Tree()
    with root:
        for _ in range(_ATTEMPTS):
            before = _state(root)
            tree = _read(root)
            if _state(root) == before:
                return tree
    raise OutputError(f"'{directory}' is being written to all the time")


@contextmanager
def view(root: Folder) -> Iterator[View]:
    """Look at *root* through the journal that is pending there, if any."""
    bench = root.enter(BENCH)
    if bench is None:
        yield View(root, None, (root,))
        return
    with bench:
        data = bench.read(JOURNAL)
        journal = parse_journal(data, bench.path(JOURNAL)) if data else None
        stage = bench.enter(journal.stage) if journal else None
        if stage is None:
            yield View(root, journal, (root,))
            return
        with stage:
            yield View(root, journal, (stage, root))


def _read(root: Folder) -> Tree:
    with view(root) as seen:
        data = seen.lock_data()
        if data is None:
            return Tree()
        lock = parse_lock(data, root.path(LOCK_NAME))
        contents: dict[str, bytes] = {}
        problems = read_each(seen.sources, lock.hashes(), contents.__setitem__)
        if problems:
            raise OutputError("\n".join(problems))
        return Tree(lock=lock, contents=contents)


def _state(root: Folder) -> tuple[bytes | None, bytes | None]:
    """Return what changes whenever a write happens or is carried out."""
    bench = root.enter(BENCH)
    journal = None
    if bench is not None:
        with bench:
            journal = bench.read(JOURNAL)
    return journal, root.read(LOCK_NAME)
