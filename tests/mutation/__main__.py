"""Flips each decision listed here, one at a time, and shows that tests catch it.

    python -m tests.mutation [WORD]

Works on a copy; with WORD only packages and flips whose name has it.  Exit 1 when a
flip survives.  Not part of the suite: every flip is a run of its package's tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutation.changes import CHANGES
from tests.mutation.hops import HOPS
from tests.mutation.kept import KEPT

if TYPE_CHECKING:
    from tests.mutation.flip import Flip, Suite

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("kubelb_gen", "tests", "schemas", "templates", "examples", "pyproject.toml")
SUITES = (HOPS, *CHANGES, KEPT)


def caught(suite: Suite, flip: Flip, copy: Path) -> bool:
    """Return whether the tests fail on *copy* with *flip* made."""
    file = copy / "kubelb_gen" / suite.package / flip.file
    text = file.read_text(encoding="utf-8")
    if text.count(flip.old) != 1:
        # The code has moved on: nobody knows what its tests would say.
        print(f"{flip.file}: {text.count(flip.old)} places", end=" ")  # noqa: T201
        return False
    changed = text.replace(flip.old, flip.new)
    if "replace(" in flip.new and "import replace" not in changed:
        changed = changed.replace(
            "from dataclasses import dataclass",
            "from dataclasses import dataclass, replace",
        )
    file.write_text(changed, encoding="utf-8")
    try:
        return not passes(suite, copy)
    finally:
        file.write_text(text, encoding="utf-8")


def passes(suite: Suite, copy: Path) -> bool:
    """Return whether the tests of *suite* pass on *copy*."""
    options = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--hypothesis-seed=0")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *suite.tests],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def survivors(suite: Suite, word: str, copy: Path) -> int:
    """Make the flips of *suite* whose name, or package, has *word*; count who lives."""
    flips = [each for each in suite.flips if word in each.name or word in suite.package]
    if flips and not passes(suite, copy):
        sys.exit(f"{suite.package}: the tests fail without any flip")
    return sum(not told(flip, caught(suite, flip, copy)) for flip in flips)


def main(word: str = "") -> int:
    """Make every flip that *word* chooses; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, copy / name, ignore=ignored)
            else:
                shutil.copy(source, copy / name)
        lived = sum(survivors(suite, word, copy) for suite in SUITES)
    print(f"{lived} flips survived")  # noqa: T201
    return 1 if lived else 0


def told(flip: Flip, was_caught: bool) -> bool:
    """Say what became of *flip*, and return it."""
    print(f"{'caught  ' if was_caught else 'SURVIVED'}  {flip.name}", flush=True)  # noqa: T201
    return was_caught


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
