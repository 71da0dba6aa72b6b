"""The commands of a rollout are `kubectl`'s own, and print what they are to print."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from tests.support import programs
from tests.support.kube_api import api_server
from tests.support.wishes import NGINX, PREFERRED, document, gateway, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kubelb_gen.rollout import Rollout, Step
    from tests.support.wishes import Data

PROXY = "kubelb.k8c.io/proxy-protocol"
HETZNER = "load-balancer.hetzner.cloud/uses-proxyprotocol"
# What the server below answers with, where a step waits for a value.
STATEFUL = "rolling update complete"
ROLLED = "successfully rolled out"
EXACT = {"v2", "true", "True", STATEFUL, ROLLED, "5000 5001"}
WEB: Data = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}


def by_adapter() -> Rollout:
    port = {"backend": NGINX, "nodePort": 30500}
    bare = service(port, proxyProtocol="none", **PREFERRED)
    return rolled(
        document(tenant={"services": [bare]}),
        document(tenant={"services": [service(port)]}),
    )


def by_workload() -> Rollout:
    shop = {"kind": "StatefulSet", "name": "shop", "container": "nginx"}
    port = {"backend": NGINX | {"workload": shop}}
    bare = service(port, port, proxyProtocol="none", **PREFERRED)
    return rolled(
        document(tenant={"services": [bare]}),
        document(tenant={"services": [service(port, port)]}),
    )


def by_edge() -> Rollout:
    def behind(more: Data) -> Data:
        routed = gateway(WEB | (PREFERRED if more else {}))
        size = {} if more else {"annotations": {"example.com/size": "large"}}
        port = {"clientIP": "ignored", "because": "a test says so"}
        return document(
            balancer={"provider": "hetzner", **more},
            tenant={"gateways": [routed], "services": [service(port, **size)]},
        )

    return rolled(behind({"proxyProtocol": "none"}), behind({}))


def rolled(old: Data, new: Data) -> Rollout:
    return kubelb_gen.rollout(kubelb_gen.from_data(old), kubelb_gen.from_data(new))


def commands(step: Step) -> Iterator[tuple[str, str]]:
    """What a step runs, and what that is to print, where it says."""
    for each in (*step.do, *step.rollback):
        _, found, command = each.partition("kubectl ")
        if found:
            yield f"kubectl {command}", ""
    for wait in step.wait:
        if wait.command.startswith("kubectl "):
            yield wait.command, wait.answer if wait.answer in EXACT else ""


@pytest.mark.parametrize(
    ("way", "answers"),
    [
        (by_adapter, {"v2", ROLLED}),
        (by_workload, {"v2", STATEFUL, "5000 5001"}),
        (by_edge, {"true", "True"}),
    ],
)
def test_kubectl_takes_every_command_of_a_rollout(
    tmp_path: Path, way: Callable[[], Rollout], answers: set[str]
) -> None:
    told = set()
    contexts = ("management", "tenant-primary")
    with api_server({PROXY: "v2", HETZNER: "true"}, *contexts) as kubeconfig:
        config = tmp_path / "kubeconfig"
        config.write_text(kubeconfig, "utf-8")
        before: Path | None = None
        for step in way():
            folder = tmp_path / step.name
            step.artifacts.write(folder)
            for command, answer in dict.fromkeys(commands(step)):
                # What is deleted lies where one comes from, one way or the other.
                done = run(command, folder, config)
                if done.returncode and " delete -f " in command and before:
                    done = run(command, before, config)
                assert 0 == done.returncode, (command, done.stderr)
                assert answer in done.stdout, command
                told.add(answer)
            before = folder
    assert answers == told - {""}


def run(command: str, folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    if " apply " in command:
        command += " --validate=false"
    if " apply " in command or " delete " in command:
        where = "server" if "--server-side" in command else "client"
        command += f" --dry-run={where}"
    path = f"{programs.kubectl().parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "KUBECONFIG": str(config), "PATH": path}
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**environment, "HOME": str(config.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
