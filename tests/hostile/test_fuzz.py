"""A deterministic share of the fuzzing, and proof that it would see what goes wrong."""

from __future__ import annotations

import mmap
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.hostile import fuzz
from tests.hostile.guard import Hang, Trespass, watched
from tests.hostile.inputs import Input, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.property


def test_a_share_of_the_inputs_ends_as_it_must(repository: Path) -> None:
    # A process of its own: the memory of this one would count against the limit.
    command = [sys.executable, "-m", "tests.hostile.fuzz", "--seed=0", "--inputs=700"]
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False
    )
    counts = {
        ending: int(count)
        for count, _, ending in (
            line.strip().partition(" ") for line in done.stdout.splitlines()
        )
        if count.isdecimal()
    }

    assert done.returncode == 0, done.stdout + done.stderr
    assert "700 inputs, 0 failures" in done.stdout
    assert counts["values swapped: rendered"] > 20
    assert counts["free text: rendered"] > 20


def test_the_same_seed_makes_the_same_input() -> None:
    assert [make(3, n) for n in range(40)] == [make(3, n) for n in range(40)]
    assert len({make(3, n).content for n in range(40)}) > 30


@pytest.mark.parametrize(
    "act",
    [
        lambda outside: (outside / "x").write_text("x"),
        lambda outside: (outside / "x").mkdir(),
        lambda outside: outside.rename(outside.with_name("y")),
        lambda outside: os.open(outside / "x", os.O_CREAT),
        lambda _: subprocess.run(["true"], check=False),  # noqa: S607
        lambda _: os.system("true"),  # noqa: S605, S607
        lambda _: socket.create_connection(("127.0.0.1", 9), 0.1),
    ],
    ids=["write", "mkdir", "rename", "create", "program", "shell", "socket"],
)
def test_the_guard_sees_what_no_input_may_reach(
    act: Callable[[Path], object], tmp_path: Path
) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()

    with pytest.raises(Trespass), watched(str(inside), 5):
        act(outside)


def test_the_guard_lets_the_folder_of_the_output_be_written(tmp_path: Path) -> None:
    with watched(str(tmp_path), 5):
        (tmp_path / "x").write_text("x")

    assert (tmp_path / "x").read_text() == "x"


def test_the_guard_ends_what_hangs() -> None:
    with pytest.raises(Hang), watched(None, 0.05):
        all(number == 0 for number in iter(int, 1))


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        (lambda *_: 1 / 0, "ZeroDivisionError"),
        (lambda *_: bytearray(1 << 40), "MemoryError"),
        (lambda *_: sys.exit(70), "SystemExit"),
        (lambda *_: os._exit(70), "the child ended with 70 in input 1"),
    ],
    ids=["traceback", "memory", "exit", "death"],
)
def test_the_driver_tells_what_fails(
    feed: Callable[[Input, Path], str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fuzz, "feed", feed)
    tally = fuzz.run_child(0, range(1, 2), tmp_path)

    assert tally.inputs == 1
    assert [1] == [number for number, _ in tally.failures]
    assert told in tally.failures[0][1]


def test_numbers_are_kept_for_a_parent_whose_child_dies(tmp_path: Path) -> None:
    mark = mmap.mmap(-1, 8)
    fuzz.run_range(0, range(5, 8), tmp_path, mark)

    assert int.from_bytes(mark[:8], "big") == 7
