"""Rendered files as values, and the one way in which they reach the disk."""

from kubelb_gen.artifacts.artifact import LOCK_NAME, Artifact
from kubelb_gen.artifacts.collection import Artifacts
from kubelb_gen.artifacts.compare import Comparison
from kubelb_gen.artifacts.lock import Entry, Lock, parse_lock
from kubelb_gen.artifacts.stream import files_json, yaml_stream
from kubelb_gen.artifacts.tree import Tree, read_tree
from kubelb_gen.artifacts.writer import WriteReport

__all__ = [
    "LOCK_NAME",
    "Artifact",
    "Artifacts",
    "Comparison",
    "Entry",
    "Lock",
    "Tree",
    "WriteReport",
    "files_json",
    "parse_lock",
    "read_tree",
    "yaml_stream",
]
