from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def git() -> Callable[..., str]:
    """Run git in a folder, as somebody with a name, and return what it prints."""

    def git(folder: Path, *arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = ["git", *who, *arguments]
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    return git
