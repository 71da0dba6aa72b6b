"""A share of the faults that `system_faults` injects into the real program."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hostile import system_faults
from tests.hostile.system_faults import Call, World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.property,
    pytest.mark.skipif(system_faults.STRACE is None, reason="strace is not installed"),
]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    # Nobody may not enter pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield World(Path(folder))


@pytest.fixture(scope="module")
def calls(world: World) -> list[Call]:
    return system_faults.changing_calls(world)


@pytest.mark.parametrize("at", [0, 12, 30, 33, -2])
def test_killed_there_the_tree_is_whole(
    world: World, calls: list[Call], at: int
) -> None:
    system_faults.killed(world, calls[at])


@pytest.mark.parametrize("at", [5, 32])
def test_interrupted_there_the_tree_is_whole(
    world: World, calls: list[Call], at: int
) -> None:
    system_faults.interrupted(world, calls[at])


@pytest.mark.parametrize(("at", "error"), [(8, "ENOSPC"), (31, "EIO"), (40, "EROFS")])
def test_failed_there_by_the_disk_the_tree_is_whole(
    world: World, calls: list[Call], at: int, error: str
) -> None:
    system_faults.failed(world, calls[at], error)


@needs_root
@pytest.mark.parametrize("pages", [0, 7])
def test_on_a_full_disk_the_tree_is_whole(world: World, pages: int) -> None:
    system_faults.full(world, pages)


@needs_root
def test_on_a_read_only_disk_the_tree_is_whole(world: World) -> None:
    system_faults.read_only(world)


@needs_root
@pytest.mark.parametrize("below", ["out", "out/tenants/primary/default"])
def test_where_a_folder_is_somebody_elses_the_tree_is_whole(
    world: World, below: str
) -> None:
    system_faults.not_allowed(world, below)


def test_of_two_writers_one_writes(world: World, calls: list[Call]) -> None:
    system_faults.two_writers(world, calls[30])


def test_a_torn_tree_would_be_seen(world: World, tmp_path: Path) -> None:
    place = world.fresh(tmp_path)
    path = next(iter(set(world.old) - set(world.new)))
    (place / "out" / path).write_text("torn")

    with pytest.raises(AssertionError, match="holds a mixture"):
        world.assert_whole(place)
