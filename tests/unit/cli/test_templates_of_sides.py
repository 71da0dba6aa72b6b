"""Templates of one's own in `diff` and `drift`: what is laid out is what is compared.

A side of git has the templates of its own time, as it has the overlays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

import kubelb_gen
from kubelb_gen import assets
from tests.support.api_server import clusters, listed
from tests.support.repositories import Repo, repository
from tests.support.specs import service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

SPEC = service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")
OTHER = SPEC.replace("selector: {app: web}", "selector: {app: shop}")
HEADER = '{% include "kubelb-gen/_header.j2" %}\n'
TEAM = HEADER + "# Team edge.\n"
TEAMS = "own/_header.j2"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = repository(tmp_path / "repo")
    made.commit(**{"specs/a.yaml": SPEC, TEAMS: TEAM})
    monkeypatch.chdir(made.folder)
    return made


def files_of(done: Done) -> list[str]:
    return [line[6:] for line in done.out.splitlines() if line.startswith("+++ b/")]


@pytest.mark.usefixtures("repo")
def test_what_was_rendered_with_templates_is_compared_with_them(cli: Cli) -> None:
    cli("render", "specs", "-o", "out", "--templates", "own", "-q")
    bare = cli("diff", "out", "specs")
    same = cli("diff", "out", "specs", "--templates", "own")

    assert (1, 0) == (bare.code, same.code)
    assert "" == same.out


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("old", ["git:HEAD", "git:HEAD:specs", "git:HEAD:./specs"])
def test_a_template_that_changed_is_a_change_and_means_none(
    cli: Cli, repo: Repo, old: str
) -> None:
    same = cli("diff", old, "specs", "--templates", "own")
    repo.write(TEAMS, TEAM.replace("edge", "shop"))
    other = cli("diff", old, "specs", "--templates", "own")

    assert (0, "", "") == (same.code, same.out, same.err)
    assert (1, "") == (other.code, other.err)
    assert other.out.startswith("no path changes its meaning\n")
    assert "tenants/primary/default/web.service.yaml" in other.out


def test_both_sides_of_specs_are_laid_out_with_them(cli: Cli, repo: Repo) -> None:
    own_service(repo.folder / "own", "  selector:", "# Team edge.\n  selector:")
    repo.write("new.yaml", OTHER)
    files = ("diff", "specs", "new.yaml", "--format", "unified")
    ours = cli(*files)
    own = cli(*files, "--templates", "own")

    assert files_of(ours) == files_of(own)
    assert "Team edge" not in ours.out
    assert "\n # Team edge." in own.out
    assert "\n+# Team edge." not in own.out


def test_a_revision_before_the_templates_has_ours(cli: Cli, repo: Repo) -> None:
    repo.write("new/_header.j2", TEAM)
    done = cli("diff", "git:HEAD", "specs", "--templates", "new")

    assert 1 == done.code
    assert "new is not in git:HEAD: that side has templates of ours alone\n" == done.err


@pytest.mark.usefixtures("repo")
def test_a_folder_that_cannot_be_read_is_told_alone(cli: Cli) -> None:
    done = cli("diff", "git:HEAD", "specs", "--templates", "nowhere")

    assert (4, "") == (done.code, done.out)
    assert done.err.startswith("error: cannot read 'nowhere'")


@pytest.mark.usefixtures("repo")
def test_templates_that_are_in_no_repository_are_those_of_both_sides(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "_header.j2").write_text(TEAM, "utf-8")
    done = cli("diff", "git:HEAD", "specs", "--templates", tmp_path / "elsewhere")

    assert (0, "", "") == (done.code, done.out, done.err)


@pytest.mark.usefixtures("repo")
def test_templates_for_trees_alone_are_refused(cli: Cli) -> None:
    cli("render", "specs", "-o", "out", "-q")
    done = cli("diff", "--templates", "nowhere", "out", "out")
    rendered = kubelb_gen.render(kubelb_gen.load("specs"))

    assert (2, "") == (done.code, done.out)
    assert "trees are compared as they were rendered" in done.err
    with pytest.raises(kubelb_gen.UsageError, match="neither side"):
        kubelb_gen.diff("out", rendered, templates="nowhere")


def test_a_template_that_fails_is_pointed_at_where_it_was(cli: Cli, repo: Repo) -> None:
    repo.commit(**{TEAMS: HEADER + "# {{ nope }}\n"})
    repo.write(TEAMS, TEAM)
    there = cli("diff", "git:HEAD", "specs", "--templates", "own")
    repo.write(TEAMS, HEADER + "# {{ here }}\n")
    here = cli("diff", "git:HEAD~1:specs", "specs", "--templates", "own")

    assert (3, "") == (there.code, there.out)
    assert "--> git:HEAD:own/_header.j2:2:6" in there.err
    assert (3, "") == (here.code, here.out)
    assert "--> own/_header.j2:2:6" in here.err


def test_the_library_lays_both_sides_out(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "_header.j2").write_text(TEAM, "utf-8")
    fleet = kubelb_gen.from_data(yaml.safe_load(SPEC))
    rendered = kubelb_gen.render(fleet, templates=own)

    assert kubelb_gen.diff(rendered, fleet)
    assert not kubelb_gen.diff(rendered, fleet, templates=own)
    with pytest.raises(kubelb_gen.OutputError, match="nowhere"):
        kubelb_gen.diff(fleet, fleet, templates=tmp_path / "nowhere")


def own_service(folder: Path, old: str, new: str) -> str:
    """Write our template of a Service to *folder*, with *new* for *old*."""
    ours = (assets.template_root() / "kubernetes" / "service.yaml.j2").read_text()
    path = folder / "kubernetes" / "service.yaml.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    assert old in ours
    path.write_text(ours.replace(old, new), "utf-8")
    return str(folder)


def test_drift_wants_what_templates_write(cli: Cli, tmp_path: Path) -> None:
    own = own_service(tmp_path / "own", "    - name: {{", "    - name: x-{{")
    fleet = kubelb_gen.from_data(yaml.safe_load(SPEC))
    runs = clusters(kubelb_gen.render(fleet, templates=own))["primary"]
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    (tmp_path / "runs.yaml").write_text(yaml.safe_dump(listed(runs)), "utf-8")
    files = ("drift", tmp_path / "spec.yaml", tmp_path / "runs.yaml", "-q")
    bare = cli(*files)
    same = cli(*files, "--templates", own)
    own_service(tmp_path / "own", "kind: Service", "kind: [")
    none = cli(*files, "--templates", own)

    assert (1, "") == (bare.code, bare.err)
    assert "spec.ports" in bare.out
    assert (0, "") == (same.code, same.err)
    assert (3, "") == (none.code, none.out)
    assert "tenants/primary/default/web.service.yaml" in none.err
