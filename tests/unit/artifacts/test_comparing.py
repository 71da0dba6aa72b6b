"""What `--check` tells."""

from pathlib import Path

import pytest

from kubelb_gen.artifacts import LOCK_NAME, Comparison, read_tree
from kubelb_gen.errors import OutputError
from tests.support.trees import on_disk, tree

OLD = tree({"tenants/a/web.yaml": "old\n", "tenants/b/gone.yaml": "old\n"})
NEW = tree({"tenants/a/web.yaml": "new\n", "tenants/a/more.yaml": "new\n"})


def test_a_directory_that_is_absent_lacks_everything_and_is_not_made(
    tmp_path: Path,
) -> None:
    comparison = NEW.compare(tmp_path / "out")

    assert comparison.missing == (LOCK_NAME, *NEW)
    assert read_tree(tmp_path / "out").lock is None
    assert not (tmp_path / "out").exists()


def test_every_kind_of_difference_is_told_by_name(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    (tmp_path / "tenants/a/mine.txt").write_text("")
    (tmp_path / "tenants/c").mkdir()
    (tmp_path / "README.md").write_text("")
    before = on_disk(tmp_path)

    assert NEW.compare(tmp_path) == Comparison(
        missing=("tenants/a/more.yaml",),
        different=(LOCK_NAME, "tenants/a/web.yaml"),
        stale=("tenants/b/gone.yaml",),
        foreign=("README.md", "tenants/a/mine.txt", "tenants/c/"),
    )
    assert on_disk(tmp_path) == before


def test_foreign_files_make_no_difference(tmp_path: Path) -> None:
    NEW.write(tmp_path)
    (tmp_path / "mine.txt").write_text("")

    assert NEW.compare(tmp_path).same


def test_a_file_edited_by_hand_differs_and_reads_as_it_is(tmp_path: Path) -> None:
    NEW.write(tmp_path)
    (tmp_path / "tenants/a/web.yaml").write_bytes(b"\xff")

    assert NEW.compare(tmp_path).different == ("tenants/a/web.yaml",)
    with pytest.raises(OutputError, match="is not UTF-8"):
        read_tree(tmp_path).text("tenants/a/web.yaml")


def test_a_lock_edited_by_hand_differs(tmp_path: Path) -> None:
    NEW.write(tmp_path)
    lock = tmp_path / LOCK_NAME
    lock.write_text(lock.read_text().replace("acme", "other"))

    assert NEW.compare(tmp_path).different == (LOCK_NAME,)
