"""A repository in which a spec and what it renders to change thirty times."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.cli.boundary import run
from tests.support.repositories import Repo, repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMITS = 30
ALL = "git:{}:specs", "git:{}:out"


class History:
    """A repository with *commits*, each with a spec under `specs` and its tree."""

    def __init__(self, repo: Repo, commits: list[str]) -> None:
        self.repo = repo
        self.commits = commits

    def pairs(self) -> list[tuple[str, str]]:
        """Every commit with the next one, the other way round, and the two ends."""
        steps = list(itertools.pairwise(self.commits))
        back = [(new, old) for old, new in steps[::7]]
        return [*steps, *back, (self.commits[0], self.commits[-1])]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    repo = repository(tmp_path_factory.mktemp("history"))
    commits = []
    for spec in itertools.islice(_specs(), COMMITS):
        text = json.dumps(spec, indent=1)
        repo.write("specs/acme.json", text)
        kubelb_gen.render(kubelb_gen.from_data(spec)).write(repo.folder / "out")
        commits.append(repo.commit_all())
    return History(repo, commits)


def _specs() -> Iterator[dict[str, Any]]:
    """Yield a spec and what it grows to, a typical change at a time."""
    dice = random.Random(5)  # noqa: S311  no secret is made of it
    services: list[dict[str, Any]] = [_service(number) for number in range(3)]
    tenant: dict[str, Any] = {
        "name": "primary",
        "nodes": ["10.2.0.21"],
        "internalCIDRs": ["10.2.0.0/16"],
        "services": services,
    }
    management: dict[str, Any] = {
        "loadBalancer": {"provider": "metallb-bgp"},
        "egressCIDRs": ["10.3.0.0/16"],
        "podCIDRs": ["10.1.16.0/20"],
    }
    for number in itertools.count(3):
        yield {
            "apiVersion": "kubelb-gen/v1alpha1",
            "kind": "ClientIPSpec",
            "metadata": {"name": "acme"},
            "spec": {
                "kubelb": {"version": "1.4.3", "edition": "EE"},
                "management": management,
                "tenants": [tenant],
            },
        }
        service = dice.choice(services)
        match number % 8:
            case 0:
                services.append(_service(number))
            case 1:
                service["clientIP"], service["because"] = "ignored", "not asked for"
            case 2:
                service["selector"]["tier"] = f"t{number}"
            case 3:
                management["egressCIDRs"] = ["10.3.0.0/16", f"10.{number}.0.0/16"]
            case 4:
                service["backend"] = {**service["backend"], "kind": "envoy"}
            case 5:
                service.pop("clientIP", None)
                service.pop("because", None)
            case 6:
                tenant["gateways"] = [_gateway(number)]
            case 7:
                services.remove(service)


def _service(number: int) -> dict[str, Any]:
    port = {
        "name": "main",
        "port": 5000,
        "targetPort": 5000,
        "nodePort": 30500 + number,
    }
    return {
        "name": f"app-{number}",
        "namespace": "default",
        "selector": {"app": f"app-{number}"},
        "ports": [port],
        "backend": {"kind": "haproxy", "mode": "tcp", "upstream": "127.0.0.1:80"},
    }


def _gateway(number: int) -> dict[str, Any]:
    backend = {
        "name": "web",
        "namespace": "default",
        "kind": "nginx",
        "listen": 8080,
        "upstream": "127.0.0.1:3000",
        "route": {"kind": "HTTPRoute", "name": "web"},
        "port": 80,
        "nodePort": 31080,
    }
    proxies = {"count": 1, "cidrs": [f"198.51.{number}.0/24"], "onlyWayIn": True}
    gateway = {"name": "kubelb", "namespace": "default", "backends": [backend]}
    return {**gateway, "trustedProxies": proxies}


def _diff(
    old: str, new: str, layout: str, capfd: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    code = run(["diff", old, new, "--format", layout])
    out, err = capfd.readouterr()

    assert "" == err
    return code, out


def test_a_diff_of_specs_is_the_diff_of_the_trees_they_render_to(
    history: History, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(history.repo.folder)
    differing = 0
    for old, new in history.pairs():
        said = []
        for side in ALL:
            code, out = _diff(side.format(old), side.format(new), "json", capfd)
            told = json.loads(out)
            # Findings and lines are what a tree cannot know.
            del told["old"], told["new"]
            for path in told["paths"]:
                del path["at"]
            said.append((code, told))
        differing += said[0][0]

        assert said[0] == said[1]
    # Nearly every change of the history changes something.
    assert differing > COMMITS - 3


def test_every_changed_byte_of_the_tree_is_in_the_patch(
    history: History,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(history.repo.folder)
    tree = Repo(tmp_path / "tree")
    history.repo.git("clone", "-q", ".", str(tree.folder))
    for number, (old, new) in enumerate(history.pairs()):
        side = ALL[number % 2]
        _, patch = _diff(side.format(old), side.format(new), "unified", capfd)
        tree.git("checkout", "-q", "-f", old)
        if patch:
            (tmp_path / "patch").write_text(patch, "utf-8")
            tree.git("apply", "--directory=out", "--whitespace=nowarn", "../patch")
        tree.git("add", "-A")
        wanted = tree.git("rev-parse", f"{new}:out").strip()

        assert wanted == tree.git("write-tree", "--prefix=out/").strip()


def test_the_patch_is_one_for_patch_too(
    history: History,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(history.repo.folder)
    old, new = history.commits[0], history.commits[-1]
    _, patch = _diff(f"git:{old}:out", f"git:{new}:out", "unified", capfd)
    trees = [tmp_path / name for name in ("old", "new")]
    for commit, folder in zip((old, new), trees, strict=True):
        history.repo.git("clone", "-q", ".", str(folder))
        Repo(folder).git("checkout", "-q", commit)
    done = subprocess.run(
        ["patch", "-p1", "-s"],
        input=patch.encode(),
        cwd=trees[0] / "out",
        check=True,
        capture_output=True,
    )
    same = Repo(tmp_path).git("diff", "--no-index", "old/out", "new/out")

    assert (b"", "") == (done.stdout, same)
