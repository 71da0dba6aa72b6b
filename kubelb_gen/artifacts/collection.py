"""Everything that one spec renders to, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from operator import attrgetter
from os import fspath
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.artifact import Artifact
from kubelb_gen.artifacts.naming import refuse_collisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

    from kubelb_gen.artifacts.compare import Comparison
    from kubelb_gen.artifacts.lock import Lock
    from kubelb_gen.artifacts.writer import WriteReport


class Artifacts(Mapping[str, Artifact]):
    """The rendered files by path, in the order of their paths; no I/O until asked.

    *spec* is the spec's `metadata.name` and *meaning* what the trace says of each
    path; both go into the lock, and *meaning* is not asked for before.
    """

    def __init__(
        self,
        artifacts: Iterable[Artifact],
        *,
        spec: str,
        meaning: Iterable[Mapping[str, object]] = (),
    ) -> None:
        self.spec = spec
        self._meaning = meaning
        ordered = sorted(artifacts, key=attrgetter("path"))
        paths = [each.path for each in ordered]
        refuse_collisions(paths)
        self._files = dict(zip(paths, ordered, strict=True))

    def __getitem__(self, path: str) -> Artifact:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __getstate__(self) -> dict[str, object]:
        """Return what is pickled: what the trace says, too, said by then."""
        return {**self.__dict__, "_meaning": self.meaning}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of '{self.spec}': {len(self)} files>"

    @cached_property
    def meaning(self) -> Sequence[Mapping[str, object]]:
        """What the trace says of each path."""
        from kubelb_gen.artifacts.record import Records  # noqa: PLC0415

        given = self._meaning
        return given if isinstance(given, Records) else tuple(given)

    @cached_property
    def lock(self) -> Lock:
        """What the lock file will say."""
        from kubelb_gen.artifacts.lock import lock_of  # noqa: PLC0415

        return lock_of(self.values(), self.spec, self.meaning)

    def write(
        self,
        directory: str | PathLike[str],
        *,
        force: bool = False,
        memory: str | PathLike[str] | None = None,
    ) -> WriteReport:
        """Make *directory* hold exactly these files of ours, wholly or not at all.

        Raises `OutputError` when something that is not ours, or was edited by hand,
        is in the way; with *force* such files are overwritten and pruned.  A file
        *memory* outside of *directory* saves the next run with it from reading what
        nobody touched (`kubelb_gen.artifacts.memory` says what that rests on).
        """
        from kubelb_gen.artifacts.writer import write_tree  # noqa: PLC0415

        return write_tree(
            fspath(directory),
            self._files,
            self._lock(),
            spec=self.spec,
            force=force,
            memory=memory,
        )

    def compare(
        self,
        directory: str | PathLike[str],
        *,
        memory: str | PathLike[str] | None = None,
    ) -> Comparison:
        """Say how *directory* differs from these files.

        The file *memory* of a write saves reading what nobody touched since.
        """
        from kubelb_gen.artifacts.compare import compare_tree  # noqa: PLC0415

        return compare_tree(fspath(directory), self._files, self._lock(), memory=memory)

    def _lock(self) -> bytes:
        from kubelb_gen.artifacts.lock import data_of  # noqa: PLC0415

        return data_of(self.values(), self.spec, self.meaning)
