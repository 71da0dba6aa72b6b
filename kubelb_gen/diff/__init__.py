"""What changes between two states of a fleet: what it means, then file by file."""

from kubelb_gen.diff.changes import Changes, Side
from kubelb_gen.diff.files import FileChange
from kubelb_gen.diff.narrow import narrowed
from kubelb_gen.diff.paths import PathChange

__all__ = ["Changes", "FileChange", "PathChange", "Side", "narrowed"]
