"""Rendered files as values, and the one way in which they reach the disk.

Importing this package imports nothing else: what is only printed needs no writer.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "artifact": ("LOCK_NAME", "Artifact"),
    "collection": ("Artifacts",),
    "compare": ("Comparison",),
    "lock": ("Entry", "Lock", "parse_lock"),
    "stream": ("files_json", "yaml_stream"),
    "tree": ("Tree", "read_tree"),
    "writer": ("WriteReport",),
}


def __getattr__(name: str) -> object:
    """Import the home of *name* on first use (PEP 562)."""
    from importlib import import_module  # noqa: PLC0415

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
