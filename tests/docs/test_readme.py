"""What the README promises: a demo that works, and a way to every page."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.documents import links

if TYPE_CHECKING:
    from pathlib import Path


def test_make_demo_renders_an_example_and_shows_it(
    repository: Path, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "kubelb-gen"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kubelb_gen "$@"\n')
    program.chmod(0o755)
    (tmp_path / "examples").symlink_to(repository / "examples")
    installed = tmp_path / ".installed"
    installed.touch()
    arguments = [f"--file={repository}/Makefile", f"--old-file={installed}"]
    done = subprocess.run(
        ["make", *arguments, f"VENV={tmp_path}", "demo"],  # noqa: S607  any make
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    assert "\n./tenants/primary/default/my-tcp-service.service.yaml\n" in done.stdout
    assert '\n    kubelb.k8c.io/proxy-protocol: "v2"\n' in done.stdout


def test_every_page_is_linked_from_the_readme(repository: Path) -> None:
    linked = set(links((repository / "README.md").read_text("utf-8")))
    pages = {
        str(path.relative_to(repository))
        for pattern in ("docs/*.md", "docs/guides/*.md", "docs/reference/*.md")
        for path in repository.glob(pattern)
    }

    assert set() == pages - linked


def test_every_decision_is_listed_by_its_number_and_title(repository: Path) -> None:
    folder = repository / "docs" / "adr"
    listed = (folder / "README.md").read_text("utf-8")
    odd = []
    for path in sorted(folder.glob("0*.md")):
        number = path.name[:4]
        heading, *_ = path.read_text("utf-8").split("\n", 1)
        title = heading.removeprefix(f"# {number}: ")
        if title == heading or f"| {number} | [{title}]({path.name}) |" not in listed:
            odd.append(path.name)

    assert [] == odd
