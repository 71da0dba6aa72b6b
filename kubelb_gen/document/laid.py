"""What overlays laid over a document: where each value stands, and what it hides.

The paths of the merged data are those of the document below, since overlays add no
item to a list that they do not replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.diagnostics import DataPath

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Key


class Laid(NamedTuple):
    """Where a value, or its absence, was written, and what stood there before."""

    at: DataPath
    over: DataPath | None


class _Branch:
    # No dataclass: every start of the program would pay for what few specs have.
    __slots__ = ("below", "laid")

    def __init__(self, laid: Laid | None = None) -> None:
        self.laid = laid
        self.below: dict[Key, _Branch] = {}


class Provenance:
    """Where the overlaid parts of one document come from, by their paths in it."""

    def __init__(self) -> None:
        self._root = _Branch()
        self._written: set[DataPath] = set()

    def lay(self, keys: tuple[Key, ...], laid: Laid) -> None:
        """Record what was laid at *keys*; what lay below is no more."""
        branch = self._root
        for key in keys[:-1]:
            branch = branch.below.setdefault(key, _Branch())
        branch.below[keys[-1]] = _Branch(laid)
        self._written.add(laid.at)

    def brought(self, at: DataPath) -> bool:
        """Tell whether what is written at *at* was laid over the document."""
        return any(
            DataPath(at.source, at.document, at.keys[:depth]) in self._written
            for depth in range(len(at.keys) + 1)
        )

    def of(self, keys: tuple[Key, ...]) -> Laid | None:
        """Return where the value at *keys* comes from, None for the document itself."""
        branch, found, depth = self._root, None, 0
        for index, key in enumerate(keys, start=1):
            if key not in branch.below:
                break
            branch = branch.below[key]
            if branch.laid is not None:
                found, depth = branch.laid, index
        if found is None:
            return None
        rest = keys[depth:]
        over = None if found.over is None else _below(found.over, rest)
        return Laid(_below(found.at, rest), over)


def _below(at: DataPath, keys: tuple[Key, ...]) -> DataPath:
    for key in keys:
        at /= key
    return at
