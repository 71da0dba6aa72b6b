"""The schemas of the other kinds are made of the spec's, for editors to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.schema.kinds import FILES, SPEC, schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.golden import Golden


@pytest.mark.parametrize("kind", [each for each in FILES if each != SPEC])
def test_a_schema_is_what_the_spec_s_makes_it(
    kind: str, repository: Path, golden: Golden
) -> None:
    text = json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"

    golden.compare_text(text, repository / "schemas" / FILES[kind])
