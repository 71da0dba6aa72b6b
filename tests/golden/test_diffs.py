"""What five typical changes say in a pull request, and one of them in every format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.cli.boundary import run

if TYPE_CHECKING:
    from tests.support.golden import Golden

CASES = sorted(path.parent for path in Path(__file__).parent.glob("diff/*/old.yaml"))
FORMATS = {
    "markdown": "comment.md",
    "text": "diff.txt",
    "json": "diff.json",
    "github": "annotations.txt",
    "unified": "diff.patch",
}


TOLD = [
    pytest.param(case, layout, id=f"{case.name}-{layout}")
    for case in CASES
    for layout in FORMATS
    if layout == "markdown" or "goes-to-proxy" in case.name
]


@pytest.mark.parametrize(("case", "layout"), TOLD)
def test_a_typical_change_is_told_as_reviewed(
    case: Path,
    layout: str,
    golden: Golden,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(case)
    code = run(["diff", "old.yaml", "new.yaml", "--format", layout])
    out, err = capfd.readouterr()

    assert (1, "") == (code, err)
    golden.compare_text(out, case / FORMATS[layout])
