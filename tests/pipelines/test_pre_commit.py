"""The real pre-commit installs our hooks from a repository and runs them in another.

It sees changes of files that git knows: the first time, what a hook rendered has to be
added by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import kubelb_gen
from tests.support import specs

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (
    "kubelb_gen",
    "templates",
    "schemas",
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
)
SOUND = specs.service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)  # noqa: S607


def committed(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a")


def hooks_in(folder: Path) -> Path:
    """A repository with what of ours a release has."""
    folder.mkdir()
    ignored = shutil.ignore_patterns("__pycache__")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    committed(folder)
    return folder


def test_a_spec_that_was_changed_and_not_rendered_fails_and_is_rendered(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine"
    (mine / "specs").mkdir(parents=True)
    spec = mine / "specs" / "acme.yaml"
    spec.write_text(SOUND, "utf-8")
    kubelb_gen.render(kubelb_gen.load(spec)).write(mine / "rendered")
    spec.write_text(SOUND.replace("port: 5000", "port: 5001"), "utf-8")
    committed(mine)
    options = ("--ref", "HEAD", "--all-files", "--verbose", "--color", "never")
    hooks = str(hooks_in(tmp_path / "hooks"))
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", hooks, *options],
        cwd=mine,
        env=os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    rendering, _, validating = done.stdout.partition("kubelb-gen validate")
    rendered = mine / "rendered/tenants/primary/default/web.service.yaml"

    assert 1 == done.returncode, done.stdout
    assert "- files were modified by this hook" in rendering
    assert "Passed\n- hook id: kubelb-gen-validate" in validating
    assert "port: 5001" in rendered.read_text("utf-8")
