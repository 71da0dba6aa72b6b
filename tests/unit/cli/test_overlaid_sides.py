"""Overlays in a comparison: each side has the one of its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.repositories import Repo, repository
from tests.support.specs import service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command_line import Done

    Cli = Callable[..., Done]

SPEC = service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")


def overlay(egress: str) -> str:
    return (
        "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPOverlay\n"
        f"metadata: {{name: acme}}\nspec: {{management: {{egressCIDRs: [{egress}]}}}}\n"
    )


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = repository(tmp_path / "repo")
    made.commit(**{"specs/a.yaml": SPEC, "prod/o.yaml": overlay("10.7.0.0/16")})
    monkeypatch.chdir(made.folder)
    return made


@pytest.mark.parametrize("old", ["git:HEAD", "git:HEAD:specs", "git:HEAD:./specs"])
def test_an_overlay_that_changed_is_a_change(cli: Cli, repo: Repo, old: str) -> None:
    same = cli("diff", old, "specs", "--overlay", "prod/o.yaml")
    repo.write("prod/o.yaml", overlay("10.8.0.0/16"))
    other = cli("diff", old, "specs", "--overlay", "prod/o.yaml")

    assert (0, "") == (same.code, same.out + same.err)
    assert 1 == other.code
    assert "10.8.0.0/16" in other.out


def test_a_spec_and_its_edit_are_compared_under_one_overlay(
    cli: Cli, repo: Repo
) -> None:
    repo.write("new.yaml", SPEC.replace("10.3.0.0/16", "10.4.0.0/16"))

    assert 1 == cli("diff", "specs", "new.yaml").code
    assert 0 == cli("diff", "specs", "new.yaml", "--overlay", "prod/o.yaml").code


def test_an_overlay_that_was_not_there_is_told(cli: Cli, repo: Repo) -> None:
    repo.write("prod/new.yaml", overlay("10.3.0.0/16"))
    done = cli("diff", "git:HEAD", "specs", "--overlay", "prod/new.yaml")

    assert 0 == done.code
    assert "prod/new.yaml is not in git:HEAD" in done.err


def test_a_rollout_takes_overlays_too(cli: Cli, repo: Repo) -> None:
    repo.write("prod/o.yaml", overlay("10.8.0.0/16"))
    done = cli("rollout", "git:HEAD:specs", "specs", "--overlay", "prod/o.yaml")

    assert "" == done.err
    assert "acme: " in done.out
    assert 0 == cli("rollout", "specs", "specs", "--overlay", "prod/o.yaml").code


@pytest.mark.usefixtures("repo")
def test_standard_input_is_no_overlay_of_two_sides(cli: Cli) -> None:
    done = cli("diff", "git:HEAD", "specs", "--overlay", "-")

    assert 2 == done.code
    assert "name a file" in done.err
