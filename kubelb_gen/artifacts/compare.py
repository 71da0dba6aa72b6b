"""Is a directory what would be rendered? The answer of `--check`."""

from collections.abc import Iterable, Mapping

from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact
from kubelb_gen.artifacts.bench import BENCH
from kubelb_gen.artifacts.folder import open_directory
from kubelb_gen.artifacts.lock import parse_lock
from kubelb_gen.artifacts.survey import digests, strays
from kubelb_gen.artifacts.tree import View, view
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a directory differs from what would be rendered, as sorted paths.

    *missing* and *different* may name the lock.  *stale* are ours and no longer
    wanted.  *foreign* are nobody's that we know, beside files of ours, and make no
    difference; a folder among them ends in a slash.
    """

    missing: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether a write would change nothing."""
        return not (self.missing or self.different or self.stale)


def compare_tree(
    directory: str, wanted: Mapping[str, Artifact], lock: bytes
) -> Comparison:
    """Compare *directory*, read through its journal, with *wanted* and *lock*."""
    root = open_directory(directory)
    if root is None:
        return Comparison(missing=(LOCK_NAME, *wanted))
    with root, view(root) as seen:
        return _compared(seen, wanted, lock)


def _compared(seen: View, wanted: Mapping[str, Artifact], lock: bytes) -> Comparison:
    data = seen.lock_data()
    owned = _owned(data)
    found = _found(seen, wanted)
    stale = _found(seen, (path for path in owned if path not in wanted))
    missing = [path for path in wanted if path not in found]
    different = [path for path in found if found[path] != wanted[path].sha256]
    if data is None:
        missing.append(LOCK_NAME)
    elif data != lock:
        different.append(LOCK_NAME)
    return Comparison(
        missing=tuple(sorted(missing)),
        different=tuple(sorted(different)),
        stale=tuple(sorted(stale)),
        foreign=tuple(_foreign(seen, (*wanted, *owned))),
    )


def _owned(data: bytes | None) -> tuple[str, ...]:
    try:
        return tuple(parse_lock(data).hashes()) if data else ()
    except OutputError:
        # A broken lock is a difference in itself; what it owned nobody can say.
        return ()


def _found(seen: View, paths: Iterable[str]) -> dict[str, str]:
    found, problems = digests(seen.sources, paths)
    if problems:
        raise OutputError("\n".join(problems))
    return found


def _foreign(seen: View, ours: Iterable[str]) -> list[str]:
    # What a pending journal will remove is gone already, as far as a reader knows.
    going = (each.path for each in seen.journal.removed) if seen.journal else ()
    return list(strays(seen.root, (*ours, *going, LOCK_NAME, BENCH)))
