"""Moments too short to meet by chance: they are brought about here."""

import fcntl
import os
from pathlib import Path

import pytest

from kubelb_gen.artifacts.bench import exclusive
from kubelb_gen.artifacts.folder import open_directory
from kubelb_gen.errors import OutputError
from tests.support.trees import on_disk, tree, wholly

OLD = tree({"a/x.yaml": "old\n", "a/y.yaml": "old\n"})
NEW = tree({"a/x.yaml": "new\n", "a/y.yaml": "new\n"})


def test_a_claim_that_the_last_writer_just_removed_holds_nobody_off_and_is_redone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock
    claims: list[int] = []

    def flock(descriptor: int, operation: int) -> None:
        if not claims:  # between our open and our flock the last writer leaves
            (tmp_path / ".kubelb-gen/writing").unlink()
        claims.append(descriptor)
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    first, second = open_directory(str(tmp_path)), open_directory(str(tmp_path))
    assert first is not None
    assert second is not None
    with first, second, exclusive(first):
        with pytest.raises(OutputError, match="another kubelb-gen"), exclusive(second):
            pass

        assert len(claims) == 3


def test_interrupted_right_after_the_journal_the_write_has_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OLD.write(tmp_path)
    real = os.rename

    def rename(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        real(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            NEW.write(tmp_path)

    assert NEW.compare(tmp_path).same
    NEW.write(tmp_path)
    assert on_disk(tmp_path) == wholly(NEW)


def test_a_disk_that_takes_few_bytes_at_a_time_gets_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda to, data: real(to, data[:3]))
        NEW.write(tmp_path)

    assert on_disk(tmp_path) == wholly(NEW)
