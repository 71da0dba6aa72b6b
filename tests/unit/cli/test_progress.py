"""A long run tells a terminal what it is at, and tells nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.support.command_line import clean_environment
from tests.support.specs import service

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")


def told(environment: dict[str, str], *options: str, wait: float = 1.3) -> str:
    """What a run writes to its terminal that waits for its standard input."""
    here, there = pty.openpty()
    command = [sys.executable, "-m", "kubelb_gen", "render", "-", *options]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=there,
        env=clean_environment(environment),
    ) as running:
        os.close(there)
        assert running.stdin is not None
        time.sleep(wait)
        running.stdin.write(service().encode())
        running.stdin.close()
        text = b""
        # The terminal ends with an error where a pipe ends with nothing.
        while chunk := _read(here):
            text += chunk
    os.close(here)

    assert 0 == running.returncode
    return text.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_a_terminal_sees_the_stage_and_a_clean_line_afterwards() -> None:
    text = told({"CI": ""}, "--all")

    assert "\r\x1b[Kreading - (1 s)" in text
    # What is said besides stands on lines of its own.
    assert "\r\x1b[K" in text.rpartition(" s)")[2]


@pytest.mark.parametrize(
    ("environment", "options"),
    [({"CI": "true"}, ()), ({"CI": ""}, ("-q",)), ({"CI": "", "TERM": "dumb"}, ())],
    ids=["in CI", "quiet", "no terminal of that kind"],
)
def test_nobody_else_sees_it(
    environment: dict[str, str], options: tuple[str, ...]
) -> None:
    assert " s)" not in told(environment, "--all", *options)
