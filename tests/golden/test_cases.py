"""What is told about a spec is told in reviewed words, with the lines it is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kubelb_gen
from kubelb_gen.errors import SpecError
from kubelb_gen.report.text import draw_all

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic
    from tests.support.golden import Golden

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_case_is_told_as_reviewed(
    name: str, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The drawing names files as they are given.
    monkeypatch.chdir(CASES / name)
    files = sorted(path.name for path in Path().glob("*.yaml"))

    golden.compare_text(draw_all(_told(files)), CASES / name / "diagnostics.txt")


def _told(files: list[str]) -> tuple[Diagnostic, ...]:
    try:
        return kubelb_gen.check(kubelb_gen.load(*files)).findings
    except SpecError as error:
        return error.diagnostics
