"""Every example renders to the bytes that were reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.artifacts import LOCK_NAME
from kubelb_gen.errors import SpecError
from kubelb_gen.report.text import draw_all

if TYPE_CHECKING:
    from tests.support.golden import Golden

EXAMPLES = sorted(
    path.name
    for path in (Path(__file__).resolve().parents[2] / "examples").iterdir()
    if path.is_dir()
)
REFUSED = ("l4-udp",)


def spec_of(example: Path) -> Path:
    """The spec of *example*: one file, or a folder of several."""
    several = example / "specs"
    return several if several.is_dir() else example / "spec.yaml"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_renders_to_its_reviewed_tree(
    name: str, examples: Path, golden: Golden
) -> None:
    artifacts = kubelb_gen.render(kubelb_gen.load(spec_of(examples / name)))
    files = {path: each.text for path, each in artifacts.items()}
    files[LOCK_NAME] = artifacts.lock.text()

    golden.compare_tree(files, examples / name / "rendered")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_sound_to_the_last_warning(name: str, examples: Path) -> None:
    report = kubelb_gen.check(kubelb_gen.load(spec_of(examples / name)))

    assert () == report.errors + report.warnings


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_spec_says_why(
    name: str,
    examples: Path,
    golden: Golden,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The drawing names the file as it was given.
    monkeypatch.chdir(examples / name)
    with pytest.raises(SpecError) as refusal:
        kubelb_gen.render(kubelb_gen.load("refused.yaml"))

    golden.compare_text(
        draw_all(refusal.value.diagnostics), examples / name / "refused.txt"
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_explains_itself(name: str, examples: Path) -> None:
    assert (examples / name / "README.md").is_file()
    assert spec_of(examples / name).exists()
