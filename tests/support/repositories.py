"""Git repositories of a test's own, that know nothing of the user's settings."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository with a work tree at *folder*."""

    folder: Path

    def git(self, *arguments: str) -> str:
        """Run git here, and return what it printed."""
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607  whichever git there is
            cwd=self.folder,
            env={**os.environ, **_IDENTITY},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self, **files: str | None) -> str:
        """Commit *files* by path, with `None` for gone; return the commit."""
        for name, text in files.items():
            self.write(name, text)
        return self.commit_all()

    def write(self, name: str, text: str | None) -> None:
        """Write or remove one file of the work tree."""
        path = self.folder / name
        if text is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def commit_all(self) -> str:
        """Commit all that is in the work tree."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD").strip()


def repository(folder: Path, *options: str) -> Repo:
    """Make an empty repository at *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Repo(folder)
    made.git("init", "-q", "-b", "main", *options)
    return made
