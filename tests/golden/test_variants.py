"""What stands beside the specs of an example: other owners' view, other places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.artifacts import LOCK_NAME
from kubelb_gen.cli.export import facts_yaml
from kubelb_gen.errors import SpecError
from kubelb_gen.report.text import draw_all

if TYPE_CHECKING:
    from tests.support.golden import Golden

OWNERS = Path("split-owners")
PLACES = Path("environments")
TENANTS = ("team-a", "team-b")


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_facts_of_a_tenant_are_what_is_exported(
    tenant: str, examples: Path, golden: Golden
) -> None:
    fleet = kubelb_gen.load(examples / OWNERS / "specs")

    golden.compare_text(
        facts_yaml(kubelb_gen.export(fleet, tenant), tenant),
        examples / OWNERS / tenant / "facts.yaml",
    )


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_renders_its_part_of_the_estate(tenant: str, examples: Path) -> None:
    alone = kubelb_gen.render(kubelb_gen.load(examples / OWNERS / tenant))
    rendered = examples / OWNERS / "rendered"
    folders = (f"tenants/{tenant}", f"backends/{tenant}", f"expected/tenant-{tenant}")
    reviewed = {
        path.relative_to(rendered).as_posix(): path.read_text("utf-8")
        for folder in folders
        for path in (rendered / folder).rglob("*")
        if path.is_file()
    }

    assert reviewed == {path: each.text for path, each in alone.items()}


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_keeps_a_copy_of_what_it_shows_others(
    tenant: str, examples: Path
) -> None:
    shown = (examples / OWNERS / "specs" / f"{tenant}.yaml").read_text("utf-8")

    assert shown == (examples / OWNERS / tenant / "tenant.yaml").read_text("utf-8")


@pytest.mark.parametrize("place", ["staging", "production"])
def test_an_environment_renders_to_its_reviewed_tree(
    place: str, examples: Path, golden: Golden
) -> None:
    folder = examples / PLACES
    fleet = kubelb_gen.load(
        folder / "specs", overlays=[folder / place / "overlay.yaml"]
    )
    report = kubelb_gen.check(fleet)
    artifacts = kubelb_gen.render(fleet)
    files = {path: each.text for path, each in artifacts.items()}
    files[LOCK_NAME] = artifacts.lock.text()

    assert () == report.errors + report.warnings
    golden.compare_tree(files, folder / place / "rendered")


def test_a_refused_overlay_says_why(
    examples: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The drawing names the files as they were given.
    monkeypatch.chdir(examples / PLACES)
    with pytest.raises(SpecError) as refusal:
        kubelb_gen.load("specs", overlays=["production/refused.yaml"])

    golden.compare_text(
        draw_all(refusal.value.diagnostics), Path("production/refused.txt").absolute()
    )
