"""What overlays laid over a document: where each value stands, and what it hides.

The paths of the merged data are those of the document below, since overlays add no
item to a list that they do not replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import DataPath, Key


class Laid(NamedTuple):
    """Where a value, or its absence, was written, and what stood there before."""

    at: DataPath
    over: DataPath | None


class Provenance:
    """Where the overlaid parts of one document come from, by their paths in it."""

    def __init__(self) -> None:
        self._laid: dict[tuple[Key, ...], Laid] = {}

    def lay(self, keys: tuple[Key, ...], laid: Laid) -> None:
        """Record what was laid at *keys*, and forget what lay below."""
        depth = len(keys)
        for below in [each for each in self._laid if each[:depth] == keys]:
            del self._laid[below]
        self._laid[keys] = laid

    def brought(self, at: DataPath | None) -> bool:
        """Tell whether what is written at *at* was laid over the document."""
        return any(
            at is not None
            and (at.source, at.document) == (each.at.source, each.at.document)
            and at.keys[: len(each.at.keys)] == each.at.keys
            for each in self._laid.values()
        )

    def of(self, keys: tuple[Key, ...]) -> Laid | None:
        """Return where the value at *keys* comes from, None for the document itself."""
        for depth in range(len(keys), 0, -1):
            laid = self._laid.get(keys[:depth])
            if laid is not None:
                rest = keys[depth:]
                over = None if laid.over is None else _below(laid.over, rest)
                return Laid(_below(laid.at, rest), over)
        return None


def _below(at: DataPath, keys: tuple[Key, ...]) -> DataPath:
    for key in keys:
        at /= key
    return at
