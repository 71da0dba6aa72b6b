"""What a write changes, keeps and refuses."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kubelb_gen.artifacts import LOCK_NAME, read_tree
from kubelb_gen.errors import OutputError
from tests.support.trees import on_disk, tree, wholly

OLD = tree({"tenants/a/web.yaml": "old\n", "tenants/b/gone.yaml": "old\n"})
NEW = tree({"tenants/a/web.yaml": "new\n", "tenants/a/more.yaml": "new\n"})


def test_a_write_reports_what_it_did_and_leaves_exactly_the_tree(
    tmp_path: Path,
) -> None:
    OLD.write(tmp_path / "out")
    report = NEW.write(tmp_path / "out")

    assert report.written == ("tenants/a/more.yaml", "tenants/a/web.yaml")
    assert report.removed == ("tenants/b/gone.yaml",)
    assert report.unchanged == report.skipped == ()
    assert on_disk(tmp_path / "out") == wholly(NEW)


def test_writing_the_same_again_touches_no_file(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    before = {path: path.stat() for path in tmp_path.rglob("*.*")}
    report = OLD.write(tmp_path)

    assert report.unchanged == tuple(OLD)
    assert report.written == ()
    for path, status in before.items():
        now = path.stat()
        assert (now.st_ino, now.st_mtime_ns) == (status.st_ino, status.st_mtime_ns)


def test_a_stale_file_that_is_gone_already_is_skipped(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    (tmp_path / "tenants/b/gone.yaml").unlink()

    assert NEW.write(tmp_path).skipped == ("tenants/b/gone.yaml",)


def test_everything_in_the_way_is_told_at_once_and_nothing_changes(
    tmp_path: Path,
) -> None:
    OLD.write(tmp_path)
    (tmp_path / "tenants/a/web.yaml").write_text("edited")
    (tmp_path / "tenants/b/gone.yaml").write_text("edited")
    (tmp_path / "tenants/a/more.yaml").write_text("mine")
    before = on_disk(tmp_path)
    with pytest.raises(OutputError) as refusal:
        NEW.write(tmp_path)

    assert str(refusal.value).splitlines()[1:] == [
        "  tenants/a/more.yaml: not ours",
        "  tenants/a/web.yaml: edited by hand",
        "  tenants/b/gone.yaml: edited by hand",
    ]
    assert on_disk(tmp_path) == before


def test_force_overwrites_and_prunes_what_was_edited(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    for path in OLD:
        (tmp_path / path).write_text("edited")
    (tmp_path / "tenants/a/more.yaml").write_text("mine")
    NEW.write(tmp_path, force=True)

    assert on_disk(tmp_path) == wholly(NEW)


def test_a_file_that_already_holds_the_wanted_bytes_is_adopted(tmp_path: Path) -> None:
    (tmp_path / "tenants/a").mkdir(parents=True)
    (tmp_path / "tenants/a/web.yaml").write_text("new\n")
    report = NEW.write(tmp_path)

    assert report.unchanged == ("tenants/a/web.yaml",)
    assert on_disk(tmp_path) == wholly(NEW)


def test_files_of_others_stay_and_keep_their_folder(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    (tmp_path / "tenants/b/mine.txt").write_text("mine")
    NEW.write(tmp_path)

    assert (tmp_path / "tenants/b/mine.txt").read_text() == "mine"


def test_the_mode_of_a_file_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        OLD.write(tmp_path)
    finally:
        os.umask(before)

    for path in (tmp_path / "tenants/a/web.yaml", tmp_path / LOCK_NAME):
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_lock_with_merge_conflicts_is_refused_and_force_replaces_it(
    tmp_path: Path,
) -> None:
    OLD.write(tmp_path)
    (tmp_path / LOCK_NAME).write_text("<<<<<<< HEAD\n")
    with pytest.raises(OutputError, match="merge conflict"):
        NEW.write(tmp_path)
    NEW.write(tmp_path, force=True)

    assert NEW.compare(tmp_path).same


@pytest.mark.parametrize(
    ("there", "wanted", "message"),
    [
        ("a", "a/b", "'.*/a' is a file where a folder belongs"),
        ("a/b", "a", "'.*/a' is a folder where a file belongs"),
    ],
)
def test_a_file_in_a_folders_place_is_refused_even_with_force(
    there: str, wanted: str, message: str, tmp_path: Path
) -> None:
    tree({there: "x"}).write(tmp_path)
    with pytest.raises(OutputError, match=message):
        tree({wanted: "x"}).write(tmp_path, force=True)

    assert on_disk(tmp_path) == wholly(tree({there: "x"}))


def test_a_stale_name_that_differs_in_case_alone_is_refused(tmp_path: Path) -> None:
    tree({"A.yaml": "x"}).write(tmp_path)

    with pytest.raises(OutputError, match=r"A\.yaml: differs from 'a\.yaml' in case"):
        tree({"a.yaml": "x"}).write(tmp_path)


def test_a_file_as_output_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    with pytest.raises(OutputError, match="out': Not a directory"):
        OLD.write(tmp_path / "out")


def test_a_name_that_is_too_long_for_the_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        tree({"a.yaml": "x", f"b/{'c' * 300}": "x"}).write(tmp_path)

    assert on_disk(tmp_path) == {}


WRITER = """
import sys
from kubelb_gen.errors import OutputError
from tests.support.trees import tree
directory, turns, name = sys.argv[1:]
for turn in range(int(turns)):
    files = {f"{n}/{name}.yaml": f"{name}{turn}" for n in range(20)}
    while True:
        try:
            tree(files).write(directory)
            break
        except OutputError as error:
            assert "another kubelb-gen writes to" in str(error), error
print("done")
"""
HOLDER = """
import sys
from kubelb_gen.artifacts.bench import exclusive
from kubelb_gen.artifacts.folder import open_directory
with open_directory(sys.argv[1]) as root, exclusive(root):
    print("holding", flush=True)
    sys.stdin.read()
"""


def python(code: str, *arguments: str, repository: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_writer_is_refused_until_the_first_is_gone_however_it_went(
    tmp_path: Path, repository: Path
) -> None:
    with python(HOLDER, str(tmp_path), repository=repository) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with pytest.raises(OutputError, match="another kubelb-gen writes to"):
            OLD.write(tmp_path)
        holder.kill()
    OLD.write(tmp_path)

    assert on_disk(tmp_path) == wholly(OLD)


def test_two_writers_at_once_never_mix_and_readers_see_whole_trees(
    tmp_path: Path, repository: Path
) -> None:
    writers = [
        python(WRITER, str(tmp_path), "40", name, repository=repository)
        for name in ("x", "y")
    ]
    seen = set()
    while any(each.poll() is None for each in writers):
        try:
            contents = read_tree(tmp_path).contents
        except OutputError as error:
            assert "all the time" in str(error)  # noqa: PT017 (it may also not raise)
            continue
        assert len(set(contents.values())) <= 1, "two trees are mixed"
        assert len(contents) in {0, 20}
        seen |= set(contents.values())

    assert [each.communicate()[0] for each in writers] == ["done\n", "done\n"]
    assert len(seen) > 10
    assert len(on_disk(tmp_path)) == 41


def test_the_tree_of_another_spec_is_replaced_only_by_force(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    other = tree({"tenants/z/web.yaml": "other\n"}, spec="other")
    with pytest.raises(OutputError, match="holds what 'acme' renders to"):
        other.write(tmp_path)

    assert on_disk(tmp_path) == wholly(OLD)
    other.write(tmp_path, force=True)
    assert on_disk(tmp_path) == wholly(other)
