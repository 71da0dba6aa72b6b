"""Every file of the corpus ends as it must: accepted, or refused by these problems.

A folder of `corpus` is a class of hostile inputs, and its `expected.json` says of each
file what has to happen.  What fuzzing finds becomes a file there.
"""

from __future__ import annotations

import json
import resource
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.boundary import run
from tests.hostile.guard import watched
from tests.support.command_line import COMMAND, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parent / "corpus"
EXPECTED = "expected.json"
SECONDS = 5.0
MEMORY = 1 << 29


def cases() -> Iterator[tuple[str, str | list[str]]]:
    for listed in sorted(CORPUS.glob(f"*/{EXPECTED}")):
        for name, expected in json.loads(listed.read_text("utf-8")).items():
            yield f"{listed.parent.name}/{name}", expected


CASES = list(cases())


def findings(text: str) -> list[str]:
    """The ids of the errors in what `validate --format json` printed."""
    found = json.loads(text)["findings"]
    return sorted({each["id"] for each in found if each["severity"] == "error"})


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[name for name, _ in CASES])
def test_a_hostile_file_ends_as_it_must(
    name: str,
    expected: str | list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, out = str(CORPUS / name), tmp_path / "out"
    with watched(None, SECONDS):
        code = run(["validate", "--format", "json", path])
    told = findings(capsys.readouterr().out)
    with watched(str(tmp_path), SECONDS):
        rendered = run(["render", "-o", str(out), path])
    said = capsys.readouterr().err

    if expected == "accepted":
        assert (code, told, rendered) == (0, [], 0), said
        return
    assert (told, rendered) == (expected, 3)
    assert code in {1, 3}
    assert not out.exists()
    for each in expected:
        assert f"error[{each}]" in said


def test_every_file_of_the_corpus_says_what_must_happen() -> None:
    files = {
        f"{path.parent.name}/{path.name}"
        for path in CORPUS.glob("*/*")
        if path.name != EXPECTED
    }

    assert files == {name for name, _ in CASES}
    assert len(files) > 300


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


@pytest.mark.parametrize(
    "name",
    ["aliases/billion-laughs.yaml", "size/deep-flow.yaml", "size/many-tabs.yaml"],
)
def test_a_bomb_is_refused_in_bounded_memory_and_time(name: str) -> None:
    done = subprocess.run(
        [*COMMAND, "render", "--all", CORPUS / name],
        capture_output=True,
        env=clean_environment(None),
        preexec_fn=bounded,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"" == done.stdout
