"""A log gives back what was written whole, by us, for this program alone."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelb_gen.cache.log import Frame, Log, private_folder

ONE, TWO = "1" * 64, "2" * 64
F1, F2, F3 = (Frame(b"[%d]" % number, b"text\n" * number) for number in (1, 2, 3))


def written(path: Path, frames: dict[str, Frame], title: str = "a") -> Log:
    Log(str(path), title).replace(frames)
    return Log(str(path), title).read()


def test_frames_come_back_and_later_ones_count(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = written(path, {ONE: F1, TWO: F2})
    assert log.frames == {ONE: F1, TWO: F2}
    log.add({ONE: F3})
    assert Log(str(path), "a").read().frames == {ONE: F3, TWO: F2}


def test_what_another_program_wrote_is_not_read(tmp_path: Path) -> None:
    written(tmp_path / "log", {ONE: F1}, title="of monday")
    assert Log(str(tmp_path / "log"), "of friday").read().frames == {}


def test_behind_a_frame_that_was_cut_short_nothing_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, {ONE: F1, TWO: F3})
    os.truncate(path, path.stat().st_size - 3)
    Log(str(path), "a").add({TWO: F2})
    log = Log(str(path), "a").read()
    assert log.frames == {ONE: F1}
    assert log.size == 0


@given(st.data())
def test_no_damage_makes_another_line(data: st.DataObject) -> None:
    whole = {ONE: F1, TWO: F2}
    with TemporaryDirectory() as folder:
        path = Path(folder, "log")
        written(path, whole)
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        path.write_bytes(content)
        found = Log(str(path), "a").read().frames
    assert {*found.values()} <= {*whole.values()}


def test_a_link_a_folder_and_a_pipe_are_no_log(tmp_path: Path) -> None:
    real = tmp_path / "real"
    written(real, {ONE: F1})
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe", "absent"):
        assert Log(str(tmp_path / name), "a").read().frames == {}


def test_what_others_may_write_to_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, {ONE: F1})
    path.chmod(0o666)
    assert Log(str(path), "a").read().frames == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_file_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, {ONE: F1})
    os.chown(path, 12345, 12345)
    assert Log(str(path), "a").read().frames == {}


def test_a_log_follows_no_link_when_it_is_added_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "log").symlink_to(victim)
    Log(str(tmp_path / "log"), "a").add({ONE: F1})
    assert victim.read_text() == "mine"


def test_no_place_to_write_is_no_error(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "absent" / "log"), "a")
    log.replace({ONE: F1})
    log.add({ONE: F1})
    assert log.read().frames == {}


def test_a_replaced_log_leaves_no_draft(tmp_path: Path) -> None:
    written(tmp_path / "log", {ONE: F1})
    assert [each.name for each in tmp_path.iterdir()] == ["log"]
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_a_folder_is_private_or_not_used(tmp_path: Path) -> None:
    assert private_folder(str(tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert not private_folder(str(shared))
    (tmp_path / "file").write_text("")
    assert not private_folder(str(tmp_path / "file" / "below"))
