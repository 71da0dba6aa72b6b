"""What changes between two states of a fleet: what it means, then file by file."""

from kubelb_gen.diff.changes import Changes, Side
from kubelb_gen.diff.files import FileChange
from kubelb_gen.diff.hunks import Hunk
from kubelb_gen.diff.objects import ObjectChange
from kubelb_gen.diff.paths import PathChange
from kubelb_gen.diff.secrets import masked_finding
from kubelb_gen.diff.values import FieldChange

__all__ = [
    "Changes",
    "FieldChange",
    "FileChange",
    "Hunk",
    "ObjectChange",
    "PathChange",
    "Side",
    "masked_finding",
]
