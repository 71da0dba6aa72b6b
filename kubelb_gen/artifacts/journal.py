"""The journal: one write, decided and staged, that only has to be carried out.

It is published by a rename, and that rename is the moment at which a write happens.
Before it, the old tree stands.  From then on readers look into the stage first, and
whoever writes next carries the journal out before anything else.

Promised is that a killed process, a full disk or a refusal never leaves a mixed tree;
the kernel's memory survives all of these, so nothing is fsynced.  After a power cut a
tree can be damaged: the hashes in the journal and in the lock tell, `--check` says
so, and forcing a write repairs it, since every byte can be rendered again.
"""

import json
import re
from collections.abc import Mapping

from kubelb_gen.artifacts.artifact import LOCK_NAME
from kubelb_gen.artifacts.folder import Folder
from kubelb_gen.artifacts.layout import Branch, layout
from kubelb_gen.artifacts.lock import checked_hash, checked_path
from kubelb_gen.artifacts.survey import digests, strays
from kubelb_gen.errors import OutputError
from kubelb_gen.frozen import dataclass

_STAGE = re.compile(r"stage-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Move:
    """A file to put in place; *was* is the hash of what stood there, if any."""

    path: str
    sha256: str
    was: str | None


@dataclass(frozen=True, slots=True)
class Removal:
    """A stale file of ours, and the hash it had."""

    path: str
    was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Everything that one write does, once it is staged in the folder *stage*."""

    stage: str
    files: tuple[Move, ...]
    removed: tuple[Removal, ...]
    lock: Move

    def data(self) -> bytes:
        """Return the bytes of the journal file."""
        document = {
            "version": 1,
            "stage": self.stage,
            "files": [[each.path, each.sha256, each.was] for each in self.files],
            "removed": [[each.path, each.was] for each in self.removed],
            "lock": [self.lock.sha256, self.lock.was],
        }
        return json.dumps(document, ensure_ascii=False).encode()

    def publish(self, root: Folder, bench: Folder) -> None:
        """Carry the journal out, from wherever the last attempt stopped."""
        stage = bench.enter(self.stage)
        if stage is None:
            _prune(root, layout(each.path for each in self.removed))
            return
        with stage:
            _merge(stage, root, layout(each.path for each in self.files))
            _prune(root, layout(each.path for each in self.removed))
            stage.move(LOCK_NAME, root)

    def faults(self, root: Folder, bench: Folder) -> list[str]:
        """Say what has happened to the tree or the stage since the write stopped."""
        moves = {each.path: each for each in (*self.files, self.lock)}
        staged, faults = self._staged(bench)
        faults += [
            f"{path}: its staged text is damaged"
            for path, sha256 in staged.items()
            if sha256 != moves[path].sha256
        ]
        now, problems = digests([root], [*moves, *(each.path for each in self.removed)])
        faults += problems
        faults += [
            f"{path}: changed since the interrupted write"
            for path, allowed in self._expected(staged)
            if now.get(path) not in allowed
        ]
        return faults

    def _staged(self, bench: Folder) -> tuple[dict[str, str], list[str]]:
        paths = [each.path for each in (*self.files, self.lock)]
        stage = bench.enter(self.stage)
        if stage is None:
            return {}, []
        with stage:
            staged, faults = digests([stage], paths)
            extra = strays(stage, paths)
            faults += [f"{path}: staged, but not in the journal" for path in extra]
            return staged, faults

    def _expected(self, staged: Mapping[str, str]) -> list[tuple[str, set[str | None]]]:
        # What is no longer staged is in place, and whatever became of it since then
        # is for the next look at the tree.
        moves = (each for each in (*self.files, self.lock) if each.path in staged)
        expected: list[tuple[str, set[str | None]]] = [
            (each.path, {None, each.was, each.sha256}) for each in moves
        ]
        return expected + [(each.path, {None, each.was}) for each in self.removed]


def parse_journal(data: bytes, shown: str) -> Journal:
    """Read a journal back; raises `OutputError` when it lies or is none."""
    try:
        return _read(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise OutputError(f"'{shown}' is no journal of kubelb-gen: {error}") from error


def _read(data: object) -> Journal:
    match data:
        case {
            "version": 1,
            "stage": str(stage),
            "files": list(files),
            "removed": list(removed),
            "lock": [sha256, was],
        } if _STAGE.fullmatch(stage):
            lock = Move(LOCK_NAME, checked_hash(sha256), _hash_or_none(was))
        case _:
            raise ValueError("it lacks version, stage, files, removed or lock")
    return Journal(
        stage=stage,
        files=tuple(_move(each) for each in files),
        removed=tuple(_removal(each) for each in removed),
        lock=lock,
    )


def _move(data: object) -> Move:
    match data:
        case [path, sha256, was]:
            return Move(checked_path(path), checked_hash(sha256), _hash_or_none(was))
    raise ValueError("an entry of files is no triple")


def _removal(data: object) -> Removal:
    match data:
        case [path, was]:
            return Removal(checked_path(path), checked_hash(was))
    raise ValueError("an entry of removed is no pair")


def _hash_or_none(value: object) -> str | None:
    return None if value is None else checked_hash(value)


def _merge(stage: Folder, final: Folder, branch: Branch) -> None:
    for name, below in branch.items():
        if isinstance(below, str) or final.status(name) is None:
            # A folder that is new as a whole moves as a whole: one call for a tenant.
            stage.move(name, final)
            continue
        source, target = stage.enter(name), final.enter(name)
        if source is not None and target is not None:
            with source, target:
                _merge(source, target, below)


def _prune(folder: Folder, branch: Branch) -> None:
    for name, below in branch.items():
        if isinstance(below, str):
            folder.remove(name)
            continue
        child = folder.enter(name)
        if child is not None:
            with child:
                _prune(child, below)
            folder.remove_if_empty(name)
