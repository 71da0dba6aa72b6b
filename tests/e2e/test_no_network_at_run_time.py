"""No command opens a socket, but `probe` to the backend that it was asked about."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.commands import program
from tests.support.functions import resource_list
from tests.support.leaves import fleet, texts
from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "tests" / "support" / "guard.py"
SPEC = "spec.yaml"
SERVICES = "out/tenants/primary/default/my-tcp-service.service.yaml"
RUNS: dict[str, list[list[str]]] = {
    "render": [
        [SPEC],
        [SPEC, "-o", "new"],
        [SPEC, "-o", "out", "--check"],
        # What the first keeps, the second finds.
        *[["many", "-o", "many-out"]] * 2,
    ],
    "validate": [[SPEC, "--format", "sarif"], ["refused.yaml"]],
    "trace": [[SPEC, "--forge"], [SPEC, "--format", "mermaid"]],
    "diff": [["git:HEAD", "changed.yaml"]],
    "rollout": [[SPEC, "changed.yaml"]],
    "adopt": [[SERVICES]],
    "drift": [[SPEC, SERVICES]],
    "rule": [[]],
    "providers": [["hetzner"]],
    "krm": [[], [SPEC]],
    "templates": [[]],
    "snippet": [["django", str(ROOT / "examples" / "l7-behind-cdn" / "spec.yaml")]],
    "schema": [[]],
    "init": [[]],
    "export": [[SPEC, "--tenant", "primary"]],
    "completion": [["bash"]],
}
COMMANDS = program.list_commands(program.make_context("kubelb-gen", ["schema"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a spec, one that was changed, one that is refused, a tree."""
    folder = tmp_path_factory.mktemp("estate")
    example = ROOT / "examples" / "l4-proxy-protocol"
    text = (example / "spec.yaml").read_text("utf-8")
    (folder / SPEC).write_text(text, "utf-8")
    (folder / "changed.yaml").write_text(text.replace("5000", "5001"), "utf-8")
    shutil.copy(ROOT / "examples" / "l4-udp" / "refused.yaml", folder)
    shutil.copytree(example / "rendered", folder / "out")
    (folder / "many").mkdir()
    for each in texts(fleet(50)):
        (folder / "many" / each.name).write_text(each.text, "utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for arguments in (["init", "-q"], ["add", SPEC], [*who, "commit", "-qm", "a"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def run(
    folder: Path, allowed: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    # As root, the network is really away, for children and other languages, too.
    away = ["unshare", "--net"] if os.geteuid() == 0 and allowed == "-" else []
    given = resource_list(config=(folder / SPEC).read_text("utf-8"))
    return subprocess.run(
        [*away, sys.executable, GUARD, allowed, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GIT_ALLOW_PROTOCOL": "none"},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def backend() -> Iterator[str]:
    """A backend that closes whatever comes."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:

        def serve() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{port}"
        server.shutdown(socket.SHUT_RDWR)


def test_every_command_is_looked_at() -> None:
    assert set(COMMANDS) == RUNS.keys() | {"probe"}


@pytest.mark.parametrize("command", sorted(RUNS))
def test_a_command_opens_no_socket(command: str, folder: Path) -> None:
    for arguments in RUNS[command]:
        done = run(folder, "-", command, *arguments)

        assert done.returncode in {0, 1}, done.stderr
        assert "refused:" not in done.stderr


def test_probe_connects_to_its_target_alone(folder: Path, backend: str) -> None:
    done = run(folder, backend, "probe", backend, "--timeout", "1")

    assert done.returncode in {0, 1, 4}, done.stderr
    assert "refused:" not in done.stderr


def test_the_guard_sees_a_connection_to_another_port(
    folder: Path, backend: str
) -> None:
    done = run(folder, "127.0.0.1:1", "probe", backend, "--timeout", "1")

    assert 99 == done.returncode
    assert "refused: socket." in done.stderr
