"""The Containerfile, as far as it goes without a container builder.

hadolint judges it.  Its steps run in a mount namespace that has nothing at the paths
that the image has to itself, with this Python for the base image's; of the last stage
the copies are looked at, since it runs nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import specs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = ("/src", "/opt/build", "/opt/kubelb-gen")


@dataclass(frozen=True)
class Instruction:
    stage: str
    name: str
    text: str


def instructions() -> Iterator[Instruction]:
    stage = ""
    text = (ROOT / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stage = rest.partition(" AS ")[2] or "last"
        if name:
            yield Instruction(stage, name, rest)


def of(stage: str, name: str) -> list[str]:
    return [
        each.text for each in instructions() if (each.stage, each.name) == (stage, name)
    ]


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, ROOT / "Containerfile"], capture_output=True, text=True, check=False
    )

    assert (0, "") == (done.returncode, done.stdout)


def test_what_is_shipped_runs_as_nobody_and_was_not_made_by_commands() -> None:
    assert ["65534:65534"] == of("run", "USER")
    assert ["0", "65534:65534"] == of("ci", "USER")
    assert [] == of("run", "RUN") + of("last", "RUN")
    assert ["run"] == [each.text for each in instructions() if each.name == "FROM"][-1:]
    assert ['["kubelb-gen"]'] == of("run", "ENTRYPOINT")


def test_everything_from_outside_has_a_hash() -> None:
    installs = re.findall(r"pip [^&]*install [^&]+", " ".join(of("build", "RUN")))

    assert 3 == len(installs)
    for each in installs:
        assert "--require-hashes" in each or "--no-deps --no-index" in each
    assert not [each for each in instructions() if each.name == "ADD"]


def test_what_is_copied_is_what_the_ignore_file_lets_in() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        source.split("/")[0]
        for each in of("build", "COPY")
        for source in each.split()[:-1]
    }

    assert "*" == lines[0]
    assert let_in == copied


@pytest.fixture
def places() -> Iterator[None]:
    """The image's own paths, for as long as something is mounted over them."""
    missing = [Path(path) for path in HIDDEN if not Path(path).exists()]
    for path in missing:
        path.mkdir(parents=True)
    yield
    for path in missing:
        path.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root")
@pytest.mark.usefixtures("places")
def test_the_steps_of_the_build_make_a_program_that_needs_nothing_else(
    tmp_path: Path,
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(specs.service(), "utf-8")
    script = ["set -eu", "export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1"]
    script += [f"mount -t tmpfs none {path}" for path in HIDDEN]
    script += [f'python() {{ {shlex.quote(sys.executable)} "$@"; }}', "cd /src"]
    for each in instructions():
        if each.stage == "build" and each.name == "RUN":
            script.append(each.text)
        elif each.stage == "build" and each.name == "COPY":
            *sources, target = each.text.split()
            script.append(f"mkdir -p {target}")
            script += [_copied(source, target) for source in sources]
    program = "/opt/kubelb-gen/bin/kubelb-gen"
    script += [
        "cd / && rm -rf /src/* /opt/build/*",
        f"exec env -i {program} krm {shlex.quote(str(spec))}",
    ]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join(script)],  # noqa: S607
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")

    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
    assert "kind: Service" in done.stdout


def _copied(source: str, target: str) -> str:
    inside = f"cp -r {shlex.quote(str(ROOT / source))}"
    folder = (ROOT / source).is_dir()
    return f"{inside}/. {target}" if folder else f"{inside} {target}"
