"""The GitHub Action: its steps in bash, its comment at an API on loopback."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

import kubelb_gen
from tests.support import specs
from tests.support.actions import Job, Runner
from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Git = Callable[..., str]

MARKER = "<!-- kubelb-gen:client-ip -->"
SOUND = specs.service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")
CHANGED = SOUND.replace("port: 5000", "port: 5001")
LOST = SOUND.replace("port: 5000,", "port: 53, protocol: UDP,").replace(
    specs.NGINX, "{kind: other, proxyProtocol: none}"
)


class Api:
    """The comments of one pull request, as GitHub's API gives and takes them."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.refuses_writes = False
        self._next = 1

    def add(self, body: str, kind: str = "Bot") -> dict[str, Any]:
        comment = {"id": self._next, "body": body, "user": {"type": kind}}
        self._next += 1
        self.comments.append(comment)
        return comment

    def ours(self) -> list[str]:
        return [each["body"] for each in self.comments if each["user"]["type"] == "Bot"]

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Any]:  # noqa: ANN401
        parts = urlsplit(url)
        self.asked.append(method)
        if method == "GET":
            assert "/repos/acme/client-ip/issues/7/comments" == parts.path
            query = parse_qs(parts.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, self.comments[(page - 1) * size : page * size]
        if self.refuses_writes:
            return 403, {"message": "Resource not accessible by integration"}
        if method == "POST":
            assert "/repos/acme/client-ip/issues/7/comments" == parts.path
            return 201, self.add(body["body"])
        head, _, number = parts.path.rpartition("/")
        assert "/repos/acme/client-ip/issues/comments" == head
        (comment,) = (each for each in self.comments if each["id"] == int(number))
        if method == "PATCH":
            comment["body"] = body["body"]
            return 200, comment
        self.comments.remove(comment)
        return 204, None


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            assert "Bearer secret" == self.headers["Authorization"]
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, data = api.answer(self.command, self.path, body)
            self.send_response(status)
            self.end_headers()
            if data is not None:
                self.wfile.write(json.dumps(data).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _take  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the step that installs leaves: here the environment under test."""
    folder = tmp_path_factory.mktemp("runner") / "kubelb-gen" / "bin"
    folder.mkdir(parents=True)
    for name, command in (
        ("python", f'exec {sys.executable} "$@"'),
        ("kubelb-gen", f'exec {sys.executable} -m kubelb_gen "$@"'),
    ):
        (folder / name).write_text(f"#!/bin/sh\n{command}\n", "utf-8")
        (folder / name).chmod(0o755)
    return folder.parent.parent


@pytest.fixture
def checkout(tmp_path: Path, git: Git) -> Path:
    """A repository with a spec and what it renders to, committed."""
    folder = tmp_path / "checkout"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "acme.yaml").write_text(SOUND, "utf-8")
    kubelb_gen.render(kubelb_gen.load(folder / "specs")).write(folder / "rendered")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    return folder


class Host:
    """Changes the checkout and lets the action look at it."""

    def __init__(self, runner: Runner, base: str) -> None:
        self.runner, self.base = runner, base

    def write(self, spec: str, *, rendered: bool = True) -> None:
        folder = self.runner.checkout
        (folder / "specs" / "acme.yaml").write_text(spec, "utf-8")
        if rendered:
            kubelb_gen.render(kubelb_gen.load(folder / "specs")).write(
                folder / "rendered"
            )

    def run(self, **inputs: str) -> Job:
        context = {
            "github.event_name": "pull_request",
            "github.event.pull_request.number": "7",
            "github.event.pull_request.base.sha": self.base,
            "github.token": "secret",
        }
        return self.runner.run(context, **{"output": "rendered", **inputs})


@pytest.fixture
def host(repository: Path, checkout: Path, home: Path, address: str, git: Git) -> Host:
    action = yaml.safe_load((repository / "action.yml").read_text("utf-8"))
    # Installing is a test of its own.
    steps = [each for each in action["runs"]["steps"] if "Install" not in each["name"]]
    runner = Runner(
        action={**action, "runs": {"steps": steps}},
        action_path=repository,
        checkout=checkout,
        temp=home,
        env={"GITHUB_API_URL": address, "PYTHONPATH": str(repository)},
    )
    return Host(runner, git(checkout, "rev-parse", "HEAD"))


def test_a_comment_comes_with_a_change_follows_it_and_goes(
    host: Host, api: Api
) -> None:
    for number in range(120):
        api.add(f"somebody's, number {number}", "User")
    copy = api.add(f"{MARKER}\nmine, says somebody", "User")

    host.write(CHANGED)
    first = host.run()
    (comment,) = api.ours()
    assert (0, "true") == (first.code, first.outputs["diff"]["changed"])
    assert comment.startswith(MARKER)
    assert "5001" in comment
    assert comment in first.summary

    host.write(CHANGED.replace("5001", "5002"))
    host.run()
    (comment,) = api.ours()
    assert "5002" in comment
    asked = len(api.asked)
    host.run()
    assert ["GET", "GET"] == api.asked[asked:]

    host.write(SOUND)
    last = host.run()
    assert [] == api.ours()
    assert "false" == last.outputs["diff"]["changed"]
    assert "" == last.summary
    assert f"{MARKER}\nmine, says somebody" == copy["body"]


def test_files_that_are_not_what_is_rendered_fail_the_job(host: Host) -> None:
    host.write(CHANGED, rendered=False)
    job = host.run()

    assert 1 == job.code
    assert "different: tenants/primary/default/web.service.yaml" in job.log
    assert "::error title=kubelb-gen::rendered files are not" in job.log


def test_findings_are_annotations_and_sarif_and_fail_the_job(host: Host) -> None:
    host.write(LOST, rendered=False)
    job = host.run()
    with open(job.outputs["validate"]["sarif"], encoding="utf-8") as file:  # noqa: PTH123
        (sarif,) = json.load(file)["runs"]

    assert 1 == job.code
    assert "::error file=specs/acme.yaml,line=" in job.log
    assert ["client-ip-lost"] == [each["ruleId"] for each in sarif["results"]]


def test_a_regression_is_told_in_the_comment_before_the_job_fails(
    host: Host, api: Api
) -> None:
    host.write(LOST, rendered=False)
    job = host.run(output="")
    (comment,) = api.ours()

    assert 1 == job.code
    assert "lost" in comment


def test_text_of_a_spec_is_no_command_of_the_runner(host: Host) -> None:
    reason = '"x\\n::add-mask::main\\r::error::x%0A::notice::y ##[add-mask]z"'
    accepted = f"  suppress: [{{rule: client-ip-lost, reason: {reason}}}]\n"
    host.write(LOST + accepted, rendered=False)
    job = host.run(output="", fail_on="none", comment="false")
    commands = [line for line in job.log.splitlines() if line.lstrip().startswith("::")]

    assert 0 == job.code, job.log
    assert "add-mask::main" in job.log
    assert all(line.startswith("::notice file=specs/acme.yaml") for line in commands)


def test_an_excerpt_of_a_spec_is_no_command_of_the_runner(host: Host) -> None:
    host.write(SOUND.replace("kind: nginx", "kind: '##[add-mask]main'"), rendered=False)
    job = host.run(output="", comment="false")
    others = [line for line in job.log.splitlines() if not line.startswith("::error")]

    assert 3 == job.code
    assert "#\\#[add-mask]main" in job.log
    assert not [line for line in others if "##[" in line]


def test_what_is_no_spec_fails_the_job_with_its_line(host: Host) -> None:
    host.write(SOUND.replace("kind: nginx", "kind: nginxx"), rendered=False)
    job = host.run()

    assert 3 == job.code
    assert "::error file=specs/acme.yaml,line=" in job.log


def test_a_token_that_may_only_read_is_a_warning(host: Host, api: Api) -> None:
    host.write(CHANGED)
    api.refuses_writes = True
    job = host.run()

    assert 0 == job.code
    assert "::warning title=kubelb-gen::the token may not comment" in job.log
    assert "5001" in job.summary


@pytest.mark.parametrize("base", ["", "0" * 40])
def test_without_a_base_nothing_is_compared(base: str, host: Host, api: Api) -> None:
    host.write(CHANGED)
    job = host.run(base=base)

    assert (0, "false") == (job.code, job.outputs["diff"]["changed"])
    assert [] == api.ours()


@pytest.mark.parametrize(
    "inputs",
    [
        {"name": "a --> <img src=x>"},
        {"specs": "--help", "base": "--output=pwned"},
        {
            "specs": "$(touch pwned)",
            "output": "; touch pwned",
            "fail_on": "; touch pwned",
        },
    ],
)
def test_an_input_is_never_run_or_taken_for_an_option(
    inputs: dict[str, str], host: Host, git: Git
) -> None:
    host.run(**inputs)

    assert "" == git(host.runner.checkout, "status", "--short")


def test_the_action_installs_itself_by_hashes_alone(
    repository: Path, tmp_path: Path
) -> None:
    path = tmp_path / "action"
    path.mkdir()
    for name in ("kubelb_gen", "templates", "schemas", "requirements", "deploy"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repository / name, path / name, ignore=ignored)
    for name in (
        "action.yml",
        "pyproject.toml",
        "hatch_build.py",
        "LICENSE",
        "README.md",
    ):
        shutil.copy(repository / name, path / name)
    action = yaml.safe_load((path / "action.yml").read_text("utf-8"))
    steps = [each for each in action["runs"]["steps"] if "Install" in each["name"]]
    (tmp_path / "temp").mkdir()
    runner = Runner(
        action={**action, "runs": {"steps": steps}},
        action_path=path,
        checkout=tmp_path,
        temp=tmp_path / "temp",
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    job = runner.run({"steps.python.outputs.python-path": sys.executable})

    assert 0 == job.code, job.log
    assert (tmp_path / "temp" / "kubelb-gen" / "bin" / "kubelb-gen").is_file()
