"""Every example is traced to the text that was reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.api import trace
from kubelb_gen.report.trace_text import trace_text

if TYPE_CHECKING:
    from tests.support.golden import Golden

EXAMPLES = sorted(
    path.name
    for path in (Path(__file__).resolve().parents[2] / "examples").iterdir()
    if path.is_dir()
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_traced_to_its_reviewed_text(
    name: str, examples: Path, golden: Golden
) -> None:
    several = examples / name / "specs"
    spec = several if several.is_dir() else examples / name / "spec.yaml"

    golden.compare_text(
        trace_text(trace(kubelb_gen.load(spec))), examples / name / "trace.txt"
    )
