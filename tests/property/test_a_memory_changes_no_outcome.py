"""With a memory of the tree, whatever became of it, all is as it is without one.

Two trees meet the same fate, side by side: one is written with a memory.
"""

import os
import random
import shutil
import stat
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.artifacts import LOCK_NAME, Artifacts
from kubelb_gen.errors import OutputError
from tests.support.clocks import KINDS, Times, clocked
from tests.support.faults import Death, death, striking
from tests.support.trees import tree

pytestmark = pytest.mark.property

Fate: TypeAlias = Callable[["World"], object]

TREES = (
    tree({"a/x": "1111", "a/y": "2222", "b/c/z": "3333", "w": "4444"}),
    tree({"a/x": "1111", "a/y": "5555", "b/c/z": "3333", "w": "4444"}),
    tree({"a/x": "9999", "b/c/z": "3333", "b/v": "6666"}),
    tree({"a/x": "1111"}, spec="another"),
)
PATHS = ["a/x", "a/y", "b/c/z", "w", "b/v", LOCK_NAME]


class World:
    """A tree in `out`, and beside it its memory, if it has one."""

    def __init__(self, folder: Path, *, remembers: bool) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.other = folder / "other"
        self.memory = folder / "memory" if remembers else None
        self.older: list[bytes] = []
        for each in (self.out, self.other):
            each.mkdir(parents=True)
        TREES[1].write(self.other, memory=folder / "other's" if remembers else None)

    def told(self, fate: Fate) -> object:
        """Let *fate* happen; return what is said and what is left."""
        try:
            said: object = fate(self)
        except OutputError as error:
            said = str(error).replace(str(self.folder), "")
        return said, looks(self.out)


def looks(folder: Path) -> object:
    """Return what lies in *folder*; what a killed write prepared has no fixed name."""
    kinds = {
        str(path.relative_to(folder)): stat.S_IFMT(path.lstat().st_mode)
        for path in folder.rglob("*")
        if ".kubelb-gen" not in path.parts
    }
    has_bytes = [path for path, kind in kinds.items() if kind == stat.S_IFREG]
    return kinds, {path: (folder / path).read_bytes() for path in has_bytes}


def written(chosen: Artifacts, *, force: bool) -> Fate:
    return lambda world: chosen.write(world.out, force=force, memory=world.memory)


def compared(chosen: Artifacts) -> Fate:
    return lambda world: chosen.compare(world.out, memory=world.memory)


def killed(chosen: Artifacts, call: int) -> Fate:
    def fate(world: World) -> None:
        try:
            with striking(call, death, lasting=True):
                chosen.write(world.out, memory=world.memory)
        except Death:
            pass

    return fate


def on_a_file(path: str, act: Callable[[Path, Path], object]) -> Fate:
    def fate(world: World) -> None:
        file = world.out / path
        if file.is_file() and not file.is_symlink():
            act(file, world.folder)

    return fate


def edited(file: Path, _: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"!")


def edited_and_back(file: Path, _: Path) -> None:
    with file.open("r+b") as opened:
        first = opened.read(1)
        for byte in (b"!", first):
            opened.seek(0)
            opened.write(byte)


def edited_in_secret(file: Path, _: Path) -> None:
    before = file.stat()
    edited(file, _)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def edited_through_a_link(file: Path, folder: Path) -> None:
    link = folder / "link"
    link.unlink(missing_ok=True)
    link.hardlink_to(file)
    edited(link, folder)


def touched(file: Path, _: Path) -> None:
    os.utime(file, ns=(5, 10**18))


def dated_past_64_bits(file: Path, _: Path) -> None:
    os.utime(file, (0, -(10**10)))


def copied_over(file: Path, folder: Path) -> None:
    shutil.copy2(file, folder / "copy")
    (folder / "copy").replace(file)


def linked(file: Path, folder: Path) -> None:
    file.replace(folder / "elsewhere")
    file.symlink_to(folder / "elsewhere")


def made_a_folder(file: Path, _: Path) -> None:
    file.unlink()
    file.mkdir()


def made_a_pipe(file: Path, _: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def swapped(file: Path, folder: Path) -> None:
    namesake = folder / "other" / file.name
    if namesake.exists():
        file.replace(folder / "aside")
        namesake.replace(file)
        (folder / "aside").replace(namesake)


def removed(file: Path, _: Path) -> None:
    file.unlink()


def folder_linked(file: Path, folder: Path) -> None:
    if file.parent.name != "out":
        aside = folder / "moved"
        shutil.rmtree(aside, ignore_errors=True)
        file.parent.replace(aside)
        file.parent.symlink_to(aside, target_is_directory=True)


def folder_renamed(file: Path, _: Path) -> None:
    if file.parent.name != "out":
        file.parent.replace(file.parent.with_name("renamed"))


def all_renamed(world: World) -> None:
    """Put the other tree in the place of ours."""
    aside = world.folder / "aside"
    world.out.replace(aside)
    world.other.replace(world.out)
    aside.replace(world.other)


def on_the_memory(act: Callable[[World, Path], object]) -> Fate:
    def fate(world: World) -> None:
        if world.memory is not None and world.memory.is_file():
            world.older.append(world.memory.read_bytes())
            act(world, world.memory)

    return fate


def damaged(seed: int, _: World, memory: Path) -> None:
    data = bytearray(memory.read_bytes() or b"?")
    chance = random.Random(seed)  # noqa: S311  no secret
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    memory.write_bytes(data)


def cut(seed: int, _: World, memory: Path) -> None:
    data = memory.read_bytes()
    memory.write_bytes(data[: seed % (len(data) + 1)])


def of_another_tree(world: World, memory: Path) -> None:
    shutil.copy(world.folder / "other's", memory)


def of_an_older_run(seed: int, world: World, memory: Path) -> None:
    memory.write_bytes(world.older[seed % len(world.older)])


SEEDS = st.integers(0, 2**20)
ON_FILES = [
    edited,
    edited_and_back,
    edited_in_secret,
    edited_through_a_link,
    touched,
    dated_past_64_bits,
    copied_over,
    linked,
    made_a_folder,
    made_a_pipe,
    swapped,
    removed,
    folder_linked,
    folder_renamed,
]
FATES: st.SearchStrategy[Fate] = st.one_of(
    st.builds(written, st.sampled_from(TREES), force=st.booleans()),
    st.builds(written, st.just(TREES[0]), force=st.just(value=True)),
    st.builds(compared, st.sampled_from(TREES)),
    st.builds(on_a_file, st.sampled_from(PATHS), st.sampled_from(ON_FILES)),
    st.builds(on_a_file, st.sampled_from(PATHS), st.just(edited)),
    st.builds(killed, st.sampled_from(TREES), st.integers(1, 30)),
    st.just(all_renamed),
    st.builds(on_the_memory, SEEDS.map(lambda seed: partial(damaged, seed))),
    st.builds(on_the_memory, SEEDS.map(lambda seed: partial(cut, seed))),
    st.just(on_the_memory(of_another_tree)),
    st.builds(on_the_memory, SEEDS.map(lambda seed: partial(of_an_older_run, seed))),
)


@given(fates=st.lists(FATES, max_size=12), times=st.sampled_from(list(KINDS.values())))
def test_with_a_memory_and_without_all_is_the_same(
    fates: list[Fate], times: Times
) -> None:
    with tempfile.TemporaryDirectory() as scratch, clocked(times):
        worlds = [
            World(Path(scratch, name), remembers=name == "with")
            for name in ("with", "without")
        ]
        first = written(TREES[0], force=False)
        for fate in (first, *fates, *map(compared, TREES), first):
            remembered, read = (world.told(fate) for world in worlds)

            assert read == remembered
