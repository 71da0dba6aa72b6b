"""The reference is what the program says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen import catalogue
from tests.support.outputs import OUTPUTS
from tests.support.reference import pages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.golden import Golden


def test_the_reference_is_what_the_program_says(
    repository: Path, golden: Golden
) -> None:
    golden.compare_tree(pages(), repository / "docs" / "reference")


def test_every_file_of_every_example_stands_in_the_reference(examples: Path) -> None:
    unknown = [
        f"{each.kind} ({each.role}): {path}"
        for example in sorted(examples.iterdir())
        for path, each in kubelb_gen.render(kubelb_gen.load(_spec(example))).items()
        if not any(
            (output.kind, output.role) == (each.kind, each.role) and output.is_at(path)
            for output in OUTPUTS
        )
    ]

    assert [] == unknown


@pytest.mark.parametrize(
    "page",
    [
        "commands.md",
        "rules.md",
        "spec.md",
        "outputs.md",
        "providers.md",
        "templates.md",
    ],
)
def test_a_page_of_the_reference_says_something(page: str) -> None:
    assert pages()[page].count("\n") > 20


def test_the_readme_counts_the_catalogue_right(repository: Path) -> None:
    count = len(catalogue.provider_names())

    for page in ("README.md", "CHANGELOG.md", "docs/guides/cloud-load-balancers.md"):
        assert f" {count} " in (repository / page).read_text("utf-8")


def _spec(example: Path) -> Path:
    several = example / "specs"
    return several if several.is_dir() else example / "spec.yaml"
