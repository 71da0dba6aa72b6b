"""Kernel NAT, real proxies, what we rendered: every cell is seen as it is predicted.

The ground is laid once, each world once for all of its cells.  `python -m
tests.e2e.lab` (`make lab`) runs the same cells and writes the table of them.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.lab import observation, prediction, specs, topology
from tests.e2e.lab.namespaces import obstacle
from tests.e2e.lab.running import laboratory
from tests.e2e.lab.worlds import WORLDS
from tests.support import loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.lab.cells import Cell, World
    from tests.e2e.lab.running import Laboratory
    from tests.e2e.lab.topology import Ground

# Worlds are shared by their cells, so one worker has to run this file: pytest 9.2 does
# not heed the groups of xdist 3.8, hence `--dist loadfile`.
pytestmark = pytest.mark.lab

# Identity and peer that were measured before there was anything of ours to run: the
# table in the facts about KubeLB.
MEASURED = {
    "passing/nginx-http-cluster-on": ("management-node", "tenant-node"),
    "passing/nginx-http-local-on": ("client", "management-egress"),
    "passing/nginx-http-local-off": ("management-egress", "management-egress"),
    "passing/nginx-http-cluster-off": ("tenant-node", "tenant-node"),
    "replacing/nginx-http-local-on": ("load-balancer", "management-egress"),
    "replacing/nginx-http-cluster-on": ("management-node", "tenant-node"),
    "proxying-v2/nginx-http-local-off": ("client", "management-egress"),
    "proxying-v2/nginx-http-cluster-off": ("client", "tenant-node"),
    "proxying-v2/nginx-http-local-on": (None, "management-egress"),
    "proxying-v2/nginx-http-cluster-on": (None, "tenant-node"),
    "announced/udp-other-cluster": ("tenant-node", "tenant-node"),
    "announced/udp-other-local": ("management-egress", "management-egress"),
    "edge/other-1-from-right": ("edge-proxy", "tenant-node"),
    "edge/other-2-from-right": ("client", "tenant-node"),
}


CELLS = [cell for world in WORLDS for cell in world.cells()]


class Worlds:
    """One running world at a time, kept for as long as its cells come in a row."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self._ground, self._folder = ground, folder
        self._stack = ExitStack()
        self._running: Laboratory | None = None

    def run(self, world: World) -> Laboratory:
        """*world*, started if it does not run yet."""
        if self._running is None or self._running.world is not world:
            self.stop()
            folder = Path(tempfile.mkdtemp(prefix=world.name, dir=self._folder))
            running = laboratory(self._ground, world, folder)
            self._running = self._stack.enter_context(running)
        return self._running

    def stop(self) -> None:
        """End what runs."""
        self._running = None
        self._stack.close()


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    reason = obstacle()
    if reason is not None:
        pytest.skip(reason)
    with topology.ground() as ground:
        kept = Worlds(ground, tmp_path_factory.mktemp("lab"))
        try:
            yield kept
        finally:
            kept.stop()


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_what_is_predicted_is_observed(worlds: Worlds, cell: Cell) -> None:
    running = worlds.run(cell.world)
    predicted = prediction.predict(running.paths, cell)

    seen = observation.observe(running, cell)

    assert predicted == seen
    measured = MEASURED.get(cell.name)
    assert measured in (None, (seen.identity, seen.peer))


def test_a_pod_that_dials_kubelbs_envoy_can_name_any_client(worlds: Worlds) -> None:
    """What every path through an edge assumes that nobody does."""
    cell = next(each for each in CELLS if each.name == "edge/nginx")
    running = worlds.run(cell.world)
    path = next(each for each in running.paths if each.name == "nginx")
    running.http.requests.clear()

    with running.ground["edge"].inside():
        loopback.request(
            specs.envoy_port(cell),
            address=topology.ENVOY_POD,
            source=topology.EDGE_POD,
            headers=[("X-Forwarded-For", topology.LIE)],
        )

    (request,) = running.http.requests
    assert (topology.LIE,) == request.all("X-Forwarded-For")
    assert (
        "no pod of the management cluster but the edge's dials KubeLB's Envoy"
        in path.assumes
    )


def test_there_are_at_least_eighty_cells() -> None:
    names = [cell.name for cell in CELLS]

    assert len(names) >= 80
    assert len(names) == len(set(names))
    assert set(names) >= MEASURED.keys()
