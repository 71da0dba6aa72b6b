"""What the path model says of a cell, in the words of an observation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.lab import cells, specs
from tests.e2e.lab.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.trace import Path
    from tests.e2e.lab.cells import Cell

_WITHOUT_CLIENT = {cells.KUBELET, cells.HEALTH}


def predict(paths: Iterable[Path], cell: Cell) -> Observation:
    """What *paths*, those of the cell's world, say of the flow of *cell*."""
    path = _path(paths, cell)
    # What the application would learn is told in any case; on the wire a broken flow,
    # a probe and a check tell it nothing.
    told = path.verdict != "broken" and cell.flow not in _WITHOUT_CLIENT
    return Observation(
        verdict=str(path.verdict),
        identity=None if path.identity.is_ is None else str(path.identity.is_),
        peer=str(path.peer),
        application=str(path.application) if told else None,
        believed=frozenset(str(lie.place) for lie in path.lies if lie.believed),
    )


def _path(paths: Iterable[Path], cell: Cell) -> Path:
    gateway = None if cell.world.edge is None else specs.GATEWAY
    (path,) = (
        each
        for each in paths
        if (each.name, each.source) == (cell.subject.name, cell.flow)
        and each.gateway == gateway
    )
    return path
