"""What the documents show is what happens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import kubelb_gen
from tests.support.documents import (
    Block,
    Step,
    agrees,
    anchors,
    blocks,
    drawn,
    holds,
    links,
    steps,
)

if TYPE_CHECKING:
    from tests.support.golden import Golden

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/**/*.md", "examples/*/README.md")
    for path in ROOT.glob(pattern)
)
LANGUAGES = {"console", "sh", "python", "yaml", "json", "nginx", "haproxy", "text"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what a reader has after cloning, to write into."""
    root = tmp_path / "kubelb-gen"
    root.mkdir()
    for name in ("deploy", "docs", "examples", "schemas"):
        shutil.copytree(ROOT / name, root / name)
    return root


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment whose `kubelb-gen` is the one under test."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    program = bin_folder / "kubelb-gen"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kubelb_gen "$@"\n')
    program.chmod(0o755)
    return {
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        # As on a terminal, both streams come in the order of writing.
        "PYTHONUNBUFFERED": "1",
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_shows_is_what_happens(
    document: str, copy: Path, environment: dict[str, str], golden: Golden
) -> None:
    text = (ROOT / document).read_text("utf-8")
    complaints: list[str] = []
    for block in blocks(text):
        if block.language == "console" and block.runs:
            shown = drawn(steps(block.text))
            real = drawn(
                [_taken(step, copy, environment) for step in steps(block.text)]
            )
            if golden.update and _is_fit(real):
                text = text.replace(shown, real)
            elif shown != real:
                complaints.append(f"{document}:{block.line}: printed is\n{real}")
        else:
            fault = _fault(block, copy, environment)
            complaints.extend([f"{document}:{block.line}: {fault}"] if fault else [])
    if golden.update:
        (ROOT / document).write_text(text, "utf-8")

    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    here = ROOT / document
    dead = []
    for target in links(here.read_text("utf-8")):
        path, _, fragment = target.partition("#")
        if path.startswith("https://"):
            continue
        there = (here.parent / path) if path else here
        found = there.exists() and there.resolve().is_relative_to(ROOT)
        if found and fragment:
            found = fragment in anchors(there.read_text("utf-8"))
        dead.extend([] if found else [target])

    assert dead == []


def _is_fit(console: str) -> bool:
    """Whether a reader may see *console*: no failure that the command does not tell."""
    return "(exit " not in console and "this is a bug" not in console


def _taken(step: Step, copy: Path, environment: dict[str, str]) -> Step:
    """Return *step* with what it really prints; its own words where those agree."""
    done = _run(["bash", "-c", step.command], copy, environment)
    printed = done.stdout
    if done.returncode:
        printed += f"(exit {done.returncode})\n"
    return (
        step
        if agrees(step.output, printed)
        else Step(command=step.command, output=printed)
    )


def _fault(block: Block, copy: Path, environment: dict[str, str]) -> str | None:
    if block.language not in LANGUAGES:
        return f"'{block.language}' is no language that we hold to anything"
    if block.file is not None:
        whole = (copy / block.file).read_text("utf-8")
        return None if holds(whole, block.text) else f"is not in {block.file}"
    if block.language in {"nginx", "haproxy"}:
        return "say which file this is in: file=PATH"
    command = _command(block)
    return _failure(command, copy, environment) if command else _unsound(block, copy)


def _command(block: Block) -> list[str] | None:
    """Return what has to succeed for *block* to be true; None for data."""
    if block.language == "console":
        script = "\n".join(step.command for step in steps(block.text))
        return ["bash", "-n", "-c", script]
    if block.language == "sh":
        return ["bash", "-eu" if block.runs else "-n", "-c", block.text]
    if block.language == "python":
        return [sys.executable, "-c", block.text]
    return None


def _unsound(block: Block, copy: Path) -> str | None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml" and "spec" in block.words:
        spec = copy / "block.yaml"
        spec.write_text(block.text, "utf-8")
        report = kubelb_gen.check(kubelb_gen.load(spec))
        return "; ".join(each.message for each in report.errors) or None
    elif block.language == "yaml":
        list(yaml.safe_load_all(block.text))
    return None


def _failure(command: list[str], copy: Path, environment: dict[str, str]) -> str | None:
    done = _run(command, copy, environment)
    return f"exit {done.returncode}: {done.stdout}" if done.returncode else None


def _run(
    command: list[str], copy: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=copy,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
