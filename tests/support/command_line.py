"""The command line as a program of its own, with real streams."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

COMMAND = (sys.executable, "-m", "kubelb_gen")


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended, and what it wrote to either stream."""

    code: int
    out: str
    err: str


def kubelb_gen(
    *arguments: str | Path,
    stdin: bytes | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: IO[bytes] | int = subprocess.PIPE,
) -> Done:
    """Run `kubelb-gen` with *arguments*; without *stdin* its input is empty."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin or b"",
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean_environment(environment),
        timeout=60,
        check=False,
    )
    return Done(done.returncode, _text(done.stdout), _text(done.stderr))


def program_folder(folder: Path) -> Path:
    """A folder in *folder* that holds our `kubelb-gen`, for the front of a path."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    program = programs / "kubelb-gen"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', "utf-8")
    program.chmod(0o755)
    return programs


def shell(script: str, folder: Path) -> Done:
    """Run the bash *script* in *folder*, with our `kubelb-gen` on its path."""
    programs = program_folder(folder)
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607  whichever bash there is
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=folder,
        env=clean_environment({"PATH": f"{programs}:{os.environ['PATH']}"}),
        timeout=60,
        check=False,
    )
    return Done(done.returncode, _text(done.stdout), _text(done.stderr))


def clean_environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Our own environment without what changes colours, and with *more*."""
    odd: Sequence[str] = ("NO_COLOR", "TERM", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if name not in odd}
    return {**kept, "TERM": "xterm", **(more or {})}


def _text(data: bytes | None) -> str:
    return (data or b"").decode()
