"""Writing a tree: decide, stage, publish; or refuse, with nothing changed."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from os import PathLike

from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact, folded_path
from kubelb_gen.artifacts.bench import DRAFT, JOURNAL, exclusive, sweep
from kubelb_gen.artifacts.folder import Folder, open_directory
from kubelb_gen.artifacts.journal import Journal, Move, Removal, parse_journal
from kubelb_gen.artifacts.layout import Branch, layout
from kubelb_gen.artifacts.lock import parse_lock
from kubelb_gen.artifacts.memory import Memory
from kubelb_gen.artifacts.recall import Recall
from kubelb_gen.artifacts.survey import sha256_of
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """What a write did, as sorted paths; the lock is not among them.

    *skipped* are stale files that somebody else had removed already.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def write_tree(
    directory: str,
    wanted: Mapping[str, Artifact],
    lock: bytes,
    *,
    spec: str,
    force: bool,
    memory: str | PathLike[str] | None = None,
) -> WriteReport:
    """Make *directory* hold *wanted* and *lock* of *spec*, and no older files of ours.

    A write that was interrupted is completed first.  With *force*, files that are
    not ours, or that were edited by hand, are overwritten and pruned like ours.
    The file *memory* saves the reading of files that nobody touched since then.
    """
    root = open_directory(directory, create=True)
    if root is None:
        raise OutputError(f"'{directory}' vanished while it was made")
    with root, exclusive(root) as bench:
        dropped = _roll_forward(root, bench, force=force)
        sweep(bench)
        recall = Recall([root], memory)
        was, owned = _old_lock(root, recall, spec, force=force)
        owned |= dropped
        seen = _look(root, recall, wanted, owned, force=force)
        report, journal = _decided(
            wanted, owned, seen, Move(LOCK_NAME, sha256_of(lock), was)
        )
        changes = journal.files or journal.removed or journal.lock.sha256 != was
        if changes:
            _check_ready(root, journal)
            _stage(bench, journal, wanted, lock)
            journal.publish(root, bench)
            _finish(bench)
        if memory is not None:
            hashes = {path: each.sha256 for path, each in wanted.items()}
            new = Memory(spec=spec, lock=journal.lock.sha256, hashes=hashes, stamps={})
            written = {LOCK_NAME, *report.written} if changes else ()
            recall.keep(bench, new, lock, written)
    return report


def _roll_forward(root: Folder, bench: Folder, *, force: bool) -> dict[str, str]:
    """Complete an interrupted write; return the files of one that was given up."""
    data = bench.read(JOURNAL)
    if data is None:
        return {}
    journal = None
    try:
        journal = parse_journal(data, bench.path(JOURNAL))
        faults = journal.faults(root, bench)
        if faults:
            raise _refusal(root, "complete the interrupted write", faults)
    except OutputError:
        if not force:
            raise
        bench.remove(JOURNAL)
        return {each.path: each.sha256 for each in journal.files} if journal else {}
    journal.publish(root, bench)
    _finish(bench)
    return {}


def _old_lock(
    root: Folder, recall: Recall, spec: str, *, force: bool
) -> tuple[str | None, dict[str, str]]:
    known = recall.lock()
    if known is not None:
        _refuse_another(root, known.spec, spec, force=force)
        return known.lock, dict(known.hashes)
    data = root.read(LOCK_NAME)
    if data is None:
        return None, {}
    try:
        old = parse_lock(data, root.path(LOCK_NAME))
        owned = old.hashes()
    except OutputError as error:
        if not force:
            hint = "force replaces it, and prunes nothing"
            raise OutputError(f"{error} ({hint})") from error
        return sha256_of(data), {}
    _refuse_another(root, old.spec, spec, force=force)
    return sha256_of(data), owned


def _refuse_another(root: Folder, old: str, new: str, *, force: bool) -> None:
    if old != new and not force:
        raise OutputError(
            f"'{root.shown}' holds what '{old}' renders to, and writing "
            f"'{new}' would remove it (force does that)"
        )


def _look(
    root: Folder,
    recall: Recall,
    wanted: Mapping[str, Artifact],
    owned: Mapping[str, str],
    *,
    force: bool,
) -> dict[str, str]:
    """Return the hashes of what stands at our paths; refuse what is in the way."""
    # Apart: a path may have been a folder in the old tree and be a file in the new.
    seen, problems = recall.digests(wanted)
    stale, more = recall.digests([path for path in owned if path not in wanted])
    problems += more
    problems += _differ_by_case(wanted, stale)
    if not force:
        problems += _not_ours(wanted, owned, seen | stale)
    if problems:
        raise _refusal(root, "write", problems)
    return seen | stale


def _not_ours(
    wanted: Mapping[str, Artifact], owned: Mapping[str, str], seen: Mapping[str, str]
) -> Iterator[str]:
    for path, sha256 in seen.items():
        if path in wanted and sha256 == wanted[path].sha256:
            continue
        if path not in owned:
            yield f"{path}: not ours"
        elif sha256 != owned[path]:
            yield f"{path}: edited by hand"


def _differ_by_case(wanted: Iterable[str], stale: Collection[str]) -> Iterator[str]:
    if not stale:
        return
    # Where the file system ignores case, pruning the old name removes the new file.
    folded = {folded_path(path): path for path in wanted}
    for path in stale:
        new = folded.get(folded_path(path))
        if new is not None:
            yield f"{path}: differs from '{new}' in case alone; remove it first"


def _decided(
    wanted: Mapping[str, Artifact],
    owned: Mapping[str, str],
    seen: Mapping[str, str],
    lock: Move,
) -> tuple[WriteReport, Journal]:
    files = tuple(
        Move(path, each.sha256, seen.get(path))
        for path, each in wanted.items()
        if seen.get(path) != each.sha256
    )
    stale = sorted(path for path in owned if path not in wanted)
    removed = tuple(Removal(path, seen[path]) for path in stale if path in seen)
    written = {each.path for each in files}
    report = WriteReport(
        written=tuple(each.path for each in files),
        unchanged=tuple(path for path in wanted if path not in written),
        removed=tuple(each.path for each in removed),
        skipped=tuple(path for path in stale if path not in seen),
    )
    name = f"stage-{os.urandom(8).hex()}"
    return report, Journal(stage=name, files=files, removed=removed, lock=lock)


def _check_ready(root: Folder, journal: Journal) -> None:
    """Refuse beforehand what would stop the publication half-way."""
    problems = set(root.unfit(root))
    problems |= set(_unfit(root, root, layout(each.path for each in journal.files)))
    problems |= set(_unfit(root, root, layout(each.path for each in journal.removed)))
    if problems:
        raise _refusal(root, "write", sorted(problems))


def _unfit(root: Folder, folder: Folder, branch: Branch) -> Iterator[str]:
    for name, below in branch.items():
        if isinstance(below, str):
            continue
        child = folder.enter(name)
        if child is not None:
            with child:
                yield from child.unfit(root)
                yield from _unfit(root, child, below)


def _stage(
    bench: Folder, journal: Journal, wanted: Mapping[str, Artifact], lock: bytes
) -> None:
    """Prepare everything in the stage; the last rename is what makes it happen."""
    try:
        with bench.make(journal.stage) as stage:
            _fill(stage, layout(each.path for each in journal.files), wanted)
            stage.write(LOCK_NAME, lock)
        bench.write(DRAFT, journal.data())
        bench.move(DRAFT, bench, JOURNAL)
    except BaseException:
        # The first failure is the one to tell; the next write sweeps what is left.
        with suppress(OutputError):
            sweep(bench)
        raise


def _fill(stage: Folder, branch: Branch, wanted: Mapping[str, Artifact]) -> None:
    for name, below in branch.items():
        if isinstance(below, str):
            stage.write(name, wanted[below].data)
        else:
            with stage.make(name) as folder:
                _fill(folder, below, wanted)


def _finish(bench: Folder) -> None:
    bench.remove(JOURNAL)
    sweep(bench)


def _refusal(root: Folder, what: str, problems: Iterable[str]) -> OutputError:
    lines = "".join(
        f"\n  {line}" for problem in problems for line in problem.splitlines()
    )
    return OutputError(f"cannot {what} in '{root.shown}':{lines}")
