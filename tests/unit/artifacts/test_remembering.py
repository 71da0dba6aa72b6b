"""What a memory of a tree saves, and what it is worth when it is odd."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from kubelb_gen.artifacts import LOCK_NAME
from kubelb_gen.artifacts.memory import NOTHING, Memory, load, parse_memory
from kubelb_gen.errors import OutputError
from tests.support.clocks import KINDS, clocked
from tests.support.faults import Death, death, no_fault, striking
from tests.support.trees import on_disk, tree, wholly

OLD = tree({"a/x.yaml": "old\n", "a/y.yaml": "old\n", "b/z.yaml": "old\n"})
NEW = tree({"a/x.yaml": "new\n", "a/y.yaml": "old\n", "b/z.yaml": "old\n"})
NAMES = {"x.yaml", "y.yaml", "z.yaml", LOCK_NAME}


@contextmanager
def reading() -> Iterator[list[str]]:
    """Yield the names of the tree's files as they are opened to be read."""
    real = os.open
    opened: list[str] = []

    def call(name: str, flags: int, *given: int, **named: int) -> int:
        if name in NAMES and not flags & os.O_WRONLY:
            opened.append(name)
        return real(name, flags, *given, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "open", call)
        yield opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    OLD.write(tmp_path / "out", memory=tmp_path / "memory")
    return tmp_path / "out"


@pytest.fixture
def memory(out: Path) -> Path:
    return out.with_name("memory")


def test_nothing_is_read_of_a_tree_that_is_as_it_was_left(
    out: Path, memory: Path
) -> None:
    with reading() as opened:
        report = OLD.write(out, memory=memory)
        is_same = OLD.compare(out, memory=memory).same

    assert opened == []
    assert is_same
    assert report.unchanged == tuple(OLD)


def test_what_is_written_is_read_once_to_be_remembered(out: Path, memory: Path) -> None:
    with reading() as opened:
        report = NEW.write(out, memory=memory)
        NEW.write(out, memory=memory)

    assert sorted(opened) == [LOCK_NAME, "x.yaml"]
    assert report.written == ("a/x.yaml",)
    assert on_disk(out) == wholly(NEW)


def test_a_tree_written_without_a_memory_is_remembered_from_the_next_write_on(
    tmp_path: Path,
) -> None:
    OLD.write(tmp_path / "out")
    OLD.write(tmp_path / "out", memory=tmp_path / "memory")
    with reading() as opened:
        OLD.write(tmp_path / "out", memory=tmp_path / "memory")

    assert opened == []


def test_a_file_that_was_only_touched_is_read_once(out: Path, memory: Path) -> None:
    (out / "a/y.yaml").touch()
    with reading() as opened:
        for _ in range(3):
            OLD.write(out, memory=memory)

    # To be compared, and to be remembered.
    assert opened == ["y.yaml"] * 2


def test_the_memory_of_a_moved_tree_still_holds(out: Path, memory: Path) -> None:
    moved = out.rename(out.with_name("moved"))
    with reading() as opened:
        OLD.write(moved, memory=memory)

    assert opened == []


@pytest.mark.parametrize("times", KINDS.values(), ids=KINDS)
def test_an_edit_right_after_the_write_is_seen_whatever_the_clock(
    times: Callable[[int, int], tuple[int, int]], tmp_path: Path
) -> None:
    out, memory = tmp_path / "out", tmp_path / "memory"
    for attempt in range(10):
        OLD.write(out, force=True, memory=memory)
        with clocked(times):
            NEW.write(out, memory=memory)
            before = (out / "a/x.yaml").stat()
            (out / "a/x.yaml").write_text("NEW\n")
            if attempt % 2:
                os.utime(out / "a/x.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
            with pytest.raises(OutputError, match="edited by hand"):
                OLD.write(out, memory=memory)

            assert NEW.compare(out, memory=memory).different == ("a/x.yaml",)


@pytest.mark.parametrize(
    "times", [KINDS["fine"], KINDS["coarse"]], ids=["fine", "coarse"]
)
@pytest.mark.parametrize("moment", ["Recall.keep", "clock", "_says", "save"])
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_an_edit_while_the_tree_is_remembered_is_seen(
    moment: str,
    is_before: bool,
    times: Callable[[int, int], tuple[int, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = f"kubelb_gen.artifacts.recall.{moment}"
    real: Callable[..., object] = resolve_name(target)

    def edit_there(*given: object) -> object:
        edited = tmp_path / "out/a/x.yaml"
        if is_before:
            edited.write_text("NEW\n")
        done = real(*given)
        if not is_before:
            edited.write_text("NEW\n")
        return done

    OLD.write(tmp_path / "out", memory=tmp_path / "memory")
    with clocked(times):
        with monkeypatch.context() as patched:
            patched.setattr(target, edit_there)
            NEW.write(tmp_path / "out", memory=tmp_path / "memory")
        with pytest.raises(OutputError, match=r"x\.yaml: edited by hand"):
            NEW.write(tmp_path / "out", memory=tmp_path / "memory")

        different = NEW.compare(tmp_path / "out", memory=tmp_path / "memory").different
        assert different == ("a/x.yaml",)


def test_a_file_of_another_file_system_than_the_clock_is_not_remembered(
    out: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        is_claim = "writing" in str(Path(f"/proc/self/fd/{descriptor}").readlink())
        fields: list[Any] = list(status)[:10]
        fields[2] += is_claim
        names = ("st_atime_ns", "st_mtime_ns", "st_ctime_ns")
        return os.stat_result(fields, {name: getattr(status, name) for name in names})

    memory.unlink()
    with monkeypatch.context() as patched:
        patched.setattr("kubelb_gen.artifacts.bench.os.path.samestat", lambda *_: True)
        patched.setattr(os, "fstat", fstat)
        OLD.write(out, memory=memory)
    with reading() as opened:
        OLD.write(out, memory=memory)

    assert set(opened) == NAMES


def test_no_bit_of_a_memory_can_change_unnoticed(memory: Path) -> None:
    data = memory.read_bytes()
    assert parse_memory(data).lock == hashlib.sha256(OLD.lock.data()).hexdigest()
    for at in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            with pytest.raises(ValueError, match="damaged"):
                parse_memory(bytes(changed))


LIES = [
    {"version": 2},
    {"version": "1"},
    {"spec": 1},
    {"lock": "0" * 63},
    {"lock": "z" * 64},
    {"lock": None},
    {"paths": ["a"]},
    {"paths": "../x//a/y.yaml//b/z.yaml"},
    {"paths": "/etc/passwd//a/y.yaml//b/z.yaml"},
    {"paths": f"{LOCK_NAME}//a/y.yaml//b/z.yaml"},
    {"paths": "a/x.yaml"},
    {"hashes": "0" * 191},
    {"hashes": "0" * 256},
    {"hashes": "\u0660" * 192},
    {"stamps": ["", "", "", ""]},
    {"stamps": ["*", "", "", ""]},
    {"stamps": ["", "", ""]},
    {"stamps": [1, 2, 3, 4]},
]


@pytest.mark.parametrize("lie", LIES, ids=repr)
def test_a_memory_of_another_shape_is_none(lie: dict[str, object], out: Path) -> None:
    place = out.with_name("memory")
    told = json.loads(place.read_bytes())["memory"]
    place.write_bytes(sealed(told))
    assert load(place) != NOTHING
    place.write_bytes(sealed(told | lie))

    assert load(place) == NOTHING


def sealed(memory: object) -> bytes:
    """Return the file of *memory*, with the hash that it has to have."""
    body = json.dumps(memory, ensure_ascii=False)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    return f'{{"sha256": "{sha256}", "memory": {body}}}\n'.encode()


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_memory_at_all_is_none(data: bytes, out: Path) -> None:
    place = out.with_name("memory")
    place.write_bytes(data)

    assert load(place) == NOTHING
    assert OLD.write(out, memory=place).unchanged == tuple(OLD)
    assert load(place) != NOTHING


def test_a_memory_is_read_back_as_it_was_made() -> None:
    stamps = {LOCK_NAME: (1, -2, 3, 2**64 - 1), "é b": (0, 2**63 - 1, -(2**63), 0)}
    memory = Memory(
        spec="é", lock="0" * 64, hashes={"a": "1" * 64, "é b": "2" * 64}, stamps=stamps
    )
    again = parse_memory(memory.data())

    assert replace(again, stamps=stamps) == memory
    assert again.stamps.items() > stamps.items()
    assert again.stamps["a"][0] < 0


def test_a_tree_of_nothing_but_a_lock_is_remembered(tmp_path: Path) -> None:
    tree({}).write(tmp_path / "out", memory=tmp_path / "memory")

    assert load(tmp_path / "memory").stamps.keys() == {LOCK_NAME}


def a_folder(place: Path) -> None:
    place.mkdir()


def a_pipe(place: Path) -> None:
    os.mkfifo(place)


def a_link_in_a_circle(place: Path) -> None:
    place.symlink_to(place)


def below_a_file(place: Path) -> None:
    place.parent.rmdir()
    place.parent.touch()


@pytest.mark.parametrize("make", [a_folder, a_pipe, a_link_in_a_circle, below_a_file])
def test_where_no_memory_can_be_the_tree_is_written_all_the_same(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    place = tmp_path / "memories" / "memory"
    place.parent.mkdir()
    make(place)
    for each in (OLD, NEW):
        each.write(tmp_path / "out", memory=place)

        assert on_disk(tmp_path / "out") == wholly(each)
        assert each.compare(tmp_path / "out", memory=place).same


def test_a_time_that_no_64_bits_hold_leaves_the_tree_written(tmp_path: Path) -> None:
    OLD.write(tmp_path / "out")
    times = KINDS["fine"]
    with clocked(lambda mtime, ctime: times(mtime - 2**63, ctime)):
        OLD.write(tmp_path / "out", memory=tmp_path / "memory")
        NEW.write(tmp_path / "out", memory=tmp_path / "memory")

    assert on_disk(tmp_path / "out") == wholly(NEW)


def test_dead_at_every_call_of_remembering_the_tree_and_the_memory_are_whole(
    tmp_path: Path,
) -> None:
    OLD.write(tmp_path / "count", memory=tmp_path / "counted")
    with striking(0, no_fault, lasting=False) as count:
        NEW.write(tmp_path / "count", memory=tmp_path / "counted")
    for call in range(1, count.calls + 1):
        folder = tmp_path / str(call)
        OLD.write(folder / "out", memory=folder / "memory")
        with pytest.raises(Death), striking(call, death, lasting=True):
            NEW.write(folder / "out", memory=folder / "memory")
        assert load(folder / "memory") != NOTHING
        NEW.write(folder / "out", memory=folder / "memory")

        assert on_disk(folder / "out") == wholly(NEW)
        assert load(folder / "memory").lock == load(tmp_path / "counted").lock


def test_a_memory_that_could_not_be_written_leaves_nothing_behind(
    out: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.rename

    def rename(old: str, new: str, **named: int) -> None:
        if new == memory.name:
            raise OSError(28, "No space left on device")
        real(old, new, **named)

    monkeypatch.setattr(os, "rename", rename)
    NEW.write(out, memory=memory)

    assert sorted(each.name for each in out.parent.iterdir()) == ["memory", "out"]
    assert on_disk(out) == wholly(NEW)
