"""Rendered files as values, and the one way in which they reach the disk.

Importing this package imports none of its parts: what is only printed needs no writer.
"""

from typing import TYPE_CHECKING

from kubelb_gen.lazily import names

if TYPE_CHECKING:
    from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact
    from kubelb_gen.artifacts.collection import Artifacts
    from kubelb_gen.artifacts.compare import Comparison
    from kubelb_gen.artifacts.kept import Kept
    from kubelb_gen.artifacts.lock import Entry, Lock, parse_lock
    from kubelb_gen.artifacts.record import Records, block_of
    from kubelb_gen.artifacts.stream import files_json, yaml_stream
    from kubelb_gen.artifacts.tree import Tree, read_tree
    from kubelb_gen.artifacts.writer import WriteReport

__all__ = [
    "LOCK_NAME",
    "Artifact",
    "Artifacts",
    "Comparison",
    "Entry",
    "Kept",
    "Lock",
    "Records",
    "Tree",
    "WriteReport",
    "block_of",
    "files_json",
    "parse_lock",
    "read_tree",
    "yaml_stream",
]

_HOMES = {
    "artifact": ("LOCK_NAME", "Artifact"),
    "collection": ("Artifacts",),
    "compare": ("Comparison",),
    "kept": ("Kept",),
    "lock": ("Entry", "Lock", "parse_lock"),
    "record": ("Records", "block_of"),
    "stream": ("files_json", "yaml_stream"),
    "tree": ("Tree", "read_tree"),
    "writer": ("WriteReport",),
}

__getattr__ = names(__name__, _HOMES)
