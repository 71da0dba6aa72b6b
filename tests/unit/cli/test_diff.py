"""`kubelb-gen diff` on the command line: sides, formats, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.support.repositories import Repo, repository
from tests.support.specs import service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

NODES = "nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]"
SENDING = service(tenant=NODES)
SILENT = service(tenant=NODES, more="clientIP: ignored\nbecause: nobody asked")
CLUSTER = service(tenant=NODES, more="externalTrafficPolicy: Cluster")
LABELLED = SENDING.replace("selector: {app: web}", "selector: {app: web, a: b}")
UNMET = service(
    "{name: dns, port: 53, protocol: UDP, nodePort: 30053}",
    "{kind: other, proxyProtocol: none}",
    tenant=NODES,
)


@pytest.fixture
def specs(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    def specs(old: str, new: str) -> tuple[Path, Path]:
        paths = tmp_path / "old.yaml", tmp_path / "new.yaml"
        for path, text in zip(paths, (old, new), strict=True):
            path.write_text(text, "utf-8")
        return paths

    return specs


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = repository(tmp_path / "repo")
    monkeypatch.chdir(made.folder)
    return made


@pytest.mark.parametrize("layout", ["text", "markdown", "github", "unified"])
def test_equal_sides_print_nothing_and_are_fine(
    cli: Cli, specs: Callable[..., tuple[Path, Path]], layout: str
) -> None:
    done = cli("diff", *specs(SENDING, f"# a comment\n{SENDING}"), "--format", layout)

    assert (0, "", "") == (done.code, done.out, done.err)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (SENDING, SENDING, {"any": 0, "regression": 0, "unsafe": 0, "none": 0}),
        (SENDING, LABELLED, {"any": 1, "regression": 0, "unsafe": 0, "none": 0}),
        (SILENT, SENDING, {"any": 1, "regression": 0, "unsafe": 1, "none": 0}),
        (SENDING, SILENT, {"any": 1, "regression": 1, "unsafe": 1, "none": 0}),
        (SENDING, CLUSTER, {"any": 1, "regression": 1, "unsafe": 1, "none": 0}),
    ],
    ids=["equal", "files-alone", "better", "worse", "pinned"],
)
def test_fail_on_chooses_what_the_answer_is_about(
    cli: Cli,
    specs: Callable[..., tuple[Path, Path]],
    old: str,
    new: str,
    codes: dict[str, int],
) -> None:
    sides = specs(old, new)
    found = {
        reason: cli("diff", *sides, "-q", "--fail-on", reason).code for reason in codes
    }

    assert codes == found


def test_any_is_what_fails_by_default(
    cli: Cli, specs: Callable[..., tuple[Path, Path]]
) -> None:
    assert 1 == cli("diff", *specs(SENDING, LABELLED), "--quiet").code


def test_json_has_the_published_shape(
    cli: Cli, specs: Callable[..., tuple[Path, Path]], repository: Path
) -> None:
    schema = json.loads((repository / "schemas/diff-v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    checked = jsonschema.Draft202012Validator(schema)
    for old, new in ((SENDING, SENDING), (SILENT, SENDING), (SENDING, UNMET)):
        printed = json.loads(cli("diff", *specs(old, new), "--format", "json").out)
        checked.validate(printed)

        assert (old != new) == printed["differs"]


def test_no_side_at_all_is_head_and_this_folder(cli: Cli, repo: Repo) -> None:
    repo.commit(**{"a.yaml": SENDING})

    assert 0 == cli("diff").code
    repo.write("a.yaml", CLUSTER)
    done = cli("diff")

    assert 1 == done.code
    assert "git:HEAD -> .: 1 path" in done.out


def test_one_path_is_compared_with_what_it_was_at_head(cli: Cli, repo: Repo) -> None:
    repo.commit(**{"x/a.yaml": SENDING, "b.yaml": SILENT})
    repo.write("x/a.yaml", CLUSTER)

    assert "git:HEAD -> x/a.yaml: 1 path" in cli("diff", "x/a.yaml").out
    assert 0 == cli("diff", "b.yaml").code


def test_annotations_name_files_as_the_repository_does(cli: Cli, repo: Repo) -> None:
    first = repo.commit(**{"x/a.yaml": SENDING})
    repo.commit(**{"x/a.yaml": CLUSTER})
    done = cli("diff", f"git:{first}", "git:HEAD", "--format", "github")

    assert "\n::error file=x/a.yaml,line=" in done.out


def test_a_revision_alone_is_compared_with_this_folder(cli: Cli, repo: Repo) -> None:
    first = repo.commit(**{"a.yaml": SENDING})
    repo.commit(**{"a.yaml": CLUSTER})

    assert 1 == cli("diff", f"git:{first}").code
    assert 0 == cli("diff", "git:HEAD").code


def test_paths_count_from_the_top_and_from_here_with_a_dot(
    cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(**{"x/a.yaml": SENDING, "x/y/b.yaml": SENDING})
    monkeypatch.chdir(repo.folder / "x")
    repo.write("x/a.yaml", CLUSTER)
    sides = [
        ("git:HEAD:x/a.yaml", "a.yaml"),
        ("git:HEAD:./a.yaml", "a.yaml"),
        ("git:HEAD:x/y/b.yaml", "a.yaml"),
        ("git:HEAD", "a.yaml"),
        ("git:HEAD:x/a.yaml",),
    ]

    assert [1] * len(sides) == [cli("diff", *each, "-q").code for each in sides]
    assert 0 == cli("diff", "git:HEAD:x/a.yaml", "git:HEAD:./y/b.yaml").code


def test_the_work_tree_and_the_index_are_not_touched(cli: Cli, repo: Repo) -> None:
    repo.commit(**{"a.yaml": SENDING})
    repo.write("a.yaml", CLUSTER)
    repo.write("untracked.txt", "mine")
    index = (repo.folder / ".git/index").read_bytes()
    before = repo.git("status", "--porcelain")
    cli("diff", "git:HEAD", "a.yaml")

    assert before == repo.git("status", "--porcelain")
    assert index == (repo.folder / ".git/index").read_bytes()


def test_a_spec_that_was_not_there_is_new_as_a_whole(cli: Cli, repo: Repo) -> None:
    repo.commit(README="none yet")
    repo.write("a.yaml", SENDING)
    done = cli("diff", "a.yaml")

    assert 1 == done.code
    assert "safe to merge, 1 new port" in done.out
    assert "there is no spec in git:HEAD" in done.err


@pytest.mark.parametrize(
    ("key", "lie"),
    [
        ("accepts", "nobody knows"),
        ("accepts", 5),
        ("verdict", "splendid"),
        ("identity", "me"),
        ("sends", ["x"]),
        ("trust", ["anybody"]),
        ("path", "../../etc"),
        ("networks", "all"),
    ],
)
def test_a_lock_that_lies_about_its_paths_is_told(
    cli: Cli, repo: Repo, key: str, lie: object
) -> None:
    repo.write("a.yaml", SENDING)
    repo.write("b.yaml", CLUSTER)
    cli("render", "a.yaml", "-o", "out", "-q")
    path = repo.folder / "out/kubelb-gen.lock.json"
    lock = json.loads(path.read_text("utf-8"))
    for record in lock["meaning"]:
        record[key] = lie
    path.write_text(json.dumps(lock), "utf-8")
    done = cli("diff", "out", "b.yaml")

    assert (4, "") == (done.code, done.out)
    assert "render it anew" in done.err


def test_nothing_on_either_side_is_no_answer(cli: Cli, repo: Repo) -> None:
    repo.commit(README="no spec")
    done = cli("diff")

    assert 4 == done.code
    assert "there is no spec on either side" in done.err


def test_a_spec_that_goes_away_takes_its_ports(cli: Cli, repo: Repo) -> None:
    first = repo.commit(**{"a.yaml": SENDING})
    repo.commit(**{"a.yaml": None})
    done = cli("diff", f"git:{first}", "git:HEAD")

    assert 1 == done.code
    assert done.out.startswith("1 port goes away\n")


def test_a_rendered_directory_is_a_side_on_disk_and_in_git(
    cli: Cli, repo: Repo
) -> None:
    repo.write("a.yaml", SENDING)
    cli("render", "a.yaml", "-o", "out", "-q")
    repo.commit_all()

    assert 0 == cli("diff", "out", "a.yaml").code
    assert 0 == cli("diff", "git:HEAD:out", "out").code
    assert 0 == cli("diff", "git:HEAD:out", "git:HEAD:a.yaml").code
    repo.write("a.yaml", CLUSTER)

    assert 1 == cli("diff", "out", "a.yaml").code


def test_a_file_that_was_edited_by_hand_is_compared_as_it_is(
    cli: Cli, repo: Repo
) -> None:
    repo.write("a.yaml", SENDING)
    cli("render", "a.yaml", "-o", "out", "-q")
    path = repo.folder / "out/tenants/primary/default/web.service.yaml"
    path.write_text(path.read_text("utf-8").replace("Local", "Cluster"), "utf-8")
    done = cli("diff", "a.yaml", "out")

    assert 1 == done.code
    assert done.out.startswith("edited by hand, so that the meaning is not known\n")
    assert "out was edited by hand, and its lock does not know: tenants/" in done.out
    assert "spec.externalTrafficPolicy: Local -> Cluster" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("git:", "a.yaml"), 2, "names no revision"),
        (("-", "-"), 2, "standard input can be one side"),
        (("-",), 2, "standard input has no path"),
        (("a.yaml", "b.yaml", "c.yaml"), 2, "unexpected extra argument"),
        (("git:nope", "a.yaml"), 4, "git knows no such revision"),
        (("git:--help", "a.yaml"), 4, "git knows no such revision"),
        (("git:HEAD:gone.yaml", "a.yaml"), 4, "there is no such path"),
        (("a.yaml", "gone.yaml"), 4, "cannot read"),
        (("a.yaml", "broken.yaml"), 3, "broken.yaml:1"),
        (("git:HEAD:broken.yaml", "a.yaml"), 3, "git:HEAD:broken.yaml:1"),
        (("old-lock", "a.yaml"), 4, "render it anew"),
        (("git:HEAD", "empty"), 3, "no spec in 'empty'"),
        (("git:HEAD:.git", "git:HEAD:a.yaml"), 4, "there is no such path"),
    ],
)
def test_what_cannot_be_compared_is_told(
    cli: Cli, repo: Repo, arguments: tuple[str, ...], code: int, told: str
) -> None:
    record = '{"path": "p/d/w:1/TCP", "from": "kubelet", "verdict": "preserved"}'
    lock = f'{{"version": 1, "spec": "s", "files": [], "meaning": [{record}]}}'
    repo.commit(
        **{
            "a.yaml": SENDING,
            "broken.yaml": "a: [",
            "old-lock/kubelb-gen.lock.json": lock,
        }
    )
    (repo.folder / "empty").mkdir()
    done = cli("diff", *arguments)

    assert (code, "") == (done.code, done.out)
    assert told in done.err


@pytest.mark.parametrize("layout", ["text", "markdown"])
def test_kubelbs_tenant_is_not_said_to_go(
    cli: Cli, specs: Callable[..., tuple[Path, Path]], layout: str
) -> None:
    behind = SENDING.replace("metallb-bgp", "hetzner")
    done = cli("diff", *specs(behind, SENDING), "--format", layout)

    assert SENDING != behind
    assert "our part of Tenant " in done.out


@pytest.mark.parametrize("command", ["diff", "rollout"])
def test_a_revision_without_its_prefix_is_told_how_it_is_called(
    cli: Cli, repo: Repo, command: str
) -> None:
    repo.commit(**{"a.yaml": SENDING})
    taken = cli(command, "HEAD", "a.yaml")
    missing = cli(command, "b.yaml", "a.yaml")

    assert 4 == taken.code == missing.code
    assert "; as a revision it is called 'git:HEAD'" in taken.err
    assert "revision" not in missing.err


def test_the_path_of_a_root_is_asked_of_no_repository(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("git was asked"))
    absent = str(tmp_path / "absent")

    assert 4 == cli("diff", absent, absent).code


@pytest.mark.parametrize("side", ["HEAD", "nowhere.yaml"])
def test_a_side_that_cannot_be_read_is_told_alone(
    cli: Cli, repo: Repo, side: str
) -> None:
    repo.commit(**{"a.yaml": SENDING})
    done = cli("diff", side)

    assert 4 == done.code
    assert done.err.startswith(f"error: cannot read '{side}'")
    assert 1 == len(done.err.splitlines())


def test_an_unmet_wish_of_either_side_is_told_and_no_refusal(
    cli: Cli, specs: Callable[..., tuple[Path, Path]]
) -> None:
    back = cli("diff", *specs(UNMET, SENDING), "--fail-on", "none")
    done = cli("diff", *specs(SENDING, UNMET), "--fail-on", "none")

    assert (0, 0) == (back.code, done.code)
    assert "old.yaml: port 53/UDP" in back.out
    assert "error[client-ip-lost] in " in done.out
    assert "1 error in the new spec" in done.out.splitlines()[0]


def test_what_cannot_be_written_is_told_and_its_meaning_is_compared(
    cli: Cli, specs: Callable[..., tuple[Path, Path]]
) -> None:
    refused = SENDING.replace(
        "mode: stream,", "mode: stream, probe: {type: httpGet, port: 81, path: /$x},"
    )
    done = cli("diff", *specs(SILENT, refused), "--format", "json")
    told = json.loads(done.out)

    assert 1 == done.code
    assert None is told["files"]
    assert "cannot be written" in told["missing"]
    assert 1 == told["unsafe"]


def test_a_secret_shows_in_no_format_and_in_no_error(
    cli: Cli, specs: Callable[..., tuple[Path, Path]]
) -> None:
    def spec(secret: str, more: str = "") -> str:
        lines = f"annotations: {{example.com/api-token: {secret}{more}}}"
        return service(tenant=NODES, more=lines)

    old, new = "hunter2-old-word", "hunter2-new-word"
    sides = specs(spec(old), spec(new))
    shown = [
        cli("diff", *sides, "--format", layout)
        for layout in ("text", "markdown", "json", "github", "unified")
    ]
    refused = cli("diff", *specs(spec(old), spec(new, ", b: [1]")))

    assert [1] * 5 == [each.code for each in shown]
    assert 3 == refused.code
    assert "api-token" in refused.err
    for each in (*shown, refused):
        assert "hunter2" not in each.out + each.err
    assert "(masked)" in shown[0].out
    assert "the patch does not apply to it" in shown[-1].err
