"""The Python pipeline of the guide, run as a program."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support import specs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[[str, str], subprocess.CompletedProcess[str]]

SOUND = specs.service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")
PLAIN = "{kind: other, proxyProtocol: none}"
IGNORED = "clientIP: ignored\nbecause: it has no use for it"


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    def run(old: str, new: str) -> subprocess.CompletedProcess[str]:
        for name, text in (("old.yaml", old), ("new.yaml", new)):
            (tmp_path / name).write_text(text, "utf-8")
        script = repository / "deploy" / "python" / "pipeline.py"
        return subprocess.run(
            [sys.executable, script, "old.yaml", "new.yaml", "out"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(repository)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_each_cluster_gets_its_stream(run: Run, examples: Path, tmp_path: Path) -> None:
    several = [
        path.read_text("utf-8")
        for path in sorted((examples / "multi-tenant" / "specs").rglob("*.yaml"))
    ]
    spec = "---\n".join(several)
    done = run(spec, spec)

    assert (0, "") == (done.returncode, done.stderr)
    for name in ("team-a", "team-b"):
        found = list(
            yaml.safe_load_all((tmp_path / "out" / f"{name}.yaml").read_text())
        )
        assert "Service" in {each["kind"] for each in found}


def test_a_change_that_is_safe_is_written(run: Run, tmp_path: Path) -> None:
    done = run(SOUND, SOUND.replace("port: 5000", "port: 5001"))

    assert (0, "wrote primary.yaml\n") == (done.returncode, done.stdout)
    assert "port: 5001" in (tmp_path / "out" / "primary.yaml").read_text("utf-8")


def test_a_change_that_breaks_while_it_is_merged_is_refused(
    run: Run, tmp_path: Path
) -> None:
    old = specs.service(backend=PLAIN, more=IGNORED)
    done = run(old, SOUND)

    assert 1 == done.returncode, done.stdout
    assert "refused: primary/default/web:5000/TCP from internet-ipv4" in done.stdout
    assert not (tmp_path / "out").exists()


def test_what_is_no_spec_is_told_with_its_line(run: Run) -> None:
    done = run(SOUND, SOUND.replace("kind: nginx", "kind: nginxx"))

    assert 3 == done.returncode
    assert done.stdout.startswith("new.yaml:")
