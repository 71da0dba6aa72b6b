"""What is printed by kind is what the whole tree has of that kind."""

from __future__ import annotations

from pathlib import Path

import pytest

import kubelb_gen
from kubelb_gen import api
from kubelb_gen.render.draft import Kind

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("kind", sorted(Kind))
@pytest.mark.parametrize(
    "example", ["every-backend", "multi-tenant", "cilium-dsr-native"]
)
def test_a_kind_is_complete_without_the_others(example: str, kind: str) -> None:
    folder = EXAMPLES / example
    fleet = kubelb_gen.load(
        folder / "specs" if (folder / "specs").is_dir() else folder / "spec.yaml"
    )
    whole = kubelb_gen.render(fleet)
    some, _ = api.render_and_report(fleet, kinds=frozenset({kind}))

    wanted = {path: each for path, each in whole.items() if each.kind == kind}
    assert wanted == {path: each for path, each in some.items() if each.kind == kind}
