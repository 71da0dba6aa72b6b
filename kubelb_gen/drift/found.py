"""What a comparison finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Location
    from kubelb_gen.trace import Path


class Shift(NamedTuple):
    """A path that means something else than the spec says."""

    wanted: Path
    runs: Path

    @property
    def subject(self) -> str:
        """The port and the caller."""
        path = self.wanted
        where = f"{path.namespace}/{path.name} {path.port}/{path.protocol}"
        return f"{where} from {path.source}"


class Difference(NamedTuple):
    """One difference between what the spec renders and what runs.

    *kind* is `changed`, `missing` (an object that should run), `stranger` (one that the
    spec does not have) or `leftover` (what KubeLB never takes away).  *field* is empty
    for whole objects.  *does* says how to get rid of it where the spec's objects do
    not; *shifts* are the paths of its Service or edge that mean something else.
    """

    kind: str
    cluster: str
    object: str
    field: str = ""
    wanted: str | None = None
    runs: str | None = None
    location: Location | None = None
    does: str | None = None
    shifts: tuple[Shift, ...] = ()


class Drift(NamedTuple):
    """Everything that differs; *compared* counts the objects that were found.

    *unseen* are the kinds of object, by cluster, that the dumps have none of, so that
    nothing is said about them.
    """

    differences: tuple[Difference, ...]
    shifts: tuple[Shift, ...]
    compared: int
    unseen: tuple[str, ...]
