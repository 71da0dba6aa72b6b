"""Two trees, file by file: equal bytes are not looked at, the rest is told as objects.

A file without objects is compared as text, and one whose objects all agree has
another layout: every byte that differs stands in some change.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from kubelb_gen.diff.hunks import Hunk, count, hunks
from kubelb_gen.diff.objects import Identity, ObjectChange, object_changes, objects_of
from kubelb_gen.diff.pruning import pruned
from kubelb_gen.diff.values import MIRROR, UNORDERED

Files = Mapping[str, bytes]


class FileChange(NamedTuple):
    """One file: *change* is added, removed, changed, moved or layout.

    *was* is its old path where it moved.  *objects* is None for a text.  *added* and
    *removed* count lines; *old* and *new* are what the file says on either side.
    """

    path: str
    change: str
    was: str | None
    objects: tuple[ObjectChange, ...] | None
    added: int
    removed: int
    old: str | None
    new: str | None

    def hunks(self) -> tuple[Hunk, ...]:
        """Return the lines that differ, masked where they look like secrets."""
        return hunks(self.old or "", self.new or "")

    def mirrored(self) -> "FileChange":
        """Return what the same file is the other way round."""
        objects = self.objects
        return FileChange(
            path=self.was or self.path,
            change=MIRROR[self.change],
            was=self.path if self.was else None,
            objects=objects and tuple(each.mirrored() for each in objects),
            added=self.removed,
            removed=self.added,
            old=self.new,
            new=self.old,
        )


def file_changes(old: Files, new: Files) -> tuple[FileChange, ...]:
    """Return every file in which the trees *old* and *new* differ, by path."""
    moved = _moved(old, new)
    gone, come = moved.keys(), {*moved.values()}
    changes = [
        _change(path, was, _text(old[was]), _text(new[path]))
        for was, path in moved.items()
    ]
    changes += [
        _change(path, path, _text(old.get(path)), _text(new.get(path)))
        for path in {*old, *new} - gone - come
        if old.get(path) != new.get(path)
    ]
    return tuple(sorted(changes, key=_position))


def file_change(path: str, old: bytes | None, new: bytes | None) -> FileChange | None:
    """Return what becomes of the text *path*, None where it stays."""
    if old == new:
        return None
    return _change(path, path, _text(old), _text(new), as_text=True)


def _position(change: FileChange) -> str:
    return min(change.path, change.was or change.path)


def _change(
    path: str, was: str, old: str | None, new: str | None, *, as_text: bool = False
) -> FileChange:
    added, removed = count(old or "", new or "")
    objects = None if as_text else _objects(path, old, new)
    change = "moved"
    if old is None:
        change = "added"
    elif new is None:
        change = "removed"
    elif was == path:
        change = "layout" if objects == () else "changed"
    return FileChange(
        path=path,
        change=change,
        was=was if was != path else None,
        objects=objects,
        added=added,
        removed=removed,
        old=old,
        new=new,
    )


def _objects(
    path: str, old: str | None, new: str | None
) -> tuple[ObjectChange, ...] | None:
    if old is not None and new is not None:
        old, new = pruned(old, new, UNORDERED)
    before = {} if old is None else objects_of(path, old)
    after = {} if new is None else objects_of(path, new)
    if before is None or after is None:
        return None
    return object_changes(before, after)


def _moved(old: Files, new: Files) -> dict[str, str]:
    """Return where an object went that stands in another file of the same cluster."""
    gone = dict(_identified(old, (path for path in old if path not in new)))
    come = dict(_identified(new, (path for path in new if path not in old)))
    return {path: come[key] for key, path in gone.items() if key in come}


def _identified(
    files: Files, paths: Iterator[str]
) -> Iterator[tuple[tuple[str, tuple[Identity, ...]], str]]:
    for path in sorted(paths):
        objects = objects_of(path, _text(files[path]) or "") or {}
        if objects and all(each.name for each in objects):
            cluster = "/".join(PurePosixPath(path).parts[:2])
            yield (cluster, tuple(sorted(objects))), path


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")
