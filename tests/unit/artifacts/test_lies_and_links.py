"""Locks, journals and links that would lead a write out of its directory."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kubelb_gen.artifacts import LOCK_NAME, Artifacts, read_tree
from kubelb_gen.errors import OutputError
from tests.support.faults import Death, death, striking
from tests.support.trees import on_disk, tree, wholly

OLD = tree({"tenants/a/web.yaml": "old\n"})
NEW = tree({"tenants/a/web.yaml": "new\n", "tenants/b/more.yaml": "new\n"})
SHA = "0" * 64


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A rendered tree beside a folder that no write may touch."""
    (tmp_path / "outside/a").mkdir(parents=True)
    (tmp_path / "outside/a/web.yaml").write_text("old\n")
    (tmp_path / "outside/victim").write_text("precious")
    OLD.write(tmp_path / "out")
    return tmp_path / "out"


def replaced(path: Path, target: str) -> None:
    if path.is_dir():
        path.rename(path.parent.parent / "aside")
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("tenants", "../outside"),
        ("tenants/a", "../../outside/a"),
        ("tenants/a/web.yaml", "../../../outside/a/web.yaml"),
        ("tenants/b", "../../outside"),
        ("tenants/b", "nowhere"),
        (LOCK_NAME, "../outside/victim"),
        (".kubelb-gen", "../outside"),
    ],
)
def test_a_symlink_below_the_directory_is_refused_even_with_force(
    directory: Path, link: str, target: str
) -> None:
    replaced(directory / link, target)
    outside = on_disk(directory.parent / "outside")
    for act in (
        lambda: NEW.write(directory),
        lambda: NEW.write(directory, force=True),
        lambda: NEW.compare(directory),
    ):
        with pytest.raises(OutputError, match="is a symlink"):
            act()

    assert on_disk(directory.parent / "outside") == outside


def test_a_link_in_place_of_the_writers_claim_is_refused(directory: Path) -> None:
    (directory / ".kubelb-gen").mkdir()
    (directory / ".kubelb-gen/writing").symlink_to("../../outside/victim")

    with pytest.raises(OutputError, match=r"'.*/writing' is a symlink"):
        NEW.write(directory)


def test_a_link_among_leftover_stages_is_removed_and_not_followed(
    directory: Path,
) -> None:
    (directory / ".kubelb-gen").mkdir()
    (directory / ".kubelb-gen/stage-0123456789abcdef").symlink_to("../../outside")
    NEW.write(directory)

    assert on_disk(directory) == wholly(NEW)
    assert (directory.parent / "outside/victim").read_text() == "precious"


def test_the_directory_itself_may_be_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    NEW.write(tmp_path / "out")

    assert on_disk(tmp_path / "real") == wholly(NEW)


def test_a_fifo_in_a_files_place_is_refused_and_not_waited_for(directory: Path) -> None:
    (directory / "tenants/a/web.yaml").unlink()
    os.mkfifo(directory / "tenants/a/web.yaml")

    with pytest.raises(OutputError, match="is no regular file"):
        NEW.write(directory)


LIES = [
    "/etc/passwd",
    "../outside/victim",
    "tenants/../../outside/victim",
    "tenants//a",
    "./x",
    "",
    ".git/config",
    ".kubelb-gen/writing",
    LOCK_NAME,
    "KubeLB-gen.lock.json",
    "a\\b",
    "a\0b",
    "a\nb",
    "\ud800",
    "/".join(["deep"] * 5000),
    7,
    None,
]


@pytest.mark.parametrize("path", LIES, ids=lambda path: repr(path)[:30])
def test_a_lock_that_lists_such_a_path_is_refused(
    directory: Path, path: object
) -> None:
    lock = {"version": 1, "spec": "acme", "meaning": []}
    files = [{"path": path, "kind": "k", "sha256": SHA}]
    (directory / LOCK_NAME).write_text(json.dumps(lock | {"files": files}))
    with pytest.raises(
        OutputError, match=r"is no lock of kubelb-gen: (path|.* is no path)"
    ):
        NEW.write(directory)

    with pytest.raises(OutputError, match="is no lock of kubelb-gen"):
        read_tree(directory)
    assert not NEW.compare(directory).same


def pending(directory: Path) -> Path:
    """Kill a write right after its journal is published; return the journal."""
    call = 1
    while not (directory / ".kubelb-gen/journal.json").exists():
        with pytest.raises(Death), striking(call, death, lasting=True):
            NEW.write(directory)
        call += 1
    return directory / ".kubelb-gen/journal.json"


@pytest.mark.parametrize("path", LIES, ids=lambda path: repr(path)[:30])
@pytest.mark.parametrize("place", ["files", "removed"])
def test_a_journal_that_lists_such_a_path_is_refused(
    directory: Path, path: object, place: str
) -> None:
    journal = pending(directory)
    data = json.loads(journal.read_text())
    data[place].append([path, SHA] if place == "removed" else [path, SHA, None])
    journal.write_text(json.dumps(data))
    for artifacts in (OLD, NEW):
        with pytest.raises(OutputError, match="is no journal of kubelb-gen"):
            artifacts.write(directory)

    assert (directory.parent / "outside/victim").read_text() == "precious"


@pytest.mark.parametrize("stage", ["../outside", "stage-../../x", "/etc", ".", 5])
def test_a_journal_whose_stage_is_elsewhere_is_refused(
    directory: Path, stage: object
) -> None:
    journal = pending(directory)
    data = json.loads(journal.read_text()) | {"stage": stage}
    journal.write_text(json.dumps(data))

    with pytest.raises(OutputError, match="is no journal of kubelb-gen"):
        NEW.write(directory)


def edit_target(directory: Path) -> None:
    (directory / "tenants/a/web.yaml").write_text("by hand")


def edit_stage(directory: Path) -> None:
    (staged,) = directory.glob(".kubelb-gen/stage-*/tenants/a/web.yaml")
    staged.write_text("torn")


def plant_in_stage(directory: Path) -> None:
    (stage,) = directory.glob(".kubelb-gen/stage-*")
    (stage / "tenants/b/evil").symlink_to("/etc")


def link_target_folder(directory: Path) -> None:
    replaced(directory / "tenants/b", "../../outside")


def damage_journal(directory: Path) -> None:
    (directory / ".kubelb-gen/journal.json").write_bytes(b"\0\0")


@pytest.mark.parametrize(
    ("meddle", "message"),
    [
        (edit_target, "web.yaml: changed since the interrupted write"),
        (edit_stage, "web.yaml: its staged text is damaged"),
        (plant_in_stage, "tenants/b/evil: staged, but not in the journal"),
        (link_target_folder, "is a symlink"),
        (damage_journal, "is no journal of kubelb-gen"),
    ],
)
def test_a_pending_write_that_was_meddled_with_is_refused(
    directory: Path, meddle: Callable[[Path], None], message: str
) -> None:
    pending(directory)
    meddle(directory)
    before = on_disk(directory)
    with pytest.raises(OutputError, match=message):
        NEW.write(directory)

    claim = {".kubelb-gen/writing": b""}  # the killed writer's; its flock is gone
    assert on_disk(directory) | claim == before
    if meddle is not link_target_folder:
        NEW.write(directory, force=True)
        assert on_disk(directory) == wholly(NEW)


def test_check_reads_a_pending_write_as_done(directory: Path) -> None:
    pending(directory)

    assert NEW.compare(directory).same
    assert OLD.compare(directory).different == (LOCK_NAME, "tenants/a/web.yaml")
    assert OLD.compare(directory).stale == ("tenants/b/more.yaml",)


def test_the_empty_tree_prunes_everything_of_ours(directory: Path) -> None:
    Artifacts([], spec="acme").write(directory)

    assert list(on_disk(directory)) == [LOCK_NAME]
