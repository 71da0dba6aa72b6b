"""Nothing of the environment, of the home or of the machine reaches an output."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.commands import program
from tests.support.command_line import Done, kubelb_gen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "examples/l4-proxy-protocol/spec.yaml"
OTHER = ROOT / "examples/l7-behind-cdn/spec.yaml"
CANARY = "canary-f00d5eedc0ffee"
NAMES = (
    *("HOME", "USER", "LOGNAME", "HOSTNAME", "KUBECONFIG", "AWS_SECRET_ACCESS_KEY"),
    *("GITHUB_TOKEN", "CI_JOB_TOKEN", "ARGOCD_APP_NAME", "XDG_CACHE_HOME", "EDITOR"),
    *("XDG_CONFIG_HOME", "HTTPS_PROXY", "GIT_AUTHOR_NAME", "COLUMNS", "LINES", "PAGER"),
    *("KUBELB_GEN_CONFIG", "KUBELB_GEN_TEMPLATES", "TZ", "SOURCE_DATE_EPOCH", "MAIL"),
)
CALLS = {
    "adopt": ["adopt", "rendered", "--name", "x", "--edition", "CE"],
    "completion": ["completion", "bash"],
    "diff": ["diff", "spec.yaml", "other.yaml"],
    "drift": ["drift", "spec.yaml", "rendered"],
    "export": ["export", "spec.yaml", "--tenant", "primary"],
    "init": ["init"],
    "krm": ["krm", "spec.yaml", "--cluster", "primary"],
    "probe": ["probe", "127.0.0.1:29999", "--timeout", "1"],
    "providers": ["providers"],
    "render": ["render", "spec.yaml", "--format", "json"],
    "rollout": ["rollout", "spec.yaml", "spec.yaml", "-o", "steps"],
    "rule": ["rule"],
    "schema": ["schema"],
    "snippet": ["snippet", "express", "other.yaml"],
    "templates": ["templates"],
    "trace": ["trace", "spec.yaml", "--format", "markdown"],
    "validate": ["validate", "spec.yaml", "--format", "sarif"],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with specs, beside a home whose every file is a secret."""
    home = tmp_path / CANARY
    for name in (
        ".gitconfig",
        ".kube/config",
        ".netrc",
        ".kubelb-gen.yaml",
        ".profile",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"[user]\n\tname = {CANARY}\n")
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(SPEC, work / "spec.yaml")
    shutil.copy(OTHER, work / "other.yaml")
    shutil.copytree(SPEC.parent / "rendered", work / "rendered")
    return work


def called(place: Path, arguments: list[str]) -> Done:
    environment = dict.fromkeys(NAMES, CANARY)
    environment["HOME"] = str(place.parent / CANARY)
    environment["COLUMNS"] = "80"
    # Python itself refuses a zone that is none on some systems, and no other value.
    environment["TZ"] = "UTC"
    return kubelb_gen(*arguments, folder=place, environment=environment)


def written(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.read_text("utf-8")


@pytest.mark.parametrize("name", CALLS)
def test_a_command_says_and_writes_nothing_of_the_environment(
    name: str, place: Path
) -> None:
    done = called(place, CALLS[name])

    assert done.code in ({0, 1, 4} if name == "probe" else {0, 1, 3}), done.err
    assert CANARY not in done.out
    assert CANARY not in done.err
    assert [] == [path for path, text in written(place) if CANARY in text]


def test_a_written_tree_names_no_machine_and_no_path(place: Path) -> None:
    done = called(place, ["render", "spec.yaml", "-o", "out"])
    hidden = (CANARY, str(place), socket.gethostname(), f"uid {os.getuid()}")

    assert done.code == 0
    assert not [
        path
        for path, text in written(place / "out")
        if any(each in text for each in hidden if len(each) > 3)
    ]


def test_every_command_is_called() -> None:
    assert set(CALLS) == set(program.commands or program.list_commands(None))  # type: ignore[arg-type]
