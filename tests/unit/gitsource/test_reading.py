"""What a revision holds, read from objects alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.errors import OutputError
from kubelb_gen.gitsource import open_repository, snapshot
from tests.support.repositories import Repo, repository
from tests.support.specs import service

if TYPE_CHECKING:
    from pathlib import Path

SPEC = service()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return repository(tmp_path / "repo")


def names(repo: Repo, path: str = "", ref: str = "HEAD") -> list[str]:
    """The sources at *path*, without `git:REF:`."""
    with open_repository(str(repo.folder)) as opened:
        found = snapshot(opened, ref).sources(path)
    return [each.name.split(":", 2)[2] for each in found]


def text(repo: Repo, path: str, ref: str = "HEAD") -> str:
    with open_repository(str(repo.folder)) as opened:
        (only,) = snapshot(opened, ref).sources(path)
    return only.text


def test_a_folder_is_searched_as_on_disk(repo: Repo) -> None:
    for name in ("b.yaml", "a.yml", "z/c.json", ".hidden/d.yaml", ".e.yaml", "f.txt"):
        repo.write(name, SPEC)
    repo.write("out/kubelb-gen.lock.json", "{}")
    repo.write("out/g.yaml", SPEC)
    repo.commit_all()

    assert ["a.yml", "b.yaml", "z/c.json"] == names(repo)


def test_names_with_every_odd_character_are_read(repo: Repo) -> None:
    odd = ["-rf.yaml", "a b.yaml", 'q"uote.yaml', "new\nline.yaml", "é.yaml", "*.yaml"]
    for number, name in enumerate(odd):
        repo.write(name, f"# {number}\n")
    repo.commit_all()

    assert sorted(odd) == names(repo)
    assert "# 3\n" == text(repo, "new\nline.yaml")


def test_a_name_that_is_no_utf8_is_read(repo: Repo) -> None:
    raw = os.fsencode(repo.folder) + b"/\xff.yaml"
    with open(raw, "wb") as file:  # noqa: PTH123  bytes are no path
        file.write(b"a: 1\n")
    repo.commit_all()

    assert [os.fsdecode(b"\xff.yaml")] == names(repo)


@pytest.mark.parametrize(
    "ref",
    ["--output=/tmp/x", "-h", "", "HEAD\nHEAD", "nope", "HEAD:a.yaml", "HEAD^{blob}"],
)
def test_what_is_no_revision_is_refused_and_never_an_option(
    repo: Repo, ref: str
) -> None:
    repo.commit(**{"a.yaml": SPEC})
    with pytest.raises(OutputError, match="git knows no such revision"):
        names(repo, ref=ref)


@pytest.mark.parametrize("ref", ["HEAD", "main", "v1", "HEAD~0", "main@{0}", "HEAD^{}"])
def test_whatever_git_takes_for_a_revision_is_one(repo: Repo, ref: str) -> None:
    repo.commit(**{"a.yaml": SPEC})
    repo.git("tag", "-a", "v1", "-m", "one")

    assert ["a.yaml"] == names(repo, ref=ref)


def test_links_lead_where_a_checkout_would(repo: Repo) -> None:
    repo.write("real/a.yaml", SPEC)
    (repo.folder / "file.yaml").symlink_to("real/a.yaml")
    (repo.folder / "folder").symlink_to("real")
    (repo.folder / "real/self").symlink_to("../real")
    repo.commit_all()

    assert SPEC == text(repo, "file.yaml")
    assert SPEC == text(repo, "folder/a.yaml")
    # One file is one source, however many names it has.
    assert ["file.yaml"] == names(repo)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.yaml"])
def test_a_link_out_of_the_repository_is_refused(repo: Repo, target: str) -> None:
    (repo.folder / "a.yaml").symlink_to(target)
    repo.commit_all()
    with pytest.raises(OutputError, match="leads out of the repository"):
        names(repo)


def test_links_in_a_circle_are_refused(repo: Repo) -> None:
    (repo.folder / "a.yaml").symlink_to("b.yaml")
    (repo.folder / "b.yaml").symlink_to("a.yaml")
    repo.commit_all()
    with pytest.raises(OutputError, match="too many links"):
        names(repo)


def test_a_submodule_holds_nothing_that_is_ours(repo: Repo, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    commit = other.commit(**{"a.yaml": SPEC})
    repo.write("b.yaml", SPEC)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.git("add", "b.yaml")
    repo.git("commit", "-q", "-m", "a submodule")

    assert ["b.yaml"] == names(repo)
    assert [] == names(repo, "sub/a.yaml")


def test_filters_and_hooks_are_not_run(repo: Repo, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    repo.write(".gitattributes", "*.yaml filter=evil diff=evil export-ignore\n")
    repo.write("a.yaml", SPEC)
    repo.commit_all()
    for key in ("filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor"):
        repo.git("config", key, f"touch {ran};")
    hook = repo.folder / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n", "utf-8")
    hook.chmod(0o755)

    assert SPEC == text(repo, "a.yaml")
    assert not ran.exists()


def test_a_repository_of_the_other_hash_is_read(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", "--object-format=sha256")
    repo.commit(**{"x/a.yaml": SPEC})

    assert SPEC == text(repo, "x/a.yaml")


@pytest.mark.parametrize("hashed", ["sha1", "sha256"])
def test_head_holds_nothing_before_the_first_commit(
    tmp_path: Path, hashed: str
) -> None:
    repo = repository(tmp_path / "repo", f"--object-format={hashed}")

    assert [] == names(repo)
    with pytest.raises(OutputError, match="no such revision"):
        names(repo, ref="main")


def test_what_a_partial_clone_lacks_is_not_fetched(repo: Repo, tmp_path: Path) -> None:
    repo.commit(**{"a.yaml": SPEC})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repo(tmp_path / "clone")
    source = f"file://{repo.folder}"
    options = ("--filter=blob:none", "--no-checkout", "-q")
    repo.git("clone", *options, source, str(clone.folder))

    with pytest.raises(OutputError, match="is not fetched"):
        text(clone, "a.yaml")
    # It was there to be fetched.
    assert SPEC == clone.git("cat-file", "blob", "HEAD:a.yaml")


def test_a_folder_outside_of_any_repository_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="not a git repository"),
        open_repository(str(tmp_path)),
    ):
        pass


def test_without_git_it_says_that_it_needs_it(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(OutputError, match="git is not installed"),
        open_repository(str(repo.folder)),
    ):
        pass


def test_another_repository_of_the_environment_is_not_asked(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a hook, which runs with GIT_DIR set."""
    other = repository(tmp_path / "other")
    other.commit(**{"other.yaml": SPEC})
    repo.commit(**{"a.yaml": SPEC})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))

    assert ["a.yaml"] == names(repo)


def test_files_of_a_folder_are_read_by_their_names_in_it(repo: Repo) -> None:
    for name in ("own/a.j2", "own/b/c.j2", "own/b/d.txt", "own/.e.j2", "f.j2"):
        repo.write(name, name)
    (repo.folder / "own" / "g.j2").symlink_to("../f.j2")
    (repo.folder / "own" / "b" / "round").symlink_to("..")
    repo.commit_all()
    with open_repository(str(repo.folder)) as opened:
        found = snapshot(opened, "HEAD")
        below = found.files("own", ".j2")
        top, gone = found.files("", ".j2"), found.files("none", ".j2")

    assert {"a.j2": b"own/a.j2", "b/c.j2": b"own/b/c.j2", "g.j2": b"f.j2"} == below
    assert {"f.j2", "own/a.j2", "own/b/c.j2", "own/g.j2"} == top.keys()
    assert {} == gone
