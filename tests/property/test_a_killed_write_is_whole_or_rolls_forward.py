"""A write that is killed, or that the disk fails, leaves one tree, never two mixed."""

import errno
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubelb_gen.artifacts import Artifacts, read_tree
from kubelb_gen.errors import OutputError
from tests.support.faults import (
    Death,
    death,
    failing,
    killed_in_a_child,
    no_fault,
    striking,
)
from tests.support.trees import on_disk, tree, wholly

pytestmark = pytest.mark.property

OLD = tree(
    {
        "management/kustomization.yaml": "old",
        "tenants/a/default/web.service.yaml": "old",
        "tenants/a/default/kept.service.yaml": "same",
        "tenants/b/default/gone.service.yaml": "old",
        "tenants/b/kustomization.yaml": "old",
    }
)
NEW = tree(
    {
        "management/kustomization.yaml": "new",
        "management/tenants/a.annotations.yaml": "new",
        "tenants/a/default/web.service.yaml": "new",
        "tenants/a/default/kept.service.yaml": "same",
        "tenants/c/default/added.service.yaml": "new",
    }
)
NOTHING = tree({})


def write_faultless(directory: Path, artifacts: Artifacts) -> int:
    with striking(0, no_fault, lasting=False) as count:
        artifacts.write(directory)
    return count.calls


def assert_one_of(directory: Path, *whole: Artifacts) -> None:
    """What is read is exactly one of *whole*; nothing at all stands for NOTHING."""
    seen = read_tree(directory)
    told = (seen.lock, {path: seen.text(path) for path in seen.contents})
    allowed = [
        (each.lock, {path: file.text for path, file in each.items()}) for each in whole
    ]

    assert told in allowed or (told == (None, {}) and NOTHING in whole)
    if seen.lock is not None:
        assert [each.compare(directory).same for each in whole].count(True) == 1


def assert_completed(directory: Path, artifacts: Artifacts) -> None:
    artifacts.write(directory)

    assert on_disk(directory) == wholly(artifacts)
    assert artifacts.compare(directory).same


@pytest.mark.parametrize("old", [NOTHING, OLD], ids=["fresh", "over an old tree"])
@pytest.mark.parametrize("then", [OLD, NEW], ids=["then old", "then new"])
def test_killed_at_every_call_the_tree_is_whole_and_the_next_write_completes_it(
    old: Artifacts, then: Artifacts, tmp_path: Path
) -> None:
    calls = 0
    killed = True
    while killed:
        calls += 1
        directory = tmp_path / str(calls)
        if old is not NOTHING:
            old.write(directory)
        killed = killed_in_a_child(partial(NEW.write, directory), calls)
        assert_one_of(directory, *((old, NEW) if killed else (NEW,)))
        assert_completed(directory, then)

    directory = tmp_path / "uncut"
    if old is not NOTHING:
        old.write(directory)
    assert calls == write_faultless(directory, NEW) + 1


def test_killed_while_it_rolls_a_killed_write_forward_it_still_does_not_mix(
    tmp_path: Path,
) -> None:
    tried = 0
    for first in range(1, write_counted(tmp_path / "count") + 1, 3):
        second = 1
        killed = True
        while killed:
            directory = tmp_path / f"{first}-{second}"
            OLD.write(directory)
            die(partial(NEW.write, directory), first)
            killed = die(partial(NEW.write, directory), second)
            assert_one_of(directory, *((OLD, NEW) if killed else (NEW,)))
            assert_completed(directory, NEW)
            second += 1
            tried += 1

    assert tried > 200


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
def test_failed_by_the_disk_at_every_call_it_says_so_and_the_next_write_completes_it(
    code: int, lasting: bool, tmp_path: Path
) -> None:
    for call in range(1, write_counted(tmp_path / "count") + 1):
        directory = tmp_path / str(call)
        OLD.write(directory)
        with (
            pytest.raises(OutputError, match=os.strerror(code)) as refusal,
            striking(call, failing(code), lasting=lasting),
        ):
            NEW.write(directory)
        assert str(directory) in str(refusal.value)
        assert_one_of(directory, OLD, NEW)
        assert_completed(directory, NEW)


def test_failed_before_the_journal_nothing_is_left_behind(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    with (
        pytest.raises(OutputError, match="No space left"),
        striking(8, failing(errno.ENOSPC), lasting=False),
    ):
        NEW.write(tmp_path)

    assert on_disk(tmp_path) == wholly(OLD)


NAMES = st.sampled_from(["a", "b", "c", "d"])
PATHS = st.lists(NAMES, min_size=0, max_size=2).flatmap(
    # Files end in .yaml and folders do not, as in every tree that we render.
    lambda folders: NAMES.map(lambda name: "/".join([*folders, f"{name}.yaml"]))
)
TREES = st.dictionaries(PATHS, st.text(max_size=12), max_size=6).map(tree)


@given(old=TREES, new=TREES, then=TREES)
@settings(max_examples=60, deadline=None)
def test_any_tree_over_any_other_killed_anywhere_is_whole(
    old: Artifacts, new: Artifacts, then: Artifacts
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        call = 0
        killed = True
        while killed:
            call += 1
            directory = Path(scratch, str(call))
            old.write(directory)
            killed = die(partial(new.write, directory), call)
            same = old.lock == new.lock
            assert_one_of(directory, *((old,) if same else (old, new)))
            assert_completed(directory, then)


def test_no_call_changes_the_disk_past_the_shims(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"%d %d" % audited(lambda: NEW.write(tmp_path)))
        os._exit(0)
    os.waitpid(child, 0)
    seen, shimmed = os.read(reading, 100).split()
    os.close(reading)
    os.close(writing)

    assert int(seen) == int(shimmed) > 20


def audited(act: Callable[[], object]) -> tuple[int, int]:
    """Return the changing calls of *act*: as Python audits them, as the shims count.

    Python audits no `write`: it changes only what an audited `open` returned.
    """
    changing = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link"}
    changing |= {"os.symlink", "os.truncate", "os.chmod", "os.utime"}
    events: list[str] = []

    def hook(event: str, given: tuple[object, ...]) -> None:
        flags = given[2] if event == "open" else 0
        assert isinstance(flags, int)
        if event in changing or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            events.append(event)

    sys.addaudithook(hook)
    with striking(0, no_fault, lasting=False) as count:
        act()
    return len(events), count.calls - count.writes


def write_counted(directory: Path) -> int:
    OLD.write(directory)
    return write_faultless(directory, NEW)


def die(act: Callable[[], object], call: int) -> bool:
    """Run *act*, dead from changing call *call* on; False when it was done before."""
    try:
        with striking(call, death, lasting=True):
            act()
    except Death:
        return True
    return False
