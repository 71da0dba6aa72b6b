"""Is a directory what would be rendered? The answer of `--check`."""

from collections.abc import Collection, Iterable, Mapping
from os import PathLike

from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact
from kubelb_gen.artifacts.bench import BENCH
from kubelb_gen.artifacts.folder import open_directory
from kubelb_gen.artifacts.lock import parse_lock
from kubelb_gen.artifacts.recall import Recall
from kubelb_gen.artifacts.survey import sha256_of, strays
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
    directory: str,
    wanted: Mapping[str, Artifact],
    lock: bytes,
    *,
    memory: str | PathLike[str] | None = None,
) -> Comparison:
    """Compare *directory*, read through its journal, with *wanted* and *lock*.

    The file *memory* saves the reading of files that nobody touched since a write.
    """
    root = open_directory(directory)
    if root is None:
        return Comparison(missing=(LOCK_NAME, *wanted))
    with root, view(root) as seen:
        recall = Recall(seen.sources, memory)
        return _compared(seen, recall, wanted, lock)


def _compared(
    seen: View, recall: Recall, wanted: Mapping[str, Artifact], lock: bytes
) -> Comparison:
    was, owned = _old(seen, recall)
    found = _found(recall, wanted)
    stale = _found(recall, [path for path in owned if path not in wanted])
    missing = [path for path in wanted if path not in found]
    different = [path for path in found if found[path] != wanted[path].sha256]
    if was is None:
        missing.append(LOCK_NAME)
    elif was != sha256_of(lock):
        different.append(LOCK_NAME)
    return Comparison(
        missing=tuple(sorted(missing)),
        different=tuple(sorted(different)),
        stale=tuple(sorted(stale)),
        foreign=tuple(_foreign(seen, (*wanted, *owned))),
    )


def _old(seen: View, recall: Recall) -> tuple[str | None, Collection[str]]:
    known = recall.lock()
    if known is not None:
        return known.lock, known.hashes
    data = seen.lock_data()
    if data is None:
        return None, ()
    try:
        return sha256_of(data), parse_lock(data).hashes()
    except OutputError:
        # A broken lock is a difference in itself; what it owned nobody can say.
        return sha256_of(data), ()


def _found(recall: Recall, paths: Collection[str]) -> dict[str, str]:
    found, problems = recall.digests(paths)
    if problems:
        raise OutputError("\n".join(problems))
    return found


def _foreign(seen: View, ours: Iterable[str]) -> list[str]:
    # What a pending journal will remove is gone already, as far as a reader knows.
    going = (each.path for each in seen.journal.removed) if seen.journal else ()
    return list(strays(seen.root, (*ours, *going, LOCK_NAME, BENCH)))
