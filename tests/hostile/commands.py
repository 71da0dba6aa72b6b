"""The command line in this process, with a hostile file wherever it takes a file."""

from __future__ import annotations

import io
import re
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kubelb_gen.cli.boundary import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# HOSTILE is the input, VALID an example, OUT a folder, DASH the input again, piped.
_CALLS = (
    "validate --format github HOSTILE",
    "validate --format sarif HOSTILE",
    "render --all --expected HOSTILE",
    "render --format json DASH",
    "render -o OUT --force HOSTILE",
    "render -o OUT --check HOSTILE",
    "trace --format markdown --forge HOSTILE",
    "diff VALID HOSTILE",
    "diff HOSTILE VALID",
    "diff --format json HOSTILE VALID",
    "diff OUT HOSTILE",
    "rollout VALID HOSTILE",
    "rollout HOSTILE VALID",
    "adopt HOSTILE",
    "adopt --format json HOSTILE",
    "drift VALID HOSTILE",
    "export --tenant primary HOSTILE",
    "krm DASH",
    "krm HOSTILE",
)
_OBJECT_CALLS = (
    "krm DASH",
    "krm DASH",
    "krm HOSTILE",
    "adopt HOSTILE",
    "adopt --format json HOSTILE",
    "drift VALID HOSTILE",
    "validate HOSTILE",
)
_CODES = {0, 1, 2, 3, 4}
_MISLEADING = re.compile(
    "[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


def feed_command(content: bytes, turn: int, folder: Path, *, objects: bool) -> str:
    """Run one command on *content*; return its name and exit code."""
    calls = [
        call
        for call in (_OBJECT_CALLS if objects else _CALLS)
        if find_spec(f"kubelb_gen.cli.{call.split()[0]}")
    ]
    call = calls[turn % len(calls)]
    hostile, valid = folder / "hostile.yaml", folder / "valid.yaml"
    hostile.write_bytes(content)
    places = {"HOSTILE": str(hostile), "VALID": str(valid), "OUT": str(folder / "out")}
    words = [places.get(word, word) for word in call.split() if word != "DASH"]
    with _streams(content if "DASH" in call else b"") as (out, err):
        code = run(words)
    told = err.getvalue().decode("utf-8", "backslashreplace")
    assert code in _CODES, f"{call} exits {code}: {told[-1500:]}"
    assert "Traceback" not in told, f"{call}: {told[-1500:]}"
    assert code != 1 or out.getvalue() or told, f"{call} says no, and nobody said why"
    assert code < 2 or told or out.getvalue(), f"{call} refuses, and nobody said why"
    for text in (told, out.getvalue().decode("utf-8", "backslashreplace")):
        found = _MISLEADING.search(text)
        assert not found, f"{call} misleads: {text[found.start() - 60 :][:99]!r}"
    return f"{words[0]}, {code}"


@contextmanager
def _streams(content: bytes) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    out, err = io.BytesIO(), io.BytesIO()
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = io.TextIOWrapper(io.BytesIO(content), "utf-8")
    sys.stdout = io.TextIOWrapper(out, "utf-8", "backslashreplace")
    sys.stderr = io.TextIOWrapper(err, "utf-8", "backslashreplace")
    try:
        yield out, err
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Or closing them would close what was written.
        sys.stdout.detach()
        sys.stderr.detach()
        sys.stdin, sys.stdout, sys.stderr = kept
