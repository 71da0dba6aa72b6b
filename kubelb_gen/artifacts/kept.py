"""A generated file whose text is not at hand, and is fetched when somebody asks.

Most files of a tree that is written again stay as they are, and of those a write
needs the hash alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kubelb_gen.artifacts.artifact import Artifact
from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable


class Kept(Artifact):
    """An artifact of which *sha256* is known, and of which *fetch* returns the text.

    It equals, and is pickled as, one whose text is at hand.  Its text is asked for
    once; raises `RenderError` when the text has another hash.
    """

    def __init__(
        self,
        path: str,
        kind: str,
        role: str,
        cluster: str,
        sha256: str,
        fetch: Callable[[Kept], str],
    ) -> None:
        # Past the class's own `__setattr__`, which refuses.
        fields = self.__dict__
        fields["path"] = path
        fields["kind"] = kind
        fields["role"] = role
        fields["cluster"] = cluster
        fields["sha256"] = sha256
        fields["fetch"] = fetch

    @cached_property
    def text(self) -> str:
        """What the file says."""
        fetch: Callable[[Kept], str] = self.__dict__["fetch"]
        text = fetch(self)
        fetched = Artifact(
            path=self.path,
            kind=self.kind,
            role=self.role,
            cluster=self.cluster,
            text=text,
        )
        if fetched.sha256 != self.sha256:
            raise RenderError(f"what was kept of '{self.path}' is not what it says")
        return text

    def __reduce__(self) -> tuple[object, ...]:
        fields = (self.path, self.kind, self.role, self.cluster, self.text)
        return _at_hand, fields

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.path}'>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Artifact):
            return NotImplemented
        return _identity(self) == _identity(other)

    __hash__ = Artifact.__hash__


def _identity(artifact: Artifact) -> tuple[str, ...]:
    each = artifact
    return each.path, each.kind, each.role, each.cluster, each.sha256


def _at_hand(path: str, kind: str, role: str, cluster: str, text: str) -> Artifact:
    return Artifact(path=path, kind=kind, role=role, cluster=cluster, text=text)
